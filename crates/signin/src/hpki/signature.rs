//! Signatures of certificates, lists and messages: RSA (PKCS #1 v1.5) and ECDSA with SHA-2.
//!
//! The kind of key decides which signatures can be its own; what names an algorithm can only agree. SHA-1 and MD5 have no
//! name here, so they are refused as unknown.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::{
    der::{
        AnyRef, Decode as _,
        asn1::{ObjectIdentifier, UintRef},
    },
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
};

use super::Fault;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub fn of(name: &ObjectIdentifier) -> Option<Self> {
        Some(match name.to_string().as_str() {
            "2.16.840.1.101.3.4.2.1" => Self::Sha256,
            "2.16.840.1.101.3.4.2.2" => Self::Sha384,
            "2.16.840.1.101.3.4.2.3" => Self::Sha512,
            _ => return None,
        })
    }

    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    Ecdsa,
}

/// How something is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scheme {
    kind: Kind,
    hash: Hash,
}

impl Scheme {
    /// That of a certificate or list.
    pub fn of(algorithm: &AlgorithmIdentifierOwned) -> Option<Self> {
        let scheme = |kind, hash| Self { kind, hash };
        let scheme = match algorithm.oid.to_string().as_str() {
            "1.2.840.113549.1.1.11" => scheme(Kind::Rsa, Hash::Sha256),
            "1.2.840.113549.1.1.12" => scheme(Kind::Rsa, Hash::Sha384),
            "1.2.840.113549.1.1.13" => scheme(Kind::Rsa, Hash::Sha512),
            "1.2.840.10045.4.3.2" => scheme(Kind::Ecdsa, Hash::Sha256),
            "1.2.840.10045.4.3.3" => scheme(Kind::Ecdsa, Hash::Sha384),
            "1.2.840.10045.4.3.4" => scheme(Kind::Ecdsa, Hash::Sha512),
            _ => return None,
        };
        // RFC 4055 section 5 has NULL with RSA, RFC 5758 section 3.2 nothing with ECDSA.
        let fits = match (&algorithm.parameters, scheme.kind) {
            (None, _) => true,
            (Some(parameters), Kind::Rsa) => AnyRef::from(parameters).is_null(),
            (Some(_), Kind::Ecdsa) => false,
        };
        fits.then_some(scheme)
    }

    /// That of a signer of a message (RFC 5652), whose hash is said beside: `rsaEncryption` alone is usual there.
    pub fn of_signer(algorithm: &AlgorithmIdentifierOwned, hash: Hash) -> Option<Self> {
        if algorithm.oid == RSA {
            return Some(Self { kind: Kind::Rsa, hash });
        }
        Self::of(algorithm).filter(|scheme| scheme.hash == hash)
    }
}

/// A public key.
#[derive(Clone)]
pub(super) enum Key {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    Rsa(Box<rsa::PublicKey>),
}

impl Key {
    pub fn of(info: &SubjectPublicKeyInfoOwned) -> Result<Self, Fault> {
        let bytes = info.subject_public_key.as_bytes().ok_or(Fault::Form)?;
        let parameters = info.algorithm.parameters.as_ref().map(AnyRef::from);
        if info.algorithm.oid == RSA {
            let numbers = AnyRef::from_der(bytes).map_err(|_| Fault::Form)?;
            let read = |reader: &mut x509_cert::der::SliceReader<'_>| {
                let pair = (UintRef::decode(reader)?.as_bytes().to_vec(), UintRef::decode(reader)?.as_bytes().to_vec());
                Ok::<_, x509_cert::der::Error>(pair)
            };
            let (n, e) = numbers.sequence(read).map_err(|_| Fault::Form)?;
            let key = crate::jose::rsa_key(&n, &e).map_err(|_| Fault::Algorithm)?;
            return Ok(Self::Rsa(Box::new(key)));
        }
        if info.algorithm.oid != EC {
            return Err(Fault::Algorithm);
        }
        let curve: Option<ObjectIdentifier> = parameters.and_then(|parameters| parameters.decode_as().ok());
        match curve {
            Some(P256) => p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map(Self::P256).map_err(|_| Fault::Form),
            Some(P384) => p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map(Self::P384).map_err(|_| Fault::Form),
            _ => Err(Fault::Algorithm),
        }
    }

    /// Whether a signature in this scheme is this key's over a message.
    pub fn verifies(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        let digest = scheme.hash.digest(message);
        match (self, scheme.kind) {
            (Self::P256(key), Kind::Ecdsa) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()),
            (Self::P384(key), Kind::Ecdsa) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()),
            (Self::Rsa(key), Kind::Rsa) => {
                let Ok(signature) = rsa::pkcs1v15::Signature::try_from(signature) else { return false };
                let key = (**key).clone();
                match scheme.hash {
                    Hash::Sha256 => rsa::pkcs1v15::VerifyingKey::<Sha256>::new(key).verify_prehash(&digest, &signature),
                    Hash::Sha384 => rsa::pkcs1v15::VerifyingKey::<Sha384>::new(key).verify_prehash(&digest, &signature),
                    Hash::Sha512 => rsa::pkcs1v15::VerifyingKey::<Sha512>::new(key).verify_prehash(&digest, &signature),
                }
                .is_ok()
            }
            _ => false,
        }
    }

    /// The scheme in which a raw signature by this key is taken: SHA-256, and on P-384 SHA-384.
    pub const fn raw(&self) -> Scheme {
        match self {
            Self::P256(_) => Scheme { kind: Kind::Ecdsa, hash: Hash::Sha256 },
            Self::P384(_) => Scheme { kind: Kind::Ecdsa, hash: Hash::Sha384 },
            Self::Rsa(_) => Scheme { kind: Kind::Rsa, hash: Hash::Sha256 },
        }
    }
}
