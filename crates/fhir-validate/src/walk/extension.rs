//! Extensions: their definitions, and where they may stand.

use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::ExtensionContext;

use super::{At, Ons, Owner, Scope, Walk, value::push};
use crate::{
    ask::Missing,
    overlay::{On, Program},
    shape::Role,
    words::Say,
};

impl<'v, 'd> Walk<'v, 'd> {
    /// Finds an extension's definition, adds what it demands, and checks that it may stand here. `owner` is the element
    /// that is extended.
    pub(crate) fn extension(
        &mut self,
        scope: Scope<'v, 'd>,
        owner: &Owner<'_, 'v, 'd>,
        role: Role,
        node: Node<'d>,
        on: &mut Ons<'v>,
    ) {
        let has = |name: &str| node.get(name).is_some();
        let value = node.members().any(|(key, _)| key.starts_with("value") || key.starts_with("_value"));
        if has("url") && value == has("extension") {
            self.say(Say::EXT_1, None, At::node(node), [""; 2]);
        }
        let Some(url) = node.get_str("url") else { return };
        // Inside a complex extension the names of its parts are no URLs; the outer definition knows them.
        if owner.ty == self.v.known.extension && !url.contains(':') {
            return;
        }
        let program = self.v.program(&url).filter(|program| program.ty == Some(self.v.known.extension));
        let Some(program) = program else {
            if role == Role::ModifierExtension {
                return self.say(Say::UNKNOWN_MODIFIER, None, At::node(node), [""; 2]);
            }
            return self.unchecked(Missing::Extension, &url);
        };
        match (program.modifier, role) {
            (true, Role::Extension) => self.say(Say::MODIFIER, None, At::node(node), [&program.url, ""]),
            (false, Role::ModifierExtension) => self.say(Say::NO_MODIFIER, None, At::node(node), [&program.url, ""]),
            _ => {}
        }
        self.odd(program);
        push(on, On::root(program));
        let mut undecided = false;
        let fits = program.contexts.is_empty()
            || program.contexts.iter().any(|context| match self.may_stand(scope, owner, context) {
                Some(yes) => yes,
                None => {
                    undecided = true;
                    false
                }
            });
        if !fits && undecided {
            self.unchecked(Missing::Extension, &program.url);
        } else if !fits {
            self.say(Say::CONTEXT, None, At::node(node), [&program.url, ""]);
        }
    }

    /// Whether a context allows the element; `None` where it is stated in FHIRPath.
    fn may_stand(&self, scope: Scope<'v, 'd>, owner: &Owner<'_, 'v, 'd>, context: &ExtensionContext) -> Option<bool> {
        let wanted = &*context.expression;
        match &*context.kind {
            "extension" => Some(owner.node.and_then(|node| node.get_str("url")).as_deref() == Some(wanted)),
            "element" => {
                let defs = self.v.defs();
                let by_type = defs.type_named(wanted).is_some_and(|ty| defs.is_a(owner.ty, ty));
                Some(wanted == "Element" || by_type || self.has_path(scope, owner, wanted))
            }
            _ => None,
        }
    }

    /// Whether the element stands at a path such as `Patient.contact.name`, from its resource, or from any type on the
    /// way to it.
    fn has_path(&self, scope: Scope<'v, 'd>, owner: &Owner<'_, 'v, 'd>, wanted: &str) -> bool {
        let mut rest = wanted;
        let mut at = Some(owner);
        while let Some(one) = at {
            let Some((shape, slot)) = one.reached else { break };
            let Some((head, last)) = rest.rsplit_once('.') else { return false };
            let plain = last.trim_end_matches("[x]");
            let named = plain == &*slot.name || slot.alts.iter().any(|alt| &*alt.key == last);
            if !named {
                return false;
            }
            let defs = self.v.defs();
            let is_type = defs.type_named(head).is_some_and(|ty| defs.is_a(shape.ty, ty));
            if is_type || *shape.name == *head {
                return true;
            }
            rest = head;
            at = one.up;
        }
        rest == &*scope.shape.name
    }

    /// Parts of a profile that could not be understood are said wherever it is used.
    pub(crate) fn odd(&mut self, program: &'v Program) {
        for id in &program.odd {
            self.unchecked(Missing::Element, &format!("{}|{id}", program.url));
        }
    }
}
