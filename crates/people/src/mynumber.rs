//! The individual number (個人番号, マイナンバー): its type, its check digit, and finding one where it must not be.
//!
//! The number may be used by those and for that which the law names (番号利用法 第9条). Here it lives in the sealed vault
//! ([`crate::vault`]) and nowhere else. [`MyNumber`] has neither `Debug` nor `Display` nor `Serialize`, and its digits
//! leave memory when it is dropped; so it cannot get into a log, an error or a row by mistake.
//!
//! Check digit: 番号利用法施行令 第8条 and the ministry's ordinance: `11 − (Σ Pn·Qn mod 11)` over the eleven digits from the
//! right, `Qn = n + 1` for n ≤ 6 and `n − 5` above; a remainder of 0 or 1 gives 0.
//!
//! No published FHIR system for the number is known: JP Core and JP-CLINS define none, on purpose. So a number is
//! recognised by what calls itself so, by HL7's type `NNJPN`, and by its form under a system that is not known here.

use tsumugi_fhir::json::Node;
use zeroize::Zeroizing;

use crate::Identifier;

/// An individual number whose check digit is right.
pub struct MyNumber(Zeroizing<[u8; 12]>);

/// Why a text is no individual number. Carries nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MyNumberFault {
    /// Not twelve digits.
    #[error("an individual number has twelve digits")]
    Digits,
    /// The check digit is wrong.
    #[error("the check digit of the individual number is wrong; look for a misread digit")]
    CheckDigit,
}

impl MyNumber {
    /// Reads a number as people write it: half- or full-width digits, with or without spaces and hyphens between.
    ///
    /// # Errors
    /// [`MyNumberFault`].
    pub fn read(text: &str) -> Result<Self, MyNumberFault> {
        let mut digits = Zeroizing::new([0u8; 12]);
        let mut count = 0;
        for c in text.chars() {
            let Some(digit) = digit(c) else {
                if is_between(c) {
                    continue;
                }
                return Err(MyNumberFault::Digits);
            };
            *digits.get_mut(count).ok_or(MyNumberFault::Digits)? = digit;
            count += 1;
        }
        if count != 12 {
            return Err(MyNumberFault::Digits);
        }
        if check_digit(&digits) == digits[11] { Ok(Self(digits)) } else { Err(MyNumberFault::CheckDigit) }
    }

    /// The digits, 0 to 9 each: for the vault alone.
    pub(crate) fn digits(&self) -> &[u8; 12] {
        &self.0
    }

    /// The number with these digits, as the vault kept them.
    pub(crate) fn from_digits(digits: Zeroizing<[u8; 12]>) -> Option<Self> {
        let fits = digits.iter().all(|digit| *digit <= 9) && check_digit(&digits) == digits[11];
        fits.then_some(Self(digits))
    }

    /// The number as twelve characters, for whoever may hold it; wiped when dropped.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().map(|digit| char::from(b'0' + digit)).collect())
    }
}

fn digit(c: char) -> Option<u8> {
    let plain = if ('０'..='９').contains(&c) { char::from_u32(c as u32 - '０' as u32 + '0' as u32)? } else { c };
    plain.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '‐' | '－' | '−' | 'ー')
}

fn check_digit(digits: &[u8; 12]) -> u8 {
    let sum: u32 = digits[..11]
        .iter()
        .rev()
        .zip(1u32..)
        .map(|(digit, n)| u32::from(*digit) * if n <= 6 { n + 1 } else { n - 5 })
        .sum();
    match sum % 11 {
        0 | 1 => 0,
        // INVARIANT: 2..=10, so the difference is one digit.
        rest => u8::try_from(11 - rest).unwrap_or(0),
    }
}

/// Names by which a system says that its values are individual numbers, in lower case.
const NAMES: [&str; 8] = [
    "mynumber",
    "my-number",
    "my_number",
    "individualnumber",
    "individual-number",
    "kojinbango",
    "個人番号",
    "マイナンバー",
];
/// HL7 v2-0203: the national person identifier of Japan.
const NATIONAL_TYPE: &str = "NNJPN";
/// Kinds whose own identifiers name a person.
const PEOPLE: [&str; 4] = ["Patient", "Person", "RelatedPerson", "Practitioner"];
/// Elements that refer to a person, whatever kind holds them.
const REFERENCES: [&str; 6] = ["subject", "patient", "beneficiary", "subscriber", "policyHolder", "individual"];

/// Where a resource or bundle carries an individual number: the way to the first, or `None`.
///
/// Anything whose system or type says that it is one counts, whatever its value. Under a system that is not known here,
/// an identifier of a person with twelve digits and a right check digit counts: one in eleven such numbers of a private
/// series is caught as well, and has to be sent under the institution's own system. Free text is not searched.
#[must_use]
pub fn carried(root: Node<'_>) -> Option<String> {
    let kind = root.get_str("resourceType");
    let place = walk(root, kind.as_deref().unwrap_or_default(), "")?;
    Some(format!("{}{}", kind.as_deref().unwrap_or("Resource"), root.path_to(place)))
}

fn walk<'a>(object: Node<'a>, kind: &str, within: &str) -> Option<Node<'a>> {
    object.members().find_map(|(key, value)| {
        if value.is_array() {
            value.items().find_map(|item| look(item, &key, kind, within))
        } else {
            look(value, &key, kind, within)
        }
    })
}

/// One value under `key`, in a resource of `kind`, in an element that stands under `within`.
fn look<'a>(node: Node<'a>, key: &str, kind: &str, within: &str) -> Option<Node<'a>> {
    if !node.is_object() {
        let number = key == "subscriberId" && node.as_str().is_some_and(|text| MyNumber::read(&text).is_ok());
        return number.then_some(node);
    }
    let of_person = REFERENCES.contains(&within) || PEOPLE.contains(&kind);
    if key == "identifier" && is_number(node, of_person) {
        return Some(node);
    }
    let inner = node.get_str("resourceType");
    walk(node, inner.as_deref().unwrap_or(kind), key)
}

fn is_number(identifier: Node<'_>, of_person: bool) -> bool {
    let system = identifier.get_str("system").unwrap_or_default();
    let lower = system.to_lowercase();
    let national = identifier
        .get("type")
        .and_then(|kind| kind.get("coding"))
        .is_some_and(|codings| codings.items().any(|coding| coding.get_str("code").as_deref() == Some(NATIONAL_TYPE)));
    if national || NAMES.iter().any(|name| lower.contains(name)) {
        return true;
    }
    let known = Identifier::new(system, "").is_of_known_system();
    of_person && !known && identifier.get_str("value").is_some_and(|value| MyNumber::read(&value).is_ok())
}

/// Whether bytes that could not be understood hold what may be an individual number: a run of exactly twelve digits
/// with a right check digit. One run in eleven is caught by chance.
#[must_use]
pub fn may_be_in(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut run = Vec::new();
    for c in text.chars().chain([' ']) {
        if let Some(digit) = digit(c) {
            run.push(digit);
            continue;
        }
        if let Ok(digits) = <[u8; 12]>::try_from(run.as_slice())
            && check_digit(&digits) == digits[11]
        {
            return true;
        }
        run.clear();
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tsumugi_fhir::json::{Document, Limits};

    use super::*;

    /// Made up, with a right check digit.
    const NUMBER: &str = "123456789018";

    #[test]
    fn the_check_digit_is_the_ordinances() {
        for (text, expected) in [
            (NUMBER, Ok(())),
            ("1234 5678 9018", Ok(())),
            ("１２３４-５６７８-９０１８", Ok(())),
            ("000000000000", Ok(())),
            ("123456789010", Err(MyNumberFault::CheckDigit)),
            ("12345678901", Err(MyNumberFault::Digits)),
            ("1234567890188", Err(MyNumberFault::Digits)),
            ("12345678901a", Err(MyNumberFault::Digits)),
            ("", Err(MyNumberFault::Digits)),
        ] {
            assert_eq!(MyNumber::read(text).map(|_| ()), expected, "{text}");
        }
        assert_eq!(*MyNumber::read("１２３４ ５６７８ ９０１８").ok().unwrap().reveal(), NUMBER);
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_noticed_and_the_rest_is_one_in_eleven(body in 0u64..100_000_000_000, at in 0usize..11, by in 1u8..10) {
            let mut digits = [0u8; 12];
            let text = format!("{body:011}");
            for (slot, b) in digits.iter_mut().zip(text.bytes()) {
                *slot = b - b'0';
            }
            digits[11] = check_digit(&digits);
            let whole: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            prop_assert!(MyNumber::read(&whole).is_ok());
            let inside = ["x", &whole, "y"].concat();
            prop_assert!(may_be_in(inside.as_bytes()));
            digits[at] = (digits[at] + by) % 10;
            let wrong: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            // Remainders 0 and 1 share their digit, so one wrong digit is missed only where the right one was 0.
            prop_assert!(MyNumber::read(&wrong).is_err() || digits[11] == 0);
        }
    }

    #[track_caller]
    fn check(json: &str, expected: Option<&str>) {
        let document = Document::parse(json.to_owned().into(), &Limits::default()).unwrap();
        assert_eq!(carried(document.root()).as_deref(), expected, "{json}");
    }

    #[test]
    fn a_number_is_found_where_it_stands() {
        let patient = |system: &str, value: &str| {
            format!(
                r#"{{"resourceType":"Patient","identifier":[{{"value":"1"}},{{"system":"{system}","value":"{value}"}}]}}"#
            )
        };
        check(&patient("http://unknown.example", NUMBER), Some("Patient.identifier[1]"));
        check(&patient("", "１２３４５６７８９０１８"), Some("Patient.identifier[1]"));
        check(&patient("urn:oid:1.2.3.mynumber", "x"), Some("Patient.identifier[1]"));
        check(&patient("http://x.example/マイナンバー", "1"), Some("Patient.identifier[1]"));
        check(&patient("http://unknown.example", "123456789010"), None);
        check(&patient("urn:oid:1.2.392.100495.20.3.51.11318814790", NUMBER), None);
        check(&patient("http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsuredPersonNumber", NUMBER), None);
        let typed = r#"{"resourceType":"Patient","identifier":[{"type":{"coding":[{"code":"NNJPN"}]},"value":"1"}]}"#;
        check(typed, Some("Patient.identifier[0]"));
        check(
            &format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{}}}]}}"#, patient("x", NUMBER)),
            Some("Bundle.entry[0].resource.identifier[1]"),
        );
        check(
            &format!(
                r#"{{"resourceType":"Observation","subject":{{"identifier":{{"system":"x","value":"{NUMBER}"}}}}}}"#
            ),
            Some("Observation.subject.identifier"),
        );
        check(
            &format!(r#"{{"resourceType":"Observation","contained":[{}]}}"#, patient("x", NUMBER)),
            Some("Observation.contained[0].identifier[1]"),
        );
        check(&format!(r#"{{"resourceType":"Coverage","subscriberId":"{NUMBER}"}}"#), Some("Coverage.subscriberId"));
        let order = format!(r#"{{"resourceType":"Observation","identifier":[{{"system":"x","value":"{NUMBER}"}}]}}"#);
        check(&order, None);
        check("{}", None);
    }

    #[test]
    fn bytes_that_nobody_understands_are_looked_through() {
        assert!(may_be_in(format!("{{\"value\":\"{NUMBER}\"").as_bytes()));
        assert!(may_be_in("１２３４５６７８９０１８".as_bytes()));
        assert!(may_be_in(&[b"\xff\xfe ", NUMBER.as_bytes()].concat()));
        assert!(!may_be_in(format!("{NUMBER}0").as_bytes()));
        assert!(!may_be_in(b"123456789010"));
        assert!(!may_be_in(b""));
    }
}
