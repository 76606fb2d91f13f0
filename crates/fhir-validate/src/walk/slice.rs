//! Slices: which occurrence is in which, and how many.

use smallvec::SmallVec;
use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::{Membership, SlicingRules, TypeId};

use super::{At, Scope, Walk, member::Item, object::Entry};
use crate::{
    ask::Missing,
    compare,
    overlay::{On, Slicing, Step, Test, Way},
    words::Say,
};

/// A value on a discriminator's way, with its type where that is known.
#[derive(Clone, Copy)]
struct Spot<'d> {
    node: Node<'d>,
    ty: Option<TypeId>,
}

/// What a discriminator's way leads to in one occurrence.
struct Spots<'d> {
    found: SmallVec<[Spot<'d>; 2]>,
    /// A reference on the way that leads out of the document.
    lost: bool,
}

impl<'v, 'd> Walk<'v, 'd> {
    /// Puts the occurrences into slices and adds each slice's overlay to its own.
    #[expect(clippy::too_many_arguments, reason = "one place's occurrences with all that is known of it")]
    pub(crate) fn slice(
        &mut self,
        scope: Scope<'v, 'd>,
        node: Node<'d>,
        entry: &Entry<'v, 'd>,
        items: &[Item<'d>],
        on: On<'v>,
        slicing: &'v Slicing,
        out: &mut SmallVec<[(usize, On<'v>); 4]>,
    ) {
        let mut counts: SmallVec<[u32; 16]> = SmallVec::from_elem(0, slicing.slices.len());
        let (mut last, mut unmatched, mut unsure) = (0, false, false);
        let mut inside: SmallVec<[SmallVec<[usize; 4]>; 4]> = SmallVec::new();
        for (at, item) in items.iter().enumerate() {
            let Some(place) = self.which(scope, entry, *item, slicing, &mut unsure) else {
                unmatched = true;
                if slicing.rules == SlicingRules::Closed && !unsure {
                    self.say_on(Say::SLICE_NONE, on, At::node(item.node().unwrap_or(node)), [&on.overlay().id, ""]);
                }
                continue;
            };
            counts[place] += 1;
            let own = on.at(slicing.slices[place].overlay);
            out.push((at, own));
            if slicing.ordered && place < last {
                self.say_on(Say::SLICE_ORDER, on, At::node(item.node().unwrap_or(node)), [&on.overlay().id, ""]);
            }
            if slicing.rules == SlicingRules::OpenAtEnd && unmatched {
                self.say_on(Say::SLICE_END, on, At::node(item.node().unwrap_or(node)), [&on.overlay().id, ""]);
                unmatched = false;
            }
            last = last.max(place);
            if own.overlay().slicing.is_some() {
                inside.resize(slicing.slices.len(), SmallVec::new());
                inside[place].push(at);
            }
        }
        if unsure {
            self.unchecked(Missing::Slicing, &format!("{}|{}", on.program.url, on.overlay().id));
        }
        for (slice, count) in slicing.slices.iter().zip(counts) {
            let own = on.at(slice.overlay);
            let id = &own.overlay().id;
            let told = !slice.tests.iter().any(|test| matches!(test, Test::Unknown));
            if count < slice.min && !unsure && told {
                let names = [&**id, &slice.min.to_string()];
                self.say_on(Say::SLICE_MIN, own, At::below(node, &entry.alt.key), names);
            }
            if let Some(most) = slice.max.filter(|most| count > *most) {
                self.say_on(Say::SLICE_MAX, own, At::below(node, &entry.alt.key), [id, &most.to_string()]);
            }
        }
        // Slices of slices.
        for (place, own) in inside.into_iter().enumerate().filter(|(_, own)| !own.is_empty()) {
            let outer = on.at(slicing.slices[place].overlay);
            let Some(nested) = &outer.overlay().slicing else { continue };
            let some: SmallVec<[Item<'d>; 4]> = own.iter().map(|at| items[*at]).collect();
            let mut found = SmallVec::new();
            self.slice(scope, node, entry, &some, outer, nested, &mut found);
            out.extend(found.into_iter().map(|(at, one)| (own[at], one)));
        }
    }

    /// The first slice that an occurrence fits.
    fn which(
        &mut self,
        scope: Scope<'v, 'd>,
        entry: &Entry<'v, 'd>,
        item: Item<'d>,
        slicing: &'v Slicing,
        unsure: &mut bool,
    ) -> Option<usize> {
        let node = item.node()?;
        let start = Spot { node, ty: Some(entry.alt.ty) };
        let ways: SmallVec<[Spots<'d>; 2]> = slicing.ways.iter().map(|way| self.go(scope, start, way)).collect();
        if ways.iter().any(|spots| spots.lost) {
            *unsure = true;
            return None;
        }
        let mut found = None;
        for (place, slice) in slicing.slices.iter().enumerate() {
            let mut fits = !slice.tests.is_empty();
            for (test, spots) in slice.tests.iter().zip(&ways) {
                if !fits {
                    break;
                }
                fits = self.test(scope, entry, test, spots, unsure);
            }
            if fits {
                found = Some(place);
                break;
            }
        }
        found
    }

    fn test(
        &mut self,
        scope: Scope<'v, 'd>,
        entry: &Entry<'v, 'd>,
        test: &'v Test,
        spots: &Spots<'d>,
        unsure: &mut bool,
    ) -> bool {
        match test {
            Test::Unknown => {
                *unsure = true;
                false
            }
            Test::Whatever => true,
            Test::Exists(wanted) => spots.found.is_empty() != *wanted,
            Test::Any(tests) => tests.iter().any(|one| self.test(scope, entry, one, spots, unsure)),
            _ => spots.found.iter().any(|spot| self.test_one(scope, entry, test, *spot, unsure)),
        }
    }

    fn test_one(
        &mut self,
        scope: Scope<'v, 'd>,
        entry: &Entry<'v, 'd>,
        test: &'v Test,
        spot: Spot<'d>,
        unsure: &mut bool,
    ) -> bool {
        let node = spot.node;
        match test {
            Test::Text(text) => node.as_str().is_some_and(|own| *own == **text),
            Test::Fixed(fixed) => compare::same(node, fixed.root()),
            Test::Pattern(pattern) => compare::fits(node, pattern.root()),
            Test::All(all) => all.iter().all(|(way, inner)| {
                let spots = self.go(scope, spot, way);
                self.test(scope, entry, inner, &spots, unsure)
            }),
            Test::Bound(bound) => {
                let mut codings: SmallVec<[Node<'d>; 2]> =
                    node.get("coding").into_iter().flat_map(Node::items).collect();
                if codings.is_empty() {
                    codings.push(node);
                }
                codings.into_iter().any(|coding| {
                    let code = coding.as_str().or_else(|| coding.get_str("code"));
                    let answer = self.v.defs().contains(
                        &bound.value_set,
                        coding.get_str("system").as_deref(),
                        &code.unwrap_or_default(),
                    );
                    *unsure |= matches!(answer, Membership::NotChecked(_));
                    answer == Membership::In
                })
            }
            Test::Types(types) => self.is_type(spot, types),
            Test::Profiles(types, links) => {
                if !types.is_empty() && !self.is_type(spot, types) {
                    return false;
                }
                if links.is_empty() {
                    return !types.is_empty();
                }
                links.iter().any(|link| {
                    if node.get("resourceType").is_some() {
                        return self.fits_link(scope, node, link);
                    }
                    self.link(link).is_some_and(|program| self.value_fits(scope, entry, node, program))
                })
            }
            Test::Exists(_) | Test::Any(_) | Test::Whatever | Test::Unknown => false,
        }
    }

    fn is_type(&self, spot: Spot<'d>, types: &[TypeId]) -> bool {
        let own = spot.node.get_str("resourceType").and_then(|kind| self.v.defs().type_named(&kind)).or(spot.ty);
        own.is_some_and(|own| types.iter().any(|ty| self.v.defs().is_a(own, *ty)))
    }

    /// Follows a discriminator's way.
    fn go(&self, scope: Scope<'v, 'd>, start: Spot<'d>, way: &Way) -> Spots<'d> {
        let mut spots = Spots { found: SmallVec::new(), lost: false };
        spots.found.push(start);
        for step in &way.steps {
            let mut next: SmallVec<[Spot<'d>; 2]> = SmallVec::new();
            for spot in &spots.found {
                match step {
                    Step::OfType(ty) => next.extend(Some(*spot).filter(|spot| self.is_type(*spot, &[*ty]))),
                    Step::Child(name) => self.children(*spot, name, &mut next),
                    Step::Extension(url) => {
                        let own = spot.node.get("extension").into_iter().flat_map(Node::items);
                        let fitting = own.filter(|one| one.get_str("url").as_deref() == Some(url));
                        next.extend(fitting.map(|node| Spot { node, ty: Some(self.v.known.extension) }));
                    }
                    Step::Resolve => match self.target(scope, spot.node) {
                        Some((node, _)) => next.push(Spot { node, ty: None }),
                        None => spots.lost = true,
                    },
                }
            }
            spots.found = next;
        }
        spots
    }

    fn children(&self, spot: Spot<'d>, name: &str, out: &mut SmallVec<[Spot<'d>; 2]>) {
        let named = spot.node.get_str("resourceType").and_then(|kind| self.v.defs().type_named(&kind));
        let shape = named.or(spot.ty).map(|ty| self.v.shape(ty));
        let Some((_, slot)) = shape.and_then(|shape| shape.named(name)) else { return };
        for alt in &slot.alts {
            let Some(value) = spot.node.get(&alt.key) else { continue };
            let spot = |node| Spot { node, ty: Some(alt.ty) };
            if value.is_array() {
                out.extend(value.items().map(spot));
            } else {
                out.push(spot(value));
            }
        }
    }
}
