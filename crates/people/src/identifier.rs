//! Which identifiers lead to one person, which only to a household, and how each is written as a key.
//!
//! Systems and forms: JP Core and JP-CLINS (`guide-urlmap.md`, `JP-Patient-eCS-notes.md`). Since version 1.5.0 most
//! systems are `http:` URLs; the older `urn:oid:` forms are accepted and mean the same. Values are significant as
//! written: `１８７` and `187` are different numbers to an insurer, so nothing is folded here.

use crate::NumberFault;

/// An identifier as a source sent it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Identifier {
    /// `Identifier.system`.
    pub system: String,
    /// `Identifier.value`.
    pub value: String,
}

/// What an identifier can say about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Names one person; the text is the directory's key for it.
    Personal(String),
    /// Names a household: an insured number without 枝番.
    Household(String),
    /// Says nothing here: an unknown system, or a value that does not have its system's form.
    Nothing,
}

/// 被保険者個人識別子: insurer number, symbol, number, branch number.
pub const MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
/// 生活保護受給者の識別子: payer number and recipient number.
pub const PUBLIC_PAYER_MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID";
/// 施設患者番号: this prefix and the ten-digit institution number.
pub const FACILITY_PREFIX: &str = "urn:oid:1.2.392.100495.20.3.51.1";
/// 介護保険被保険者番号, written `insurer number (6):insured number (10)`. Ours: no published system is known.
pub const CARE_MEMBER: &str = "http://tsumugi.example/fhir/IdSystem/care-insurance-member";
/// 在留カード番号 of foreign residents. It changes at every renewal, so it comes with a validity. Ours: no published system
/// is known.
pub const RESIDENCE_CARD: &str = "http://tsumugi.example/fhir/IdSystem/residence-card";
/// 特別永住者証明書番号. Ours, of the same form.
pub const SPECIAL_PERMANENT_RESIDENT: &str = "http://tsumugi.example/fhir/IdSystem/special-permanent-resident";
/// Temporary number that an institution gives a newborn or an unknown person: this prefix and the ten-digit institution
/// number. Ours.
pub const TEMPORARY_PREFIX: &str = "http://tsumugi.example/fhir/IdSystem/temporary/";

/// Longest number of an institution's own, in characters.
const OWN_MOST: usize = 64;

const MHLW: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/";
const OLD: &str = "urn:oid:1.2.392.100495.20.3.";

/// The parts from which a member identifier can be put together when a source sends them apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Insurer,
    Symbol,
    Number,
    Branch,
    Payer,
    Recipient,
}

impl Identifier {
    /// An identifier.
    #[must_use]
    pub fn new(system: impl Into<String>, value: impl Into<String>) -> Self {
        Self { system: system.into(), value: value.into() }
    }

    /// What this identifier says about a person.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.judge().unwrap_or(Standing::Nothing)
    }

    /// What is wrong with the value, for a system that is known here.
    #[must_use]
    pub fn fault(&self) -> Option<NumberFault> {
        self.judge().err()
    }

    fn judge(&self) -> Result<Standing, NumberFault> {
        let value = self.value.as_str();
        let own = |letter: &str, institution: &str| {
            let fits = (1..=OWN_MOST).contains(&value.chars().count());
            let key = || Standing::Personal(format!("{letter}|{institution}|{value}"));
            fits.then(key).ok_or(NumberFault::Length)
        };
        if self.system.eq_ignore_ascii_case(MEMBER) {
            member(value)
        } else if self.system.eq_ignore_ascii_case(PUBLIC_PAYER_MEMBER) {
            personal("p", value, is_public_payer_member(value), NumberFault::PublicPayer)
        } else if self.system == CARE_MEMBER {
            personal("k", value, is_care_member(value), NumberFault::Care)
        } else if self.system == RESIDENCE_CARD {
            personal("r", value, is_card_number(value), NumberFault::ResidenceCard)
        } else if self.system == SPECIAL_PERMANENT_RESIDENT {
            personal("s", value, is_card_number(value), NumberFault::ResidenceCard)
        } else if let Some(institution) = self.system.strip_prefix(TEMPORARY_PREFIX) {
            if is_institution(institution) { own("t", institution) } else { Err(NumberFault::Institution) }
        } else if let Some(institution) = self.facility() {
            own("h", institution)
        } else {
            Ok(Standing::Nothing)
        }
    }

    /// Whether the system is one of those whose values are known here, whatever the value.
    pub(crate) fn is_of_known_system(&self) -> bool {
        let exact = [CARE_MEMBER, RESIDENCE_CARD, SPECIAL_PERMANENT_RESIDENT].contains(&self.system.as_str());
        let any_case = [MEMBER, PUBLIC_PAYER_MEMBER].iter().any(|known| self.system.eq_ignore_ascii_case(known));
        let prefixed =
            [TEMPORARY_PREFIX, FACILITY_PREFIX, MHLW, OLD].iter().any(|known| self.system.starts_with(known));
        exact || any_case || prefixed
    }

    /// The ten-digit institution number, if this is an institution's own patient number.
    #[must_use]
    pub fn facility(&self) -> Option<&str> {
        let institution = self.system.strip_prefix(FACILITY_PREFIX)?;
        is_institution(institution).then_some(institution)
    }

    /// The institution that gave the number out, as its own or as a temporary one.
    #[must_use]
    pub fn institution(&self) -> Option<&str> {
        let temporary = self.system.strip_prefix(TEMPORARY_PREFIX).filter(|institution| is_institution(institution));
        self.facility().or(temporary)
    }

    fn part(&self) -> Option<Part> {
        if let Some(name) = self.system.strip_prefix(MHLW) {
            return Some(match name {
                "InsurerNumber" => Part::Insurer,
                "InsuredPersonSymbol" => Part::Symbol,
                "InsuredPersonNumber" => Part::Number,
                "InsuredPersonSubnumber" => Part::Branch,
                "PublicPayerNumber" => Part::Payer,
                "PublicInsuredPersonNumber" => Part::Recipient,
                _ => return None,
            });
        }
        Some(match self.system.strip_prefix(OLD)? {
            "61" => Part::Insurer,
            "62" => Part::Symbol,
            "63" => Part::Number,
            "71" => Part::Payer,
            "72" => Part::Recipient,
            _ => return None,
        })
    }
}

/// The identifiers of a patient with, besides what was sent, the member identifiers that its parts make up.
#[must_use]
pub fn with_composed(sent: &[Identifier]) -> Vec<Identifier> {
    let part = |wanted| sent.iter().find(|id| id.part() == Some(wanted)).map(|id| id.value.trim_matches(' '));
    let mut all = sent.to_vec();
    if let (Some(insurer), Some(number)) = (part(Part::Insurer), part(Part::Number)) {
        let (symbol, branch) = (part(Part::Symbol).unwrap_or(""), part(Part::Branch).unwrap_or(""));
        all.push(Identifier::new(MEMBER, format!("{insurer:0>8}:{symbol}:{number}:{branch}")));
    }
    if let (Some(payer), Some(recipient)) = (part(Part::Payer), part(Part::Recipient)) {
        all.push(Identifier::new(PUBLIC_PAYER_MEMBER, format!("{payer:0>8}::{recipient}:")));
    }
    all.sort();
    all.dedup();
    all
}

fn personal(letter: &str, value: &str, fits: bool, fault: NumberFault) -> Result<Standing, NumberFault> {
    fits.then(|| Standing::Personal(format!("{letter}|{value}"))).ok_or(fault)
}

/// `^[0-9]{8}:[^:\s　]*:[^:\s　]*:(|[0-9]{2})$`. Without 枝番 only the scheme for the old-old (後期高齢者医療, insurer
/// numbers starting with 39) names one person, because there everybody is insured alone.
fn member(value: &str) -> Result<Standing, NumberFault> {
    let parts: Vec<&str> = value.split(':').collect();
    let [insurer, symbol, number, branch] = parts[..] else { return Err(NumberFault::MemberParts) };
    let plain = |text: &str| !text.chars().any(char::is_whitespace);
    let has_branch = branch.len() == 2 && digits(branch);
    if insurer.len() != 8 || !digits(insurer) {
        return Err(NumberFault::MemberInsurer);
    }
    if !plain(symbol) || !plain(number) {
        return Err(NumberFault::MemberSpace);
    }
    if !has_branch && !branch.is_empty() {
        return Err(NumberFault::MemberBranch);
    }
    // An insurer alone is nobody.
    if symbol.is_empty() && number.is_empty() {
        return Err(NumberFault::MemberNobody);
    }
    if has_branch || insurer.starts_with("39") {
        Ok(Standing::Personal(format!("m|{value}")))
    } else {
        Ok(Standing::Household(format!("m|{value}")))
    }
}

/// `payer number (8)::recipient number (7):`.
fn is_public_payer_member(value: &str) -> bool {
    let parts: Vec<&str> = value.split(':').collect();
    matches!(parts[..], [payer, "", recipient, ""] if payer.len() == 8 && digits(payer) && recipient.len() == 7 && digits(recipient))
}

/// `insurer number (6):insured number (10)`; the insured number of people on public assistance starts with a letter.
fn is_care_member(value: &str) -> bool {
    let Some((insurer, insured)) = value.split_once(':') else { return false };
    let bytes = insured.as_bytes();
    insurer.len() == 6
        && digits(insurer)
        && bytes.len() == 10
        && (bytes[0].is_ascii_digit() || bytes[0].is_ascii_uppercase())
        && bytes[1..].iter().all(u8::is_ascii_digit)
}

/// Two capitals, eight digits, two capitals.
fn is_card_number(value: &str) -> bool {
    let bytes = value.as_bytes();
    let capitals = |part: &[u8]| part.iter().all(u8::is_ascii_uppercase);
    bytes.len() == 12 && capitals(&bytes[..2]) && bytes[2..10].iter().all(u8::is_ascii_digit) && capitals(&bytes[10..])
}

fn is_institution(text: &str) -> bool {
    text.len() == 10 && digits(text)
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(system: &str, value: &str, expected: &str) {
        let got = match Identifier::new(system, value).standing() {
            Standing::Personal(key) => format!("person {key}"),
            Standing::Household(_) => "household".to_owned(),
            Standing::Nothing => "nothing".to_owned(),
        };
        assert_eq!(got, expected, "{system} {value}");
    }

    #[test]
    fn each_form_says_what_it_can() {
        check(MEMBER, "00012345:あいう:１８７:05", "person m|00012345:あいう:１８７:05");
        check(MEMBER, "00012345:あいう:１８７:", "household");
        check(MEMBER, "00012345::１８７:", "household");
        check(MEMBER, "39131156::01234567:", "person m|39131156::01234567:");
        check(MEMBER, "13911567::01234567:", "household");
        check(MEMBER, "00012345:あいう:１８７", "nothing");
        check(MEMBER, "0012345:あいう:１８７:05", "nothing");
        check(MEMBER, "00012345:あ う:１８７:05", "nothing");
        check(MEMBER, "00012345:あ　う:１８７:05", "nothing");
        check(MEMBER, "00012345:あいう:１８７:5", "nothing");
        check(MEMBER, "００012345:あいう:187:05", "nothing");
        check(MEMBER, "00012345:::", "nothing");
        check(&MEMBER.replace("Idsystem", "IdSystem"), "00012345:a:1:05", "person m|00012345:a:1:05");
        check(PUBLIC_PAYER_MEMBER, "12131234::1234567:", "person p|12131234::1234567:");
        check(PUBLIC_PAYER_MEMBER, "12131234:x:1234567:", "nothing");
        check("urn:oid:1.2.392.100495.20.3.51.11318814790", "000999739", "person h|1318814790|000999739");
        check("urn:oid:1.2.392.100495.20.3.51.1131881479", "000999739", "nothing");
        check("urn:oid:1.2.392.100495.20.3.51.11318814790", "", "nothing");
        check(CARE_MEMBER, "131234:0001234567", "person k|131234:0001234567");
        check(CARE_MEMBER, "131234:H000123456", "person k|131234:H000123456");
        check("http://hospital.example/patients", "17", "nothing");
        check(RESIDENCE_CARD, "AB12345678CD", "person r|AB12345678CD");
        check(SPECIAL_PERMANENT_RESIDENT, "AB12345678CD", "person s|AB12345678CD");
        check(RESIDENCE_CARD, "ab12345678cd", "nothing");
        check(RESIDENCE_CARD, "AB1234567CD", "nothing");
        check(RESIDENCE_CARD, "ＡＢ12345678CD", "nothing");
        check(&format!("{TEMPORARY_PREFIX}1318814790"), "NB-20261122-1", "person t|1318814790|NB-20261122-1");
        check(&format!("{TEMPORARY_PREFIX}131881479"), "NB-1", "nothing");
    }

    #[test]
    fn each_fault_has_its_own_words() {
        let facility = format!("{FACILITY_PREFIX}1318814790");
        for (system, value, expected) in [
            (MEMBER, "00012345:a:1", Some(NumberFault::MemberParts)),
            (MEMBER, "00012345:a:1:05:", Some(NumberFault::MemberParts)),
            (MEMBER, "0012345:a:1:05", Some(NumberFault::MemberInsurer)),
            (MEMBER, "０００１２３４５:a:1:05", Some(NumberFault::MemberInsurer)),
            (MEMBER, "00012345:a 　:1:05", Some(NumberFault::MemberSpace)),
            (MEMBER, "00012345:a:1:5", Some(NumberFault::MemberBranch)),
            (MEMBER, "00012345:a:1:０５", Some(NumberFault::MemberBranch)),
            (MEMBER, "00012345:::", Some(NumberFault::MemberNobody)),
            (MEMBER, "00012345:あ:１８７:", None),
            (PUBLIC_PAYER_MEMBER, "12131234:1234567:", Some(NumberFault::PublicPayer)),
            (CARE_MEMBER, "131234:00012345", Some(NumberFault::Care)),
            (&facility, "", Some(NumberFault::Length)),
            (&facility, &"1".repeat(65), Some(NumberFault::Length)),
            (RESIDENCE_CARD, "AB12345678", Some(NumberFault::ResidenceCard)),
            (&format!("{TEMPORARY_PREFIX}x"), "1", Some(NumberFault::Institution)),
            ("http://hospital.example/patients", "", None),
        ] {
            assert_eq!(Identifier::new(system, value).fault(), expected, "{system} {value}");
        }
        let mut words: Vec<_> = NumberFault::ALL.iter().flat_map(|fault| [fault.words().0, fault.words().1]).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all, "no two faults share their words");
    }

    #[test]
    fn parts_sent_apart_are_put_together_in_both_systems() {
        let old = [
            Identifier::new(format!("{OLD}61"), "  123456"),
            Identifier::new(format!("{OLD}62"), "あ"),
            Identifier::new(format!("{OLD}63"), "12"),
        ];
        assert!(with_composed(&old).contains(&Identifier::new(MEMBER, "00123456:あ:12:")));
        let new = [
            Identifier::new(format!("{MHLW}InsurerNumber"), "06123456"),
            Identifier::new(format!("{MHLW}InsuredPersonNumber"), "１２"),
            Identifier::new(format!("{MHLW}InsuredPersonSubnumber"), "02"),
        ];
        assert!(with_composed(&new).contains(&Identifier::new(MEMBER, "06123456::１２:02")));
        let assistance =
            [Identifier::new(format!("{OLD}71"), "12131234"), Identifier::new(format!("{OLD}72"), "1234567")];
        assert!(with_composed(&assistance).contains(&Identifier::new(PUBLIC_PAYER_MEMBER, "12131234::1234567:")));
    }
}
