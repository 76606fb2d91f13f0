//! References: their form, what they may point to, and what they do point to.

use tsumugi_fhir::{json::Node, values::ReferenceText};
use tsumugi_kernel::Kind;

use super::{At, Scope, Walk, object::Entry, resolve::Place};
use crate::{
    overlay::{Link, On, Use},
    shape::Shape,
    words::Say,
};

impl<'v, 'd> Walk<'v, 'd> {
    pub(crate) fn reference(
        &mut self,
        scope: Scope<'v, 'd>,
        node: Node<'d>,
        parent: &'v Shape,
        entry: &Entry<'v, 'd>,
        on: &[On<'v>],
    ) {
        let text = node.get_str("reference");
        let found = text.as_deref().and_then(|text| self.resolve(scope, text));
        let target = found.and_then(|(target, _)| target.get_str("resourceType"));
        let at = node.get("reference").unwrap_or(node);
        let named = text.as_deref().and_then(kind_of);
        let stated = node.get_str("type");
        let kind = target.as_deref().or(named.map(Kind::name));
        if let Some(text) = text.as_deref() {
            self.form_of(scope, at, text, found.is_some());
        }
        if let (Some(kind), Some(stated)) = (kind, stated.as_deref())
            && stated != kind
            && Kind::from_name(stated).is_some()
        {
            self.say(Say::TARGET_TYPE, None, At::node(node), [""; 2]);
        }
        let kind = kind.or(stated.as_deref());
        let targets = &entry.slot.targets;
        if let Some(kind) = kind.filter(|kind| !targets.is_empty() && !targets.iter().any(|own| &**own == *kind)) {
            // A type written as a URL, or of a logical model, is not one of the kinds.
            if Kind::from_name(kind).is_some() {
                let names = targets.join(", ");
                self.say_base(Say::TARGET, parent, &entry.slot.id, At::node(at), [&entry.slot.name, &names]);
            }
        }
        for one in on {
            let uses = one.overlay().uses.as_deref().unwrap_or_default();
            if let Some(own) = uses.iter().find(|own| own.ty == Some(self.v.known.reference)) {
                self.target_fits(scope, *one, own, at, found, kind, text.is_some());
            }
        }
    }

    /// The forms that the store relies on, and references that lead nowhere.
    fn form_of(&mut self, scope: Scope<'v, 'd>, at: Node<'d>, text: &str, found: bool) {
        match ReferenceText::read(text) {
            // What stands in `contained` under that id is the affair of R4's own rule, `ref-1`.
            ReferenceText::Contained(_) => {}
            ReferenceText::Urn(urn) => {
                let fits = urn.len() > 9 && (urn.starts_with("urn:uuid:") || urn.starts_with("urn:oid:"));
                if !fits {
                    self.say(Say::REFERENCE, None, At::node(at), [""; 2]);
                } else if !found && scope.entry.is_some() {
                    self.say(Say::UNRESOLVED, None, At::node(at), [""; 2]);
                }
            }
            ReferenceText::Relative { .. } | ReferenceText::Absolute(_) => {}
            ReferenceText::Other(text) => {
                let conditional = text.split_once('?').is_some_and(|(kind, _)| Kind::from_name(kind).is_some());
                if !conditional && !text.is_empty() {
                    self.say(Say::REFERENCE, None, At::node(at), [""; 2]);
                }
            }
        }
    }

    /// What a profile demands of the target: where it stands, and which profile it fits.
    #[expect(clippy::too_many_arguments, reason = "what is known of one reference, gathered once")]
    fn target_fits(
        &mut self,
        scope: Scope<'v, 'd>,
        on: On<'v>,
        own: &'v Use,
        at: Node<'d>,
        found: Option<(Node<'d>, Place)>,
        kind: Option<&str>,
        literal: bool,
    ) {
        let asked = own.aggregation;
        if literal && (asked.contained || asked.bundled || asked.referenced) {
            let fits = match found {
                Some((_, Place::Contained)) => asked.contained,
                Some((_, Place::Bundled)) => asked.bundled || asked.referenced,
                None => asked.referenced,
            };
            if !fits {
                self.say_on(Say::AGGREGATION, on, At::node(at), [&on.overlay().id, ""]);
            }
        }
        if own.targets.is_empty() {
            return;
        }
        let fits = own.targets.iter().any(|link| match found {
            Some((target, _)) => self.fits_link(scope, target, link),
            None => kind.is_none_or(|kind| self.may_be(link, kind)),
        });
        if !fits {
            let names = own.targets.iter().map(|link| &*link.canonical).collect::<Vec<_>>().join(", ");
            self.say_on(Say::TARGET_PROFILE, on, At::node(at), [&on.overlay().id, &names]);
        }
    }

    /// Whether a resource fits the type or profile of a link; what is not loaded cannot be denied.
    pub(crate) fn fits_link(&mut self, scope: Scope<'v, 'd>, node: Node<'d>, link: &'v Link) -> bool {
        if let Some(core) = &link.core
            && let Some(ty) = self.v.defs().type_named(core)
        {
            let own = node.get_str("resourceType").and_then(|kind| self.v.defs().type_named(&kind));
            return own.is_some_and(|own| self.v.defs().is_a(own, ty));
        }
        match self.link(link) {
            Some(program) => self.fits(scope, node, program),
            None => true,
        }
    }

    /// Whether something of a kind may fit a link.
    fn may_be(&self, link: &'v Link, kind: &str) -> bool {
        let defs = self.v.defs();
        let wanted = match &link.core {
            Some(core) => defs.type_named(core),
            None => self.v.linked(link).and_then(|program| program.ty),
        };
        match (wanted, defs.type_named(kind)) {
            (Some(wanted), Some(kind)) => defs.is_a(kind, wanted),
            _ => true,
        }
    }
}

/// The kind that a reference's text names.
fn kind_of(text: &str) -> Option<Kind> {
    match ReferenceText::read(text) {
        ReferenceText::Relative { kind, .. } => Some(kind),
        ReferenceText::Absolute(url) => {
            let url = url.split_once("/_history/").map_or(url, |(url, _)| url);
            Kind::from_name(url.rsplit('/').nth(1)?)
        }
        ReferenceText::Other(text) => Kind::from_name(text.split_once('?')?.0),
        _ => None,
    }
}
