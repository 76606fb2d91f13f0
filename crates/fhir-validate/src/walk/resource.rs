//! One resource: its kind, the profiles that hold for it, contained resources, ids.

use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::TypeKind;
use tsumugi_kernel::Kind;

use super::{At, Ons, Owner, Scope, Walk, object::Entry, value::push};
use crate::{
    ask::Missing,
    native::is_contained,
    overlay::{On, Program},
    shape::{Role, Shape, Special},
    words::Say,
};

impl<'v, 'd> Walk<'v, 'd> {
    /// The document itself.
    pub(crate) fn start(&mut self, node: Node<'d>) {
        let Some(shape) = self.kind(node) else { return };
        self.name = shape.name.to_string();
        let mut on = Ons::new();
        for profile in self.ask.profiles {
            self.claim(node, shape, profile, None, &mut on);
        }
        let scope = Scope { resource: node, container: node, shape, entry: None };
        self.resource(scope, on, None);
    }

    /// A resource inside another: contained, in a bundle's entry, in parameters.
    pub(crate) fn inner(
        &mut self,
        scope: Scope<'v, 'd>,
        own: &Owner<'_, 'v, 'd>,
        entry: &Entry<'v, 'd>,
        node: Node<'d>,
        on: &Ons<'v>,
    ) {
        let Some(shape) = self.kind(node) else { return };
        let contained = entry.slot.role == Role::Contained;
        let container = if contained { scope.container } else { node };
        // The entry is the object that holds `resource`.
        let holder = own.up.filter(|up| up.reached.is_some_and(|(_, slot)| slot.role == Role::Entry));
        let held = holder.and_then(|up| up.node).or(scope.entry.filter(|_| contained));
        let inner = Scope { resource: node, container, shape, entry: held };
        if contained {
            self.contained_id(scope.resource, node);
        }
        let mut fitting = Ons::new();
        for one in on {
            // A profile's demands on the place (`entry.resource`) stay with the place; those on the resource come along.
            if one.at != 0 || one.program.ty.is_none_or(|ty| self.v.defs().is_a(shape.ty, ty)) {
                push(&mut fitting, *one);
            } else {
                let names = [&*one.program.url, &*one.program.type_name];
                self.say(Say::PROFILE_TYPE, None, At::node(node), names);
            }
        }
        self.resource(inner, fitting, Some(own));
    }

    fn resource(&mut self, scope: Scope<'v, 'd>, mut on: Ons<'v>, own: Option<&Owner<'_, 'v, 'd>>) {
        let node = scope.resource;
        for profile in node.get("meta").and_then(|meta| meta.get("profile")).into_iter().flat_map(Node::items) {
            if let Some(canonical) = profile.as_str() {
                self.claim(node, scope.shape, &canonical, Some(profile), &mut on);
            }
        }
        self.only_derived(&mut on);
        let outer = std::mem::take(&mut self.ids);
        let top = Owner { ty: scope.shape.ty, reached: None, up: own, node: Some(node) };
        self.object(scope, &top, node, scope.shape, &on);
        for one in on.iter().filter(|one| one.at == 0) {
            for rule in &one.overlay().rules {
                self.rule(scope, node, None, scope.shape.ty, rule, &one.overlay().id);
            }
        }
        self.same_ids();
        self.ids = outer;
        if scope.shape.what == Special::Bundle && !self.stopped() {
            self.bundle(node);
        }
    }

    /// Adds a profile that is claimed or asked for. `at` is where it is claimed.
    fn claim(&mut self, node: Node<'d>, shape: &Shape, canonical: &str, at: Option<Node<'d>>, on: &mut Ons<'v>) {
        match self.v.program(canonical) {
            Some(program) if program.ty == Some(shape.ty) => {
                self.odd(program);
                push(on, On::root(program));
            }
            Some(program) => {
                let names = [&*program.url, &*program.type_name];
                self.say(Say::PROFILE_TYPE, None, At::node(at.unwrap_or(node)), names);
            }
            None if self.v.is_core(canonical) => {}
            None => self.unchecked(Missing::Profile, canonical),
        }
    }

    /// Leaves out profiles from which another one derives: its snapshot repeats all that they demand.
    fn only_derived(&self, on: &mut Ons<'v>) {
        if on.len() > 1 {
            let all = on.clone();
            on.retain(|one| {
                one.at != 0
                    || !all
                        .iter()
                        .any(|other| other.at == 0 && !other.is(*one) && self.v.derives(other.program, one.program))
            });
        }
    }

    fn kind(&mut self, node: Node<'d>) -> Option<&'v Shape> {
        if !node.is_object() {
            self.say(Say::OBJECT, None, At::node(node), [""; 2]);
            return None;
        }
        let Some(name) = node.get_str("resourceType") else {
            self.say(Say::NO_KIND, None, At::node(node), [""; 2]);
            return None;
        };
        let ty = Kind::from_name(&name).and_then(|_| self.v.defs().type_named(&name));
        let shape = ty.map(|ty| self.v.shape(ty)).filter(|shape| shape.kind == TypeKind::Resource);
        if shape.is_none() {
            self.say(Say::KIND, None, At::node(node.get("resourceType").unwrap_or(node)), [""; 2]);
        }
        shape
    }

    fn contained_id(&mut self, holder: Node<'d>, node: Node<'d>) {
        let id = node.get_str("id");
        let same = |one: &Node<'d>| one.get_str("id") == id;
        let alone = holder.get("contained").into_iter().flat_map(Node::items).filter(same).count() == 1;
        if id.is_none_or(|id| id.is_empty() || !is_contained(holder, &id)) || !alone {
            self.say(Say::CONTAINED_ID, None, At::node(node), [""; 2]);
        }
    }

    /// Ids of elements are unique within their resource.
    fn same_ids(&mut self) {
        if self.ids.len() < 2 {
            return;
        }
        let mut ids = std::mem::take(&mut self.ids);
        ids.sort_by(|one, other| one.0.cmp(&other.0));
        for pair in ids.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            self.say(Say::ID_TWICE, None, At::node(pair[1].1), [""; 2]);
        }
    }

    /// Whether a resource fits a profile. One that claims it does: its faults are said where it stands.
    pub(crate) fn fits(&mut self, scope: Scope<'v, 'd>, node: Node<'d>, program: &'v Program) -> bool {
        let ty = node.get_str("resourceType").and_then(|kind| self.v.defs().type_named(&kind));
        if program.ty.is_none() || ty != program.ty {
            return false;
        }
        if self.claims(node, program) {
            return true;
        }
        let key = (node.offset(), program.number);
        if let Some(known) = self.fits.get(&key) {
            return *known;
        }
        // References in circles: what is being looked at fits, unless something else says no.
        self.fits.insert(key, true);
        let shape = self.v.shape(program.ty.unwrap_or(self.v.known.element));
        let container =
            if scope.container.is_same(node) || !is_inside(scope.container, node) { node } else { scope.container };
        let inner = Scope { resource: node, container, shape, entry: scope.entry };
        let fits = self.probe(|walk| {
            let owner = Owner { ty: shape.ty, reached: None, up: None, node: Some(node) };
            let on = On::root(program);
            walk.object(inner, &owner, node, shape, &[on]);
            for rule in &on.overlay().rules {
                walk.rule(inner, node, None, shape.ty, rule, &on.overlay().id);
            }
        });
        self.fits.insert(key, fits);
        fits
    }

    /// Whether `meta.profile` names the profile or one that derives from it.
    fn claims(&self, node: Node<'d>, program: &'v Program) -> bool {
        let profiles = node.get("meta").and_then(|meta| meta.get("profile")).into_iter().flat_map(Node::items);
        profiles
            .filter_map(Node::as_str)
            .any(|own| self.v.program(&own).is_some_and(|own| self.v.derives(own, program)))
    }
}

/// Whether `node` stands inside `outer`.
fn is_inside(outer: Node<'_>, node: Node<'_>) -> bool {
    (outer.offset()..outer.offset() + outer.raw().len()).contains(&node.offset())
}
