//! Where an organisation is, in the codes of the country: prefectures (JIS X 0401) and municipalities (JIS X 0402).
//!
//! What must hold: an organisation of which nobody has registered a municipality is in the prefecture of its number, and in no
//! municipality.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::OrganizationId;

use crate::{InstitutionNumber, Organization};

/// A prefecture or a municipality. Written as two digits or as five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Area {
    prefecture: u8,
    /// The three digits within the prefecture; none for all of it.
    municipality: Option<u16>,
}

/// Why a text is no area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AreaFault {
    /// Not two, five or six ASCII digits.
    #[error("an area has two digits (a prefecture), or five or six (a municipality; the sixth is its check digit)")]
    Digits,
    /// No such prefecture.
    #[error("the first two digits of an area are a prefecture, 01 to 47")]
    Prefecture,
    /// The sixth digit does not fit.
    #[error("the check digit of the municipality's code is wrong; look for a misread digit")]
    CheckDigit,
}

impl Area {
    /// Reads `13`, `13101` or `131016`. 49 stands for the made-up prefecture of demonstrations, as in institution numbers.
    ///
    /// # Errors
    /// [`AreaFault`].
    pub fn read(text: &str) -> Result<Self, AreaFault> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
        if digits.len() != text.len() || !matches!(digits.len(), 2 | 5 | 6) {
            return Err(AreaFault::Digits);
        }
        let prefecture = digits[0] * 10 + digits[1];
        if !matches!(prefecture, 1..=47 | 49) {
            return Err(AreaFault::Prefecture);
        }
        if digits.len() == 6 && check_digit(&digits[..5]) != digits[5] {
            return Err(AreaFault::CheckDigit);
        }
        let municipality =
            digits.get(2..5).map(|three| three.iter().fold(0, |sum, digit| sum * 10 + u16::from(*digit)));
        Ok(Self { prefecture, municipality })
    }

    /// The prefecture's number.
    #[must_use]
    pub const fn prefecture(self) -> u8 {
        self.prefecture
    }

    /// Whether it is one municipality, and not a whole prefecture.
    #[must_use]
    pub const fn is_municipality(self) -> bool {
        self.municipality.is_some()
    }

    /// Whether another area lies within this one.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        self.prefecture == other.prefecture && (self.municipality.is_none() || self.municipality == other.municipality)
    }
}

/// The check digit of a municipality's code (全国地方公共団体コード): the digits times 6, 5, 4, 3, 2, and what the sum lacks to
/// the next eleven.
fn check_digit(digits: &[u8]) -> u8 {
    let sum: u8 = digits.iter().zip([6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
    (11 - sum % 11) % 10
}

impl std::fmt::Display for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}", self.prefecture)?;
        match self.municipality {
            Some(three) => write!(f, "{three:03}"),
            None => Ok(()),
        }
    }
}

impl TryFrom<String> for Area {
    type Error = AreaFault;
    fn try_from(text: String) -> Result<Self, AreaFault> {
        Self::read(&text)
    }
}

impl From<Area> for String {
    fn from(area: Area) -> Self {
        area.to_string()
    }
}

impl Organization {
    /// Where it is: its municipality as registered, else the prefecture that its number names, else nobody knows.
    #[must_use]
    pub fn area(&self) -> Option<Area> {
        self.municipality.or_else(|| by_number(&self.id))
    }
}

fn by_number(id: &OrganizationId) -> Option<Area> {
    let number = InstitutionNumber::read(id.as_str()).ok()?;
    Some(Area { prefecture: number.prefecture, municipality: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_kernel::OrganizationKind;

    #[test]
    fn areas_are_read_with_and_without_the_check_digit() {
        for (text, expected) in [
            ("13", Ok("13")),
            ("13101", Ok("13101")),
            // 千代田区 131016, 札幌市 011002 and 大阪市 271004 as published.
            ("131016", Ok("13101")),
            ("011002", Ok("01100")),
            ("271004", Ok("27100")),
            ("131017", Err(AreaFault::CheckDigit)),
            ("48", Err(AreaFault::Prefecture)),
            ("00101", Err(AreaFault::Prefecture)),
            ("131", Err(AreaFault::Digits)),
            ("1310a", Err(AreaFault::Digits)),
            ("１３", Err(AreaFault::Digits)),
            ("", Err(AreaFault::Digits)),
        ] {
            assert_eq!(Area::read(text).map(|area| area.to_string()), expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_prefecture_holds_its_municipalities_and_no_municipality_holds_a_prefecture() {
        let area = |text| Area::read(text).unwrap();
        for (outer, inner, holds) in [
            ("13", "13101", true),
            ("13", "13", true),
            ("13101", "13101", true),
            ("13101", "13", false),
            ("13101", "13102", false),
            ("14", "13101", false),
        ] {
            assert_eq!(area(outer).holds(area(inner)), holds, "{outer} {inner}");
        }
    }

    #[test]
    fn an_organisation_is_where_it_was_registered_else_where_its_number_says() {
        let place = |id: &str, area: Option<&str>| Organization {
            municipality: area.map(|text| Area::read(text).unwrap()),
            ..Organization::new(OrganizationId::new(id).unwrap(), "A", OrganizationKind::Hospital)
        };
        let area = |place: Organization| place.area().map(|area| area.to_string());
        assert_eq!(area(place("1318814790", None)).as_deref(), Some("13"));
        assert_eq!(area(place("1318814790", Some("13101"))).as_deref(), Some("13101"));
        assert_eq!(area(place("fire", None)), None);
        let kept = place("fire", Some("49201")).row();
        let read = Organization::decode(&kept.value.unwrap()).unwrap();
        assert_eq!(read.area().map(String::from).as_deref(), Some("49201"));
    }
}
