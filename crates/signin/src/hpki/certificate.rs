//! A certificate (RFC 5280 section 4), read with everything that its check needs.

use tsumugi_kernel::Instant;
use x509_cert::{
    der::{AnyRef, Decode as _, Encode as _, Tag, asn1::ObjectIdentifier},
    ext::{
        Extension,
        pkix::{AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage},
    },
    name::Name,
    time::Time,
};

use super::{
    CERTIFICATE_MOST, Fault, asn1,
    signature::{Key, Scheme},
};

/// Longest name that is kept, in characters.
const NAME_MOST: usize = 200;

/// A certificate that was read; nothing of it is believed yet.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    pub(super) signed: Signed,
    /// Issuer and subject as they are encoded, for comparing.
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) key: Key,
    pub(super) from: Instant,
    pub(super) until: Instant,
    pub(super) about: About,
    subject_name: Option<String>,
    issuer_name: Option<String>,
}

/// What is signed, how, and the signature: of a certificate or a list.
#[derive(Clone)]
pub(super) struct Signed {
    body: Vec<u8>,
    scheme: Scheme,
    signature: Vec<u8>,
}

impl Signed {
    /// The outer three parts.
    pub fn read(der: &[u8]) -> Result<Self, Fault> {
        let parts = asn1::one(der).and_then(|whole| asn1::parts_of(whole, Tag::Sequence)).ok_or(Fault::Form)?;
        let [body, algorithm, signature] = parts.as_slice() else { return Err(Fault::Form) };
        let algorithm = asn1::whole(*algorithm)
            .and_then(|der| x509_cert::spki::AlgorithmIdentifierOwned::from_der(&der).ok())
            .ok_or(Fault::Form)?;
        let scheme = Scheme::of(&algorithm).ok_or(Fault::Algorithm)?;
        let bits: x509_cert::der::asn1::BitStringRef<'_> = signature.decode_as().map_err(|_| Fault::Form)?;
        let signature = bits.as_bytes().ok_or(Fault::Form)?.to_vec();
        Ok(Self { body: asn1::whole(*body).ok_or(Fault::Form)?, scheme, signature })
    }

    pub fn is_by(&self, key: &Key) -> bool {
        key.verifies(self.scheme, &self.body, &self.signature)
    }
}

/// What the extensions say.
#[derive(Clone, Default)]
pub(super) struct About {
    pub ca: bool,
    pub path: Option<u8>,
    pub usage: Option<KeyUsage>,
    /// Whether the key may speak for a person, by extended usage.
    pub speaks: bool,
    pub subject_key: Option<Vec<u8>>,
    pub authority_key: Option<Vec<u8>>,
    pub policies: Option<Vec<ObjectIdentifier>>,
    pub explicit: bool,
    /// Where its authority says that lists are: each name as encoded.
    pub points: Vec<Vec<u8>>,
    pub attributes: Option<Vec<u8>>,
    alternative: Option<Vec<u8>>,
    pub not_understood: bool,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`Fault::Form`], [`Fault::Algorithm`].
    pub fn read(der: &[u8]) -> Result<Self, Fault> {
        if der.len() > CERTIFICATE_MOST {
            return Err(Fault::Form);
        }
        let read = x509_cert::Certificate::from_der(der).map_err(|_| Fault::Form)?;
        let body = read.tbs_certificate();
        // INVARIANT: what is signed says itself how (RFC 5280 section 4.1.1.2), so nobody can change that outside.
        if read.signature_algorithm() != body.signature() || body.version() != x509_cert::Version::V3 {
            return Err(Fault::Form);
        }
        let validity = body.validity();
        let encoded = |name: &Name| name.to_der().map_err(|_| Fault::Form);
        Ok(Self {
            signed: Signed::read(der)?,
            issuer: encoded(body.issuer())?,
            subject: encoded(body.subject())?,
            serial: body.serial_number().as_bytes().to_vec(),
            key: Key::of(body.subject_public_key_info())?,
            from: instant(&validity.not_before),
            until: instant(&validity.not_after),
            about: About::read(body.extensions().map(Vec::as_slice).unwrap_or_default())?,
            subject_name: common_name(body.subject()),
            issuer_name: common_name(body.issuer()),
            der: der.to_vec(),
        })
    }

    /// The certificates in a file, DER or PEM.
    ///
    /// # Errors
    /// As [`Certificate::read`].
    pub fn of_file(bytes: &[u8]) -> Result<Vec<Self>, Fault> {
        let found = asn1::of_file(bytes, &["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]);
        found.ok_or(Fault::Form)?.iter().map(|der| Self::read(der)).collect()
    }

    /// As it came.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// When it ends: the last second that is said in it still counts.
    #[must_use]
    pub const fn ends(&self) -> Instant {
        self.until
    }

    /// Its serial in hexadecimal.
    #[must_use]
    pub fn serial(&self) -> String {
        use std::fmt::Write as _;
        self.serial.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Who issued it, by common name.
    #[must_use]
    pub fn issuer_name(&self) -> &str {
        self.issuer_name.as_deref().unwrap_or_default()
    }

    /// The names of whom it is about: as an alternative name has it, in Japanese with HPKI, and as the subject has it.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let alternative = self.about.alternative.as_deref().and_then(directory_name);
        alternative.into_iter().chain(self.subject_name.clone()).collect()
    }

    /// Under what it is known here: issuer and serial, which together name a certificate.
    #[must_use]
    pub fn identity(&self) -> Vec<u8> {
        [self.issuer.as_slice(), self.serial.as_slice()].concat()
    }

    /// Whether it was issued in the name of another.
    pub(super) fn names_as_issuer(&self, issuer: &Self) -> bool {
        let keys = (&self.about.authority_key, &issuer.about.subject_key);
        self.issuer == issuer.subject && !matches!(keys, (Some(said), Some(own)) if said != own)
    }
}

pub(super) fn instant(time: &Time) -> Instant {
    Instant(i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX))
}

impl About {
    fn read(extensions: &[Extension]) -> Result<Self, Fault> {
        let mut about = Self { speaks: true, ..Self::default() };
        for (index, extension) in extensions.iter().enumerate() {
            if extensions[..index].iter().any(|other| other.extn_id == extension.extn_id) {
                return Err(Fault::Form);
            }
            about.take(extension)?;
        }
        Ok(about)
    }

    fn take(&mut self, extension: &Extension) -> Result<(), Fault> {
        let value = extension.extn_value.as_bytes();
        let form = |_| Fault::Form;
        match extension.extn_id.to_string().as_str() {
            "2.5.29.19" => {
                let said = BasicConstraints::from_der(value).map_err(form)?;
                (self.ca, self.path) = (said.ca, said.path_len_constraint);
            }
            "2.5.29.15" => self.usage = Some(KeyUsage::from_der(value).map_err(form)?),
            "2.5.29.37" => self.speaks = speaks(&ExtendedKeyUsage::from_der(value).map_err(form)?),
            "2.5.29.14" => {
                let key = asn1::one(value).filter(|key| asn1::is(*key, Tag::OctetString)).ok_or(Fault::Form)?;
                self.subject_key = Some(key.value().to_vec());
            }
            "2.5.29.35" => {
                let said = AuthorityKeyIdentifier::from_der(value).map_err(form)?;
                self.authority_key = said.key_identifier.map(|key| key.as_bytes().to_vec());
            }
            "2.5.29.32" => {
                let said = CertificatePolicies::from_der(value).map_err(form)?;
                self.policies = Some(said.0.iter().map(|policy| policy.policy_identifier).collect());
            }
            // Mappings are not followed, so what they allow is refused; and where a policy is demanded, or any policy
            // stopped, one is demanded here throughout. Both is stricter than what they ask.
            "2.5.29.33" => {}
            "2.5.29.36" | "2.5.29.54" => self.explicit = true,
            "2.5.29.31" => self.points = points(value).ok_or(Fault::Form)?,
            "2.5.29.9" => self.attributes = Some(value.to_vec()),
            "2.5.29.17" => self.alternative = Some(value.to_vec()),
            // Which names an authority may give is not checked; so one that is bound to some is not believed.
            "2.5.29.30" => self.not_understood = true,
            _ => self.not_understood |= extension.critical,
        }
        Ok(())
    }
}

/// Whether a key for these purposes may speak for a person: any, signing in to a server, mail, documents.
fn speaks(usage: &ExtendedKeyUsage) -> bool {
    const SPEAKS: [&str; 4] = ["2.5.29.37.0", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"];
    usage.0.iter().any(|purpose| SPEAKS.contains(&purpose.to_string().as_str()))
}

/// The names of the places where lists are.
fn points(value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for point in asn1::parts_of(asn1::one(value)?, Tag::Sequence)? {
        for part in asn1::parts(point)?.into_iter().filter(|part| asn1::context(*part) == Some(0)) {
            all.extend(full_names(part)?);
        }
    }
    Some(all)
}

/// The names in a `distributionPoint [0]`, each as encoded; those relative to an issuer are not followed.
pub(super) fn full_names(point: AnyRef<'_>) -> Option<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for choice in asn1::parts(point)?.into_iter().filter(|choice| asn1::context(*choice) == Some(0)) {
        for name in asn1::parts(choice)? {
            names.push(asn1::whole(name)?);
        }
    }
    Some(names)
}

/// The common name in a `directoryName [4]` of alternative names.
fn directory_name(value: &[u8]) -> Option<String> {
    let names = asn1::parts_of(asn1::one(value)?, Tag::Sequence)?;
    let name = names.into_iter().find(|name| asn1::context(*name) == Some(4))?;
    common_name(&Name::from_der(name.value()).ok()?)
}

fn common_name(name: &Name) -> Option<String> {
    let mut named = name.iter().filter(|part| part.oid.to_string() == "2.5.4.3");
    let text = text(AnyRef::from(&named.next()?.value))?;
    let text: String = text.chars().filter(|c| !c.is_control()).take(NAME_MOST).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The text of one of the kinds of strings that names are written in.
fn text(value: AnyRef<'_>) -> Option<String> {
    match x509_cert::der::Tagged::tag(&value) {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            std::str::from_utf8(value.value()).ok().map(str::to_owned)
        }
        Tag::BmpString => {
            let units: Vec<u16> =
                value.value().chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate(…)")
    }
}
