//! JWE in its compact form with `alg` dir and `enc` A256GCM (RFC 7516, RFC 7518), as SMART Health Links have it.

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};

const HEADER: &str = r#"{"alg":"dir","enc":"A256GCM","cty":"application/fhir+json"}"#;
const TAG: usize = 16;

/// Seals bytes under a key with a nonce that is used once.
pub(crate) fn seal(bytes: &[u8], key: &[u8; 32], nonce: [u8; 12]) -> Option<String> {
    let head = BASE64.encode(HEADER);
    let payload = Payload { msg: bytes, aad: head.as_bytes() };
    let sealed = Aes256Gcm::new(&(*key).into()).encrypt(&nonce.into(), payload).ok()?;
    let (cipher, tag) = sealed.split_at(sealed.len().checked_sub(TAG)?);
    Some(format!("{head}..{}.{}.{}", BASE64.encode(nonce), BASE64.encode(cipher), BASE64.encode(tag)))
}

/// Opens what [`seal`] sealed; `None` for another key, header or a changed byte.
pub(crate) fn open(jwe: &str, key: &[u8; 32]) -> Option<Vec<u8>> {
    let parts: Vec<&str> = jwe.split('.').collect();
    let [head, "", nonce, cipher, tag] = parts.as_slice() else { return None };
    if BASE64.decode(head).ok()? != HEADER.as_bytes() {
        return None;
    }
    let nonce: [u8; 12] = BASE64.decode(nonce).ok()?.try_into().ok()?;
    let mut sealed = BASE64.decode(cipher).ok()?;
    sealed.extend(BASE64.decode(tag).ok()?);
    let payload = Payload { msg: &sealed, aad: head.as_bytes() };
    Aes256Gcm::new(&(*key).into()).decrypt(&nonce.into(), payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_opens_it_and_a_changed_letter_is_told() {
        let sealed = seal("紬".as_bytes(), &[1; 32], [2; 12]).unwrap();
        assert_eq!(open(&sealed, &[1; 32]).unwrap(), "紬".as_bytes());
        assert_eq!(open(&sealed, &[3; 32]), None);
        for at in [5, sealed.len() - 30, sealed.len() - 3] {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&String::from_utf8(changed).unwrap(), &[1; 32]), None, "at {at}");
        }
        for bad in ["", "....", "a.b.c.d.e", &sealed[..40]] {
            assert_eq!(open(bad, &[1; 32]), None, "{bad}");
        }
    }
}
