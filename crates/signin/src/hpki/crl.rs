//! A list of revoked certificates (RFC 5280 section 5): whole lists of an authority over its own certificates.
//!
//! Lists of changes, of other authorities' certificates or for some reasons only are not taken: they are marked by critical
//! extensions, so that nobody takes them for whole ones.

use std::collections::HashMap;

use tsumugi_kernel::Instant;
use x509_cert::{
    crl::CertificateList,
    der::{Decode as _, Encode as _, Tag},
    ext::Extension,
};

use super::{
    Certificate, Fault, asn1,
    certificate::{Signed, full_names, instant},
};

/// Longest list, in bytes.
pub(super) const LIST_MOST: u64 = 16 * 1024 * 1024;

/// A list that was read; nothing of it is believed yet.
pub(super) struct List {
    signed: Signed,
    issuer: Vec<u8>,
    authority_key: Option<Vec<u8>>,
    pub from: Instant,
    until: Instant,
    held: HashMap<Vec<u8>, bool>,
    covers: Covers,
}

/// For which certificates of its authority a list is.
#[derive(Default)]
struct Covers {
    users: bool,
    authorities: bool,
    /// Only for those that name one of these places.
    points: Vec<Vec<u8>>,
}

impl List {
    /// Reads a list in DER.
    pub fn read(der: &[u8]) -> Result<Self, Fault> {
        let read = CertificateList::<x509_cert::certificate::Rfc5280>::from_der(der).map_err(|_| Fault::Form)?;
        let body = read.tbs_cert_list;
        if read.signature_algorithm != body.signature || body.version != x509_cert::Version::V2 {
            return Err(Fault::Form);
        }
        let mut list = Self {
            signed: Signed::read(der)?,
            issuer: body.issuer.to_der().map_err(|_| Fault::Form)?,
            authority_key: None,
            from: instant(&body.this_update),
            // A list that does not say until when it is good is never new enough.
            until: body.next_update.as_ref().map_or(Instant(i64::MIN), instant),
            held: HashMap::new(),
            covers: Covers { users: true, authorities: true, points: Vec::new() },
        };
        for extension in body.crl_extensions.unwrap_or_default() {
            list.take(&extension)?;
        }
        for entry in body.revoked_certificates.unwrap_or_default() {
            let held = is_held(&entry.crl_entry_extensions.unwrap_or_default())?;
            // Named twice, it is revoked unless both say that it is held.
            let serial = entry.serial_number.as_bytes().to_vec();
            list.held.entry(serial).and_modify(|before| *before &= held).or_insert(held);
        }
        Ok(list)
    }

    /// The lists in a file, DER or PEM.
    pub fn of_file(bytes: &[u8]) -> Result<Vec<Self>, Fault> {
        asn1::of_file(bytes, &["X509 CRL"]).ok_or(Fault::Form)?.iter().map(|der| Self::read(der)).collect()
    }

    fn take(&mut self, extension: &Extension) -> Result<(), Fault> {
        let value = extension.extn_value.as_bytes();
        match extension.extn_id.to_string().as_str() {
            "2.5.29.35" => {
                let said = x509_cert::ext::pkix::AuthorityKeyIdentifier::from_der(value).map_err(|_| Fault::Form)?;
                self.authority_key = said.key_identifier.map(|key| key.as_bytes().to_vec());
            }
            "2.5.29.28" => self.covers = covers(value).ok_or(Fault::Critical)?,
            // A list of changes says less than the whole, whether it is marked or not.
            "2.5.29.27" => return Err(Fault::Critical),
            _ if extension.critical => return Err(Fault::Critical),
            _ => {}
        }
        Ok(())
    }

    /// Whether this list speaks of a certificate, by an authority of this name and key.
    pub fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let keys = (&self.authority_key, &issuer.about.subject_key);
        let kind = if certificate.about.ca { self.covers.authorities } else { self.covers.users };
        let points = &self.covers.points;
        let place = points.is_empty() || certificate.about.points.iter().any(|point| points.contains(point));
        self.issuer == issuer.subject && !matches!(keys, (Some(said), Some(own)) if said != own) && kind && place
    }

    /// Whether the authority signed it.
    pub fn is_by(&self, issuer: &Certificate) -> bool {
        issuer.about.usage.as_ref().is_none_or(x509_cert::ext::pkix::KeyUsage::crl_sign)
            && self.signed.is_by(&issuer.key)
    }

    /// Whether it is good at a moment.
    pub fn is_new(&self, now: Instant) -> bool {
        self.from <= now && now < self.until
    }

    /// What it says of a certificate.
    pub fn says(&self, certificate: &Certificate) -> Result<(), Fault> {
        match self.held.get(&certificate.serial) {
            Some(true) => Err(Fault::Held),
            Some(false) => Err(Fault::Revoked),
            None => Ok(()),
        }
    }
}

/// Whether an entry holds a certificate for now; every other reason revokes it.
fn is_held(extensions: &[Extension]) -> Result<bool, Fault> {
    let mut held = false;
    for extension in extensions {
        if extension.extn_id.to_string() == "2.5.29.21" {
            // ENUMERATED, and certificateHold is 6.
            held = extension.extn_value.as_bytes() == [0x0a, 1, 6];
        } else if extension.critical {
            return Err(Fault::Critical);
        }
    }
    Ok(held)
}

/// `IssuingDistributionPoint`; `None` for lists that are not whole.
fn covers(value: &[u8]) -> Option<Covers> {
    let mut covers = Covers { users: true, authorities: true, points: Vec::new() };
    for part in asn1::parts_of(asn1::one(value)?, Tag::Sequence)? {
        let said = part.value() != [0];
        match asn1::context(part)? {
            0 => {
                covers.points = full_names(part)?;
                // A place by a name that is not followed would make the list one for everything.
                if covers.points.is_empty() {
                    return None;
                }
            }
            1 => covers.authorities &= !said,
            2 => covers.users &= !said,
            4 | 5 if !said => {}
            _ => return None,
        }
    }
    Some(covers)
}
