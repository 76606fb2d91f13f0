//! One object: its members by the type's shape, what is missing, what is unknown.

use smallvec::SmallVec;
use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::TypeKind;

use super::{At, Owner, Scope, Walk};
use crate::{
    overlay::On,
    shape::{Alt, Role, Shape, Slot},
    words::Say,
};

/// One field that is there: its value, and the value under `_name`.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'v, 'd> {
    pub(crate) place: usize,
    pub(crate) slot: &'v Slot,
    pub(crate) alt: &'v Alt,
    pub(crate) value: Option<Node<'d>>,
    pub(crate) beside: Option<Node<'d>>,
}

type Entries<'v, 'd> = SmallVec<[Entry<'v, 'd>; 12]>;

impl<'v, 'd> Walk<'v, 'd> {
    /// Checks an object of a type, with the overlays that say something about it.
    pub(crate) fn object(
        &mut self,
        scope: Scope<'v, 'd>,
        owner: &Owner<'_, 'v, 'd>,
        node: Node<'d>,
        shape: &'v Shape,
        on: &[On<'v>],
    ) {
        if !self.step() {
            return;
        }
        if node.is_empty() {
            return self.say(Say::EMPTY, None, At::node(node), [""; 2]);
        }
        let entries = self.entries(node, shape);
        let seen = entries.iter().fold(0_u128, |seen, entry| seen | 1 << entry.place);
        let mut missing = shape.required & !seen;
        while missing != 0 {
            let slot = &shape.slots[missing.trailing_zeros() as usize];
            let label = slot.label();
            self.say_base(Say::MIN, shape, &slot.id, At::below(node, &label), [&label, "1"]);
            missing &= missing - 1;
        }
        // What stands beside a primitive's value may be an id alone.
        let has_value = owner.node.is_some_and(|value| !value.is_same(node));
        if let [only] = entries.as_slice()
            && only.slot.role == Role::Id
            && shape.kind != TypeKind::Resource
            && !has_value
        {
            self.say(Say::ONLY_ID, None, At::node(node), [""; 2]);
        }
        for entry in &entries {
            self.member(scope, owner, node, shape, entry, on);
            if self.stopped() {
                return;
            }
        }
        for one in on {
            self.missing(node, *one, &entries);
        }
        for rule in &shape.rules {
            self.rule(scope, node, None, shape.ty, rule, &shape.name);
        }
    }

    /// The fields that are there. What the type does not have is said and left out.
    fn entries(&mut self, node: Node<'d>, shape: &'v Shape) -> Entries<'v, 'd> {
        let mut entries = Entries::new();
        for (key, value) in node.members() {
            let (name, beside) = key.strip_prefix('_').map_or((&*key, false), |name| (name, true));
            let Some((place, slot, alt)) = shape.find(name).filter(|(.., alt)| !beside || alt.beside) else {
                if key != "resourceType" || shape.kind != TypeKind::Resource {
                    self.say(Say::UNKNOWN, None, At::node(value), [&shape.name, ""]);
                }
                continue;
            };
            match entries.iter_mut().find(|entry| entry.place == place) {
                Some(entry) if std::ptr::eq(entry.alt, alt) => {
                    *(if beside { &mut entry.beside } else { &mut entry.value }) = Some(value);
                }
                Some(_) => self.say(Say::TWICE, None, At::node(value), [&slot.label(), ""]),
                None => {
                    let (value, beside) = if beside { (None, Some(value)) } else { (Some(value), None) };
                    entries.push(Entry { place, slot, alt, value, beside });
                }
            }
        }
        entries
    }

    /// What a profile requires and is not there at all.
    fn missing(&mut self, node: Node<'d>, on: On<'v>, entries: &[Entry<'v, 'd>]) {
        for (name, at) in &on.overlay().children {
            let child = on.at(*at);
            let overlay = child.overlay();
            let slices = overlay.slicing.as_deref().filter(|slicing| slicing.slices.iter().any(|one| one.min > 0));
            if overlay.min == 0 && slices.is_none() || entries.iter().any(|entry| *entry.slot.name == **name) {
                continue;
            }
            if overlay.min > 0 {
                let least = overlay.min.to_string();
                self.say_on(Say::MIN, child, At::below(node, name), [name, &least]);
            } else if let Some(slicing) = slices {
                for slice in slicing.slices.iter().filter(|one| one.min > 0) {
                    let own = on.at(slice.overlay);
                    let least = slice.min.to_string();
                    self.say_on(Say::SLICE_MIN, own, At::below(node, name), [&own.overlay().id, &least]);
                }
            }
        }
    }
}
