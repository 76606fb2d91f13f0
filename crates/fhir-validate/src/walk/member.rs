//! One field with all its occurrences: arrays, counts, alignment with `_name`, slices.

use smallvec::SmallVec;
use tsumugi_fhir::{
    Severity,
    json::{Node, Type},
};

use super::{At, Ons, Owner, Scope, Walk, object::Entry};
use crate::{overlay::On, shape::Shape, words::Say};

/// One occurrence: its value, and the object under `_name`.
#[derive(Clone, Copy)]
pub(crate) struct Item<'d> {
    pub(crate) value: Option<Node<'d>>,
    pub(crate) beside: Option<Node<'d>>,
}

impl<'d> Item<'d> {
    /// The node to point at.
    pub(crate) fn node(self) -> Option<Node<'d>> {
        self.value.or(self.beside)
    }
}

type Items<'d> = SmallVec<[Item<'d>; 4]>;

impl<'v, 'd> Walk<'v, 'd> {
    pub(crate) fn member(
        &mut self,
        scope: Scope<'v, 'd>,
        owner: &Owner<'_, 'v, 'd>,
        node: Node<'d>,
        shape: &'v Shape,
        entry: &Entry<'v, 'd>,
        on: &[On<'v>],
    ) {
        let slot = entry.slot;
        let own: Ons<'v> = on.iter().filter_map(|one| one.child(&slot.name)).collect();
        let Some(items) = self.items(entry) else { return };
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        if let Some(most) = slot.max.filter(|most| count > *most) {
            let say = if most == 0 { Say::FORBIDDEN } else { Say::MAX };
            self.say_base(say, shape, &slot.id, At::below(node, &entry.alt.key), [&slot.name, &most.to_string()]);
        }
        for one in &own {
            let overlay = one.overlay();
            if let Some(most) = overlay.max.filter(|most| count > *most) {
                let say = if most == 0 { Say::FORBIDDEN } else { Say::MAX };
                self.say_on(say, *one, At::below(node, &entry.alt.key), [&slot.name, &most.to_string()]);
            }
            if count < overlay.min {
                let least = overlay.min.to_string();
                self.say_on(Say::MIN, *one, At::below(node, &entry.alt.key), [&slot.name, &least]);
            }
        }
        let mut sliced: SmallVec<[(usize, On<'v>); 4]> = SmallVec::new();
        for one in &own {
            if let Some(slicing) = &one.overlay().slicing {
                self.slice(scope, node, entry, &items, *one, slicing, &mut sliced);
            }
        }
        for (at, item) in items.iter().enumerate() {
            if self.stopped() {
                return;
            }
            let mut all = own.clone();
            all.extend(sliced.iter().filter(|(place, _)| *place == at).map(|(_, one)| *one));
            self.value(scope, owner, shape, entry, *item, all);
        }
    }

    /// The occurrences; `None` where the JSON is no list of them.
    fn items(&mut self, entry: &Entry<'v, 'd>) -> Option<Items<'d>> {
        let lists = [entry.value, entry.beside];
        let mut wrong = false;
        for node in lists.into_iter().flatten() {
            let (is, should) = (node.is_array(), entry.slot.array);
            if is != should {
                let say = if should { Say::ARRAY } else { Say::NO_ARRAY };
                self.say(say, None, At::node(node), [&entry.alt.key, ""]);
                wrong = true;
            } else if is && node.is_empty() || node.kind() == Type::Null {
                self.say(Say::EMPTY, None, At::node(node), [""; 2]);
                wrong = true;
            }
        }
        if wrong {
            return None;
        }
        if !entry.slot.array {
            let mut items = Items::new();
            items.push(Item { value: entry.value, beside: entry.beside });
            return Some(items);
        }
        let Some(beside) = entry.beside else {
            let values = entry.value.into_iter().flat_map(Node::items);
            return Some(self.no_nulls(values.map(|node| Item { value: Some(node), beside: None }).collect()));
        };
        let present = |node: Node<'d>| Some(node).filter(|node| node.kind() != Type::Null);
        let Some(value) = entry.value else {
            return Some(
                self.no_nulls(beside.items().map(|node| Item { value: None, beside: present(node) }).collect()),
            );
        };
        let (values, others) = (value.items().count(), beside.items().count());
        if values != others {
            // Without the last nulls the positions still are clear; a value that is not there is not.
            let severity = if others < values { Severity::Warning } else { Severity::Error };
            self.say(Say::ALIGN.severity(severity), None, At::node(beside), [""; 2]);
        }
        let others = beside.items().map(present).chain(std::iter::repeat(None));
        let pairs = value.items().zip(others);
        let items: Items<'d> = pairs.map(|(one, two)| Item { value: present(one), beside: two }).collect();
        if items.iter().any(|item| item.node().is_none()) {
            self.say(Say::EMPTY, None, At::node(value), [""; 2]);
        }
        Some(items.into_iter().filter(|item| item.node().is_some()).collect())
    }

    /// Leaves out nulls that nothing stands beside, and says so.
    fn no_nulls(&mut self, mut items: Items<'d>) -> Items<'d> {
        items.retain(|item| match item.node() {
            Some(node) if node.kind() == Type::Null => {
                self.say(Say::EMPTY, None, At::node(node), [""; 2]);
                false
            }
            Some(_) => true,
            // A null under `_name` alone says nothing about any value.
            None => false,
        });
        items
    }
}
