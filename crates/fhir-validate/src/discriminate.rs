//! Discriminators: the way from an element to what tells slices apart, and what each slice wants to find there.
//!
//! Source: HL7 FHIR R4, "Profiling: discriminator" (<https://hl7.org/fhir/R4/profiling.html#discriminator>).

use bytes::Bytes;
use tsumugi_fhir::json::{Document, Limits, Node};
use tsumugi_fhir_definitions::{
    Definitions, Discriminator, DiscriminatorKind, Element, Slicing as Stated, SlicingRules,
};

use crate::{
    binding::Bound,
    compile::{Tree, last, link, plain},
    overlay::{Step, Test, Way},
};

/// Deepest way through profiles that name each other.
const DEPTH: usize = 8;

/// The slicing as stated; of choices and extensions without one what R4 means then.
pub(crate) fn stated(element: &Element) -> Stated {
    let (kind, path) = match last(&element.path) {
        "extension" | "modifierExtension" => (DiscriminatorKind::Value, "url"),
        _ => (DiscriminatorKind::Type, "$this"),
    };
    let usual = || vec![Discriminator { kind, path: path.into() }];
    match &element.slicing {
        Some(own) if !own.discriminators.is_empty() => own.clone(),
        Some(own) => Stated { discriminators: usual(), ordered: own.ordered, rules: own.rules },
        None => Stated { discriminators: usual(), ordered: false, rules: SlicingRules::Open },
    }
}

/// The ways of all discriminators; `None` where one is not FHIR's restricted FHIRPath.
pub(crate) fn ways(defs: &Definitions, stated: &Stated) -> Option<Box<[Way]>> {
    stated.discriminators.iter().map(|one| way(defs, &one.path)).collect()
}

/// Reads `code.coding`, `$this`, `resolve().code`, `extension('…').value`, `value.ofType(Quantity)`.
fn way(defs: &Definitions, path: &str) -> Option<Way> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        let (step, after) = match rest.split_once(['.', '(']) {
            Some((name, _)) if rest[name.len()..].starts_with('(') => {
                let close = rest.find(')')?;
                (call(defs, name, rest.get(name.len() + 1..close)?)?, rest.get(close + 1..)?)
            }
            Some((name, after)) => (field(name)?, after),
            None => (field(rest)?, ""),
        };
        steps.extend(step);
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    Some(Way { steps: steps.into() })
}

fn field(name: &str) -> Option<Option<Step>> {
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    match name {
        "$this" => Some(None),
        _ if fits || name.ends_with("[x]") => Some(Some(Step::Child(name.trim_end_matches("[x]").into()))),
        _ => None,
    }
}

fn call(defs: &Definitions, name: &str, argument: &str) -> Option<Option<Step>> {
    let step = match name {
        "resolve" => Step::Resolve,
        "extension" => Step::Extension(argument.trim().trim_matches(['\'', '"']).into()),
        "ofType" => Step::OfType(defs.type_named(argument.trim().trim_start_matches("FHIR."))?),
        _ => return None,
    };
    Some(Some(step))
}

/// What the slice at `place` wants to find on a discriminator's way.
pub(crate) fn test(defs: &Definitions, tree: &Tree<'_>, place: usize, stated: &Discriminator) -> Test {
    let Some(way) = way(defs, &stated.path) else { return Test::Unknown };
    let find = Finder { defs, kind: stated.kind };
    any(find.follow(tree, place, &way.steps, false, 0))
}

fn any(mut tests: Vec<Test>) -> Test {
    tests.retain(|test| !matches!(test, Test::Unknown));
    match tests.len() {
        0 => Test::Unknown,
        1 => tests.remove(0),
        _ => Test::Any(tests.into()),
    }
}

struct Finder<'a> {
    defs: &'a Definitions,
    kind: DiscriminatorKind,
}

impl Finder<'_> {
    fn follow(&self, tree: &Tree<'_>, at: usize, steps: &[Step], resolved: bool, depth: usize) -> Vec<Test> {
        let Some((step, rest)) = steps.split_first() else { return vec![self.last(tree, at, resolved)] };
        if depth > DEPTH {
            return Vec::new();
        }
        let element = tree.element(at);
        match step {
            Step::OfType(_) => self.follow(tree, at, rest, resolved, depth),
            Step::Resolve if rest.is_empty() => vec![self.last(tree, at, true)],
            Step::Resolve => {
                let targets = element.types.iter().flat_map(|one| &one.target_profiles);
                targets.flat_map(|target| self.elsewhere(target, rest, depth)).collect()
            }
            Step::Extension(url) => {
                let inner = tree.kids[at].iter().filter(|kid| last(&tree.element(**kid).path) == "extension");
                let slices = inner.flat_map(|kid| &tree.slices[*kid]).filter(|slice| {
                    let types = &tree.element(**slice).types;
                    types.iter().flat_map(|one| &one.profiles).any(|own| own == url)
                });
                slices.flat_map(|slice| self.follow(tree, *slice, rest, resolved, depth + 1)).collect()
            }
            Step::Child(name) => {
                let fits = |kid: &&usize| last(&tree.element(**kid).path).trim_end_matches("[x]") == &**name;
                let mut places: Vec<usize> = tree.kids[at].iter().filter(fits).copied().collect();
                places.extend(places.clone().iter().flat_map(|kid| &tree.slices[*kid]));
                let found: Vec<Test> =
                    places.into_iter().flat_map(|kid| self.follow(tree, kid, rest, resolved, depth + 1)).collect();
                if found.iter().any(|test| !matches!(test, Test::Unknown)) {
                    return found;
                }
                if let Some(json) = element.fixed.as_deref().or(element.pattern.as_deref()) {
                    return inside(json, steps);
                }
                let profiles = element.types.iter().flat_map(|one| &one.profiles);
                let mut found: Vec<Test> = profiles.clone().flat_map(|own| self.elsewhere(own, steps, depth)).collect();
                // An extension that is not loaded still has its URL.
                if found.is_empty() && &**name == "url" && rest.is_empty() {
                    found.extend(profiles.map(|own| Test::Text(own.split('|').next().unwrap_or(own).into())));
                }
                found
            }
        }
    }

    fn elsewhere(&self, canonical: &str, steps: &[Step], depth: usize) -> Vec<Test> {
        let Some(structure) = self.defs.structure(canonical).filter(|own| !own.elements.is_empty()) else {
            return Vec::new();
        };
        self.follow(&Tree::new(structure), 0, steps, false, depth + 1)
    }

    /// What the element at the end of the way asks for.
    fn last(&self, tree: &Tree<'_>, at: usize, resolved: bool) -> Test {
        let element = tree.element(at);
        let types = || element.types.iter().filter_map(|one| self.defs.type_named(plain(&one.code))).collect();
        match self.kind {
            DiscriminatorKind::Exists if element.max == Some(0) => Test::Exists(false),
            DiscriminatorKind::Exists if element.min > 0 => Test::Exists(true),
            DiscriminatorKind::Exists => Test::Unknown,
            DiscriminatorKind::Type => Test::Types(types()),
            DiscriminatorKind::Profile if resolved => {
                let targets = element.types.iter().flat_map(|one| &one.target_profiles);
                Test::Profiles(Box::default(), targets.map(|own| link(own)).collect())
            }
            DiscriminatorKind::Profile => {
                let profiles = element.types.iter().flat_map(|one| &one.profiles);
                Test::Profiles(types(), profiles.map(|own| link(own)).collect())
            }
            DiscriminatorKind::Value | DiscriminatorKind::Pattern => value(tree, at, 0),
        }
    }
}

fn value(tree: &Tree<'_>, at: usize, depth: usize) -> Test {
    let element = tree.element(at);
    if let Some(json) = element.fixed.as_deref() {
        return of_json(json, true);
    }
    if let Some(json) = element.pattern.as_deref() {
        return of_json(json, false);
    }
    let mut all = Vec::new();
    for &kid in tree.kids[at].iter().filter(|_| depth < DEPTH) {
        let name = last(&tree.element(kid).path).trim_end_matches("[x]");
        let places = std::iter::once(&kid).chain(&tree.slices[kid]);
        let test = any(places.map(|place| value(tree, *place, depth + 1)).collect());
        // A code that only a binding names says less than fixed ones; it counts at the element itself alone.
        if !matches!(test, Test::Unknown | Test::Bound(_)) {
            all.push((Way { steps: Box::new([Step::Child(name.into())]) }, test));
        }
    }
    if !all.is_empty() {
        return Test::All(all.into());
    }
    match element.binding.as_ref().and_then(Bound::of) {
        Some(bound) if bound.required => Test::Bound(bound),
        _ if depth == 0 && element.max == Some(0) => Test::Exists(false),
        _ => Test::Unknown,
    }
}

fn parse(json: &str) -> Option<Document> {
    Document::parse(Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).ok()
}

fn of_json(json: &str, fixed: bool) -> Test {
    let Some(document) = parse(json) else { return Test::Unknown };
    match document.root().as_str() {
        Some(text) => Test::Text(text.into_owned().into()),
        None if fixed => Test::Fixed(document),
        None => Test::Pattern(document),
    }
}

/// The parts of a fixed value or pattern at the rest of a way.
fn inside(json: &str, steps: &[Step]) -> Vec<Test> {
    let Some(document) = parse(json) else { return Vec::new() };
    let names: Option<Vec<&str>> =
        steps.iter().map(|step| if let Step::Child(name) = step { Some(&**name) } else { None }).collect();
    let path = names.map(|names| names.join(".")).unwrap_or_default();
    document.root().find(&path).map(|node: Node<'_>| of_json(node.raw(), false)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_read_and_what_is_no_way_is_not() {
        let defs = Definitions::r4();
        let child = |name: &str| Step::Child(name.into());
        let quantity = defs.type_named("Quantity").expect("a type of R4");
        let cases = [
            ("$this", Some(vec![])),
            ("code.coding", Some(vec![child("code"), child("coding")])),
            ("$this.resolve()", Some(vec![Step::Resolve])),
            ("resolve().code", Some(vec![Step::Resolve, child("code")])),
            ("extension('http://a.b/c(d').value", None),
            ("extension('http://a.b/c').value", Some(vec![Step::Extension("http://a.b/c".into()), child("value")])),
            ("value.ofType(Quantity).code", Some(vec![child("value"), Step::OfType(quantity), child("code")])),
            ("where(x = 1)", None),
            ("a..b", None),
        ];
        for (path, expected) in cases {
            let found = way(defs, path).map(|way| way.steps.into_vec());
            assert!(expected.is_none() || found == expected, "{path}: {found:?}");
        }
        assert_eq!(way(defs, "where(x = 1)"), None);
    }
}
