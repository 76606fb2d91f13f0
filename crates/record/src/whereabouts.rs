//! A resource without where a protected person lives and is reached (DV等支援措置), as if its source had never told it.
//!
//! What must hold: what is left reads like a resource whose source knew no address: no mark, no empty element, nothing
//! that says that something was taken out.

use bytes::Bytes;
use tsumugi_access::Whereabouts;
use tsumugi_fhir::json::{Document, Limits, Node, write::Writer};

use crate::RecordError;

/// Resources about people, whose own elements tell where they are.
const PEOPLE: [&str; 3] = ["Patient", "RelatedPerson", "Person"];
/// Elements of the resource itself that may tell it: a narrative repeats the address, a photograph shows the house.
const RETELL: [&str; 2] = ["text", "photo"];
/// Their elements that tell how they are reached.
const CALLS: [&str; 2] = ["telecom", "contact"];
/// Values of extensions that are an address or a telephone number.
const VALUES: [&str; 2] = ["valueAddress", "valueContactPoint"];

/// The resource as it may be told.
///
/// # Errors
/// [`RecordError::Unreadable`] if what is stored is no JSON.
pub fn told(body: Bytes, whereabouts: Whereabouts) -> Result<Bytes, RecordError> {
    if whereabouts == Whereabouts::Told {
        return Ok(body);
    }
    let document = Document::parse(body, &Limits::default());
    let document = document.map_err(|_| RecordError::Unreadable("a fact's body"))?;
    let mut out = Writer::with_capacity(document.root().raw().len());
    let calls = whereabouts == Whereabouts::CallsOnly;
    value(document.root(), Place { person: false, top: false, calls }, &mut out);
    Ok(Bytes::from(out.finish()))
}

/// Where in a resource a value stands.
#[derive(Clone, Copy)]
struct Place {
    /// Inside a resource about a person.
    person: bool,
    /// At the resource itself, not in one of its elements.
    top: bool,
    /// Whether it is told how people are reached.
    calls: bool,
}

fn value(node: Node<'_>, at: Place, out: &mut Writer) {
    if node.is_object() {
        let at = match node.get_str("resourceType") {
            Some(kind) => Place { person: PEOPLE.contains(&&*kind), top: true, ..at },
            None => Place { top: false, ..at },
        };
        out.object(|out| {
            for (key, member) in node.members() {
                if at.person && is_told_no_more(&key, at) {
                    continue;
                }
                let mut inside = Writer::new();
                value(member, at, &mut inside);
                let inside = inside.finish();
                // An element of which nothing is left is not there.
                if inside != b"[]" && inside != b"{}" {
                    out.key(&key).raw_bytes(&inside);
                }
            }
        });
    } else if node.is_array() {
        out.array(|out| {
            for item in node.items() {
                let held = at.person && VALUES.iter().any(|key| item.get(key).is_some());
                if !held {
                    value(item, at, out);
                }
            }
        });
    } else {
        out.raw(node.raw());
    }
}

fn is_told_no_more(key: &str, at: Place) -> bool {
    let key = key.strip_prefix('_').unwrap_or(key);
    key == "address" || (at.top && RETELL.contains(&key)) || (!at.calls && CALLS.contains(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(json: &str, whereabouts: Whereabouts) -> String {
        String::from_utf8(told(Bytes::from(json.to_owned()), whereabouts).unwrap().to_vec()).unwrap()
    }

    const PATIENT: &str = r#"{"resourceType":"Patient","id":"a","text":{"div":"<div>紬市みどり町</div>"},"extension":[{"url":"b","valueAddress":{"text":"紬市みどり町"}}],"name":[{"text":"松本 さくら"}],"telecom":[{"value":"090"}],"address":[{"text":"紬市みどり町"}],"contact":[{"name":{"text":"母"},"telecom":[{"value":"080"}],"address":{"text":"紬市みどり町"}}],"multipleBirthInteger":1.50}"#;

    #[test]
    fn nothing_of_where_she_lives_is_left_and_nothing_says_so() {
        assert_eq!(left(PATIENT, Whereabouts::Told), PATIENT);
        assert_eq!(
            left(PATIENT, Whereabouts::Held),
            r#"{"resourceType":"Patient","id":"a","name":[{"text":"松本 さくら"}],"multipleBirthInteger":1.50}"#
        );
        assert_eq!(
            left(PATIENT, Whereabouts::CallsOnly),
            r#"{"resourceType":"Patient","id":"a","name":[{"text":"松本 さくら"}],"telecom":[{"value":"090"}],"contact":[{"name":{"text":"母"},"telecom":[{"value":"080"}]}],"multipleBirthInteger":1.50}"#
        );
    }

    #[test]
    fn people_inside_other_resources_are_people_and_other_resources_stay() {
        let inside = format!(
            r#"{{"resourceType":"Observation","text":{{"div":"x"}},"contained":[{PATIENT}],"value":{{"address":"s"}}}}"#
        );
        let left = left(&inside, Whereabouts::Held);
        assert!(
            !left.contains("みどり町") && left.contains(r#""text":{"div":"x"}"#) && left.contains(r#""address":"s""#),
            "{left}"
        );
        let place = r#"{"resourceType":"Location","address":{"text":"病院"}}"#;
        assert_eq!(super::told(Bytes::from(place), Whereabouts::Held).unwrap(), place);
    }
}
