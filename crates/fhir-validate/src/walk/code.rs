//! Codes beside the value sets that they are bound to.

use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::{Membership, NotChecked};

use super::{At, Walk};
use crate::{
    ask::Missing,
    binding::Bound,
    overlay::On,
    shape::{Alt, Shape},
    words::Say,
};

/// What a binding's check came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    In,
    Out,
    /// Nothing that could be looked up.
    NoCode,
    Unknown,
}

impl<'v, 'd> Walk<'v, 'd> {
    /// Checks a value's codes. `on` is the profile that binds; else it is R4 at the element `base`.
    pub(crate) fn code(
        &mut self,
        node: Node<'d>,
        alt: &'v Alt,
        bound: &'v Bound,
        on: Option<On<'v>>,
        base: (&Shape, &str),
    ) {
        // R4 lets these formats be named without their MIME type (its comment on the element).
        if base.1 == "CapabilityStatement.format" && matches!(node.as_str().as_deref(), Some("xml" | "json" | "ttl")) {
            return;
        }
        let verdict = self.bound(node, alt, &bound.value_set);
        let say = match (verdict, bound.required) {
            (Verdict::In | Verdict::Unknown, _) | (Verdict::NoCode, false) => return,
            (Verdict::Out, true) => Say::BOUND,
            (Verdict::NoCode, true) => Say::NO_CODE,
            (Verdict::Out, false) => match &bound.most {
                Some(most) if self.bound(node, alt, most) == Verdict::Out => Say::BOUND,
                _ => Say::BOUND_SOFT,
            },
        };
        let names = [base.1, &bound.value_set];
        match on {
            Some(on) => self.say_on(say, on, At::node(node), names),
            None => self.say_base(say, base.0, base.1, At::node(node), names),
        }
    }

    fn bound(&mut self, node: Node<'d>, alt: &Alt, value_set: &str) -> Verdict {
        if alt.prim.is_some() {
            return match node.as_str() {
                Some(code) => self.member_of(value_set, None, &code),
                None => Verdict::Unknown,
            };
        }
        if Some(alt.ty) == self.v.known.concept {
            let mut best = Verdict::NoCode;
            for coding in node.get("coding").into_iter().flat_map(Node::items) {
                match (self.coding(value_set, coding), best) {
                    (Verdict::In, _) => return Verdict::In,
                    (Verdict::Unknown, _) => best = Verdict::Unknown,
                    (Verdict::Out, Verdict::NoCode) => best = Verdict::Out,
                    _ => {}
                }
            }
            return best;
        }
        if Some(alt.ty) == self.v.known.coding || Some(alt.ty) == self.v.known.quantity {
            return self.coding(value_set, node);
        }
        // Other types that R4 lets be bound (string, uri) are primitives; a binding on anything else asks for nothing.
        Verdict::Unknown
    }

    fn coding(&mut self, value_set: &str, coding: Node<'d>) -> Verdict {
        let Some(code) = coding.get_str("code") else { return Verdict::NoCode };
        match coding.get_str("system") {
            Some(system) => self.member_of(value_set, Some(&system), &code),
            // Without its system a code means nothing, so that no value set holds it.
            None => Verdict::Out,
        }
    }

    fn member_of(&mut self, value_set: &str, system: Option<&str>, code: &str) -> Verdict {
        match self.v.defs().contains(value_set, system, code) {
            Membership::In => Verdict::In,
            Membership::Out => Verdict::Out,
            Membership::NotChecked(why) => {
                match &why {
                    NotChecked::CodeSystem(system) => self.unchecked(Missing::CodeSystem, system),
                    _ => self.unchecked(Missing::ValueSet, value_set),
                }
                Verdict::Unknown
            }
        }
    }
}
