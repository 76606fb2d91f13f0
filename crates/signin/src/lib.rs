//! Signing in: from a token to the [`tsumugi_access::Caller`] that the door believes.
//!
//! Apps and systems get their tokens from the authorization server ([`oauth`]): signed, for minutes, for one person,
//! organisation, role and purpose. Which clients there are says a file ([`client`]); how tokens are signed and read,
//! [`jose`] and [`keys`]; what their scopes leave, [`scopes`].
//!
//! Folders made with `--dev` have a second kind ([`token`]): claims in compact JSON and a MAC over them, with a key
//! derived from the folder's secret. Who holds the key can be anybody; so outside `--dev` folders no key is made and none
//! is believed. A page's session there is the same token in a cookie, for 12 hours. Beside it a second, short token may
//! stand for one citizen and one typed reason ([`emergency`]): it counts only while its session does.
//!
//! What must hold: a changed byte makes the token worthless; comparing takes the same time whatever differs; an ended
//! token is refused here and, should it get further, at the door; a token never carries a bare citizen number, but
//! the sealed id of a `Patient`.

pub mod caller;
pub mod client;
pub mod emergency;
pub mod gate;
pub mod hpki;
pub mod jose;
mod keep;
pub mod keys;
pub mod oauth;
pub mod scopes;
pub mod token;

pub use caller::{SigninError, caller};
pub use client::{Client, ClientFault, ClientKind, Registry, RegistryFault};
pub use emergency::{EMERGENCY_MILLIS, under};
pub use gate::Gate;
pub use oauth::Provider;
pub use token::{Claims, DevKey, SESSION_MILLIS, TOKEN_MILLIS, TokenFault, issue, verify};
