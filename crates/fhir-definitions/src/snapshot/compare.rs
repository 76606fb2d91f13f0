//! Where two snapshots of one structure differ in what they demand: the proof of the generator against published ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Element, TypeRef};

/// Every difference, as `what: id`. `what` is `missing` (in `generated`), `extra`, or the member that differs: `min`,
/// `max`, `types`, `value` (fixed or pattern), `binding`, `constraints`, `slicing`.
#[must_use]
pub fn compare(published: &[Element], generated: &[Element]) -> Vec<String> {
    let by_id = |elements: &'_ [Element]| -> BTreeMap<Box<str>, usize> {
        elements.iter().enumerate().map(|(at, element)| (element.id.clone(), at)).collect()
    };
    let (wanted, got) = (by_id(published), by_id(generated));
    let mut differences = Vec::new();
    for (id, &at) in &wanted {
        match got.get(id).and_then(|&place| generated.get(place)).zip(published.get(at)) {
            Some((theirs, ours)) => {
                differences.extend(members(theirs, ours).into_iter().map(|what| format!("{what}: {id}")));
            }
            None => differences.push(format!("missing: {id}")),
        }
    }
    differences.extend(got.keys().filter(|id| !wanted.contains_key(*id)).map(|id| format!("extra: {id}")));
    differences
}

/// The members in which two elements differ.
fn members(a: &Element, b: &Element) -> Vec<&'static str> {
    let keys =
        |element: &Element| -> BTreeSet<Box<str>> { element.constraints.iter().map(|it| it.key.clone()).collect() };
    [
        ("min", a.min == b.min),
        ("max", a.max == b.max),
        ("types", same_types(&a.types, &b.types)),
        ("value", a.fixed == b.fixed && a.pattern == b.pattern),
        ("binding", a.binding == b.binding),
        ("constraints", keys(a) == keys(b)),
        ("slicing", a.slicing == b.slicing),
    ]
    .into_iter()
    .filter_map(|(what, same)| (!same).then_some(what))
    .collect()
}

/// Whether the types are the same in whatever order.
fn same_types(a: &[TypeRef], b: &[TypeRef]) -> bool {
    a.len() == b.len() && a.iter().all(|ty| b.contains(ty))
}
