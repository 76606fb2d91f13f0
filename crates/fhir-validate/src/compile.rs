//! From a StructureDefinition's snapshot to a program.

use std::collections::HashMap;

use bytes::Bytes;
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_fhir_definitions::{Element, Slicing as Stated, SlicingRules, Structure, TypeId, TypeRef};

use crate::{
    Validator,
    binding::Bound,
    discriminate,
    overlay::{Aggregation, Link, Overlay, Program, Slice, Slicing, Test, Use},
    rule::{Rule, Rules},
    shape::{self, CORE, Shape, Slot},
};

/// Deepest element of a profile that is compiled; R4's own are below 10.
const DEPTH: usize = 32;

/// A snapshot's elements as a tree.
pub(crate) struct Tree<'s> {
    pub(crate) structure: &'s Structure,
    /// The elements below each, slices apart.
    pub(crate) kids: Vec<Vec<usize>>,
    /// The slices of each.
    pub(crate) slices: Vec<Vec<usize>>,
}

impl<'s> Tree<'s> {
    pub(crate) fn new(structure: &'s Structure) -> Self {
        let elements = &structure.elements;
        let (mut kids, mut slices) = (vec![Vec::new(); elements.len()], vec![Vec::new(); elements.len()]);
        let mut ids: HashMap<&str, usize> = HashMap::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            let id = &*element.id;
            if at > 0 {
                match parent(element, &ids, elements) {
                    Some((head, true)) => slices[head].push(at),
                    Some((owner, false)) => kids[owner].push(at),
                    None => {}
                }
            }
            ids.insert(id, at);
        }
        Self { structure, kids, slices }
    }

    pub(crate) fn element(&self, at: usize) -> &'s Element {
        &self.structure.elements[at]
    }
}

/// What an element belongs to, and whether as a slice. Earlier elements only, so that a tree has no circle.
fn parent(element: &Element, ids: &HashMap<&str, usize>, elements: &[Element]) -> Option<(usize, bool)> {
    let id = &*element.id;
    let name = last(&element.path);
    let slice = element.slice.as_deref().filter(|slice| id.ends_with(&format!("{name}:{slice}")));
    match slice {
        Some(slice) => {
            let head = id.strip_suffix(slice)?;
            // A slice of a slice is named after it: `observation/laboratory`.
            let outer = slice.rsplit_once('/').and_then(|(outer, _)| ids.get(&*format!("{head}{outer}")).copied());
            let outer = outer.filter(|at| elements[*at].slicing.is_some());
            Some((outer.or_else(|| ids.get(head.strip_suffix(':')?).copied())?, true))
        }
        None => Some((*ids.get(id.strip_suffix(name)?.strip_suffix('.')?)?, false)),
    }
}

/// The last part of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Compiles a profile.
pub(crate) fn compile(v: &Validator, structure: &Structure, number: u32) -> Program {
    let tree = Tree::new(structure);
    let ty = v.defs().type_named(&structure.type_name);
    let mut build = Build { v, tree, overlays: vec![Overlay::default()], odd: Vec::new() };
    if !structure.elements.is_empty() {
        let root = build.root(ty);
        build.overlays[0] = root;
    }
    Program {
        number,
        url: structure.url.clone(),
        ty,
        type_name: structure.type_name.clone(),
        base: structure.base.clone(),
        modifier: structure.elements.first().is_some_and(|root| root.modifier),
        contexts: structure.contexts.clone().into(),
        overlays: build.overlays.into(),
        odd: build.odd.into(),
    }
}

pub(crate) struct Build<'v, 's> {
    pub(crate) v: &'v Validator,
    pub(crate) tree: Tree<'s>,
    overlays: Vec<Overlay>,
    odd: Vec<Box<str>>,
}

impl Build<'_, '_> {
    fn root(&mut self, ty: Option<TypeId>) -> Overlay {
        let element = self.tree.element(0);
        let shape = ty.map(|ty| self.v.shape(ty));
        let mut out = Overlay { id: element.id.clone(), ..Overlay::default() };
        out.rules = self.rules(element, None, shape, ty);
        out.children = self.children(0, ty, 0);
        out.slicing = None;
        out
    }

    fn children(&mut self, at: usize, owner: Option<TypeId>, depth: usize) -> Box<[(Box<str>, u32)]> {
        if depth > DEPTH {
            return Box::default();
        }
        let kids = self.tree.kids[at].clone();
        let mut found = Vec::new();
        for kid in kids {
            let name = last(&self.tree.element(kid).path);
            let shape = owner.map(|owner| self.v.shape(owner));
            let slot = shape.and_then(|shape| shape.named(name.trim_end_matches("[x]")));
            if shape.is_some() && slot.is_none() {
                // A path that names one type of a choice, such as `Observation.valueQuantity`, or nothing of this type.
                self.odd.push(self.tree.element(kid).id.clone());
                continue;
            }
            let field = name.trim_end_matches("[x]").into();
            let required = slot.zip(shape).is_some_and(|((at, _), shape)| shape.required >> at & 1 == 1);
            let slot = slot.map(|(_, slot)| slot);
            let overlay = self.element(kid, slot, required, false, depth);
            if !overlay.is_idle() {
                found.push((field, self.push(overlay)));
            }
        }
        found.into()
    }

    fn push(&mut self, overlay: Overlay) -> u32 {
        self.overlays.push(overlay);
        u32::try_from(self.overlays.len() - 1).unwrap_or(u32::MAX)
    }

    /// One element, as far as it asks for more than R4 does. Of a slice the count is the slicing's affair.
    fn element(&mut self, at: usize, slot: Option<&Slot>, required: bool, slice: bool, depth: usize) -> Overlay {
        let element = self.tree.element(at);
        let mut out = Overlay { id: element.id.clone(), ..Overlay::default() };
        if !slice {
            out.min = if element.min > u32::from(required) { element.min } else { 0 };
            out.max = element.max.filter(|max| slot.and_then(|slot| slot.max).is_none_or(|base| *max < base));
        }
        let types: Vec<TypeId> = match slot {
            Some(slot) if element.types.iter().all(|one| is_backbone(&one.code)) => {
                slot.alts.iter().map(|alt| alt.ty).collect()
            }
            _ => element.types.iter().filter_map(|one| self.v.defs().type_named(plain(&one.code))).collect(),
        };
        let ty = Some(types.as_slice()).filter(|types| types.len() == 1).map(|types| types[0]);
        out.uses = self.uses(element, slot);
        out.fixed = element.fixed.as_deref().and_then(|text| self.json(text, &element.id));
        out.pattern = element.pattern.as_deref().and_then(|text| self.json(text, &element.id));
        out.least = element.min_value.as_deref().and_then(|text| self.json(text, &element.id));
        out.most = element.max_value.as_deref().and_then(|text| self.json(text, &element.id));
        out.length = element.max_length;
        let binding = element.binding.as_ref().and_then(Bound::of);
        out.binding = binding.filter(|own| slot.and_then(|slot| slot.binding.as_ref()) != Some(own));
        let shape = ty.map(|ty| self.v.shape(ty));
        out.rules = self.rules(element, slot, shape, ty);
        out.children = self.children(at, ty, depth + 1);
        out.slicing = self.slicing(at, slot, depth);
        out
    }

    fn json(&mut self, text: &str, id: &str) -> Option<Document> {
        let document = Document::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).ok();
        if document.is_none() {
            self.odd.push(id.into());
        }
        document
    }

    fn rules(&self, element: &Element, slot: Option<&Slot>, shape: Option<&Shape>, ty: Option<TypeId>) -> Rules {
        let known = |key: &str, text: Option<&str>, source: Option<&str>| {
            let core = source.is_none_or(|source| source.starts_with(CORE));
            let in_slot = slot.map_or(&[][..], |slot| &slot.rules[..]).iter();
            let in_type = shape.map_or(&[][..], |shape| &shape.rules[..]).iter();
            in_slot.chain(in_type).any(|rule| *rule.key == *key && (core || rule.text.as_deref() == text))
        };
        let own = element.constraints.iter().filter(|one| {
            !shape::is_everywhere(one) && !known(&one.key, one.expression.as_deref(), one.source.as_deref())
        });
        own.map(|one| Rule::of_profile(self.v.defs(), ty, one, &self.tree.structure.url)).collect()
    }

    /// The types that the profile allows; `None` where they are R4's.
    fn uses(&self, element: &Element, slot: Option<&Slot>) -> Option<Box<[Use]>> {
        let types = &element.types;
        if types.is_empty() || types.iter().any(|one| is_backbone(&one.code) || one.code.contains("/fhirpath/")) {
            return None;
        }
        let same = slot.is_some_and(|slot| {
            let alt = |one: &TypeRef| {
                let ty = self.v.defs().type_named(&one.code);
                let alt = slot.alts.iter().find(|alt| Some(alt.ty) == ty);
                alt.is_some_and(|alt| {
                    one.profiles.iter().all(|own| alt.links.iter().any(|link| link.canonical == *own))
                })
            };
            let targets = |one: &TypeRef| {
                one.target_profiles.is_empty()
                    || one.target_profiles.len() == slot.targets.len()
                        && one.target_profiles.iter().all(|own| slot.targets.iter().any(|name| core(own) == Some(name)))
                    || slot.targets.is_empty() && one.target_profiles.iter().all(|own| core(own) == Some("Resource"))
            };
            types.len() == slot.alts.len()
                && types.iter().all(|one| alt(one) && targets(one) && one.aggregation.is_empty())
        });
        let one = |one: &TypeRef| Use {
            code: one.code.clone(),
            ty: self.v.defs().type_named(&one.code),
            profiles: one.profiles.iter().map(|own| link(own)).collect(),
            targets: one.target_profiles.iter().map(|own| link(own)).collect(),
            aggregation: Aggregation {
                contained: one.aggregation.iter().any(|own| &**own == "contained"),
                referenced: one.aggregation.iter().any(|own| &**own == "referenced"),
                bundled: one.aggregation.iter().any(|own| &**own == "bundled"),
            },
        };
        (!same).then(|| types.iter().map(one).collect())
    }

    fn slicing(&mut self, at: usize, slot: Option<&Slot>, depth: usize) -> Option<Box<Slicing>> {
        let slices = self.tree.slices[at].clone();
        let element = self.tree.element(at);
        let rules = element.slicing.as_ref().map_or(SlicingRules::Open, |slicing| slicing.rules);
        if slices.is_empty() && rules != SlicingRules::Closed || depth > DEPTH {
            return None;
        }
        let stated = discriminate::stated(element);
        let ordered = element.slicing.as_ref().is_some_and(|slicing| slicing.ordered);
        let mut found = Vec::new();
        for place in slices {
            let overlay = self.element(place, slot, false, true, depth + 1);
            let slice = self.tree.element(place);
            let max = slice.max.filter(|max| element.max.is_none_or(|all| *max < all) || *max <= 1);
            let idle = overlay.is_idle() && slice.min == 0 && max.is_none();
            let id = overlay.id.clone();
            let overlay = self.push(overlay);
            let tests = self.tests(place, &stated, &id);
            found.push((Slice { overlay, min: slice.min, max, tests }, idle));
        }
        if rules == SlicingRules::Open && !ordered && found.iter().all(|(_, idle)| *idle) {
            return None;
        }
        let ways = match discriminate::ways(self.v.defs(), &stated) {
            Some(ways) => ways,
            None => {
                self.odd.push(element.id.clone());
                return None;
            }
        };
        Some(Box::new(Slicing { ways, ordered, rules, slices: found.into_iter().map(|(slice, _)| slice).collect() }))
    }

    fn tests(&mut self, place: usize, stated: &Stated, id: &str) -> Box<[Test]> {
        let mut tests: Box<[Test]> =
            stated.discriminators.iter().map(|one| discriminate::test(self.v.defs(), &self.tree, place, one)).collect();
        if tests.iter().all(|test| matches!(test, Test::Unknown)) {
            self.odd.push(id.into());
        } else {
            // Where one discriminator tells the slice, others need not.
            for test in tests.iter_mut().filter(|test| matches!(test, Test::Unknown)) {
                *test = Test::Whatever;
            }
        }
        tests
    }
}

/// R4's own type behind a canonical URL.
fn core(canonical: &str) -> Option<&str> {
    canonical.strip_prefix(CORE).map(|name| name.split('|').next().unwrap_or(name))
}

/// A profile to be looked up later.
pub(crate) fn link(canonical: &str) -> Link {
    let core = core(canonical).filter(|name| !name.contains('-')).map(Into::into);
    Link { canonical: canonical.into(), core, program: std::sync::OnceLock::new() }
}

fn is_backbone(code: &str) -> bool {
    matches!(code, "BackboneElement" | "Element")
}

/// FHIRPath's types by the names that the type model gives them.
pub(crate) fn plain(code: &str) -> &str {
    code.strip_prefix("http://hl7.org/fhirpath/").unwrap_or(code)
}
