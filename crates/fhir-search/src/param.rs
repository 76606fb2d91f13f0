//! A search parameter of one kind, ready to be computed: its expression split into places, each prepared once.
//!
//! R4 writes one expression for all kinds that share a parameter, joined by `|`; the places of other kinds are left out.
//! `where(resolve() is Patient)` asks for the kind of what a reference points to, which the reference's text says; it
//! becomes a condition on the text, so that nothing is fetched.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use tsumugi_fhir_definitions::{Definitions, SearchParam, SearchType, Strength};
use tsumugi_fhirpath::Expression;
use tsumugi_kernel::Kind;

use crate::hot;

/// A search parameter of one kind.
#[derive(Clone, Debug)]
pub struct Param {
    /// Name in a URL.
    pub code: Box<str>,
    /// Canonical URL.
    pub url: Box<str>,
    /// Type.
    pub ty: SearchType,
    /// Where its values stand.
    pub(crate) places: Vec<Place>,
    /// Kinds that a reference may point to.
    pub targets: Vec<Kind>,
    /// The parts of a composite.
    pub(crate) components: Vec<Param>,
    /// The packed parameter that says the same.
    pub(crate) packed: Option<u16>,
    /// Of an element of type `code`: the value set whose systems its codes are of.
    pub(crate) implied: Option<Box<str>>,
}

/// One place of values.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub expression: Expression,
    /// Only references to this kind.
    pub only: Option<Kind>,
}

impl Param {
    /// The kind that a reference must point to, where there is only one.
    #[must_use]
    pub fn only_target(&self) -> Option<Kind> {
        let only = |places: &[Place]| match places {
            [place] => place.only,
            _ => None,
        };
        only(&self.places).or(if let [kind] = self.targets[..] { Some(kind) } else { None })
    }

    /// Whether results can be ordered by it.
    #[must_use]
    pub const fn is_sortable(&self) -> bool {
        !matches!(self.ty, SearchType::Composite | SearchType::Special)
    }
}

/// By kind and name; nothing where a parameter cannot be computed.
type Prepared = HashMap<(Kind, Box<str>), Option<Arc<Param>>>;

/// Prepared parameters, each made when it is first asked for.
#[derive(Debug)]
pub(crate) struct Params {
    definitions: Definitions,
    prepared: RwLock<Prepared>,
}

impl Params {
    pub(crate) fn new(definitions: Definitions) -> Self {
        Self { definitions, prepared: RwLock::new(HashMap::new()) }
    }

    pub(crate) const fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// The parameter `code` of `kind`; `None` if the definitions have none, or none that can be computed.
    pub(crate) fn get(&self, kind: Kind, code: &str) -> Option<Arc<Param>> {
        let definition = self.definitions.search_param(kind.name(), code)?;
        let key = (kind, definition.code.clone());
        if let Some(known) = self.prepared.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        // INVARIANT: keys are parameters of the definitions, so the map is bounded by them.
        let made = self.prepare(kind, definition).map(Arc::new);
        self.prepared.write().unwrap_or_else(PoisonError::into_inner).insert(key, made.clone());
        made
    }

    /// The reference parameters of a kind.
    pub(crate) fn references(&self, kind: Kind) -> impl Iterator<Item = Arc<Param>> {
        let all = self.definitions.search_params(kind.name()).iter();
        all.filter(|param| param.ty == SearchType::Reference).filter_map(move |param| self.get(kind, &param.code))
    }

    fn prepare(&self, kind: Kind, definition: &SearchParam) -> Option<Param> {
        let expression = definition.expression.as_deref()?;
        let texts: Vec<&str> = alternatives(expression).into_iter().filter(|text| belongs(text, kind)).collect();
        let context = self.definitions.type_named(kind.name());
        let mut places = Vec::with_capacity(texts.len());
        for text in &texts {
            let (path, only) = without_resolve(text);
            let expression = Expression::prepare(&proper(&path), &self.definitions, context).ok()?;
            places.push(Place { expression, only });
        }
        let mut components = Vec::new();
        for component in &definition.components {
            components.push(self.component(&component.definition, &component.expression)?);
        }
        if places.is_empty() || (definition.ty == SearchType::Composite && components.is_empty()) {
            return None;
        }
        Some(Param {
            code: definition.code.clone(),
            url: definition.url.clone(),
            ty: definition.ty,
            places,
            targets: kinds(&definition.targets),
            components,
            packed: hot::packed(kind, &definition.code),
            implied: if definition.ty == SearchType::Token { self.implied(kind, &texts) } else { None },
        })
    }

    fn component(&self, url: &str, expression: &str) -> Option<Param> {
        let definition = self.definitions.search_param_by_url(url)?;
        let prepare = |text: &str| {
            let expression = Expression::prepare(&proper(text), &self.definitions, None).ok()?;
            Some(Place { expression, only: None })
        };
        Some(Param {
            code: definition.code.clone(),
            url: definition.url.clone(),
            ty: definition.ty,
            places: alternatives(expression).into_iter().map(prepare).collect::<Option<_>>()?,
            targets: kinds(&definition.targets),
            components: Vec::new(),
            packed: None,
            implied: None,
        })
    }

    /// The value set that a plain element of type `code` is bound to.
    fn implied(&self, kind: Kind, texts: &[&str]) -> Option<Box<str>> {
        let [path] = texts else { return None };
        let url = format!("http://hl7.org/fhir/StructureDefinition/{}", kind.name());
        let element = self.definitions.structure(&url)?.elements.iter().find(|element| *element.path == **path)?;
        let is_code = element.types.iter().any(|ty| &*ty.code == "code");
        let binding = element.binding.as_ref().filter(|binding| is_code && binding.strength == Strength::Required)?;
        binding.value_set.clone()
    }
}

fn kinds(names: &[Box<str>]) -> Vec<Kind> {
    if names.iter().any(|name| &**name == "Resource" || &**name == "Any") {
        return Kind::all().collect();
    }
    names.iter().filter_map(|name| Kind::from_name(name)).collect()
}

/// Splits at `|` outside brackets and quotes.
fn alternatives(expression: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut quoted, mut start) = (Vec::new(), 0usize, false, 0);
    for (at, byte) in expression.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            b'|' if !quoted && depth == 0 => {
                parts.push(expression[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(expression[start..].trim());
    parts
}

/// Whether a place is one of `kind`: it starts with the kind's name, or with no kind's.
fn belongs(text: &str, kind: Kind) -> bool {
    let start = text.trim_start_matches(['(', ' ']);
    let end = start.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(start.len());
    let name = &start[..end];
    name == kind.name() || Kind::from_name(name).is_none()
}

/// Takes `.where(resolve() is Kind)` off.
fn without_resolve(text: &str) -> (String, Option<Kind>) {
    let Some((path, rest)) = text.split_once(".where(resolve() is ") else { return (text.to_owned(), None) };
    match rest.split_once(')') {
        Some((name, "")) if Kind::from_name(name).is_some() => (path.to_owned(), Kind::from_name(name)),
        _ => (text.to_owned(), None),
    }
}

/// R4 4.0.1 writes FHIRPath's `DateTime` in one composite where it means FHIR's `dateTime`.
fn proper(text: &str) -> String {
    text.replace("as(DateTime)", "as(dateTime)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_come_apart_by_kind() {
        let text =
            "AllergyIntolerance.code | (Observation.value as CodeableConcept) | Observation.where(a | b = '|').c";
        let parts = alternatives(text);
        assert_eq!(parts.len(), 3);
        let own: Vec<&&str> = parts.iter().filter(|part| belongs(part, Kind::OBSERVATION)).collect();
        assert_eq!(own, [&"(Observation.value as CodeableConcept)", &"Observation.where(a | b = '|').c"]);
        let (path, only) = without_resolve("Observation.subject.where(resolve() is Patient)");
        assert_eq!((path.as_str(), only), ("Observation.subject", Some(Kind::PATIENT)));
    }

    #[test]
    fn every_parameter_of_r4_that_has_an_expression_is_served() {
        let params = Params::new(Definitions::r4().clone());
        let mut count = 0;
        for kind in Kind::all() {
            for definition in Definitions::r4().search_params(kind.name()) {
                if definition.expression.is_some() {
                    assert!(params.get(kind, &definition.code).is_some(), "{kind} {}", definition.code);
                    count += 1;
                }
            }
        }
        assert!(count > 2_000, "{count}");
    }
}
