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
}

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
        for name in each(patient, "name") {
            let written = written_name(name);
            let reading = each(name, "extension").any(|extension| {
                text(extension, "url").as_deref() == Some(REPRESENTATION)
                    && text(extension, "valueCode").as_deref() == Some("SYL")
            });
            let slot = if reading { &mut incoming.kana } else { &mut incoming.name };
            if slot.is_none() {
                *slot = written;
            }
        }
        incoming
    }
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
