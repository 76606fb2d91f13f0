//! A resource without what points to facts that the lens hides, as if its source had never known of them.
//!
//! A discharge summary names the results that it tells of, a prescription the visit it was written at. Whoever may not see
//! the one must not learn from the other that it is there. So what points to a hidden fact is left out with what is said
//! around it: the item of a list that is about it, the section of a document of which nothing else is left, and the
//! narrative that retells the whole.
//!
//! What must hold: of a resource that points to nothing hidden no byte is changed; what is left reads like a resource whose
//! source never pointed there: no mark, no empty element. What an organisation put there itself it reads as it wrote it:
//! it knew of the fact then, and a patch of it must not lose what it said.

use std::{collections::HashSet, sync::Arc};

use bytes::Bytes;
use tsumugi_access::Permit;
use tsumugi_fhir::{
    json::{Document, Limits, Node, write::Writer},
    values::{Packed, PackedValue},
};
use tsumugi_kernel::{FactKey, Sealer};
use tsumugi_store::Point;

use crate::{Fact, Record, RecordError};

/// How long an id is that the server gave, see [`Sealer::seal`].
const ID_LENGTH: usize = 27;

/// Facts that a resource must not point to, for one reader.
#[derive(Clone)]
pub(crate) struct Veil {
    hidden: Arc<HashSet<FactKey>>,
    sealer: Arc<Sealer>,
}

impl Record {
    /// The facts as the permit shows them, where all that it hides is known.
    pub(crate) fn veil_by(&self, facts: &mut [Fact], hidden: HashSet<FactKey>) {
        let veil = Veil { hidden: Arc::new(hidden), sealer: Arc::clone(&self.sealer) };
        for fact in facts {
            fact.draw(&veil);
        }
    }

    /// The facts as the permit shows them: asks of each fact they point to whether it is shown.
    ///
    /// # Errors
    /// If the store cannot read.
    pub(crate) async fn veil_by_asking(&self, permit: &Permit, facts: &mut [Fact]) -> Result<(), RecordError> {
        let mut targets = HashSet::new();
        for fact in facts.iter().filter(|fact| !fact.is_own()) {
            each_id(&fact.kept()?, |id| {
                targets.extend(self.sealer.open(id).filter(|key| permit.opens(key.citizen)));
            });
        }
        for fact in facts.iter() {
            targets.remove(&fact.key());
        }
        let mut hidden = HashSet::new();
        for key in targets {
            // What is not there at all is no secret.
            if let Some(stored) = self.store.fact(key, Point::NOW).await?
                && Fact::is_secret(permit, &stored)?
            {
                hidden.insert(key);
            }
        }
        self.veil_by(facts, hidden);
        Ok(())
    }
}

impl Veil {
    /// The resource as it may be told.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] if what is stored is no JSON.
    pub(crate) fn told(&self, body: Bytes) -> Result<Bytes, RecordError> {
        let mut points = false;
        each_id(&body, |id| points |= self.hides(id));
        if !points {
            return Ok(body);
        }
        let document = Document::parse(body, &Limits::default());
        let document = document.map_err(|_| RecordError::Unreadable("a fact's body"))?;
        Ok(Bytes::from(self.value(document.root(), Place::Resource).text))
    }

    /// Whether packed values name a hidden fact: then they tell more than the resource does.
    pub(crate) fn is_named_in(&self, packed: &Packed<'_>) -> bool {
        !self.hidden.is_empty()
            && packed.entries().any(|(_, value)| match value {
                PackedValue::Reference { id, .. } => self.hides(&id.to_text()),
                _ => false,
            })
    }

    fn hides(&self, id: &str) -> bool {
        self.sealer.open(id).is_some_and(|key| self.hidden.contains(&key))
    }

    fn value(&self, node: Node<'_>, place: Place) -> Left {
        if node.is_object() {
            self.object(node, place)
        } else if node.is_array() {
            self.array(node)
        } else {
            let mut gone = false;
            each_id(node.raw().as_bytes(), |id| gone |= self.hides(id));
            Left { text: node.raw().as_bytes().to_vec(), lost: gone, gone }
        }
    }

    fn array(&self, node: Node<'_>) -> Left {
        let (mut text, mut lost) = (vec![b'['], false);
        for item in node.items() {
            let left = self.value(item, Place::Item);
            lost |= left.lost;
            if !left.gone {
                if text.len() > 1 {
                    text.push(b',');
                }
                text.extend(left.text);
            }
        }
        let gone = lost && text.len() == 1;
        text.push(b']');
        Left { text, lost, gone }
    }

    fn object(&self, node: Node<'_>, place: Place) -> Left {
        let place = if node.get("resourceType").is_some() { Place::Resource } else { place };
        let (mut members, mut lost, mut names, mut pointed, mut emptied) = (Vec::new(), false, false, false, false);
        for (key, member) in node.members() {
            let left = self.value(member, Place::Member);
            let narrative = member.get("div").is_some();
            lost |= left.lost;
            if left.gone && member.is_array() {
                emptied = true;
            } else if left.gone && member.is_object() {
                pointed |= !narrative;
            } else if left.gone {
                names = true;
            } else {
                members.push((key, left.text, narrative));
            }
        }
        // A section of a document is its entries, or the sections in it.
        let section = emptied && node.get("entry").is_some() && node.get("section").is_none();
        let item = matches!(place, Place::Item);
        // What names a hidden fact goes, and with it the item that is about it.
        let gone = !matches!(place, Place::Resource) && (names || (item && (pointed || section)));
        let mut out = Writer::new();
        out.object(|out| {
            for (key, text, narrative) in &members {
                // It retells what was left out.
                if !(lost && *narrative) {
                    out.key(key).raw_bytes(text);
                }
            }
        });
        Left { text: out.finish(), lost, gone }
    }
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Place {
    /// A resource, contained ones too: it stays, whatever it pointed to.
    Resource,
    /// An element of an array: it goes with what it is about.
    Item,
    /// The value of a member.
    Member,
}

/// What is left of a value.
struct Left {
    text: Vec<u8>,
    /// Whether anything in it was left out.
    lost: bool,
    /// Whether it is left out itself.
    gone: bool,
}

/// Calls `see` with whatever in a text may be an id that the server gave: 27 letters and digits after a slash.
fn each_id(text: &[u8], mut see: impl FnMut(&str)) {
    let mut rest = text;
    while let Some(slash) = rest.iter().position(|&byte| byte == b'/') {
        rest = &rest[slash + 1..];
        if let Some((id, after)) = rest.split_at_checked(ID_LENGTH)
            && id.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
            && !after.first().is_some_and(u8::is_ascii_alphanumeric)
            && let Ok(id) = std::str::from_utf8(id)
        {
            see(id);
        }
    }
}

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Veil").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tsumugi_kernel::{CitizenId, Kind, MasterSecret};

    use super::*;

    fn veil() -> (Veil, String, String) {
        let sealer = Arc::new(Sealer::new(&MasterSecret::new([7; 32])));
        let key = |number| FactKey { citizen: CitizenId(5), kind: Kind::OBSERVATION, number };
        let (hidden, open) =
            (format!("Observation/{}", sealer.seal(key(1))), format!("Observation/{}", sealer.seal(key(2))));
        (Veil { hidden: Arc::new(HashSet::from([key(1)])), sealer }, hidden, open)
    }

    fn left(json: &str) -> String {
        let (veil, hidden, open) = veil();
        let body = json.replace("HIDDEN", &hidden).replace("OPEN", &open);
        let told = veil.told(Bytes::from(body)).unwrap();
        String::from_utf8(told.to_vec()).unwrap().replace(&hidden, "HIDDEN").replace(&open, "OPEN")
    }

    #[test]
    fn what_points_to_nothing_hidden_keeps_every_byte() {
        let json = r#"{ "resourceType":"Observation", "hasMember":[ {"reference":"OPEN"} ], "valueQuantity":{"value":1.50}, "note":[{"text":"a/b"}] }"#;
        assert_eq!(left(json), json);
    }

    #[test]
    fn a_pointer_goes_with_what_is_said_of_it() {
        assert_eq!(
            left(
                r#"{"resourceType":"Observation","status":"final","hasMember":[{"reference":"HIDDEN","display":"HIV"},{"reference":"OPEN"}],"derivedFrom":[{"reference":"HIDDEN/_history/1"}]}"#
            ),
            r#"{"resourceType":"Observation","status":"final","hasMember":[{"reference":"OPEN"}]}"#
        );
        assert_eq!(
            left(
                r#"{"resourceType":"Encounter","diagnosis":[{"condition":{"reference":"https://a.jp/fhir/R4/HIDDEN"},"rank":1},{"condition":{"reference":"OPEN"},"rank":2}],"partOf":{"reference":"HIDDEN"}}"#
            ),
            r#"{"resourceType":"Encounter","diagnosis":[{"condition":{"reference":"OPEN"},"rank":2}]}"#
        );
        assert_eq!(
            left(
                r#"{"resourceType":"DocumentReference","content":[{"attachment":{"url":"HIDDEN"},"format":{"code":"a"}}]}"#
            ),
            r#"{"resourceType":"DocumentReference"}"#
        );
    }

    #[test]
    fn a_section_of_which_nothing_is_left_goes_and_no_narrative_retells_what_went() {
        assert_eq!(
            left(
                r#"{"resourceType":"Composition","text":{"div":"<div>HIV</div>"},"section":[{"title":"検査","text":{"div":"<div>HIV</div>"},"entry":[{"reference":"HIDDEN"}]},{"title":"経過","text":{"div":"<div>よい</div>"}},{"title":"所見","text":{"div":"<div>HIV</div>"},"entry":[{"reference":"HIDDEN"},{"reference":"OPEN"}]}]}"#
            ),
            r#"{"resourceType":"Composition","section":[{"title":"経過","text":{"div":"<div>よい</div>"}},{"title":"所見","entry":[{"reference":"OPEN"}]}]}"#
        );
        // Around it: a section of sections.
        assert_eq!(
            left(
                r#"{"resourceType":"Composition","section":[{"title":"構造情報","section":[{"title":"検査","entry":[{"reference":"HIDDEN"}]},{"title":"経過"}]}]}"#
            ),
            r#"{"resourceType":"Composition","section":[{"title":"構造情報","section":[{"title":"経過"}]}]}"#
        );
        // A link in a narrative.
        assert_eq!(
            left(r#"{"resourceType":"List","text":{"div":"<a href=\"HIDDEN\">HIV</a>"},"mode":"working"}"#),
            r#"{"resourceType":"List","mode":"working"}"#
        );
    }
}
