//! Sealed forms of what is taken along: a ZIP that a password opens, and the JWE behind a link.
//!
//! What must hold: standard formats, so that what others wrote opens them; authenticated, so that a changed byte is told;
//! keys and passwords come from the site's entropy and are kept nowhere.

pub(crate) mod jwe;
pub(crate) mod password;
pub(crate) mod shlink;
pub(crate) mod zip;
