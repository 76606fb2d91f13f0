//! One ElementDefinition, as far as it says something: a differential's element says little, a snapshot's says all.

use tsumugi_fhir::json::Node;

use super::{Fault, compact, text, texts};
use crate::model::{
    Binding, Constraint, Discriminator, DiscriminatorKind, Element, Slicing, SlicingRules, Strength, TypeRef,
};

/// An ElementDefinition of which every member may be absent.
#[derive(Clone, Debug, Default)]
pub struct Partial {
    /// `id`; of an element without one, its path.
    pub id: Box<str>,
    /// Whether `id` is there.
    pub has_id: bool,
    /// `path`.
    pub path: Box<str>,
    /// `sliceName`.
    pub slice: Option<Box<str>>,
    /// `min`.
    pub min: Option<u32>,
    /// `max`: `Some(None)` for `*`.
    pub max: Option<Option<u32>>,
    /// `base.max`, in the same way.
    pub base_max: Option<Option<u32>>,
    /// `type`; empty where absent.
    pub types: Vec<TypeRef>,
    /// `contentReference` without URL and `#`.
    pub content_reference: Option<Box<str>>,
    /// `fixed[x]`.
    pub fixed: Option<Box<str>>,
    /// `pattern[x]`.
    pub pattern: Option<Box<str>>,
    /// `minValue[x]`.
    pub min_value: Option<Box<str>>,
    /// `maxValue[x]`.
    pub max_value: Option<Box<str>>,
    /// `maxLength`.
    pub max_length: Option<u32>,
    /// `binding`.
    pub binding: Option<Binding>,
    /// `constraint`.
    pub constraints: Vec<Constraint>,
    /// `slicing`.
    pub slicing: Option<DiffSlicing>,
    /// `isModifier`.
    pub modifier: Option<bool>,
    /// `isSummary`.
    pub summary: Option<bool>,
    /// `mustSupport`.
    pub must_support: Option<bool>,
    /// Whether XML writes it as an attribute.
    pub attribute: bool,
    /// The regular expression of a primitive's value.
    pub regex: Option<Box<str>>,
}

/// `slicing`, with what a differential may leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffSlicing {
    /// `discriminator`.
    pub discriminators: Vec<Discriminator>,
    /// `ordered`.
    pub ordered: Option<bool>,
    /// `rules`.
    pub rules: Option<SlicingRules>,
}

impl DiffSlicing {
    /// With FHIR's meaning of what is absent.
    #[must_use]
    pub fn whole(&self) -> Slicing {
        Slicing {
            discriminators: self.discriminators.clone(),
            ordered: self.ordered.unwrap_or(false),
            rules: self.rules.unwrap_or(SlicingRules::Open),
        }
    }
}

/// One step of an element's id: `component:systolic` is name and slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Name in the path.
    pub name: &'a str,
    /// Name of the slice.
    pub slice: Option<&'a str>,
}

impl<'a> Step<'a> {
    /// The steps of an id.
    pub fn all(id: &'a str) -> impl Iterator<Item = Self> {
        id.split('.').map(|step| match step.split_once(':') {
            Some((name, slice)) => Self { name, slice: Some(slice) },
            None => Self { name: step, slice: None },
        })
    }
}

impl Partial {
    /// The whole element, with FHIR's meaning of what is absent.
    #[must_use]
    pub fn element(&self) -> Element {
        let max = self.max.unwrap_or(Some(1));
        let base_max = self.base_max.unwrap_or(max);
        Element {
            id: self.id.clone(),
            path: self.path.clone(),
            slice: self.slice.clone(),
            min: self.min.unwrap_or(0),
            max,
            array: base_max.is_none_or(|most| most > 1),
            types: self.types.clone(),
            content_reference: self.content_reference.clone(),
            fixed: self.fixed.clone(),
            pattern: self.pattern.clone(),
            min_value: self.min_value.clone(),
            max_value: self.max_value.clone(),
            max_length: self.max_length,
            binding: self.binding.clone(),
            constraints: self.constraints.clone(),
            slicing: self.slicing.as_ref().map(DiffSlicing::whole),
            modifier: self.modifier.unwrap_or(false),
            summary: self.summary.unwrap_or(false),
            must_support: self.must_support.unwrap_or(false),
        }
    }
}

/// Reads one element; `owner` is the structure's URL, the source of constraints that name none.
pub(super) fn read(node: Node<'_>, owner: &str) -> Result<Partial, Fault> {
    let path = text(node, "path").ok_or(Fault::missing("element.path"))?;
    let slice = text(node, "sliceName");
    let mut partial = Partial {
        has_id: node.get("id").is_some(),
        id: text(node, "id").unwrap_or_else(|| path.clone()),
        slice,
        min: number(node, "min")?,
        max: most(node)?,
        base_max: node.get("base").map(most).transpose()?.flatten(),
        content_reference: text(node, "contentReference").map(|reference| fragment(&reference)),
        max_length: number(node, "maxLength")?,
        binding: node.get("binding").map(binding).transpose()?,
        constraints: constraints(node, owner)?,
        slicing: node.get("slicing").map(slicing).transpose()?,
        modifier: node.get("isModifier").and_then(Node::as_bool),
        summary: node.get("isSummary").and_then(Node::as_bool),
        must_support: node.get("mustSupport").and_then(Node::as_bool),
        attribute: texts(node, "representation").iter().any(|how| &**how == "xmlAttr"),
        ..Partial::default()
    };
    for (key, value) in node.members() {
        let place = match key.as_ref() {
            key if is_choice(key, "fixed") => &mut partial.fixed,
            key if is_choice(key, "pattern") => &mut partial.pattern,
            key if is_choice(key, "minValue") => &mut partial.min_value,
            key if is_choice(key, "maxValue") => &mut partial.max_value,
            _ => continue,
        };
        *place = Some(compact(value.raw()));
    }
    for item in node.get("type").into_iter().flat_map(Node::items) {
        partial.regex =
            partial.regex.take().or_else(|| extension(item, "http://hl7.org/fhir/StructureDefinition/regex"));
        partial.types.push(type_ref(item, &path)?);
    }
    partial.path = path;
    Ok(partial)
}

/// Whether `key` is `name[x]` with a type.
fn is_choice(key: &str, name: &str) -> bool {
    key.strip_prefix(name).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// A count.
fn number(node: Node<'_>, member: &'static str) -> Result<Option<u32>, Fault> {
    let Some(value) = node.get(member) else { return Ok(None) };
    let text = value.number_text().ok_or(Fault::bad(member))?;
    text.parse().map(Some).map_err(|_| Fault::bad(member))
}

/// `max`.
fn most(node: Node<'_>) -> Result<Option<Option<u32>>, Fault> {
    let Some(text) = node.get_str("max") else { return Ok(None) };
    match text.as_ref() {
        "*" => Ok(Some(None)),
        digits => digits.parse().map(|most| Some(Some(most))).map_err(|_| Fault::bad("element.max")),
    }
}

/// What stands behind `#`, or the whole.
fn fragment(reference: &str) -> Box<str> {
    reference.rsplit_once('#').map_or(reference, |(_, fragment)| fragment).into()
}

/// The value of an extension, as text.
fn extension(node: Node<'_>, url: &str) -> Option<Box<str>> {
    let extensions = node.get("extension").into_iter().flat_map(Node::items);
    let mut found = extensions.filter(|extension| extension.get_str("url").is_some_and(|it| it == url));
    let value = found.next()?.members().find(|(key, _)| key.starts_with("value"))?.1;
    Some(value.as_str()?.into_owned().into_boxed_str())
}

fn type_ref(node: Node<'_>, path: &str) -> Result<TypeRef, Fault> {
    let mut code = text(node, "code").ok_or(Fault::missing("element.type.code"))?;
    if code.starts_with("http://hl7.org/fhirpath/") && !is_primitive_value(path) {
        // R4 says `string` of the logical id of a resource, though its type is `id`.
        let stated = extension(node, "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type");
        code = match stated {
            _ if is_resource_id(path) => "id".into(),
            Some(stated) => stated,
            None => "string".into(),
        };
    }
    Ok(TypeRef {
        code,
        profiles: texts(node, "profile"),
        target_profiles: texts(node, "targetProfile"),
        aggregation: texts(node, "aggregation"),
    })
}

/// Whether the path is the value of a primitive: `string.value`.
fn is_primitive_value(path: &str) -> bool {
    path.strip_suffix(".value")
        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('.'))
}

/// Whether the path is the id of a resource; data types have an id too, of type `string`.
fn is_resource_id(path: &str) -> bool {
    path.strip_suffix(".id").is_some_and(|name| tsumugi_kernel::Kind::from_name(name).is_some() || is_abstract(name))
}

fn is_abstract(name: &str) -> bool {
    matches!(name, "Resource" | "DomainResource")
}

fn binding(node: Node<'_>) -> Result<Binding, Fault> {
    let strength = match node.get_str("strength").as_deref() {
        Some("required") => Strength::Required,
        Some("extensible") => Strength::Extensible,
        Some("preferred") => Strength::Preferred,
        Some("example") => Strength::Example,
        Some(_) => return Err(Fault::bad("element.binding.strength")),
        None => return Err(Fault::missing("element.binding.strength")),
    };
    let max_value_set = extension(node, "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet");
    Ok(Binding { strength, value_set: text(node, "valueSet"), max_value_set })
}

fn constraints(node: Node<'_>, owner: &str) -> Result<Vec<Constraint>, Fault> {
    let items = node.get("constraint").into_iter().flat_map(Node::items);
    let read = |item: Node<'_>| {
        Ok(Constraint {
            key: text(item, "key").ok_or(Fault::missing("element.constraint.key"))?,
            is_error: item.get_str("severity").is_none_or(|severity| severity == "error"),
            expression: text(item, "expression"),
            source: text(item, "source").or_else(|| Some(owner.into())),
        })
    };
    items.map(read).collect()
}

fn slicing(node: Node<'_>) -> Result<DiffSlicing, Fault> {
    let rules = match node.get_str("rules").as_deref() {
        None => None,
        Some("open") => Some(SlicingRules::Open),
        Some("closed") => Some(SlicingRules::Closed),
        Some("openAtEnd") => Some(SlicingRules::OpenAtEnd),
        Some(_) => return Err(Fault::bad("element.slicing.rules")),
    };
    let items = node.get("discriminator").into_iter().flat_map(Node::items);
    let discriminators = items.map(discriminator).collect::<Result<_, _>>()?;
    Ok(DiffSlicing { discriminators, ordered: node.get("ordered").and_then(Node::as_bool), rules })
}

fn discriminator(node: Node<'_>) -> Result<Discriminator, Fault> {
    let kind = match node.get_str("type").as_deref() {
        Some("value") => DiscriminatorKind::Value,
        Some("exists") => DiscriminatorKind::Exists,
        Some("pattern") => DiscriminatorKind::Pattern,
        Some("type") => DiscriminatorKind::Type,
        Some("profile") => DiscriminatorKind::Profile,
        Some(_) => return Err(Fault::bad("element.slicing.discriminator.type")),
        None => return Err(Fault::missing("element.slicing.discriminator.type")),
    };
    let path = text(node, "path").ok_or(Fault::missing("element.slicing.discriminator.path"))?;
    Ok(Discriminator { kind, path })
}
