//! An authenticator in software: what a telephone or a security key sends, and what a thief would.

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use sha2::{Digest as _, Sha256};
use tsumugi_signin::jose::encode;

/// What is true of an answer; the default is a right one.
#[derive(Clone)]
pub struct Way {
    pub origin: String,
    pub site: String,
    pub kind: Option<String>,
    pub flags: u8,
    pub cross_origin: bool,
}

impl Default for Way {
    fn default() -> Self {
        let (origin, site) = (crate::house::ISSUER.to_owned(), "record.example".to_owned());
        Self { origin, site, kind: None, flags: 0x05, cross_origin: false }
    }
}

/// One passkey.
#[derive(Clone)]
pub struct Token {
    key: SigningKey,
    pub counter: u32,
    pub handle: String,
}

/// An answer in base64url: id, client data, authenticator data, signature, handle.
#[derive(Clone)]
pub struct Said {
    pub id: String,
    pub client: String,
    pub data: String,
    pub signature: String,
    pub handle: String,
}

impl Said {
    pub fn answer(&self) -> tsumugi_signin::gate::Answer<'_> {
        tsumugi_signin::gate::Answer {
            id: &self.id,
            client: &self.client,
            data: &self.data,
            signature: &self.signature,
            handle: &self.handle,
        }
    }
}

impl Token {
    pub fn new(seed: u8, handle: &str) -> Self {
        Self { key: SigningKey::from_slice(&[seed; 32]).unwrap(), counter: 0, handle: handle.to_owned() }
    }

    fn raw_id(&self) -> Vec<u8> {
        Sha256::digest(self.key.to_bytes()).to_vec()
    }

    pub fn id(&self) -> String {
        encode(&self.raw_id())
    }

    fn client(kind: &str, challenge: &str, way: &Way) -> Vec<u8> {
        let kind = way.kind.as_deref().unwrap_or(kind);
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{}","crossOrigin":{}}}"#,
            way.origin, way.cross_origin
        )
        .into_bytes()
    }

    fn data(&self, way: &Way, attested: bool) -> Vec<u8> {
        let mut data = Sha256::digest(&way.site).to_vec();
        data.push(way.flags | if attested { 0x40 } else { 0 });
        data.extend(self.counter.to_be_bytes());
        if attested {
            data.extend([0; 16]);
            data.extend(32_u16.to_be_bytes());
            data.extend(self.raw_id());
            let point = self.key.verifying_key().to_sec1_point(false);
            // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
            data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
            data.extend(point.x().unwrap());
            data.extend([0x22, 0x58, 0x20]);
            data.extend(point.y().unwrap());
        }
        data
    }

    /// `clientDataJSON` and `attestationObject` of a new passkey.
    pub fn made(&self, challenge: &str, way: &Way) -> (String, String) {
        let data = self.data(way, true);
        let mut attestation = vec![0xa3];
        attestation.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x58");
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        (encode(&Self::client("webauthn.create", challenge, way)), encode(&attestation))
    }

    /// An answer to a challenge; the counter goes up.
    pub fn answer(&mut self, challenge: &str, way: &Way) -> Said {
        self.counter += 1;
        let (client, data) = (Self::client("webauthn.get", challenge, way), self.data(way, false));
        let signed = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
        let signature: Signature = self.key.sign(&signed);
        Said {
            id: self.id(),
            client: encode(&client),
            data: encode(&data),
            signature: encode(signature.to_der().as_bytes()),
            handle: self.handle.clone(),
        }
    }
}
