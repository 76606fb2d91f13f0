//! Signing in: from a token to the [`Caller`] that the door believes.
//!
//! Today there is one kind of token, for folders made with `--dev`: claims in compact JSON and a MAC over them, with a
//! key derived from the folder's secret. Who holds the key can be anybody; so outside `--dev` folders no key is made
//! and nothing here is served. A page's session is the same token in a cookie, for 12 hours. Beside it a second, short
//! token may stand for one citizen and one typed reason ([`emergency`]): it counts only while its session does.
//!
//! What must hold: a changed byte makes the token worthless; comparing takes the same time whatever differs; an ended
//! token is refused here and, should it get further, at the door; a token never carries a bare citizen number, but
//! the sealed id of a `Patient`.

pub mod caller;
pub mod emergency;
pub mod token;

pub use caller::{SigninError, caller};
pub use emergency::{EMERGENCY_MILLIS, under};
pub use token::{Claims, DevKey, SESSION_MILLIS, TOKEN_MILLIS, TokenFault, issue, verify};
