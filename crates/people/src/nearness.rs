//! What makes somebody who looks near to the person looked at: the family name, the quarter of the town, the workplace.
//!
//! For finding looks out of curiosity (`tsumugi-access`, screening), and for nothing else: nearness is no evidence of who
//! somebody is. What must hold: an address that must not be told makes nobody near, because a reason that says *near* would
//! tell where a protected person lives.

use std::sync::Arc;

use jiff::civil::Date;
use tsumugi_kernel::{CitizenId, OrganizationId, PersonId};
use tsumugi_people_match::{
    Description, Features,
    fold::name::{sound, split, written},
};
use tsumugi_store::Table;

use crate::{Citizen, Directory, PeopleError, Person, candidates};

/// Most people who sign in that are one citizen: somebody has a few, one for each role.
const STAFF_MOST: usize = 64;

/// A quarter of a city (町・大字), whatever the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter(u32);

impl Quarter {
    /// The quarter of an address as written; `None` where none is named.
    #[must_use]
    pub fn of(address: &str) -> Option<Self> {
        let described = Description { address: address.to_owned(), ..Description::default() };
        Some(Features::of(&described).place.town).filter(|town| *town != 0).map(Self)
    }
}

/// A name as it is looked for: width, kana, variants of letters, spaces and case make no difference.
#[must_use]
pub fn folded(text: &str) -> String {
    written(text)
}

impl Citizen {
    /// Whether another whole name has this person's family name: as written, whatever the form of its letters (髙橋,
    /// 高橋), or, where one of them is written in kana, as read.
    #[must_use]
    pub fn shares_family_name(&self, name: &str, kana: Option<&str>) -> bool {
        let family = |whole: &str| split(whole).map(|(family, _)| family);
        let same = |one: Option<&str>, other: Option<&str>, fold: fn(&str) -> String| match (one, other) {
            (Some(one), Some(other)) => {
                let (one, other) = (family(one).map(|one| fold(&one)), family(other).map(|one| fold(&one)));
                one.is_some_and(|one| !one.is_empty() && Some(one) == other)
            }
            _ => false,
        };
        let (own, read) = (self.name.as_deref(), self.kana.as_deref());
        match own {
            Some(_) => same(own, Some(name), written),
            None => same(read, kana.or(Some(name)), sound),
        }
    }

    /// Whether the person lives, or lived, in a quarter, as sources described them. Nobody does whose address must not
    /// be told on the day.
    #[must_use]
    pub fn lives_in(&self, quarter: Quarter, day: Date) -> bool {
        let described = || self.keys.iter().filter_map(|text| candidates::described(text));
        !self.is_protected(day) && described().any(|features| features.place.town == quarter.0)
    }
}

impl Directory {
    /// Whether a citizen works or worked at an organisation: somebody who signs in for it is that citizen.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn works_at(&self, citizen: CitizenId, organization: &OrganizationId) -> Result<bool, PeopleError> {
        for person in self.signing_in_as(citizen).await? {
            if person.organization.as_ref() == Some(organization)
                || !self.posts(organization, &person.id).await?.posts.is_empty()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whoever signs in and is that citizen.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn signing_in_as(&self, citizen: CitizenId) -> Result<Vec<Arc<Person>>, PeopleError> {
        let prefix = staff_prefix(citizen);
        let mut all = Vec::new();
        for (key, _) in self.store.rows(Table::Roster, &prefix, None, STAFF_MOST).await? {
            let id = key.get(prefix.len()..).and_then(|id| std::str::from_utf8(id).ok());
            let id = id.and_then(|id| PersonId::new(id).ok()).ok_or(PeopleError::Row { table: "roster" })?;
            all.extend(self.person(&id).await?.filter(|person| person.citizen == Some(citizen)));
        }
        Ok(all)
    }
}

fn staff_prefix(citizen: CitizenId) -> Vec<u8> {
    [b"c".as_slice(), &citizen.0.to_be_bytes()].concat()
}

/// The row by which whoever signs in is found from the citizen that they are.
pub(crate) fn staff_key(citizen: CitizenId, person: &PersonId) -> Vec<u8> {
    [staff_prefix(citizen).as_slice(), person.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{By, Incoming, Source, Validity, protect::Protection};

    fn citizen(name: Option<&str>, kana: Option<&str>, address: &str) -> Citizen {
        let mut citizen = Citizen::new(CitizenId(7));
        let incoming = Incoming {
            name: name.map(str::to_owned),
            kana: kana.map(str::to_owned),
            address: Some(address.to_owned()),
            birth_date: Some("1950-04-01".into()),
            ..Incoming::default()
        };
        citizen.learn(&incoming, &[]);
        citizen
    }

    #[test]
    fn a_family_name_is_one_in_every_writing_of_it() {
        let hana = citizen(Some("髙橋 花子"), Some("タカハシ ハナコ"), "");
        assert!(hana.shares_family_name("高橋　久美", None));
        assert!(!hana.shares_family_name("高梨 久美", None));
        assert!(!hana.shares_family_name("高橋", None), "one word alone parts into nothing");
        let read = citizen(None, Some("タカハシ ハナコ"), "");
        assert!(read.shares_family_name("高橋 久美", Some("タカハシ クミ")));
        assert!(!citizen(None, None, "").shares_family_name("高橋 久美", Some("タカハシ クミ")));
    }

    #[test]
    fn a_quarter_is_one_whatever_the_house_and_a_protected_person_lives_nowhere() {
        let mut hana = citizen(Some("髙橋 花子"), None, "綾野県紬市西町2丁目3-4");
        let day = jiff::civil::date(2026, 11, 22);
        let near = Quarter::of("綾野県紬市西町1-9-1").unwrap();
        assert!(hana.lives_in(near, day));
        assert!(!hana.lives_in(Quarter::of("綾野県紬市東町2-3-4").unwrap(), day));
        assert_eq!(Quarter::of(""), None);
        let source = Source { organization: OrganizationId::new("city").unwrap(), by: By::File, reference: None };
        hana.protections = vec![Protection { validity: Validity::default(), source }];
        assert!(!hana.lives_in(near, day));
    }
}
