//! What a source says about a person: the facts that [`crate::Directory::resolve`] decides on.

use tsumugi_fhir::json::Node;

use crate::{Identifier, Sex, identifier};

/// A person as a source describes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Identifiers, with the member identifiers that parts sent apart make up.
    pub identifiers: Vec<Identifier>,
    /// The name as written, family name first: `牧野 爛漫`.
    pub name: Option<String>,
    /// The name as read: `マキノ ランマン`.
    pub kana: Option<String>,
    /// FHIR's `date`: `1930-06-28`, or only its year or month.
    pub birth_date: Option<String>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// The address of now as one text.
    pub address: Option<String>,
    /// Telephone numbers, at most [`PHONES_MOST`].
    pub phones: Vec<String>,
    /// Names of before, at most [`FORMER_MOST`]: they find the person and are not shown.
    pub former: Vec<Former>,
}

/// A name of before: a maiden name, or one that the source itself calls old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Former {
    /// As written.
    pub name: Option<String>,
    /// As read.
    pub kana: Option<String>,
}

/// Most telephone numbers read.
pub const PHONES_MOST: usize = 4;
/// Most former names read.
pub const FORMER_MOST: usize = 2;

const REPRESENTATION: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";

impl Incoming {
    /// Reads a FHIR `Patient`. What is missing or malformed is left out: whether the resource is valid is not decided here.
    #[must_use]
    pub fn from_patient(patient: Node<'_>) -> Self {
        let mut sent = Vec::new();
        for identifier in each(patient, "identifier") {
            // An identifier that the source itself calls old is no evidence of who this is now.
            if text(identifier, "use").as_deref() == Some("old") {
                continue;
            }
            if let (Some(system), Some(value)) = (text(identifier, "system"), text(identifier, "value")) {
                sent.push(Identifier { system, value });
            }
        }
        let mut incoming = Self {
            identifiers: identifier::with_composed(&sent),
            birth_date: text(patient, "birthDate"),
            sex: text(patient, "gender").as_deref().and_then(Sex::from_code),
            ..Self::default()
        };
        incoming.address = each(patient, "address")
            .filter(|address| !is_old(*address))
            .find_map(written_address)
            // Two people whose address is not told do not live together for that.
            .filter(|address| address.trim() != NOT_TOLD);
        incoming.phones = each(patient, "telecom")
            .filter(|telecom| !is_old(*telecom) && text(*telecom, "system").as_deref() == Some("phone"))
            .filter_map(|telecom| text(telecom, "value"))
            .take(PHONES_MOST)
            .collect();
        for name in each(patient, "name") {
            let written = written_name(name);
            let reading = each(name, "extension").any(|extension| {
                text(extension, "url").as_deref() == Some(REPRESENTATION)
                    && text(extension, "valueCode").as_deref() == Some("SYL")
            });
            if is_old(name) || text(name, "use").as_deref() == Some("maiden") {
                former(&mut incoming.former, reading, written);
                continue;
            }
            let slot = if reading { &mut incoming.kana } else { &mut incoming.name };
            if slot.is_none() {
                *slot = written;
            }
        }
        incoming
    }
}

fn is_old(part: Node<'_>) -> bool {
    text(part, "use").as_deref() == Some("old")
}

/// Puts a former name beside its reading: sources send the two one after the other.
fn former(known: &mut Vec<Former>, reading: bool, written: Option<String>) {
    let full = known.len() >= FORMER_MOST;
    let open = known.iter_mut().find(|former| if reading { former.kana.is_none() } else { former.name.is_none() });
    match (open, reading) {
        (Some(former), true) => former.kana = written,
        (Some(former), false) => former.name = written,
        (None, _) if full => {}
        (None, true) => known.push(Former { kana: written, name: None }),
        (None, false) => known.push(Former { name: written, kana: None }),
    }
}

/// What sources write where an address must not be told (DV等支援措置).
const NOT_TOLD: &str = "不開示";

/// The address's text, or its parts from the prefecture on.
fn written_address(address: Node<'_>) -> Option<String> {
    text(address, "text").or_else(|| {
        let lines = each(address, "line").filter_map(|line| line.as_str().map(Into::into));
        let parts: Vec<String> = text(address, "state").into_iter().chain(text(address, "city")).chain(lines).collect();
        (!parts.is_empty()).then(|| parts.concat())
    })
}

fn written_name(name: Node<'_>) -> Option<String> {
    text(name, "text").or_else(|| {
        let parts: Vec<String> = text(name, "family")
            .into_iter()
            .chain(each(name, "given").filter_map(|given| given.as_str().map(Into::into)))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(Into::into).filter(|text: &String| !text.is_empty())
}

fn each<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    node.get(key).into_iter().flat_map(|array| array.items())
}

#[cfg(test)]
mod tests {
    use tsumugi_fhir::json::{Document, Limits};

    use super::*;

    #[test]
    fn an_address_that_is_not_told_is_no_address() {
        for (text, expected) in [("不開示", None), ("綾野県紬市港町1-2", Some("綾野県紬市港町1-2"))] {
            let patient = format!(r#"{{"resourceType":"Patient","address":[{{"text":"{text}","city":"{text}"}}]}}"#);
            let document = Document::parse(patient.into(), &Limits::default()).unwrap();
            assert_eq!(Incoming::from_patient(document.root()).address.as_deref(), expected);
        }
    }
}
