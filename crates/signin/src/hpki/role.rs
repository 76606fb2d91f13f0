//! What qualification a certificate states: the attribute `hcRole` (ISO 17090, the HPKI certificate policy).
//!
//! ```text
//! HCActorData ::= SET OF HCActor
//! HCActor     ::= SEQUENCE { codedData [0] CodedData, regionalHCActorData [1] … OPTIONAL }
//! CodedData   ::= SET { codingSchemeReference [0] OBJECT IDENTIFIER, codeDataValue [1] …, codeDataFreeText [2] … }
//! ```
//! Tags are explicit, as in a test certificate that an authority issued. What the table does not have is no qualification.

use std::sync::OnceLock;

use serde::Deserialize;
use tsumugi_kernel::Role;
use x509_cert::der::{AnyRef, Tag};

use super::{Certificate, asn1};

/// The table, with where it is from.
const TABLE: &str = include_str!("../../data/hpki.json");

/// A qualification that a certificate may state.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualification {
    /// As certificates have it.
    pub code: String,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// The roles that it opens.
    pub roles: Vec<Role>,
}

/// The qualifications that are known, and how certificates say them.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Table {
    attribute: String,
    scheme: String,
    qualifications: Vec<Qualification>,
}

impl Table {
    /// The table of this program. Were it broken, nobody would be qualified.
    pub fn own() -> &'static Self {
        static OWN: OnceLock<Table> = OnceLock::new();
        OWN.get_or_init(|| serde_json::from_str(TABLE).unwrap_or_default())
    }

    /// The qualification of a code.
    #[must_use]
    pub fn named(&self, code: &str) -> Option<&Qualification> {
        self.qualifications.iter().find(|known| known.code == code)
    }

    /// Whether any qualification opens a role.
    #[must_use]
    pub fn knows(&self, role: Role) -> bool {
        self.qualifications.iter().any(|known| known.roles.contains(&role))
    }

    /// The qualifications that a certificate states, of those that are known.
    #[must_use]
    pub fn of(&self, certificate: &Certificate) -> Vec<&Qualification> {
        let attributes = certificate.about.attributes.as_deref();
        let stated = attributes.and_then(|attributes| self.stated(attributes)).unwrap_or_default();
        self.qualifications.iter().filter(|known| stated.contains(&known.code)).collect()
    }

    fn stated(&self, attributes: &[u8]) -> Option<Vec<String>> {
        let mut codes = Vec::new();
        for attribute in asn1::parts_of(asn1::one(attributes)?, Tag::Sequence)? {
            let parts = asn1::parts_of(attribute, Tag::Sequence)?;
            let [kind, values] = parts.as_slice() else { return None };
            if asn1::oid(*kind)?.to_string() != self.attribute {
                continue;
            }
            for data in asn1::parts_of(*values, Tag::Set)? {
                for actor in asn1::parts_of(data, Tag::Set)? {
                    codes.extend(self.coded(actor)?);
                }
            }
        }
        Some(codes)
    }

    /// The text of an actor whose code is of our scheme.
    fn coded(&self, actor: AnyRef<'_>) -> Option<Option<String>> {
        let parts = asn1::parts_of(actor, Tag::Sequence)?;
        let Some(coded) = parts.into_iter().find(|part| asn1::context(*part) == Some(0)) else { return Some(None) };
        let (mut scheme, mut text) = (None, None);
        for part in asn1::parts_of(asn1::inside(coded)?, Tag::Set)? {
            match asn1::context(part)? {
                0 => scheme = Some(asn1::oid(asn1::inside(part)?)?.to_string()),
                2 => text = Some(std::str::from_utf8(asn1::inside(part)?.value()).ok()?.to_owned()),
                _ => {}
            }
        }
        Some(text.filter(|_| scheme.as_deref() == Some(self.scheme.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_its_roles_are_professional() {
        let table = Table::own();
        assert_eq!(table.named("Medical Doctor").unwrap().roles, [Role::Physician]);
        assert!(table.knows(Role::Nurse) && table.knows(Role::Pharmacist));
        assert!(!table.knows(Role::Citizen) && !table.knows(Role::System) && !table.knows(Role::Registrar));
    }
}
