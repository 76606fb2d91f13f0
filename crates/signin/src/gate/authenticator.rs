//! What an authenticator says (WebAuthn level 2, sections 5.8.1, 6.1 and 6.5): client data, authenticator data, public keys.
//!
//! What must hold: made for our origin and our id, by a person who was there and whom the authenticator knew; nothing is
//! left over that nobody has read.

use p256::ecdsa::Signature;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    GateError,
    cbor::{Item, Reader},
};
use crate::jose::{Algorithm, PublicKey, encode};

/// Longest client data read, in bytes.
const CLIENT_BYTES: usize = 4 * 1024;
/// Longest attestation read, in bytes. None is asked for, so an authenticator sends a few hundred.
const ATTESTATION_BYTES: usize = 16 * 1024;
/// Longest id of a passkey (WebAuthn section 5.8.3).
const ID_BYTES: usize = 1023;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_COPIED: u8 = 0x08;
const IS_COPIED: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// What was done with the passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    Create,
    Get,
}

/// By which address people reach us, as an authenticator is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Scheme, host and port, as browsers write them.
    pub origin: String,
    /// The host: passkeys are bound to it.
    pub id: String,
}

impl Site {
    /// Of the address under which everybody reaches the server. `None` at a bare number: browsers give no passkeys there.
    #[must_use]
    pub fn of(issuer: &str) -> Option<Self> {
        let (scheme, rest) = issuer.split_once("://")?;
        let authority = rest.split('/').next()?;
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let is_name = host.split('.').next_back().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
        let fits = is_name && !host.contains(['[', ':']);
        fits.then(|| Self {
            origin: format!("{scheme}://{authority}").to_ascii_lowercase(),
            id: host.to_ascii_lowercase(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// The challenge that the browser signed, if all else of it is ours.
pub(super) fn challenge(client: &[u8], ceremony: Ceremony, site: &Site) -> Result<String, GateError> {
    if client.len() > CLIENT_BYTES {
        return Err(GateError::Passkey);
    }
    let data: ClientData = serde_json::from_slice(client).map_err(|_| GateError::Passkey)?;
    let named = if ceremony == Ceremony::Create { "webauthn.create" } else { "webauthn.get" };
    if data.r#type != named || data.origin != site.origin || data.cross_origin {
        return Err(GateError::Passkey);
    }
    Ok(data.challenge)
}

/// Authenticator data, as far as it is used.
#[derive(Debug)]
pub(super) struct Said {
    /// How often the key was used, as the authenticator counts; 0 where it does not.
    pub counter: u32,
    /// Whether the passkey is kept on more devices than one.
    pub synced: bool,
    /// A new passkey: its id and key.
    pub credential: Option<(Vec<u8>, Value)>,
}

/// Reads authenticator data.
pub(super) fn said(data: &[u8], site: &Site) -> Result<Said, GateError> {
    read(data, site).ok_or(GateError::Passkey)
}

fn read(data: &[u8], site: &Site) -> Option<Said> {
    let (id_hash, rest) = data.split_at_checked(32)?;
    let (flags, rest) = rest.split_first()?;
    let (counter, mut rest) = rest.split_first_chunk::<4>()?;
    let is_ours = bool::from(Sha256::digest(&site.id).as_slice().ct_eq(id_hash));
    let has = |flag: u8| flags & flag != 0;
    // Without the person's finger, face or PIN a passkey is but a thing that somebody holds.
    if !is_ours || !has(PRESENT) || !has(VERIFIED) || (has(IS_COPIED) && !has(MAY_BE_COPIED)) {
        return None;
    }
    let mut credential = None;
    if has(HAS_CREDENTIAL) {
        let (_, after) = rest.split_at_checked(16)?;
        let (length, after) = after.split_first_chunk::<2>()?;
        let (id, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        if id.is_empty() || id.len() > ID_BYTES {
            return None;
        }
        let mut reader = Reader(after);
        credential = Some((id.to_vec(), jwk(&mut reader)?));
        rest = reader.0;
    }
    if has(HAS_EXTENSIONS) {
        let mut reader = Reader(rest);
        reader.skip()?;
        rest = reader.0;
    }
    rest.is_empty().then(|| Said { counter: u32::from_be_bytes(*counter), synced: has(MAY_BE_COPIED), credential })
}

/// The authenticator data of an attestation. Its statement is not asked for and says nothing to us: whoever makes a passkey is
/// known by the session in which they do.
pub(super) fn attested(attestation: &[u8]) -> Result<&[u8], GateError> {
    let find = || {
        let mut reader = Reader((attestation.len() <= ATTESTATION_BYTES).then_some(attestation)?);
        let mut found = None;
        for _ in 0..reader.map()? {
            match (reader.next()?, found) {
                (Item::Text("authData"), None) => match reader.next()? {
                    Item::Bytes(bytes) => found = Some(bytes),
                    _ => return None,
                },
                (Item::Text("authData"), Some(_)) => return None,
                (Item::Text(_), _) => reader.skip()?,
                _ => return None,
            }
        }
        found.filter(|_| reader.0.is_empty())
    };
    find().ok_or(GateError::Passkey)
}

/// A COSE key (RFC 9053) of the kinds that we ask for: ES256 and Ed25519.
fn jwk(reader: &mut Reader<'_>) -> Option<Value> {
    let (mut kty, mut alg, mut crv, mut x, mut y) = (None, None, None, None, None);
    for _ in 0..reader.map()? {
        let Item::Int(label) = reader.next()? else { return None };
        let value = reader.next()?;
        let slot = match label {
            1 => &mut kty,
            3 => &mut alg,
            -1 => &mut crv,
            -2 => &mut x,
            -3 => &mut y,
            _ => return None,
        };
        if slot.replace(value).is_some() {
            return None;
        }
    }
    let (int, bytes) = (
        |item: Option<Item<'_>>| if let Some(Item::Int(number)) = item { Some(number) } else { None },
        |item: Option<Item<'_>>| if let Some(Item::Bytes(bytes)) = item { Some(encode(bytes)) } else { None },
    );
    let jwk = match (int(kty)?, int(alg)?, int(crv)?) {
        (2, -7, 1) => json!({"kty": "EC", "crv": "P-256", "x": bytes(x)?, "y": bytes(y)?}),
        (1, -8, 6) if y.is_none() => json!({"kty": "OKP", "crv": "Ed25519", "x": bytes(x)?}),
        _ => return None,
    };
    // A point that is none, or a weak one, is no key.
    PublicKey::from_jwk(&jwk).is_ok().then_some(jwk)
}

/// Whether a passkey signed this.
pub(super) fn is_signed(key: &Value, data: &[u8], client: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = PublicKey::from_jwk(key) else { return false };
    let message = [data, Sha256::digest(client).as_slice()].concat();
    match key.algorithm() {
        // WebAuthn writes ECDSA as ASN.1, JWS as two numbers.
        Algorithm::Es256 => {
            Signature::from_der(signature).is_ok_and(|signature| key.verifies(&message, &signature.to_bytes()))
        }
        Algorithm::EdDsa => key.verifies(&message, signature),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_origin_and_one_id() {
        let site = |issuer: &str| Site::of(issuer).map(|site| (site.origin, site.id));
        assert_eq!(site("https://Record.example"), Some(("https://record.example".into(), "record.example".into())));
        assert_eq!(site("http://localhost:8080"), Some(("http://localhost:8080".into(), "localhost".into())));
        for number in ["http://127.0.0.1:8080", "https://[::1]:8", "https://10.0.0.1", "record.example"] {
            assert_eq!(site(number), None, "{number}");
        }
    }

    #[test]
    fn client_data_is_ours_or_nothing() {
        let site = Site::of("https://record.example").unwrap();
        let data = |kind: &str, origin: &str, more: &str| {
            format!(r#"{{"type":"{kind}","challenge":"abc","origin":"{origin}"{more}}}"#)
        };
        let good = data("webauthn.get", "https://record.example", r#","crossOrigin":false,"other":1"#);
        assert_eq!(challenge(good.as_bytes(), Ceremony::Get, &site).unwrap(), "abc");
        for bad in [
            data("webauthn.create", "https://record.example", ""),
            data("webauthn.get", "https://record.example.evil.example", ""),
            data("webauthn.get", "http://record.example", ""),
            data("webauthn.get", "https://record.example:8443", ""),
            data("webauthn.get", "https://record.example", r#","crossOrigin":true"#),
            "{}".to_owned(),
            format!("{good}{}", " ".repeat(CLIENT_BYTES)),
        ] {
            assert!(challenge(bad.as_bytes(), Ceremony::Get, &site).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let site = Site { origin: "https://a".into(), id: "a".into() };
            let _ = (said(&bytes, &site).is_ok(), attested(&bytes).is_ok(), is_signed(&json!({}), &bytes, &bytes, &bytes));
        }
    }
}
