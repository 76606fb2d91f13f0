//! Steps down a document.

use tsumugi_fhir::json::{Node, Type};
use tsumugi_fhir_definitions::{TypeId, TypeKind};

use super::Machine;
use crate::error::EvalError;
use crate::item::{Class, Collection, Element, Item, UNTYPED};
use crate::syntax::ast::{Field, Key};

impl<'a> Machine<'_, 'a> {
    /// What `field` names on an item.
    pub(super) fn step(&mut self, item: &Item<'a>, field: &Field, out: &mut Collection<'a>) -> Result<(), EvalError> {
        self.charge(1)?;
        let element = match item {
            Item::Node(element) => element,
            Item::Type(namespace, name) => {
                match &*field.name {
                    "namespace" => out.push(Item::String((*namespace).into())),
                    "name" => out.push(Item::String(name.to_string().into())),
                    _ => {}
                }
                return Ok(());
            }
            Item::Quantity(quantity) => {
                match &*field.name {
                    "value" => out.push(Item::Decimal(quantity.value)),
                    "unit" | "code" => out.push(Item::String(quantity.unit.text().to_owned().into())),
                    _ => {}
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        if field.starts && self.is_named(element, field) {
            out.push(item.clone());
            return Ok(());
        }
        if element.class.is_primitive() && element.class != Class::Untyped {
            // Only id and extensions are below a primitive.
            return self.primitive_step(element, field, out);
        }
        let Some(node) = element.node else { return Ok(()) };
        if let Some(plan) = field.plans.iter().find(|plan| plan.of == element.ty) {
            return self.planned(node, &field.name, &plan.keys, out);
        }
        self.met(node, element.ty, &field.name, out)
    }

    /// Whether the name is the element's type or one above: `Patient`, `Resource`.
    fn is_named(&self, element: &Element<'a>, field: &Field) -> bool {
        let defs = self.context.defs;
        if element.ty == UNTYPED || !field.name.as_bytes().first().is_some_and(u8::is_ascii_uppercase) {
            return false;
        }
        match field.named.or_else(|| defs.type_named(&field.name)) {
            Some(named) => element.ty == named || defs.is_a(element.ty, named),
            None => false,
        }
    }

    fn primitive_step(
        &mut self,
        element: &Element<'a>,
        field: &Field,
        out: &mut Collection<'a>,
    ) -> Result<(), EvalError> {
        match element.sibling {
            Some(sibling) if matches!(&*field.name, "id" | "extension") => {
                self.met(sibling, element.ty, &field.name, out)
            }
            _ => Ok(()),
        }
    }

    /// A step whose keys were resolved beforehand.
    fn planned(&mut self, node: Node<'a>, name: &str, keys: &[Key], out: &mut Collection<'a>) -> Result<(), EvalError> {
        if let [key] = keys {
            if !key.class.is_primitive() {
                return match node.get(&key.key) {
                    Some(value) => self.values(Some(value), None, key.ty, key.class, out),
                    None => Ok(()),
                };
            }
            let (mut value, mut sibling) = (None, None);
            for (found, member) in node.members() {
                if *found == *key.key {
                    value = Some(member);
                } else if is_sibling(&found, &key.key) {
                    sibling = Some(member);
                }
            }
            return self.values(value, sibling, key.ty, key.class, out);
        }
        let (mut value, mut sibling, mut which) = (None, None, None);
        for (found, member) in node.members() {
            let plain = found.strip_prefix('_').unwrap_or(&found);
            if !plain.starts_with(name) {
                continue;
            }
            let Some(key) = keys.iter().find(|key| *key.key == *plain) else { continue };
            which = Some(key);
            if plain.len() == found.len() { value = Some(member) } else { sibling = Some(member) }
        }
        match which {
            Some(key) => self.values(value, sibling, key.ty, key.class, out),
            None => Ok(()),
        }
    }

    /// A step on a type that was not foreseen.
    fn met(&mut self, node: Node<'a>, ty: TypeId, name: &str, out: &mut Collection<'a>) -> Result<(), EvalError> {
        let defs = self.context.defs;
        if ty == UNTYPED {
            return self.values(node.get(name), None, UNTYPED, Class::Untyped, out);
        }
        let Some(definition) = defs.field_named(ty, name) else { return Ok(()) };
        if let [only] = &*definition.types {
            let class = Class::of(defs, only.ty);
            if !class.is_primitive() {
                return self.values(node.get(&only.key), None, only.ty, class, out);
            }
        }
        let (mut value, mut sibling, mut which) = (None, None, None);
        for (found, member) in node.members() {
            let plain = found.strip_prefix('_').unwrap_or(&found);
            if !plain.starts_with(name) {
                continue;
            }
            let Some(found_type) = definition.types.iter().find(|ty| *ty.key == *plain) else { continue };
            which = Some(found_type.ty);
            if plain.len() == found.len() { value = Some(member) } else { sibling = Some(member) }
        }
        match which {
            Some(ty) => self.values(value, sibling, ty, Class::of(defs, ty), out),
            None => Ok(()),
        }
    }

    /// The elements of a member: one, or those of an array beside the array of its siblings.
    fn values(
        &mut self,
        value: Option<Node<'a>>,
        sibling: Option<Node<'a>>,
        ty: TypeId,
        class: Class,
        out: &mut Collection<'a>,
    ) -> Result<(), EvalError> {
        if !value.is_some_and(Node::is_array) && !sibling.is_some_and(Node::is_array) {
            self.value(value, sibling, ty, class, out);
            return Ok(());
        }
        let mut values = value.into_iter().flat_map(Node::items);
        let mut siblings = sibling.into_iter().flat_map(Node::items);
        loop {
            let (value, sibling) = (values.next(), siblings.next());
            if value.is_none() && sibling.is_none() {
                return Ok(());
            }
            self.charge(1)?;
            self.value(value, sibling, ty, class, out);
        }
    }

    fn value(
        &self,
        value: Option<Node<'a>>,
        sibling: Option<Node<'a>>,
        ty: TypeId,
        class: Class,
        out: &mut Collection<'a>,
    ) {
        let present = |node: &Node<'a>| node.kind() != Type::Null;
        let (node, sibling) = (value.filter(present), sibling.filter(present));
        match (node, class) {
            (None, _) if sibling.is_none() => {}
            (Some(node), Class::Resource) => {
                out.push(Item::Node(Element::resource(self.context.defs, node, ty)));
            }
            _ => out.push(Item::Node(Element { node, sibling, ty, class })),
        }
    }

    /// Every element directly below an item, in the order of the document. `resourceType` is no element.
    pub(super) fn children(&mut self, item: &Item<'a>, out: &mut Collection<'a>) -> Result<(), EvalError> {
        let Item::Node(element) = item else { return Ok(()) };
        if element.class.is_primitive() && element.class != Class::Untyped {
            return match element.sibling {
                Some(sibling) => self.members(sibling, element.ty, out),
                None => Ok(()),
            };
        }
        match element.node {
            Some(node) => self.members(node, element.ty, out),
            None => Ok(()),
        }
    }

    fn members(&mut self, node: Node<'a>, ty: TypeId, out: &mut Collection<'a>) -> Result<(), EvalError> {
        let defs = self.context.defs;
        let is_resource = ty == UNTYPED || defs.ty(ty).kind == TypeKind::Resource;
        for (key, member) in node.members() {
            self.charge(1)?;
            if is_resource && key == "resourceType" {
                continue;
            }
            let plain = key.strip_prefix('_').unwrap_or(&key);
            let beside = plain.len() < key.len();
            // A value with a sibling is taken with its value; a sibling alone stands for itself.
            if beside && node.get(plain).is_some() {
                continue;
            }
            let found = if ty == UNTYPED { None } else { defs.field(ty, plain) };
            let (ty, class) = found.map_or((UNTYPED, Class::Untyped), |(_, ty)| (ty, Class::of(defs, ty)));
            let (value, sibling) = match beside {
                true => (None, Some(member)),
                false if class.is_primitive() => (Some(member), beside_of(node, plain)),
                false => (Some(member), None),
            };
            self.values(value, sibling, ty, class, out)?;
            self.bound(out.len())?;
        }
        Ok(())
    }
}

/// Whether `key` is `name` with `_` before it.
fn is_sibling(key: &str, name: &str) -> bool {
    key.len() == name.len() + 1 && key.starts_with('_') && key.ends_with(name)
}

/// The member `_name` of an object.
fn beside_of<'a>(node: Node<'a>, name: &str) -> Option<Node<'a>> {
    node.members().find(|(key, _)| is_sibling(key, name)).map(|(_, member)| member)
}
