//! Challenges to passkeys: random, for one browser and one use, for five minutes, answered once.
//!
//! Nothing is kept until a challenge is answered well: then a row says so, in the same commit as what came of it. So a
//! flood of visitors writes nothing, and no answer counts twice, also after a start.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::Instant;

use super::{Gate, GateError};
use crate::{
    jose::{decode, encode},
    keep::{Change, Tag},
    oauth::moment::Moment,
};

/// How long a challenge may be answered.
pub(super) const CHALLENGE_MILLIS: i64 = 5 * 60 * 1000;

/// For what a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Making a passkey.
    Enrol,
    /// Signing in with one.
    SignIn,
    /// Signing in by an external provider: the state of a request to it.
    Provider,
    /// Saying whose a provider's certificate is.
    ProviderLink,
    /// Showing a professional's certificate: for one session.
    Licence,
}

/// A challenge that may be answered, if nobody has.
pub(super) struct Open {
    name: String,
    until: Instant,
}

impl Open {
    /// Says in a change that it is answered; the commit conflicts where it was.
    pub fn answer(&self, change: &mut Change) {
        change.put_new(Tag::Challenge, &self.name, &(), self.until);
    }
}

impl Gate {
    /// A challenge for the browser that holds this cookie.
    ///
    /// # Errors
    /// [`GateError::Busy`].
    pub async fn challenge(&self, to: Use, cookie: &str) -> Result<String, GateError> {
        let at = self.moment().await?;
        let mut text = self.0.provider.entropy().bytes16().to_vec();
        text.extend(at.now.plus_millis(CHALLENGE_MILLIS).0.to_be_bytes());
        text.extend(at.epoch.to_be_bytes());
        let mac = self.challenge_mac(&text, to, cookie);
        text.extend(mac);
        Ok(encode(&text))
    }

    /// The challenge, if it is ours for this browser and use, and its time has not run out.
    pub(super) fn open(&self, text: &str, to: Use, cookie: &str, at: Moment) -> Result<Open, GateError> {
        let bytes = decode(text).filter(|bytes| bytes.len() == 60 && !cookie.is_empty()).ok_or(GateError::Challenge)?;
        let (said, mac) = bytes.split_at(28);
        let is_ours = bool::from(mac.ct_eq(&self.challenge_mac(said, to, cookie)));
        let (until, epoch) = (said.get(16..24), said.get(24..28));
        let until = until.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes).map(Instant);
        let epoch = epoch.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        match until {
            Some(until) if is_ours && at.now < until && epoch == Some(at.epoch) => {
                Ok(Open { name: text.to_owned(), until })
            }
            _ => Err(GateError::Challenge),
        }
    }

    fn challenge_mac(&self, said: &[u8], to: Use, cookie: &str) -> [u8; 32] {
        let mut mac = keyed(&self.0.challenge_key);
        mac.update(&[match to {
            Use::Enrol => b'e',
            Use::SignIn => b's',
            Use::Provider => b'p',
            Use::ProviderLink => b'l',
            Use::Licence => b'q',
        }]);
        mac.update(said);
        mac.update(cookie.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// An HMAC with a derived key.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC pads a key shorter than its block with zeros (RFC 2104 section 2), so this is the same key.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::new(&block.into())
}
