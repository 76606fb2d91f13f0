//! Which identifiers lead to one person, which only to a household, and how each is written as a key.
//!
//! Systems and forms: JP Core and JP-CLINS (`guide-urlmap.md`, `JP-Patient-eCS-notes.md`). Since version 1.5.0 most
//! systems are `http:` URLs; the older `urn:oid:` forms are accepted and mean the same. Values are significant as
//! written: `１８７` and `187` are different numbers to an insurer, so nothing is folded here.

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
        let value = self.value.as_str();
        if self.system.eq_ignore_ascii_case(MEMBER) {
            member(value)
        } else if self.system.eq_ignore_ascii_case(PUBLIC_PAYER_MEMBER) {
            if is_public_payer_member(value) { Standing::Personal(format!("p|{value}")) } else { Standing::Nothing }
        } else if let Some(institution) = self.facility() {
            if value.is_empty() { Standing::Nothing } else { Standing::Personal(format!("h|{institution}|{value}")) }
        } else if self.system == CARE_MEMBER {
            if is_care_member(value) { Standing::Personal(format!("k|{value}")) } else { Standing::Nothing }
        } else {
            Standing::Nothing
        }
    }

    /// The ten-digit institution number, if this is an institution's own patient number.
    #[must_use]
    pub fn facility(&self) -> Option<&str> {
        let institution = self.system.strip_prefix(FACILITY_PREFIX)?;
        (institution.len() == 10 && digits(institution)).then_some(institution)
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

/// `^[0-9]{8}:[^:\s　]*:[^:\s　]*:(|[0-9]{2})$`. Without 枝番 only the scheme for the old-old (後期高齢者医療, insurer
/// numbers starting with 39) names one person, because there everybody is insured alone.
fn member(value: &str) -> Standing {
    let parts: Vec<&str> = value.split(':').collect();
    let [insurer, symbol, number, branch] = parts[..] else { return Standing::Nothing };
    let plain = |text: &str| !text.chars().any(char::is_whitespace);
    let has_branch = branch.len() == 2 && digits(branch);
    if insurer.len() != 8 || !digits(insurer) || !plain(symbol) || !plain(number) || !(has_branch || branch.is_empty())
    {
        return Standing::Nothing;
    }
    // An insurer alone is nobody.
    if symbol.is_empty() && number.is_empty() {
        return Standing::Nothing;
    }
    if has_branch || insurer.starts_with("39") {
        Standing::Personal(format!("m|{value}"))
    } else {
        Standing::Household(format!("m|{value}"))
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
