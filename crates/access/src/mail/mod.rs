//! A citizen is told by e-mail that there is something to read (`decisions/0034-mail.md`).
//!
//! A letter says the same to everybody: that there is a notice, and where to sign in. [`Door::write_letters`] goes through the
//! leaves behind the screening and asks of each whether she is told of it ([`crate::notice::why()`]); what is to be sent waits in
//! rows until [`Door::letters`] hands it out and [`Door::posted`] says what became of it.
//!
//! What must hold:
//! - No letter goes to an address whose owner has not typed the number that was sent there.
//! - An address is kept sealed and stands in no log line and no error; a letter names nobody and nothing of a record.
//! - One letter for what is unread, at most one a day; emergencies and what is odd at once, at most [`URGENT_DAY`] a day.
//! - No answer waits for a letter. A leaf is asked about once; a letter is sent again only where nobody knows whether it was.

mod change;
mod keep;
mod post;

pub use change::{MailChange, MailError};
pub use post::{Letter, Posted};

use serde::{Deserialize, Serialize};
use tsumugi_kernel::Instant;

/// Most addresses of a person.
pub const ADDRESSES_MOST: usize = 3;
/// Longest address, in characters (RFC 5321 section 4.5.3.1.3, without its brackets).
pub const ADDRESS_MOST: usize = 254;
/// How long the number of a new address is good, in milliseconds.
pub const CODE_MILLIS: i64 = 30 * 60 * 1_000;
/// Wrong numbers that are taken before another must be asked for.
pub const TRIES: u8 = 5;
/// Numbers that are sent for one person within a day.
pub const CODES_DAY: usize = 5;
/// Urgent letters of one person within a day.
pub const URGENT_DAY: usize = 5;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// An address as its owner's page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress {
    /// By what forms name it.
    pub id: String,
    /// The address.
    pub address: String,
    /// How it stands with it.
    pub state: MailState,
}

/// How it stands with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailState {
    /// The number that was sent there has not been typed yet.
    Waiting,
    /// Letters go there.
    Confirmed,
    /// Letters could not be delivered; nothing more goes there.
    Failed,
}

/// Whether a text is an address that letters can go to: one `@`, something before, a name with a dot behind; plain ASCII.
fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let labels = host.split('.').collect::<Vec<_>>();
    let label = |label: &&str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&byte);
    (1..=64).contains(&local.len())
        && text.len() <= ADDRESS_MOST
        && local.bytes().all(plain)
        && labels.len() >= 2
        && labels.iter().all(label)
}

/// Whether a moment is within the day before another.
fn lately(at: Instant, now: Instant) -> bool {
    at.0 > now.0 - DAY_MILLIS
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_has_a_name_and_a_place() {
        for good in ["megumi@example.jp", "a.b+c@mail.example.co.jp", "x@1.jp", "kei..dots.@docomo.example"] {
            assert!(is_address(good), "{good}");
        }
        let long = format!("{}@example.jp", "a".repeat(65));
        for bad in [
            "",
            "megumi",
            "@example.jp",
            "a@localhost",
            "a@b@c.jp",
            "a b@example.jp",
            "a@-x.jp",
            "a@x..jp",
            "めぐみ@example.jp",
            "a@example.jp\r\nBcc: b@c.jp",
            "<a@example.jp>",
            long.as_str(),
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
