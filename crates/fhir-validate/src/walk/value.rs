//! One value: its type, its form, and what R4 and the profiles demand of it.

use tsumugi_fhir::json::{Node, Type};

use super::{At, Ons, Owner, Scope, Walk, member::Item, object::Entry};
use crate::{
    overlay::{Link, On, Use},
    primitive::{Form, Prim},
    shape::{Role, Shape, Special},
    words::Say,
};

impl<'v, 'd> Walk<'v, 'd> {
    pub(crate) fn value(
        &mut self,
        scope: Scope<'v, 'd>,
        owner: &Owner<'_, 'v, 'd>,
        parent: &'v Shape,
        entry: &Entry<'v, 'd>,
        item: Item<'d>,
        mut on: Ons<'v>,
    ) {
        let alt = entry.alt;
        for at in 0..on.len() {
            self.uses(scope, entry, item, &mut on, at);
        }
        for link in &alt.links {
            if let Some(program) = self.v.linked(link) {
                push(&mut on, On::root(program));
            }
        }
        let own = Owner { ty: alt.ty, reached: Some((parent, entry.slot)), up: Some(owner), node: item.value };
        if let Some(prim) = alt.prim {
            self.primitive(scope, &own, parent, entry, item, prim);
        } else if let Some(node) = item.value {
            if !node.is_object() {
                self.say(Say::TYPE, None, At::node(node), [&alt.key, &self.v.shape(alt.ty).name]);
                return;
            }
            if alt.resource {
                self.inner(scope, &own, entry, node, &on);
                return;
            }
            let shape = self.v.shape(alt.ty);
            if shape.what == Special::Extension {
                self.extension(scope, owner, entry.slot.role, node, &mut on);
            }
            self.object(scope, &own, node, shape, &on);
            if shape.what == Special::Reference {
                self.reference(scope, node, parent, entry, &on);
            }
        }
        if self.stopped() {
            return;
        }
        self.base_demands(scope, parent, entry, item);
        for one in &on {
            self.demands(scope, *one, entry, item);
        }
    }

    /// A primitive: its JSON type and form, and what stands beside it.
    fn primitive(
        &mut self,
        scope: Scope<'v, 'd>,
        own: &Owner<'_, 'v, 'd>,
        parent: &'v Shape,
        entry: &Entry<'v, 'd>,
        item: Item<'d>,
        prim: Prim,
    ) {
        if let Some(node) = item.value {
            self.form(node, prim, entry);
            if entry.slot.role == Role::Id
                && parent.kind != tsumugi_fhir_definitions::TypeKind::Resource
                && let Some(id) = node.as_str()
            {
                self.ids.push((id, node));
            }
        }
        if let Some(beside) = item.beside {
            if beside.is_object() {
                let shape = self.v.shape(self.v.known.element);
                self.object(scope, own, beside, shape, &[]);
            } else {
                self.say(Say::TYPE, None, At::node(beside), [&entry.alt.key, "Element"]);
            }
        }
    }

    fn form(&mut self, node: Node<'d>, prim: Prim, entry: &Entry<'v, 'd>) {
        if node.kind() == Type::String && node.raw().len() == 2 {
            return self.say(Say::EMPTY, None, At::node(node), [""; 2]);
        }
        let is_id = prim == Prim::Id && entry.slot.role == Role::Id;
        match prim.check(node) {
            Form::Fits => {}
            Form::OtherJson => self.say(Say::TYPE, None, At::node(node), [&entry.alt.key, prim.name()]),
            Form::Wrong if is_id => self.say(Say::ID, None, At::node(node), [""; 2]),
            Form::Wrong if matches!(prim, Prim::Date | Prim::DateTime | Prim::Instant) => {
                self.say(Say::DATE, None, At::node(node), [prim.name(), ""]);
            }
            Form::Wrong => self.say(Say::FORM, None, At::node(node), [prim.name(), ""]),
            Form::NoZone => self.say(Say::ZONE, None, At::node(node), [""; 2]),
        }
    }

    /// Whether a profile allows the value's type, and the profiles that it demands for it.
    fn uses(&mut self, scope: Scope<'v, 'd>, entry: &Entry<'v, 'd>, item: Item<'d>, on: &mut Ons<'v>, at: usize) {
        let one = on[at];
        let Some(uses) = &one.overlay().uses else { return };
        let alt = entry.alt;
        let kind = item.value.filter(|_| alt.resource).and_then(|node| node.get_str("resourceType"));
        let fits = |own: &&Use| match &kind {
            Some(kind) => *own.code == **kind || matches!(&*own.code, "Resource" | "DomainResource"),
            None => own.ty == Some(alt.ty),
        };
        let Some(found) = uses.iter().find(fits) else {
            let Some(node) = item.node() else { return };
            let names = uses.iter().map(|own| &*own.code).collect::<Vec<_>>().join(", ");
            return self.say_on(Say::USE, one, At::node(node), [&alt.key, &names]);
        };
        match &*found.profiles {
            [] => {}
            // A single profile is checked with everything else; its faults are said where they are.
            [link] => {
                if let Some(program) = self.link(link) {
                    push(on, On::root(program));
                }
            }
            links => {
                let Some(node) = item.value else { return };
                let fits = links.iter().any(|link| match self.link(link) {
                    Some(program) => self.value_fits(scope, entry, node, program),
                    None => true,
                });
                if !fits {
                    let names = links.iter().map(|link| &*link.canonical).collect::<Vec<_>>().join(", ");
                    self.say_on(Say::PROFILE_NONE, one, At::node(node), [&alt.key, &names]);
                }
            }
        }
    }

    /// The program behind a link; noted as not checked where it is not loaded. R4's own types need none.
    pub(crate) fn link(&mut self, link: &'v Link) -> Option<&'v crate::overlay::Program> {
        let program = self.v.linked(link);
        if program.is_none() && !self.v.is_core(&link.canonical) {
            self.unchecked(crate::ask::Missing::Profile, &link.canonical);
        }
        program
    }

    /// Whether a value fits a profile.
    pub(crate) fn value_fits(
        &mut self,
        scope: Scope<'v, 'd>,
        entry: &Entry<'v, 'd>,
        node: Node<'d>,
        program: &'v crate::overlay::Program,
    ) -> bool {
        if entry.alt.resource {
            return self.fits(scope, node, program);
        }
        if !node.is_object() || program.ty.is_some_and(|ty| ty != entry.alt.ty) {
            return false;
        }
        let (item, on) = (Item { value: Some(node), beside: None }, On::root(program));
        self.probe(|walk| {
            let owner = Owner { ty: entry.alt.ty, reached: None, up: None, node: Some(node) };
            walk.object(scope, &owner, node, walk.v.shape(entry.alt.ty), &[on]);
            walk.demands(scope, on, entry, item);
        })
    }
}

/// Adds an overlay that is not there yet.
pub(crate) fn push<'v>(on: &mut Ons<'v>, one: On<'v>) {
    if !on.iter().any(|own| own.is(one)) {
        on.push(one);
    }
}
