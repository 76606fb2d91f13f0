//! The people and places of the town: citizens, institutions, professionals. All are made up: the prefecture number
//! 49 of their institution numbers, insurers and postal codes is given to no prefecture.

use jiff::civil::Date;
use serde::Serialize;
use tsumugi_kernel::{OrganizationKind, Role};

use crate::form::systems;

/// Sex as administered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Female (女).
    Female,
    /// Male (男).
    Male,
}

impl Sex {
    /// FHIR's `administrative-gender`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// Family and given name, as written and as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Name {
    /// 姓.
    pub family: String,
    /// 名.
    pub given: String,
    /// 姓, in katakana.
    pub family_kana: String,
    /// 名, in katakana.
    pub given_kana: String,
}

impl Name {
    /// A name from its four parts.
    #[must_use]
    pub fn new(family: &str, given: &str, family_kana: &str, given_kana: &str) -> Self {
        Self {
            family: family.into(),
            given: given.into(),
            family_kana: family_kana.into(),
            given_kana: given_kana.into(),
        }
    }

    /// 姓 and 名 with a half-width space (a full-width one is a fault: R1113).
    #[must_use]
    pub fn full(&self) -> String {
        format!("{} {}", self.family, self.given)
    }

    /// The same in katakana.
    #[must_use]
    pub fn full_kana(&self) -> String {
        format!("{} {}", self.family_kana, self.given_kana)
    }
}

/// Where somebody lives or works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Postal code.
    pub postal: String,
    /// Prefecture.
    pub state: String,
    /// City.
    pub city: String,
    /// The rest of the line.
    pub line: String,
}

impl Address {
    /// The whole address in one line.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}{}", self.state, self.city, self.line)
    }
}

/// A citizen, as a source knows one.
#[derive(Clone, Debug)]
pub struct Citizen {
    /// Names.
    pub name: Name,
    /// Sex.
    pub sex: Sex,
    /// Date of birth.
    pub birth: Date,
    /// Home.
    pub address: Address,
    /// Telephone.
    pub phone: String,
    /// 被保険者個人識別子: insurer, symbol, number, branch, joined by colons.
    pub member_id: String,
    /// Nine digits from which the numbers at each institution are made.
    pub number: u64,
}

impl Citizen {
    /// Full years on `day`.
    #[must_use]
    pub fn age_on(&self, day: Date) -> i16 {
        let years = day.year() - self.birth.year();
        if (day.month(), day.day()) < (self.birth.month(), self.birth.day()) { years - 1 } else { years }
    }

    /// The patient's number at an institution: another at each.
    #[must_use]
    pub fn number_at(&self, institution: &str) -> String {
        let salt = institution.bytes().fold(17u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        format!("{:09}", self.number.wrapping_add(salt) % 1_000_000_000)
    }
}

/// The identifier system of an insured number: 生活保護受給者's has one of its own.
#[must_use]
pub fn member_system(member_id: &str) -> &'static str {
    if member_id.starts_with("12") { systems::PUBLIC_PAYER_MEMBER_ID } else { systems::MEMBER_ID }
}

/// A person who signs in: professional, proxy, citizen.
#[derive(Clone, Debug)]
pub struct Professional {
    /// Id in the directory.
    pub id: String,
    /// Names.
    pub name: Name,
    /// Qualification in Japanese, for example 看護師; none for lay people.
    pub qualification: Option<&'static str>,
    /// The role the person asks in.
    pub role: Role,
}

impl Professional {
    /// Registration number of the qualification (籍登録番号; six digits, eight for 介護支援専門員), made up from the
    /// id. None for whoever has no registered qualification.
    #[must_use]
    pub fn registration(&self) -> Option<String> {
        let mixed = self.id.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        match self.qualification? {
            // Prefecture 49 is nobody's.
            "介護支援専門員" => Some(format!("49{:06}", mixed % 1_000_000)),
            _ => Some(format!("{:06}", mixed % 1_000_000)),
        }
    }
}

/// An institution, office or household.
#[derive(Clone, Debug)]
pub struct Institution {
    /// Id in the directory: the ten-digit number where there is one.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: OrganizationKind,
    /// Address.
    pub address: Address,
    /// Telephone.
    pub phone: String,
    /// Who works there.
    pub staff: Vec<Professional>,
}

impl Institution {
    /// The first member of staff with `role`, or else the first of all.
    #[must_use]
    pub fn who(&self, role: Role) -> Option<&Professional> {
        self.staff.iter().find(|person| person.role == role).or_else(|| self.staff.first())
    }
}

/// The check digit of Japan's institution and insurer numbers: digits weighted 2, 1, 2 … from the right, the digits
/// of each product added, the sum's distance to the next ten (保険者番号等設定要領).
#[must_use]
pub fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let product = u32::from(byte.saturating_sub(b'0')) * if place % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

/// An eight-digit insurer number from its kind (法別番号, for example `39`), and a place's three digits.
#[must_use]
pub fn insurer_number(kind: &str, place: u32) -> String {
    let stem = format!("{kind}49{place:03}");
    format!("{stem}{}", check_digit(&stem))
}

/// A ten-digit institution number: prefecture 49 (nobody's), `kind` (1 medical, 3 dental, 4 pharmacy, 7 care), and
/// seven digits that end in their check digit. Those of hospitals and clinics satisfy R1021.
#[must_use]
pub fn institution_number(kind: u32, serial: u32) -> String {
    let stem = format!("{:06}", serial % 1_000_000);
    format!("49{kind}{stem}{}", check_digit(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_published_numbers() {
        // 全国健康保険協会: the Tokyo branch is 01130012, the Osaka branch 01270016 (public insurer numbers).
        assert_eq!(check_digit("0113001"), 2);
        assert_eq!(check_digit("0127001"), 6);
        assert_eq!(insurer_number("39", 1).len(), 8);
        assert_eq!(institution_number(1, 1).len(), 10);
    }
}
