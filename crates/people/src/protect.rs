//! The address of the register, and people whose address must not be told (DV等支援措置の不開示).
//!
//! A municipality marks a person after violence at home, stalking or abuse; the whereabouts are then told to nobody but
//! those whose duty needs them. The mark itself is not told either: a reader without the duty sees no address, whether
//! there is a mark, or never was an address.
//!
//! INVARIANT: [`Home`] is private to this crate; an address leaves it by [`crate::Citizen::address_for`] alone.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tsumugi_kernel::{OrganizationKind, Purpose, Role};

use crate::{Citizen, Incoming, PeopleError, Source, Validity};

/// Longest address kept, in characters.
pub const ADDRESS_MOST: usize = 256;

/// An address of the register.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// 郵便番号, seven digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// As written.
    pub text: String,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

/// The address with who told it and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Home {
    pub address: Address,
    pub since: Date,
    pub source: Source,
}

/// One mark that the address must not be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// The days.
    #[serde(flatten)]
    pub validity: Validity,
    /// Who marked.
    pub source: Source,
}

/// What the register says of a person, for [`crate::Resolution::register`].
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name as it is now, where the line corrects it.
    pub correct: Option<Incoming>,
    /// The address.
    pub address: Option<Address>,
    /// Whether the address must not be told; `None` where nothing is said of it.
    pub protected: Option<bool>,
    /// From which day on.
    pub day: Date,
    /// Who says so.
    pub source: Source,
}

/// Most marks kept; ended ones are dropped first.
const MARKS_MOST: usize = 64;

/// Whether this role, organisation and purpose has the duty that needs the address of the register of everybody: the
/// municipality that keeps the resident register, and the insurer that sends its papers (社会保険; 支援措置 does not stop
/// the municipality's own work).
#[must_use]
pub const fn has_duty(role: Role, kind: OrganizationKind, purpose: Purpose) -> bool {
    matches!(
        (role, kind, purpose),
        (
            Role::Municipality,
            OrganizationKind::Municipality,
            Purpose::Coverage | Purpose::RecordManagement | Purpose::CareManagement
        ) | (Role::Insurer, OrganizationKind::Insurer, Purpose::Coverage)
    )
}

/// Whether a citizen's row is marked on a day. Of the row nothing else is read: the door asks this at every look.
pub(crate) fn marked(row: &[u8], day: Date) -> Result<bool, PeopleError> {
    #[derive(Deserialize)]
    struct Marks {
        #[serde(default)]
        protections: Vec<Protection>,
    }
    let marks: Marks = serde_json::from_slice(row).map_err(|_| PeopleError::Row { table: "citizen" })?;
    Ok(marks.protections.iter().any(|mark| mark.validity.holds(day)))
}

impl Citizen {
    /// Whether the address must not be told on a day.
    #[must_use]
    pub fn is_protected(&self, day: Date) -> bool {
        self.protections.iter().any(|mark| mark.validity.holds(day))
    }

    /// The address of the register for a reader. While the person is protected, only for [`has_duty`]; the answer for
    /// others is that of a person of whom no address is known.
    #[must_use]
    pub fn address_for(&self, role: Role, kind: OrganizationKind, purpose: Purpose, day: Date) -> Option<&Address> {
        let open = !self.is_protected(day) || has_duty(role, kind, purpose);
        self.home.as_ref().filter(|_| open).map(|home| &home.address)
    }

    /// Takes in an address told for a day on; an older one does not replace a newer one. Says whether it is new.
    pub(crate) fn live_at(&mut self, address: Address, since: Date, source: Source) -> bool {
        let known = self.home.as_ref();
        if known.is_some_and(|home| home.address == address || home.since > since) {
            return false;
        }
        self.home = Some(Home { address, since, source });
        true
    }

    /// Marks the person from a day on, or ends the mark on it; says whether something changed. Only who marked may end:
    /// a mark of one municipality is not taken away by another's file.
    pub(crate) fn protect(&mut self, on: bool, day: Date, source: &Source) -> bool {
        let ours = |mark: &Protection| mark.source.organization == source.organization && mark.validity.until.is_none();
        match (on, self.protections.iter().position(ours)) {
            (true, None) => {
                if self.protections.len() >= MARKS_MOST {
                    self.protections.retain(|mark| mark.validity.until.is_none_or(|until| until > day));
                }
                self.protections.push(Protection { validity: Validity::since(day), source: source.clone() });
                true
            }
            (false, Some(place)) => {
                let mark = &mut self.protections[place];
                let end = mark.validity.from.map_or(day, |from| from.max(day));
                mark.validity.until = Some(end);
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tsumugi_kernel::{CitizenId, OrganizationId};

    use super::*;
    use crate::By;

    fn from(organization: &str) -> Source {
        Source { organization: OrganizationId::new(organization).unwrap(), by: By::File, reference: None }
    }

    #[test]
    fn a_protected_address_is_told_to_nobody_without_the_duty() {
        let mut her = Citizen::new(CitizenId(1));
        let home = Address { postal_code: Some("1000001".into()), text: "紬市みどり町1-2-3".into() };
        assert!(her.live_at(home.clone(), date(2026, 4, 1), from("city")));
        let today = date(2026, 11, 22);
        let desk = (Role::Registrar, OrganizationKind::Hospital, Purpose::Coverage);
        assert_eq!(her.address_for(desk.0, desk.1, desk.2, today), Some(&home));
        assert!(her.protect(true, date(2026, 6, 1), &from("city")));
        assert!(!her.protect(true, date(2026, 7, 1), &from("city")), "marked already");
        let mut told = Vec::new();
        for role in Role::ALL {
            for kind in OrganizationKind::ALL {
                for purpose in Purpose::ALL {
                    if her.address_for(*role, *kind, *purpose, today).is_some() {
                        told.push((role.code(), kind.code(), purpose.code()));
                    }
                }
            }
        }
        assert_eq!(
            told,
            [
                ("insurer", "insurer", "COVERAGE"),
                ("municipality", "municipality", "CAREMGT"),
                ("municipality", "municipality", "COVERAGE"),
                ("municipality", "municipality", "RECORDMGT"),
            ]
        );
        assert_eq!(her.address_for(desk.0, desk.1, desk.2, date(2026, 5, 31)), Some(&home), "before the mark");
        let row = her.encode();
        assert_eq!((marked(&row, today).ok(), marked(&row, date(2026, 5, 31)).ok()), (Some(true), Some(false)));
        assert!(marked(b"x", today).is_err());
        assert!(!her.protect(false, today, &from("other-city")), "another's mark stays");
        assert!(her.protect(false, today, &from("city")));
        assert_eq!(her.address_for(desk.0, desk.1, desk.2, today), Some(&home));
        assert!(!format!("{:?}", her.home).contains("みどり町"), "no address in a message");
    }

    #[test]
    fn an_older_address_does_not_come_back() {
        let mut her = Citizen::new(CitizenId(1));
        let at = |text: &str| Address { postal_code: None, text: text.into() };
        assert!(her.live_at(at("B"), date(2026, 4, 1), from("b")));
        assert!(!her.live_at(at("A"), date(2025, 4, 1), from("a")));
        assert!(!her.live_at(at("B"), date(2026, 5, 1), from("b")), "told again");
    }
}
