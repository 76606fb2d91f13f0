//! What an element demands of its value beyond type and form: fixed values, patterns, bounds, codes, invariants.

use tsumugi_fhir::{
    Severity,
    json::{Document, Node},
};
use tsumugi_fhir_definitions::TypeId;
use tsumugi_fhirpath::{Context, Element, EvalError, Item as Focus};

use super::{At, Scope, Walk, member::Item, object::Entry};
use crate::{
    ask::Missing,
    clins::table,
    compare,
    overlay::{On, Overlay},
    rule::{How, Rule},
    shape::Shape,
    words::Say,
};

impl<'v, 'd> Walk<'v, 'd> {
    /// What R4 demands of the element.
    pub(crate) fn base_demands(
        &mut self,
        scope: Scope<'v, 'd>,
        parent: &'v Shape,
        entry: &Entry<'v, 'd>,
        item: Item<'d>,
    ) {
        let slot = entry.slot;
        if let (Some(bound), Some(node)) = (&slot.binding, item.value) {
            self.code(node, entry.alt, bound, None, (parent, &slot.id));
        }
        for rule in &slot.rules {
            if let Some(node) = item.node() {
                self.rule(scope, node, item.beside, entry.alt.ty, rule, &slot.id);
            }
        }
    }

    /// What a profile demands of the element.
    pub(crate) fn demands(&mut self, scope: Scope<'v, 'd>, on: On<'v>, entry: &Entry<'v, 'd>, item: Item<'d>) {
        let overlay = on.overlay();
        if let Some(node) = item.value {
            self.content(on, overlay, node, &entry.alt.key);
            if let Some(bound) = &overlay.binding {
                self.code(node, entry.alt, bound, Some(on), (scope.shape, &overlay.id));
            }
        } else if let (Some(node), true) = (item.beside, overlay.fixed.is_some() || overlay.pattern.is_some()) {
            self.say_on(Say::FIXED, on, At::node(node), [&overlay.id, ""]);
        }
        for rule in &overlay.rules {
            if let Some(node) = item.node() {
                self.rule(scope, node, item.beside, entry.alt.ty, rule, &overlay.id);
            }
        }
    }

    fn content(&mut self, on: On<'v>, overlay: &'v Overlay, node: Node<'d>, key: &str) {
        let at = At::node(node);
        if overlay.fixed.as_ref().is_some_and(|fixed| !compare::same(node, fixed.root())) {
            self.say_on(Say::FIXED, on, at, [&overlay.id, ""]);
        }
        if overlay.pattern.as_ref().is_some_and(|pattern| !compare::fits(node, pattern.root())) {
            self.say_on(Say::PATTERN, on, at, [&overlay.id, ""]);
        }
        let beyond = |bound: &Option<Document>, wrong: std::cmp::Ordering| {
            bound.as_ref().is_some_and(|bound| compare::order(node, bound.root()) == Some(wrong))
        };
        if beyond(&overlay.least, std::cmp::Ordering::Less) || beyond(&overlay.most, std::cmp::Ordering::Greater) {
            self.say_on(Say::RANGE, on, at, [&overlay.id, ""]);
        }
        let length = |most: &u32| node.as_str().is_some_and(|text| text.chars().count() > *most as usize);
        if let Some(most) = overlay.length.filter(length) {
            self.say_on(Say::LENGTH, on, at, [key, &most.to_string()]);
        }
    }

    /// One invariant at one element.
    pub(crate) fn rule(
        &mut self,
        scope: Scope<'v, 'd>,
        node: Node<'d>,
        beside: Option<Node<'d>>,
        ty: TypeId,
        rule: &'v Rule,
        id: &str,
    ) {
        // Contained resources need no narrative: their container has it.
        let advice = rule.advice && !scope.container.is_same(scope.resource);
        if self.probing > 0 && !rule.error || advice || self.stopped() {
            return;
        }
        let holds = match &rule.how {
            How::Native(native) => native.holds(node, scope.container),
            How::Words => return self.unchecked(Missing::Invariant, &rule.key),
            How::Path(expression) => {
                let focus = Element::new(self.v.defs(), node, ty, beside.filter(|beside| !beside.is_same(node)));
                match expression.is_true(&self.context(scope), Focus::Node(focus)) {
                    Ok(Some(answer)) => answer,
                    Ok(None) if rule.may_be_silent => return self.unchecked(Missing::Invariant, &rule.key),
                    Ok(None) => false,
                    Err(error) => return self.unanswered(rule, &error),
                }
            }
        };
        if !holds {
            self.broken(node, rule, id);
        }
    }

    fn context<'w>(&'w self, scope: Scope<'v, 'd>) -> Context<'w>
    where
        'd: 'w,
        'v: 'w,
    {
        Context {
            root_resource: scope.container,
            resolver: self.ask.store,
            ..Context::new(self.v.defs(), scope.resource, self.ask.now)
        }
    }

    fn unanswered(&mut self, rule: &Rule, error: &EvalError) {
        if let EvalError::NotChecked(what) = error {
            self.unchecked(Missing::ValueSet, what);
        }
        self.unchecked(Missing::Invariant, &rule.key);
    }

    fn broken(&mut self, node: Node<'d>, rule: &Rule, id: &str) {
        if rule.advice {
            self.advice = self.advice.or(Some(node)).filter(|_| self.probing == 0).or(self.advice);
            return;
        }
        let severity = if rule.error { Severity::Error } else { Severity::Warning };
        if let Some(known) = table::of_constraint(&rule.key) {
            if self.faulty(severity) {
                let finding = known.finding(severity, format!("{}{}", self.name, self.root.path_to(node)), node);
                self.found.add(severity, || finding);
            }
            return;
        }
        let at = node.get("reference").unwrap_or(node);
        if &*rule.key == "ref-1" {
            return self.say(Say::CONTAINED, None, At::node(at), [""; 2]);
        }
        let own = if rule.profile.is_none() { Say::of_invariant(&rule.key) } else { Say::INVARIANT };
        let say = own.severity(severity);
        if self.faulty(severity) {
            let source = rule.profile.as_deref().map_or_else(|| id.to_owned(), |profile| format!("{profile}|{id}"));
            self.say(say, Some(rule.key.to_string()), At::node(node), [&rule.key, &source]);
        }
    }
}
