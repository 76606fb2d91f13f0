//! One condition against one resource.

use std::{collections::HashSet, rc::Rc};

use tsumugi_fhir::date::Span;
use tsumugi_fhirpath::{Element, Item, UNTYPED};
use tsumugi_kernel::Kind;

use crate::{
    SearchError,
    found::{Found, ReferenceValue, contained},
    matches::{Matching, by_packed, packed_ids},
    param::Param,
    query::{Clause, Dated, Target, Test, Wish},
    text::fold,
    work::{Resource, Work},
};

impl Work<'_> {
    /// Whether a condition holds of a resource.
    pub(crate) fn holds(&self, clause: &Clause, resource: &Resource<'_>) -> Result<bool, SearchError> {
        match &clause.test {
            Test::Ids(ids) => self.has_id(ids, resource),
            Test::Updated(any) => Ok(resource.at.is_some_and(|at| self.updated(any, at))),
            Test::Words { narrative, any } => self.has_words(*narrative, any, resource),
            Test::Values { of, wish } => match of.iter().find(|(kind, _)| *kind == resource.kind) {
                Some((_, param)) => self.has_value(param, wish, resource),
                None => Ok(false),
            },
            Test::Chain { of, then } => match of.iter().find(|(kind, _)| *kind == resource.kind) {
                Some((_, param)) => self.leads_to(param, then, resource),
                None => Ok(false),
            },
            Test::Has { kind, by, then } => match resource.at {
                Some(at) => Ok(self.referred(clause.number, *kind, by, then)?.contains(&at)),
                None => Ok(false),
            },
        }
    }

    fn has_id(&self, ids: &[String], resource: &Resource<'_>) -> Result<bool, SearchError> {
        match resource.at {
            Some(at) => Ok(ids.iter().any(|id| self.shelf.find(resource.kind, id) == Some(at))),
            None => {
                let (_, node) = resource.nodes(self)?;
                let own = node.get_str("id");
                Ok(own.is_some_and(|own| ids.iter().any(|id| *id == own)))
            }
        }
    }

    pub(crate) fn updated(&self, any: &[Dated], at: usize) -> bool {
        let from = self.shelf.instant(at).0;
        any.iter().any(|wish| wish.holds(Span { from, to: from.saturating_add(1) }))
    }

    fn has_words(&self, narrative: bool, any: &[Vec<String>], resource: &Resource<'_>) -> Result<bool, SearchError> {
        self.spend(4)?;
        let (_, node) = resource.nodes(self)?;
        let mut text = String::new();
        if narrative {
            let div = node.find_str("text.div").unwrap_or_default();
            // What stands between tags; a tag parts words.
            for piece in div.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, words)| words)) {
                text.push_str(&fold(piece));
                text.push(' ');
            }
        } else {
            node.each_member(|_, key, value| {
                let mut add = |node: tsumugi_fhir::Node<'_>| {
                    if let Some(words) = node.as_str() {
                        text.push_str(&fold(&words));
                        text.push(' ');
                    }
                };
                if key.as_str().as_deref() != Some("div") {
                    add(value);
                    value.items().for_each(add);
                }
            });
        }
        Ok(any.iter().any(|words| words.iter().all(|word| text.contains(word.as_str()))))
    }

    fn has_value(&self, param: &Param, wish: &Wish, resource: &Resource<'_>) -> Result<bool, SearchError> {
        let is_person = |id: &str| self.shelf.is_person(id);
        let matching = self.matching(param, &is_person);
        if let (Some(code), true, Some(packed)) = (param.packed, by_packed(wish), self.packed(resource)) {
            let only = param.places.first().and_then(|place| place.only);
            let ids = packed_ids(wish);
            let hit = packed.of(code).any(|value| matching.holds_packed(wish, &ids, only, &value));
            return Ok(hit != is_negative(wish));
        }
        if let Wish::Composites(any) = wish {
            return self.has_composite(param, any, resource);
        }
        let values = self.values(param, resource)?;
        if let Wish::Missing(missing) = wish {
            return Ok(values.is_empty() == *missing);
        }
        Ok(self.any_holds(&matching, wish, &values)? != is_negative(wish))
    }

    pub(crate) fn matching<'m>(&'m self, param: &'m Param, is_person: &'m dyn Fn(&str) -> bool) -> Matching<'m> {
        let implied = param.implied.as_deref();
        Matching { definitions: self.definitions(), base: self.base, implied, is_person }
    }

    fn any_holds(&self, matching: &Matching<'_>, wish: &Wish, values: &[Found<'_>]) -> Result<bool, SearchError> {
        let mut failed = None;
        for value in values {
            match matching.holds(wish, value) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(false), Err)
    }

    fn has_composite(&self, param: &Param, any: &[Vec<Wish>], resource: &Resource<'_>) -> Result<bool, SearchError> {
        let (root, node) = resource.nodes(self)?;
        let ty = self.definitions().type_named(resource.kind.name()).unwrap_or(UNTYPED);
        let whole = Item::Node(Element::new(self.definitions(), node, ty, None));
        let is_person = |id: &str| self.shelf.is_person(id);
        for focus in self.items(&param.places, root, node, &whole)? {
            let mut parts = Vec::with_capacity(param.components.len());
            for component in &param.components {
                let items = self.items(&component.places, root, node, &focus)?;
                parts.push(items.iter().filter_map(|item| self.found(item)).collect::<Vec<_>>());
            }
            for wishes in any {
                let mut all = true;
                for ((component, wish), values) in param.components.iter().zip(wishes).zip(&parts) {
                    all = all && self.any_holds(&self.matching(component, &is_person), wish, values)?;
                }
                if all {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn leads_to(&self, param: &Param, then: &[(Kind, Clause)], resource: &Resource<'_>) -> Result<bool, SearchError> {
        let (root, _) = resource.nodes(self)?;
        for value in self.values(param, resource)? {
            let hit = match value.reference(self.base) {
                Some(ReferenceValue::Contained(id)) => {
                    match contained(root, &id).and_then(|node| Resource::contained(root, node)) {
                        Some(inner) => self.fulfils(then, &inner)?,
                        None => false,
                    }
                }
                Some(ReferenceValue::Target(target)) => match self.place(&target) {
                    Some(at) => self.fulfils_at(then, at)?,
                    None => false,
                },
                _ => false,
            };
            if hit {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn fulfils(&self, then: &[(Kind, Clause)], resource: &Resource<'_>) -> Result<bool, SearchError> {
        match then.iter().find(|(kind, _)| *kind == resource.kind) {
            Some((_, clause)) => self.holds(clause, resource),
            None => Ok(false),
        }
    }

    fn fulfils_at(&self, then: &[(Kind, Clause)], at: usize) -> Result<bool, SearchError> {
        let kind = self.shelf.kind(at);
        let Some((_, clause)) = then.iter().find(|(own, _)| *own == kind) else { return Ok(false) };
        let key = (clause.number, at);
        if let Some(known) = self.memo.borrow().get(&key) {
            return Ok(*known);
        }
        let answer = self.holds(clause, &self.resource(at))?;
        self.memo.borrow_mut().insert(key, answer);
        Ok(answer)
    }

    /// Where a reference's target stands on this shelf.
    pub(crate) fn place(&self, target: &Target) -> Option<usize> {
        match target {
            Target::Local { kind: Some(kind), id, .. } => self.shelf.find(*kind, id),
            _ => None,
        }
    }

    /// The resources to which one of `kind`, of which `then` holds, refers by `by`.
    fn referred(
        &self,
        number: usize,
        kind: Kind,
        by: &Param,
        then: &Clause,
    ) -> Result<Rc<HashSet<usize>>, SearchError> {
        if let Some(known) = self.referred.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        let mut all = HashSet::new();
        for at in (0..self.shelf.len()).filter(|at| self.shelf.kind(*at) == kind) {
            let resource = self.resource(at);
            if self.holds(then, &resource)? {
                all.extend(self.targets(by, &resource)?);
            }
        }
        let all = Rc::new(all);
        self.referred.borrow_mut().insert(number, Rc::clone(&all));
        Ok(all)
    }

    /// Where the targets of a reference parameter stand on this shelf.
    pub(crate) fn targets(&self, param: &Param, resource: &Resource<'_>) -> Result<Vec<usize>, SearchError> {
        let values = self.values(param, resource)?;
        let place = |found: &Found<'_>| match found.reference(self.base)? {
            ReferenceValue::Target(target) => self.place(&target),
            _ => None,
        };
        Ok(values.iter().filter_map(place).collect())
    }
}

/// Whether a wish holds where nothing fits.
pub(crate) const fn is_negative(wish: &Wish) -> bool {
    matches!(wish, Wish::Tokens { not: true, .. } | Wish::InSet { not: true, .. })
}
