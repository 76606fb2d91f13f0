//! What the municipality and the insurer send about who somebody is and who pays: JP Core's Patient and Coverage.

use tsumugi_kernel::Instant;

use super::{
    care::Subject,
    party::{Author, coding, resident_with},
    systems as sys,
};
use crate::{
    json::{Json, arr, obj},
    people::{Citizen, Institution, member_system},
    population::{Coverage, Insurer},
};

const EXTENSION: &str = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_";

/// The parts of an insured number: insurer, symbol, number, branch. Empty parts stay empty.
#[must_use]
pub fn parts(member_id: &str) -> [&str; 4] {
    let mut parts = member_id.splitn(4, ':');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// The insurance of a person, as the insurer knows it.
///
/// The branch is an extension of its own and `dependent`; symbol and number are kept as written, full width too.
#[must_use]
pub fn coverage(author: &Author<'_>, subject: &Subject<'_>, coverage: &Coverage) -> Json {
    let [_, symbol, number, branch] = parts(&coverage.member_id);
    let extension = |what: &str, value: &str| {
        (!value.is_empty()).then(|| obj! {"url" => format!("{EXTENSION}{what}"), "valueString" => value})
    };
    let extensions = [
        extension("InsuredPersonSymbol", symbol),
        extension("InsuredPersonNumber", number),
        extension("InsuredPersonSubNumber", branch),
    ];
    let (code, display) = match coverage.insurer {
        Insurer::Association | Insurer::Union | Insurer::MutualAid => ("EHCPOL", "employee healthcare"),
        Insurer::Municipal | Insurer::LateElderly => ("PUBLICPOL", "public healthcare"),
        Insurer::PublicAssistance => ("SUBSIDIZ", "subsidized health program"),
    };
    let relation = if coverage.insured_person { ("self", "本人") } else { ("other", "家族") };
    obj! {
        "resourceType" => "Coverage",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir(), "profile" => arr![format!("{}JP_Coverage", sys::CORE)]},
        "language" => "ja",
        "extension" => Json::list(extensions.into_iter().flatten()),
        "identifier" => arr![obj! {"system" => member_system(&coverage.member_id), "value" => &coverage.member_id}],
        "status" => if coverage.to.is_some() { "cancelled" } else { "active" },
        "type" => obj! {"coding" => arr![coding(sys::ACT, code, display)]},
        "subscriberId" => format!("{symbol}:{number}"),
        "beneficiary" => subject.reference(),
        "dependent" => (!branch.is_empty()).then_some(branch),
        "relationship" => obj! {
            "coding" => arr![coding("http://terminology.hl7.org/CodeSystem/subscriber-relationship", relation.0, if relation.0 == "self" { "Self" } else { "Other" })],
            "text" => relation.1,
        },
        "period" => obj! {
            "start" => coverage.from.to_string(),
            // The day on which it no longer holds is not part of it.
            "end" => coverage.to.and_then(|to| to.yesterday().ok()).map(|last| last.max(coverage.from).to_string()),
        },
        "payor" => arr![payor(author.institution, &coverage.member_id)],
    }
}

/// Somebody newly insured, as the insurer has them: the new number, and the one before, which the person brought along
/// (資格喪失証明書). So whoever knew the person by the old number knows the new one.
#[must_use]
pub fn newly_insured(time: Instant, citizen: &Citizen, before: Option<&str>) -> Json {
    let new = citizen.member_id.as_str();
    let numbers = [Some(new), before.filter(|before| *before != new)];
    let identifier = |value: &str| obj! {"system" => member_system(value), "value" => value};
    let identifiers = numbers.into_iter().flatten().filter(|value| !value.is_empty()).map(identifier);
    resident_with(time, citizen, Json::list(identifiers))
}

fn payor(institution: &Institution, member_id: &str) -> Json {
    let [insurer, ..] = parts(member_id);
    obj! {
        "type" => "Organization",
        "identifier" => obj! {"system" => sys::INSURER_NUMBER, "value" => insurer},
        "display" => &institution.name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_insured_number_has_four_parts() {
        for (text, expected) in [
            ("01490017:21491234:00012345:02", ["01490017", "21491234", "00012345", "02"]),
            ("39490010::12345678:", ["39490010", "", "12345678", ""]),
            ("00490026:紬:１２３４５６７８:01", ["00490026", "紬", "１２３４５６７８", "01"]),
        ] {
            assert_eq!(parts(text), expected);
        }
    }
}
