//! HL7's own profiles as a proof of the snapshot generator: each has a differential and a published snapshot.

use std::collections::HashMap;

use tsumugi_fhir_definitions::{
    Structure,
    compile::RawStructure,
    snapshot::{self, Source},
};

/// Profiles whose published snapshot differs from what their differential says, and why.
const DIFFER: [(&str, &str); 8] = [
    (
        "bp",
        "published with `valueQuantity` of a component narrowing `value[x]` in place; elsewhere HL7 makes it a slice",
    ),
    ("catalog", "published without the element `date` that its slice belongs to"),
    ("cholesterol", "published with the invariants of a SimpleQuantity repeated at its place; elsewhere HL7 does not"),
    ("elementdefinition-de", "published with its extensions' elements, which its differential does not walk into"),
    ("familymemberhistory-genetic", "published without the elements that its slices belong to"),
    ("hdlcholesterol", "as cholesterol"),
    ("ldlcholesterol", "as cholesterol"),
    (
        "provenance-relevant-history",
        "published with the base's binding in a slice, though the sliced element has another",
    ),
];

struct All<'a>(HashMap<&'a str, &'a Structure>);

impl Source for All<'_> {
    fn structure(&self, canonical: &str) -> Option<&Structure> {
        self.0.get(canonical).copied()
    }
}

/// How many profiles were compared, and every difference that is not explained, or explanation that is not needed.
pub fn check(raws: &[RawStructure]) -> (usize, Vec<String>) {
    let all = All(raws.iter().map(|raw| (&*raw.structure.url, &raw.structure)).collect());
    let (mut count, mut wrong) = (0, Vec::new());
    for raw in raws.iter().filter(|raw| raw.structure.is_profile && !raw.differential.is_empty()) {
        count += 1;
        let name = raw.structure.url.rsplit('/').next().unwrap_or_default();
        let Some(base) = raw.structure.base.as_deref().and_then(|base| all.structure(base)) else {
            wrong.push(format!("{name}: its base is not there"));
            continue;
        };
        let differences = match snapshot::generate(raw, base, &all) {
            Ok(generated) => snapshot::compare(&raw.elements(), &generated),
            Err(fault) => vec![format!("{fault:?}")],
        };
        let explained = DIFFER.iter().any(|(known, _)| *known == name);
        match (explained, differences.is_empty()) {
            (false, false) => wrong.extend(differences.iter().map(|difference| format!("{name}: {difference}"))),
            (true, true) => wrong.push(format!("{name}: no longer differs; take it off the list")),
            _ => {}
        }
    }
    (count, wrong)
}
