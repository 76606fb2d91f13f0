//! An authority in software: certificates, lists and signed messages, right and wrong in every field. Written byte by byte, so
//! that what reads them is not what wrote them.

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use sha2::{Digest as _, Sha256};
use tsumugi_kernel::Instant;

pub const DAY: i64 = 24 * 60 * 60 * 1000;
/// The policy of certificates for signing, as HPKI has it.
pub const POLICY: &str = "1.2.392.100495.1.5.1.1.0.1";
const ECDSA: &str = "1.2.840.10045.4.3.2";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";

/// A value with its tag.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=127 => out.push(length as u8),
        128..=255 => out.extend([0x81, length as u8]),
        256..=65_535 => out.extend([0x82, (length >> 8) as u8, length as u8]),
        _ => out.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

pub fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x31, &parts.concat())
}

pub fn oid(text: &str) -> Vec<u8> {
    let arcs: Vec<u64> = text.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut content = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for arc in &arcs[2..] {
        let mut groups = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        content.extend(groups.iter().rev());
    }
    tlv(6, &content)
}

fn utf8(text: &str) -> Vec<u8> {
    tlv(12, text.as_bytes())
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let padded = if bytes[0] >= 0x80 { [&[0], bytes].concat() } else { bytes.to_vec() };
    tlv(2, &padded)
}

fn time(at: Instant) -> Vec<u8> {
    let at = at.zoned_utc();
    tlv(0x17, at.as_bytes())
}

trait Utc {
    fn zoned_utc(&self) -> String;
}

impl Utc for Instant {
    fn zoned_utc(&self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.0).unwrap();
        at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%y%m%d%H%M%SZ").to_string()
    }
}

pub fn name(common: &str) -> Vec<u8> {
    let part = |kind: &str, value: Vec<u8>| set(&[seq(&[oid(kind), value])]);
    seq(&[part("2.5.4.6", tlv(0x13, b"JP")), part("2.5.4.3", utf8(common))])
}

fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(kind)];
    if critical {
        parts.push(tlv(1, &[0xff]));
    }
    parts.push(tlv(4, value));
    seq(&parts)
}

/// Numbers that are always the same: keys of tests need no luck.
struct Drawn(u64);
impl rsa::rand_core::TryRng for Drawn {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.try_next_u64()?.to_be_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}
impl rsa::rand_core::TryCryptoRng for Drawn {}

/// A pair of keys.
#[derive(Clone)]
pub enum Pair {
    Ec(SigningKey),
    Rsa(Box<rsa::PrivateKey>),
}

impl Pair {
    pub fn ec(seed: u8) -> Self {
        Self::Ec(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub fn rsa(seed: u64) -> Self {
        Self::Rsa(Box::new(rsa::PrivateKey::new(&mut Drawn(seed), 2048).unwrap()))
    }

    fn info(&self) -> Vec<u8> {
        match self {
            Self::Ec(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let kind = seq(&[oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")]);
                seq(&[kind, tlv(3, &[&[0], point.as_bytes()].concat())])
            }
            Self::Rsa(key) => {
                use rsa::traits::PublicKeyParts as _;
                let trimmed = |bytes: Box<[u8]>| {
                    let from = bytes.iter().position(|byte| *byte != 0).unwrap();
                    integer(&bytes[from..])
                };
                let numbers = seq(&[trimmed(key.n().to_be_bytes()), trimmed(key.e().to_be_bytes())]);
                let kind = seq(&[oid("1.2.840.113549.1.1.1"), tlv(5, &[])]);
                seq(&[kind, tlv(3, &[&[0], numbers.as_slice()].concat())])
            }
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ec(key) => {
                let signature: Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::Rsa(key) => {
                use rsa::signature::SignatureEncoding as _;
                rsa::pkcs1v15::SigningKey::<Sha256>::new((**key).clone()).sign(message).to_vec()
            }
        }
    }

    fn algorithm(&self) -> Vec<u8> {
        match self {
            Self::Ec(_) => seq(&[oid(ECDSA)]),
            Self::Rsa(_) => seq(&[oid("1.2.840.113549.1.1.11"), tlv(5, &[])]),
        }
    }

    fn id(&self) -> Vec<u8> {
        Sha256::digest(self.info())[..20].to_vec()
    }
}

/// What a certificate says; whoever wants a wrong one changes a field.
#[derive(Clone)]
pub struct Said {
    pub subject: String,
    pub serial: Vec<u8>,
    pub from: Instant,
    pub until: Instant,
    /// `None` for a person's; for an authority's, how many may stand below.
    pub ca: Option<Option<u8>>,
    /// The bits of keyUsage, the first byte.
    pub usage: Option<u8>,
    pub policies: Vec<&'static str>,
    pub qualifications: Vec<&'static str>,
    pub japanese: Option<&'static str>,
    pub more: Vec<Vec<u8>>,
    /// Another algorithm than the key's, as named in it.
    pub algorithm: Option<&'static str>,
}

impl Said {
    pub fn person(now: Instant, qualification: &'static str) -> Self {
        Self {
            subject: "Manabu Okada".into(),
            serial: vec![1, 94],
            from: Instant(now.0 - 100 * DAY),
            until: Instant(now.0 + 400 * DAY),
            ca: None,
            usage: Some(0x40),
            policies: vec![POLICY],
            qualifications: vec![qualification],
            japanese: Some("岡田　学"),
            more: Vec::new(),
            algorithm: None,
        }
    }

    pub fn authority(now: Instant, subject: &str, below: Option<u8>) -> Self {
        Self {
            subject: subject.into(),
            serial: vec![4],
            ca: Some(below),
            usage: Some(0x06),
            policies: vec!["2.5.29.32.0"],
            qualifications: Vec::new(),
            japanese: None,
            until: Instant(now.0 + 3000 * DAY),
            ..Self::person(now, "")
        }
    }
}

/// The attribute `hcRole` with these codes.
fn roles(codes: &[&str]) -> Vec<u8> {
    let actor = |code: &&str| {
        let coded = set(&[tlv(0xa0, &oid("1.2.392.100495.1.6.1.1")), tlv(0xa2, &utf8(code))]);
        seq(&[tlv(0xa0, &coded)])
    };
    let data = set(&codes.iter().map(actor).collect::<Vec<_>>());
    seq(&[seq(&[oid("1.0.17090.0.1"), set(&[data])])])
}

/// An authority: its name, keys and certificate.
#[derive(Clone)]
pub struct Authority {
    pub subject: String,
    pub pair: Pair,
    pub certificate: Vec<u8>,
}

impl Authority {
    /// One that nobody stands above.
    pub fn root(now: Instant, subject: &str, pair: Pair) -> Self {
        let mut root = Self { subject: subject.into(), pair: pair.clone(), certificate: Vec::new() };
        root.certificate = root.issue(&Said::authority(now, subject, None), &pair);
        root
    }

    /// One below this.
    pub fn below(&self, said: &Said, pair: Pair) -> Self {
        Self { subject: said.subject.clone(), certificate: self.issue(said, &pair), pair }
    }

    /// A certificate for a pair of keys.
    pub fn issue(&self, said: &Said, pair: &Pair) -> Vec<u8> {
        let mut extensions = vec![
            extension("2.5.29.35", false, &seq(&[tlv(0x80, &self.pair.id())])),
            extension("2.5.29.14", false, &tlv(4, &pair.id())),
        ];
        if let Some(usage) = said.usage {
            extensions.push(extension("2.5.29.15", true, &tlv(3, &[usage.trailing_zeros() as u8, usage])));
        }
        if let Some(below) = said.ca {
            let mut parts = vec![tlv(1, &[0xff])];
            parts.extend(below.map(|below| tlv(2, &[below])));
            extensions.push(extension("2.5.29.19", true, &seq(&parts)));
        }
        if !said.policies.is_empty() {
            let policies: Vec<Vec<u8>> = said.policies.iter().map(|policy| seq(&[oid(policy)])).collect();
            extensions.push(extension("2.5.29.32", true, &seq(&policies)));
        }
        if !said.qualifications.is_empty() {
            extensions.push(extension("2.5.29.9", false, &roles(&said.qualifications)));
        }
        if let Some(japanese) = said.japanese {
            extensions.push(extension("2.5.29.17", false, &seq(&[tlv(0xa4, &name(japanese))])));
        }
        extensions.extend(said.more.clone());
        let algorithm = said.algorithm.map_or_else(|| self.pair.algorithm(), |other| seq(&[oid(other)]));
        let body = seq(&[
            tlv(0xa0, &tlv(2, &[2])),
            integer(&said.serial),
            algorithm.clone(),
            name(&self.subject),
            seq(&[time(said.from), time(said.until)]),
            name(&said.subject),
            pair.info(),
            tlv(0xa3, &seq(&extensions)),
        ]);
        self.signed(&body, &algorithm)
    }

    /// A list of these serials, good between two moments; each with the reason that is said, if one is.
    pub fn list(&self, revoked: &[(&[u8], Option<u8>)], from: Instant, until: Instant, more: &[Vec<u8>]) -> Vec<u8> {
        let entry = |(serial, reason): &(&[u8], Option<u8>)| {
            let mut parts = vec![integer(serial), time(from)];
            parts.extend(reason.map(|reason| seq(&[extension("2.5.29.21", false, &[0x0a, 1, reason])])));
            seq(&parts)
        };
        let mut parts = vec![tlv(2, &[1]), self.pair.algorithm(), name(&self.subject), time(from), time(until)];
        if !revoked.is_empty() {
            parts.push(seq(&revoked.iter().map(entry).collect::<Vec<_>>()));
        }
        let mut extensions = vec![extension("2.5.29.35", false, &seq(&[tlv(0x80, &self.pair.id())]))];
        extensions.extend(more.iter().cloned());
        parts.push(tlv(0xa0, &seq(&extensions)));
        self.signed(&seq(&parts), &self.pair.algorithm())
    }

    fn signed(&self, body: &[u8], algorithm: &[u8]) -> Vec<u8> {
        let signature = [&[0], self.pair.sign(body).as_slice()].concat();
        seq(&[body.to_vec(), algorithm.to_vec(), tlv(3, &signature)])
    }
}

/// An extension that nobody knows.
pub fn unknown(critical: bool) -> Vec<u8> {
    extension("1.3.6.1.4.1.99999.1", critical, &tlv(5, &[]))
}

/// An extension of a list: `IssuingDistributionPoint` with these contents.
pub fn covers(contents: &[u8]) -> Vec<u8> {
    extension("2.5.29.28", true, &tlv(0x30, contents))
}

pub fn delta() -> Vec<u8> {
    extension("2.5.29.27", true, &tlv(2, &[1]))
}

pub fn constrained() -> Vec<u8> {
    extension("2.5.29.30", false, &seq(&[]))
}

pub fn for_servers() -> Vec<u8> {
    extension("2.5.29.37", false, &seq(&[oid("1.3.6.1.5.5.7.3.1")]))
}

/// What a card's software makes: a signed message over a text.
pub struct Message<'a> {
    pub certificates: &'a [Vec<u8>],
    pub issuer: &'a str,
    pub serial: &'a [u8],
    pub pair: &'a Pair,
    /// Whether the text stands within.
    pub attached: bool,
    /// Whether attributes are signed, as they are almost always.
    pub attributes: bool,
    /// The hash that is named.
    pub hash: &'a str,
}

impl Message<'_> {
    pub fn over(&self, text: &[u8]) -> Vec<u8> {
        const DATA: &str = "1.2.840.113549.1.7.1";
        let attribute = |kind: &str, value: Vec<u8>| seq(&[oid(kind), set(&[value])]);
        let attributes = [
            attribute("1.2.840.113549.1.9.3", oid(DATA)),
            attribute("1.2.840.113549.1.9.4", tlv(4, &Sha256::digest(text))),
        ]
        .concat();
        let signed = if self.attributes { tlv(0x31, &attributes) } else { text.to_vec() };
        let hash = seq(&[oid(self.hash)]);
        let algorithm = match self.pair {
            Pair::Ec(_) => seq(&[oid(ECDSA)]),
            Pair::Rsa(_) => seq(&[oid("1.2.840.113549.1.1.1"), tlv(5, &[])]),
        };
        let mut signer = vec![tlv(2, &[1]), seq(&[name(self.issuer), integer(self.serial)]), hash.clone()];
        if self.attributes {
            signer.push(tlv(0xa0, &attributes));
        }
        signer.extend([algorithm, tlv(4, &self.pair.sign(&signed))]);
        let mut inner = vec![oid(DATA)];
        if self.attached {
            inner.push(tlv(0xa0, &tlv(4, text)));
        }
        let data = seq(&[
            tlv(2, &[1]),
            set(&[hash]),
            seq(&inner),
            tlv(0xa0, &self.certificates.concat()),
            set(&[seq(&signer)]),
        ]);
        seq(&[oid("1.2.840.113549.1.7.2"), tlv(0xa0, &data)])
    }
}

pub const HASH: &str = SHA256;

/// DER as PEM.
pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
