//! Development tokens: `tsumugi-dev.<claims>.<mac>`, both parts base64url without padding (RFC 4648 section 5).
//!
//! The claims are compact JSON; the MAC is HMAC-SHA-256 over `tsumugi-dev.<claims>` as it stands in the token, so
//! there is one form of the text and nothing is parsed before the MAC is right.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::{Instant, MasterSecret, OrganizationId, PersonId, Purpose, Role};

const PREFIX: &str = "tsumugi-dev";
/// Longest token read, in bytes: claims are a few hundred.
const MOST_BYTES: usize = 4_096;

/// How long a page's session lasts: 12 hours.
pub const SESSION_MILLIS: i64 = 12 * 60 * 60 * 1000;
/// How long a printed development token lasts: 12 hours, a day's work.
pub const TOKEN_MILLIS: i64 = 12 * 60 * 60 * 1000;

/// The key of a development folder's tokens.
#[derive(Clone)]
pub struct DevKey(Hmac<Sha256>);

impl DevKey {
    /// The key of a folder. Make one only for a folder initialised with `--dev`.
    #[must_use]
    pub fn new(secret: &MasterSecret) -> Self {
        Self::of(secret, "tsumugi/signin/dev/1")
    }

    /// The key of the short tokens that stand beside a session for a reason typed in an emergency ([`crate::under`]): outside
    /// development folders nothing else is believed of such a token.
    #[must_use]
    pub fn of_emergencies(secret: &MasterSecret) -> Self {
        Self::of(secret, "tsumugi/signin/emergency/1")
    }

    fn of(secret: &MasterSecret, purpose: &str) -> Self {
        let key = secret.derive(purpose);
        // HMAC pads a key shorter than its block with zeros (RFC 2104 section 2), so this is the same key.
        let mut block = [0; 64];
        block[..32].copy_from_slice(key.as_slice());
        Self(Hmac::new(&block.into()))
    }

    fn mac(&self, text: &str) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for DevKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DevKey(…)")
    }
}

/// What a token says. Names and the like stand in the directory, not here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Version of this form: 1.
    pub v: u8,
    /// The role.
    pub role: Role,
    /// The purpose.
    pub purpose: Purpose,
    /// The person.
    pub person: PersonId,
    /// The organisation.
    pub organization: OrganizationId,
    /// The sealed id of a `Patient` on the shelf of the citizen to whom the token is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<String>,
    /// Why, where the purpose needs a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether all that the purpose opens was asked for, by a second step; without it breaking the glass shows the
    /// smallest view.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// Whether no person sits at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// When it ends.
    pub expires: Instant,
}

impl Claims {
    /// Claims without a citizen, reason or automation.
    #[must_use]
    pub const fn new(
        role: Role,
        purpose: Purpose,
        person: PersonId,
        organization: OrganizationId,
        expires: Instant,
    ) -> Self {
        let (citizen, reason, whole, automatic) = (None, None, false, false);
        Self { v: 1, role, purpose, person, organization, citizen, reason, whole, automatic, expires }
    }
}

/// Why a token is not accepted. The texts say nothing of what was inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is not of the form.
    #[error("the token is not of the form tsumugi-dev.<claims>.<mac>")]
    Form,
    /// It was not made with this folder's key, or was changed.
    #[error("the token was not issued here, or was changed")]
    Forged,
    /// It has ended.
    #[error("the token has ended")]
    Ended,
    /// Its claims are of a newer form, or do not fit together.
    #[error("the token's claims cannot be used")]
    Claims,
}

impl TokenFault {
    /// The text for a person: Japanese and English.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Form => (
                "サインインの情報を読み取れません。`tsumugi token` で作り直してください。",
                "The sign-in cannot be read. Make a new one with `tsumugi token`.",
            ),
            Self::Forged => (
                "このサインインは、このサーバーのものではないか、書き換えられています。`tsumugi token --dir` に同じフォルダを指定して作り直してください。",
                "This sign-in is not of this server, or was changed. Make a new one with `tsumugi token --dir` for the same folder.",
            ),
            Self::Ended => (
                "サインインの期限が切れました。もう一度サインインしてください。",
                "The sign-in has ended. Sign in again.",
            ),
            Self::Claims => (
                "サインインの内容が正しくありません。役割・目的・対象の人を確かめて、作り直してください。",
                "The sign-in's content cannot be used. Check role, purpose and citizen, and make a new one.",
            ),
        }
    }
}

/// Issues a token.
#[must_use]
pub fn issue(claims: &Claims, key: &DevKey) -> String {
    // Strings, numbers and names of variants always serialise.
    let json = serde_json::to_vec(claims).unwrap_or_default();
    let text = format!("{PREFIX}.{}", URL_SAFE_NO_PAD.encode(json));
    let mac = URL_SAFE_NO_PAD.encode(key.mac(&text));
    format!("{text}.{mac}")
}

/// Checks a token and gives its claims.
///
/// # Errors
/// [`TokenFault`].
pub fn verify(token: &str, key: &DevKey, now: Instant) -> Result<Claims, TokenFault> {
    if token.len() > MOST_BYTES {
        return Err(TokenFault::Form);
    }
    let (text, mac) = token.rsplit_once('.').ok_or(TokenFault::Form)?;
    let json = text.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('.')).ok_or(TokenFault::Form)?;
    let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| TokenFault::Form)?;
    if !bool::from(mac.ct_eq(&key.mac(text))) {
        return Err(TokenFault::Forged);
    }
    let json = URL_SAFE_NO_PAD.decode(json).map_err(|_| TokenFault::Form)?;
    let claims: Claims = serde_json::from_slice(&json).map_err(|_| TokenFault::Claims)?;
    if claims.v != 1 {
        return Err(TokenFault::Claims);
    }
    if now >= claims.expires { Err(TokenFault::Ended) } else { Ok(claims) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> DevKey {
        DevKey::new(&MasterSecret::new([seed; 32]))
    }

    fn claims() -> Claims {
        let (person, organization) = (PersonId::new("dr-sato").unwrap(), OrganizationId::new("1311234567").unwrap());
        let mut claims = Claims::new(Role::Physician, Purpose::Treat, person, organization, Instant(1_000));
        claims.reason = Some("救急".into());
        claims
    }

    #[test]
    fn a_token_comes_back_until_it_ends() {
        let token = issue(&claims(), &key(1));
        assert!(token.starts_with("tsumugi-dev."));
        assert_eq!(verify(&token, &key(1), Instant(999)), Ok(claims()));
        assert_eq!(verify(&token, &key(1), Instant(1_000)), Err(TokenFault::Ended));
        assert_eq!(verify(&token, &key(2), Instant(0)), Err(TokenFault::Forged));
    }

    #[test]
    fn no_changed_byte_passes() {
        let token = issue(&claims(), &key(1));
        for index in 0..token.len() {
            for bit in 0..7 {
                let mut bytes = token.clone().into_bytes();
                bytes[index] ^= 1 << bit;
                let changed = String::from_utf8(bytes).unwrap();
                assert!(verify(&changed, &key(1), Instant(0)).is_err(), "byte {index} bit {bit}");
            }
            assert!(verify(&token[..index], &key(1), Instant(0)).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn a_right_mac_over_foreign_claims_is_refused() {
        let sign = |json: &str| {
            let text = format!("{PREFIX}.{}", URL_SAFE_NO_PAD.encode(json));
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(key(1).mac(&text)))
        };
        let right = String::from_utf8(serde_json::to_vec(&claims()).unwrap()).unwrap();
        assert!(verify(&sign(&right), &key(1), Instant(0)).is_ok());
        for json in [
            right.replace("\"v\":1", "\"v\":2"),
            right.replace("physician", "king"),
            right.replacen('{', "{\"x\":1,", 1),
            String::new(),
        ] {
            assert_eq!(verify(&sign(&json), &key(1), Instant(0)), Err(TokenFault::Claims), "{json}");
        }
        for text in ["", ".", "..", "tsumugi-dev", "tsumugi-dev..", "Bearer x"] {
            assert!(verify(text, &key(1), Instant(0)).is_err(), "{text}");
        }
    }
}
