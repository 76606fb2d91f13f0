//! The second factor of professionals: numbers of an authenticator app (RFC 6238, six digits, thirty seconds).
//!
//! The secret is derived from the deployment's and a salt, so none is kept. What must hold: a number counts once; five wrong
//! ones bring a wait of five minutes, thirty in a row end the factor; it is set up only by whoever an organisation's desk
//! has just let in, or with the factor itself.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::{Instant, PersonId};

use super::{By, Gate, GateError, Session, Side, What, account::Account, challenge::keyed};
use crate::keep::Change;

const STEP_MILLIS: i64 = 30 * 1000;
/// Steps before and after the present one whose numbers count: clocks of phones differ.
const AROUND: i64 = 1;
/// Wrong numbers after which one waits.
const WRONG: u32 = 5;
const WAIT_MILLIS: i64 = 5 * 60 * 1000;
/// Wrong numbers in a row after which the factor counts no more.
const DEAD: u32 = 30;

/// A second factor, as kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Totp {
    salt: String,
    /// The step of the last number that counted.
    step: i64,
    wrong: u32,
    wait: Instant,
}

/// A second factor to be set up.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpOffer {
    /// The secret in Base32, for typing.
    pub secret: String,
    /// The address that an authenticator app reads from a QR code.
    pub address: String,
}

impl std::fmt::Debug for TotpOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpOffer(…)")
    }
}

impl Gate {
    /// Whether a person has a second factor that counts.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn has_second(&self, person: &PersonId) -> Result<bool, GateError> {
        Ok(self.account(person).await?.0.totp.is_some_and(|totp| totp.wrong < DEAD))
    }

    /// A second factor to be set up in this session.
    ///
    /// # Errors
    /// [`GateError::NotOpen`] where somebody must go to a desk first.
    pub fn offer_second(&self, session: &Session) -> Result<TotpOffer, GateError> {
        let fresh = session.by == By::Code && session.side == Side::Work;
        if !fresh && session.second.is_none() {
            return Err(GateError::NotOpen);
        }
        let secret = base32(&self.secret(&session.person, &session.name));
        let address =
            format!("otpauth://totp/Tsumugi:{}?secret={secret}&issuer=Tsumugi&digits=6&period=30", session.person);
        Ok(TotpOffer { secret, address })
    }

    /// Sets the second factor up, with a number of it; gives the cookie of the session that goes on.
    ///
    /// # Errors
    /// [`GateError::Number`], [`GateError::NotOpen`].
    pub async fn set_second(&self, session: &Session, number: &str) -> Result<String, GateError> {
        self.offer_second(session)?;
        let at = self.moment().await?;
        let secret = self.secret(&session.person, &session.name);
        let step = step_of(&secret, number, at.now, 0).ok_or(GateError::Number)?;
        let next = self.prepared(session, at).await?;
        self.change(&session.person, at, |account, change| {
            account.totp = Some(Totp { salt: session.name.clone(), step, wrong: 0, wait: Instant(0) });
            account.note(Self::event(at.now, What::SecondMade, None));
            Ok(next.put(self, change, |session| session.second = Some(at.now)))
        })
        .await
    }

    /// Takes a number of the second factor; gives the cookie of the session that goes on.
    ///
    /// # Errors
    /// [`GateError::Number`], [`GateError::Often`], [`GateError::Dead`].
    pub async fn give_second(&self, session: &Session, number: &str) -> Result<String, GateError> {
        let at = self.moment().await?;
        let next = self.prepared(session, at).await?;
        let judge = |account: &mut Account, change: &mut Change| {
            let totp = account.totp.as_mut().ok_or(GateError::Dead)?;
            if totp.wrong >= DEAD {
                return Err(GateError::Dead);
            }
            if at.now < totp.wait {
                return Err(GateError::Often);
            }
            let secret = self.secret(&session.person, &totp.salt);
            let Some(step) = step_of(&secret, number, at.now, totp.step) else {
                totp.wrong += 1;
                if totp.wrong.is_multiple_of(WRONG) {
                    totp.wait = at.now.plus_millis(WAIT_MILLIS);
                }
                account.note(Self::event(at.now, What::SecondWrong, None));
                return Ok(None);
            };
            (totp.step, totp.wrong) = (step, 0);
            account.note(Self::event(at.now, What::SecondGiven, None));
            Ok(Some(next.put(self, change, |session| session.second = Some(at.now))))
        };
        self.change(&session.person, at, judge).await?.ok_or(GateError::Number)
    }

    fn secret(&self, person: &PersonId, salt: &str) -> [u8; 20] {
        let mut mac = keyed(&self.0.totp_key);
        mac.update(person.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(salt.as_bytes());
        let mut secret = [0; 20];
        secret.copy_from_slice(&mac.finalize().into_bytes()[..20]);
        secret
    }
}

/// The step of a number that counts: near the present, after the last one that counted.
fn step_of(secret: &[u8], number: &str, now: Instant, last: i64) -> Option<i64> {
    let typed: String = number
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if ('０'..='９').contains(&c) { char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c) } else { c })
        .collect();
    let present = now.0.div_euclid(STEP_MILLIS);
    let mut around = (present - AROUND..=present + AROUND).filter(|step| *step > last);
    around.rfind(|step| bool::from(number_at(secret, *step).as_bytes().ct_eq(typed.as_bytes())))
}

/// The number of a step (RFC 4226 section 5.3).
fn number_at(secret: &[u8], step: i64) -> String {
    let mut block = [0; 64];
    block[..secret.len().min(64)].copy_from_slice(&secret[..secret.len().min(64)]);
    let mut mac = Hmac::<Sha1>::new(&block.into());
    mac.update(&step.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let at = usize::from(mac[19] & 15);
    let four = mac[at..at + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
}

/// Base32 (RFC 4648 section 6); twenty bytes need no padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letter = |start: usize| (0..5).fold(0, |number, bit| number << 1 | usize::from(bits(start + bit)));
    (0..bytes.len() * 8).step_by(5).map(|start| char::from(LETTERS[letter(start)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfcs_numbers_come_out() {
        // RFC 6238 appendix B (SHA-1), the last six of its eight digits.
        let secret = b"12345678901234567890";
        for (seconds, number) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000_i64, "353130"),
        ] {
            assert_eq!(number_at(secret, seconds / 30), number);
            let now = Instant(seconds * 1000);
            assert_eq!(step_of(secret, number, now, 0), Some(seconds / 30));
            assert_eq!(step_of(secret, number, now, seconds / 30), None, "once");
            assert!(step_of(secret, number, now.plus_millis(2 * STEP_MILLIS), 0).is_none());
        }
        assert_eq!(step_of(secret, "２８７ ０８２", Instant(59_000), 0), Some(1));
        assert_eq!(base32(secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
