//! A person of the town, from birth to the last day, as the truth has it. What a source knows of the person may differ.

use jiff::civil::Date;
use serde::Serialize;

use super::family::Living;
use crate::people::{Address, Citizen, Name, Sex};

/// A value over time: each entry is in force from its day until the next one's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over<T> {
    first: T,
    later: Vec<(Date, T)>,
    from: Date,
}

impl<T> Over<T> {
    /// A value from `from` on that never changes.
    #[must_use]
    pub const fn always(from: Date, value: T) -> Self {
        Self { first: value, later: Vec::new(), from }
    }

    /// From `day` on it is `value`. Days must come in order; an earlier one than the last replaces from there on.
    pub fn change(&mut self, day: Date, value: T) {
        self.later.retain(|(from, _)| *from < day);
        if day <= self.from {
            self.first = value;
        } else {
            self.later.push((day, value));
        }
    }

    /// The value on `day` (before the first day: the first value).
    #[must_use]
    pub fn on(&self, day: Date) -> &T {
        self.later.iter().rev().find(|(from, _)| *from <= day).map_or(&self.first, |(_, value)| value)
    }

    /// Each value with the day from which it is in force.
    pub fn entries(&self) -> impl Iterator<Item = (Date, &T)> {
        std::iter::once((self.from, &self.first)).chain(self.later.iter().map(|(day, value)| (*day, value)))
    }
}

/// The kinds of insurers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Insurer {
    /// 全国健康保険協会 (01).
    Association,
    /// 組合健保 (06).
    Union,
    /// 共済 (31–34).
    MutualAid,
    /// 国民健康保険.
    Municipal,
    /// 後期高齢者医療 (39).
    LateElderly,
    /// 生活保護 (12): medical assistance, no insurance.
    PublicAssistance,
}

impl Insurer {
    /// The kind that an insured person's identifier (被保険者個人識別子) names.
    #[must_use]
    pub fn of(member_id: &str) -> Self {
        match member_id.get(..2) {
            Some("01") => Self::Association,
            Some("06") => Self::Union,
            Some("31" | "32" | "33" | "34") => Self::MutualAid,
            Some("39") => Self::LateElderly,
            Some("12") => Self::PublicAssistance,
            _ => Self::Municipal,
        }
    }
}

/// One insurance of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// 資格取得日.
    pub from: Date,
    /// 資格喪失日: the first day on which it no longer holds.
    pub to: Option<Date>,
    /// What kind of insurer.
    pub insurer: Insurer,
    /// 被保険者個人識別子, or 生活保護受給者's.
    pub member_id: String,
    /// 本人 or 家族.
    pub insured_person: bool,
}

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occupation {
    /// Not yet at school.
    Infant,
    /// 小学校.
    Elementary,
    /// 中学校.
    JuniorHigh,
    /// 高校.
    HighSchool,
    /// After that, until work begins.
    Student,
    /// With an employer.
    Employed,
    /// On one's own account, or at an employer without employees' insurance.
    SelfEmployed,
    /// Between two employers.
    Unemployed,
    /// Keeps house.
    Home,
    /// Retired.
    Retired,
}

/// How a marriage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarriageEnd {
    /// 離婚.
    Divorce,
    /// 死別.
    Death,
}

/// A marriage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Marriage {
    /// The wedding.
    pub from: Date,
    /// Husband or wife, if a person of the town.
    pub partner: Option<u64>,
    /// When and how it ended.
    pub ended: Option<(Date, MarriageEnd)>,
}

/// A person of the town.
#[derive(Clone, Debug)]
pub struct Person {
    /// Index in the town, from 0.
    pub index: u64,
    /// Household on the town's day: the index of its first member.
    pub household: u64,
    /// Sex as administered, today.
    pub sex: Sex,
    /// Date of birth.
    pub birth: Date,
    /// Date of death, if the person has died by the town's day.
    pub death: Option<Date>,
    /// Names: marriage, divorce and adoption change them.
    pub name: Over<Name>,
    /// Homes.
    pub address: Over<Address>,
    /// Telephone.
    pub phone: String,
    /// Insurances in order of time, without overlap.
    pub coverages: Vec<Coverage>,
    /// Nine digits from which the numbers at each institution are made.
    pub number: u64,
    /// The mother, if she lives in the town.
    pub mother: Option<u64>,
    /// The father, if he lives in the town.
    pub father: Option<u64>,
    /// Husband or wife on the town's day.
    pub partner: Option<u64>,
    /// Children who live in the town.
    pub children: Vec<u64>,
    /// Whether the address is withheld (DV等支援措置).
    pub is_protected: bool,
    /// Whether the person holds a residence card.
    pub is_foreigner: bool,
    /// Number of the residence card.
    pub residence_card: Option<String>,
    /// How the person lives on the town's day, or lived last.
    pub living: Living,
    /// Where along the way around the town the home lies ([`super::homes::SPOTS`]).
    pub spot: Over<u32>,
    /// Since when the person lives in a special nursing home.
    pub facility_since: Option<Date>,
    /// Marriages in order of time.
    pub marriages: Vec<Marriage>,
    /// When a stepfather adopted the person.
    pub adopted: Option<Date>,
    /// What the person does.
    pub occupation: Over<Occupation>,
    /// Whether many know the person by name.
    pub is_public: bool,
}

impl Person {
    /// Full years on `day`.
    #[must_use]
    pub fn age_on(&self, day: Date) -> i16 {
        let years = day.year() - self.birth.year();
        if (day.month(), day.day()) < (self.birth.month(), self.birth.day()) { years - 1 } else { years }
    }

    /// Whether the person lives on `day`.
    #[must_use]
    pub fn lives_on(&self, day: Date) -> bool {
        self.birth <= day && self.death.is_none_or(|death| day <= death)
    }

    /// The insurance on `day`, if there is one.
    #[must_use]
    pub fn coverage_on(&self, day: Date) -> Option<&Coverage> {
        self.coverages.iter().rev().find(|one| one.from <= day && one.to.is_none_or(|to| day < to))
    }

    /// Where the home lies on `day`.
    #[must_use]
    pub fn spot_on(&self, day: Date) -> u32 {
        *self.spot.on(day)
    }

    /// The person as a source that makes no mistake knows them on `day`.
    #[must_use]
    pub fn known_on(&self, day: Date) -> Citizen {
        let coverage = self.coverage_on(day).or_else(|| self.coverages.last());
        Citizen {
            name: self.name.on(day).clone(),
            sex: self.sex,
            birth: self.birth,
            address: self.address.on(day).clone(),
            phone: self.phone.clone(),
            member_id: coverage.map(|one| one.member_id.clone()).unwrap_or_default(),
            number: self.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_value_over_time_is_the_newest_begun() {
        let mut name = Over::always(date(2000, 1, 1), "a");
        name.change(date(2010, 5, 1), "b");
        name.change(date(2020, 5, 1), "c");
        for (day, expected) in
            [(date(1999, 1, 1), "a"), (date(2010, 4, 30), "a"), (date(2010, 5, 1), "b"), (date(2026, 1, 1), "c")]
        {
            assert_eq!(*name.on(day), expected, "{day}");
        }
        name.change(date(2015, 1, 1), "d");
        assert_eq!(name.entries().map(|(_, value)| *value).collect::<Vec<_>>(), ["a", "b", "d"]);
    }
}
