//! A signed message (CMS, RFC 5652): as much as one signer over one short text needs. DER, not BER of indefinite length.

use x509_cert::{
    der::{AnyRef, Decode as _, Tag, asn1::ObjectIdentifier},
    spki::AlgorithmIdentifierOwned,
};

use super::{
    Certificate, Fault, SIGNED_MOST, asn1,
    signature::{Hash, Scheme},
};

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
/// Most certificates in a message.
const CERTIFICATES_MOST: usize = 8;

/// A signed text, taken apart: the certificates that came with it, the signer's first.
pub(crate) struct Signed {
    pub certificates: Vec<Certificate>,
    content: Option<Vec<u8>>,
    proof: Proof,
}

enum Proof {
    /// Signed with attributes, one of them the hash of the text: the set that is signed, and that hash.
    Attributes { scheme: Scheme, hash: Hash, set: Vec<u8>, digest: Vec<u8>, signature: Vec<u8> },
    /// The text itself is signed.
    Text { scheme: Scheme, signature: Vec<u8> },
}

impl Signed {
    /// Reads a file: DER, PEM or Base64 alone.
    pub fn read(file: &[u8]) -> Result<Self, Fault> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        if file.len() > SIGNED_MOST * 3 / 2 {
            return Err(Fault::Form);
        }
        let der = match asn1::of_file(file, &["CMS", "PKCS7", "PKCS #7 SIGNED DATA"]) {
            Some(mut found) => found.pop().ok_or(Fault::Form)?,
            None => {
                let text: String = String::from_utf8_lossy(file).chars().filter(|c| !c.is_ascii_whitespace()).collect();
                STANDARD.decode(text).map_err(|_| Fault::Form)?
            }
        };
        if der.len() > SIGNED_MOST {
            return Err(Fault::Form);
        }
        Self::of(&der)?.ok_or(Fault::Form)
    }

    /// A raw signature over the text, in the scheme of the certificate's key.
    pub fn raw(certificates: Vec<Certificate>, signature: Vec<u8>) -> Result<Self, Fault> {
        let scheme = certificates.first().ok_or(Fault::Form)?.key.raw();
        if certificates.len() > CERTIFICATES_MOST {
            return Err(Fault::Form);
        }
        Ok(Self { certificates, content: None, proof: Proof::Text { scheme, signature } })
    }

    /// Whether the first certificate's key signed this text. A line end at the text's end is nobody's fault.
    pub fn is_over(&self, text: &str) -> Result<(), Fault> {
        let certificate = self.certificates.first().ok_or(Fault::Form)?;
        let variants = ["", "\n", "\r\n"].map(|end| format!("{text}{end}").into_bytes());
        let fits = |variant: &&Vec<u8>| self.content.as_ref().is_none_or(|content| content == *variant);
        let mut left = variants.iter().filter(fits).peekable();
        left.peek().ok_or(Fault::Text)?;
        match &self.proof {
            Proof::Attributes { scheme, hash, set, digest, signature } => {
                if !certificate.key.verifies(*scheme, set, signature) {
                    return Err(Fault::Signature);
                }
                left.any(|variant| hash.digest(variant) == *digest).then_some(()).ok_or(Fault::Text)
            }
            Proof::Text { scheme, signature } => {
                let holds = left.any(|variant| certificate.key.verifies(*scheme, variant, signature));
                holds.then_some(()).ok_or(Fault::Signature)
            }
        }
    }

    /// `None` where the form is not that of a signed message.
    fn of(der: &[u8]) -> Result<Option<Self>, Fault> {
        let Some(message) = Message::of(der) else { return Ok(None) };
        let hash = Hash::of(&message.digest.oid).ok_or(Fault::Algorithm)?;
        let scheme = Scheme::of_signer(&message.algorithm, hash).ok_or(Fault::Algorithm)?;
        let signature = message.signature;
        let proof = match message.attributes {
            None => Proof::Text { scheme, signature },
            Some(attributes) => {
                let Some((set, digest)) = signed_set(attributes) else { return Ok(None) };
                Proof::Attributes { scheme, hash, set, digest, signature }
            }
        };
        let mut certificates = Vec::new();
        for one in &message.certificates {
            certificates.push(Certificate::read(one)?);
        }
        let Some(own) = certificates.iter().position(|one| message.signer.is(one)) else { return Ok(None) };
        certificates.swap(0, own);
        Ok(Some(Self { certificates, content: message.content, proof }))
    }
}

/// By what a message names its signer's certificate.
enum Signer {
    Issued(Vec<u8>),
    Key(Vec<u8>),
}

impl Signer {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Issued(identity) => *identity == certificate.identity(),
            Self::Key(key) => certificate.about.subject_key.as_ref() == Some(key),
        }
    }
}

/// The parts of `SignedData` with one signer.
struct Message<'a> {
    certificates: Vec<Vec<u8>>,
    content: Option<Vec<u8>>,
    signer: Signer,
    digest: AlgorithmIdentifierOwned,
    attributes: Option<AnyRef<'a>>,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
}

impl<'a> Message<'a> {
    fn of(der: &'a [u8]) -> Option<Self> {
        let outer = asn1::parts_of(asn1::one(der)?, Tag::Sequence)?;
        let [kind, content] = outer.as_slice() else { return None };
        if asn1::oid(*kind)?.to_string() != SIGNED_DATA || asn1::context(*content) != Some(0) {
            return None;
        }
        let data = asn1::parts_of(asn1::inside(*content)?, Tag::Sequence)?;
        let [version, digests, encapsulated, rest @ ..] = data.as_slice() else { return None };
        let (signers, optional) = rest.split_last()?;
        let certificates = optional.iter().find(|part| asn1::context(**part) == Some(0))?;
        let certificates = asn1::parts(*certificates)?;
        let signers = asn1::parts_of(*signers, Tag::Set)?;
        let [signer] = signers.as_slice() else { return None };
        if certificates.len() > CERTIFICATES_MOST {
            return None;
        }
        // Kinds of certificates other than those of RFC 5280 have tags of their own, and are passed over.
        let certificates = certificates.into_iter().filter(|one| asn1::is(*one, Tag::Sequence));
        let certificates = certificates.map(asn1::whole).collect::<Option<Vec<_>>>()?;
        let mut parts = asn1::parts_of(*signer, Tag::Sequence)?.into_iter().peekable();
        let (own_version, named) = (parts.next()?, parts.next()?);
        let digest = algorithm(parts.next()?)?;
        let digests = asn1::parts_of(*digests, Tag::Set)?.into_iter().filter_map(algorithm);
        // What nobody signs must at least agree with what is signed.
        if !is_version(*version) || !is_version(own_version) || !digests.into_iter().any(|one| one.oid == digest.oid) {
            return None;
        }
        let attributes = parts.next_if(|part| asn1::context(*part) == Some(0));
        let algorithm = algorithm(parts.next()?)?;
        let signature = parts.next().filter(|part| asn1::is(*part, Tag::OctetString))?.value().to_vec();
        Some(Self {
            certificates,
            content: content_of(*encapsulated)?,
            signer: signer_of(named)?,
            digest,
            attributes,
            algorithm,
            signature,
        })
    }
}

/// Versions 1 and 3 of RFC 5652: what else there is differs in nothing that is read here.
fn is_version(value: AnyRef<'_>) -> bool {
    asn1::is(value, Tag::Integer) && matches!(value.value(), [1 | 3..=5])
}

/// The text within a message, where it is there: plain data.
fn content_of(encapsulated: AnyRef<'_>) -> Option<Option<Vec<u8>>> {
    let parts = asn1::parts_of(encapsulated, Tag::Sequence)?;
    if asn1::oid(*parts.first()?)?.to_string() != DATA {
        return None;
    }
    match parts.get(1) {
        None => Some(None),
        Some(part) => {
            let octets = Some(*part).filter(|part| asn1::context(*part) == Some(0)).and_then(asn1::inside);
            let octets = octets.filter(|octets| asn1::is(*octets, Tag::OctetString))?;
            Some(Some(octets.value().to_vec()))
        }
    }
}

fn signer_of(named: AnyRef<'_>) -> Option<Signer> {
    if asn1::context(named) == Some(0) {
        return Some(Signer::Key(named.value().to_vec()));
    }
    let parts = asn1::parts_of(named, Tag::Sequence)?;
    let [issuer, serial] = parts.as_slice() else { return None };
    if !asn1::is(*serial, Tag::Integer) {
        return None;
    }
    Some(Signer::Issued([asn1::whole(*issuer)?.as_slice(), serial.value()].concat()))
}

fn algorithm(value: AnyRef<'_>) -> Option<AlgorithmIdentifierOwned> {
    AlgorithmIdentifierOwned::from_der(&asn1::whole(value)?).ok()
}

/// The set of attributes as it is signed (RFC 5652 section 5.4), and the hash of the text in it. What kind the text is and
/// its hash stand there once each.
fn signed_set(attributes: AnyRef<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let set = asn1::whole(AnyRef::new(Tag::Set, attributes.value()).ok()?)?;
    let mut said: [Option<Vec<u8>>; 2] = [None, None];
    for attribute in asn1::parts(attributes)? {
        let parts = asn1::parts_of(attribute, Tag::Sequence)?;
        let [kind, values] = parts.as_slice() else { return None };
        let place = match asn1::oid(*kind)?.to_string().as_str() {
            CONTENT_TYPE => &mut said[0],
            MESSAGE_DIGEST => &mut said[1],
            _ => continue,
        };
        let values = asn1::parts_of(*values, Tag::Set)?;
        let [value] = values.as_slice() else { return None };
        if place.replace(value.value().to_vec()).is_some() {
            return None;
        }
    }
    let [kind, digest] = said;
    let data = ObjectIdentifier::new_unwrap(DATA);
    (kind? == data.as_bytes()).then_some((set, digest?))
}
