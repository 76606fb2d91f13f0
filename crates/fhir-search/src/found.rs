//! What stands at a parameter's places, read by its type: tokens, spans, numbers, words, references.

use std::borrow::Cow;

use rust_decimal::Decimal;
use tsumugi_fhir::{
    Node,
    date::Span,
    values::{span, systems},
};
use tsumugi_kernel::Kind;

use crate::{
    number,
    query::Target,
    unit::{self, Scale},
};

/// One value at a place.
#[derive(Clone, Debug)]
pub(crate) enum Found<'a> {
    /// An element, with the name of its type.
    Node { node: Node<'a>, ty: &'a str },
    /// A boolean that an expression computed.
    Bool(bool),
    /// Another value that an expression computed, as FHIR writes it.
    Text(Cow<'a, str>),
}

/// A token as it stands in a resource.
#[derive(Clone, Debug)]
pub(crate) struct TokenValue<'a> {
    pub system: Cow<'a, str>,
    pub code: Cow<'a, str>,
    /// R4: a token that is a plain string is compared without case.
    pub any_case: bool,
    /// An element of type `code`, whose system the definition implies.
    pub is_code: bool,
}

/// Bounds of a quantity, both included; open where `None`.
#[derive(Clone, Debug)]
pub(crate) struct QuantityValue<'a> {
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
    pub system: Cow<'a, str>,
    pub code: Cow<'a, str>,
    pub unit: Cow<'a, str>,
}

/// A reference as it stands in a resource.
#[derive(Clone, Debug)]
pub(crate) enum ReferenceValue<'a> {
    /// `#id`: what the resource contains; the resource itself where empty.
    Contained(Cow<'a, str>),
    /// Anything else that is written.
    Target(Target),
    /// An identifier or words only.
    Logical,
}

impl<'a> Found<'a> {
    /// The text of a primitive.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Node { node, .. } => node
                .as_str()
                .or_else(|| node.number_text().map(Cow::Borrowed))
                .or_else(|| Some(yes_no(node.as_bool()?))),
            Self::Bool(yes) => Some(yes_no(*yes)),
            Self::Text(text) => Some(text.clone()),
        }
    }

    /// The object, if it is one.
    pub fn object(&self) -> Option<Node<'a>> {
        match self {
            Self::Node { node, .. } => node.is_object().then_some(*node),
            _ => None,
        }
    }

    fn ty(&self) -> &'a str {
        match self {
            Self::Node { ty, .. } => ty,
            _ => "",
        }
    }

    /// Calls `see` for every token of a code, string, boolean, Coding, CodeableConcept, Identifier or ContactPoint.
    pub fn tokens(&self, see: &mut dyn FnMut(TokenValue<'a>)) {
        let Some(node) = self.object() else {
            if let Some(code) = self.text() {
                let ty = self.ty();
                let any_case = matches!(ty, "string" | "markdown");
                see(TokenValue { system: Cow::Borrowed(""), code, any_case, is_code: ty == "code" });
            }
            return;
        };
        let mut one = |node: Node<'a>, system: &str, code: &str| {
            if let Some(text) = node.get_str(code).or_else(|| node.get(code)?.number_text().map(Cow::Borrowed)) {
                let system = systems::present(node.get_str(system).unwrap_or_default());
                see(TokenValue { system, code: text, any_case: false, is_code: false });
            } else if let Some(system) = node.get_str(system) {
                see(TokenValue {
                    system: systems::present(system),
                    code: Cow::Borrowed(""),
                    any_case: false,
                    is_code: false,
                });
            }
        };
        match self.ty() {
            "CodeableConcept" => node.find("coding").for_each(|coding| one(coding, "system", "code")),
            "Identifier" => one(node, "system", "value"),
            "ContactPoint" => one(node, "use", "value"),
            _ if node.get("coding").is_some() => node.find("coding").for_each(|coding| one(coding, "system", "code")),
            _ if node.get("code").is_some() => one(node, "system", "code"),
            _ => one(node, "system", "value"),
        }
    }

    /// The words beside a token: `CodeableConcept.text`, `Coding.display`, `Identifier.type.text`, `Reference.display`.
    pub fn token_words(&self, see: &mut dyn FnMut(Cow<'a, str>)) {
        let Some(node) = self.object() else { return };
        for path in ["text", "display", "coding.display", "type.text"] {
            node.find(path).filter_map(Node::as_str).for_each(&mut *see);
        }
    }

    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Node { node, .. } => span(*node),
            _ => Span::parse(&self.text()?),
        }
    }

    pub fn number(&self) -> Option<Decimal> {
        number::read(&self.text()?)
    }

    /// A Quantity (Age, Duration …), a Range, or Money with its currency as the unit.
    pub fn quantity(&self) -> Option<QuantityValue<'a>> {
        let node = self.object()?;
        let value = |node: Node<'a>| node.get("value").and_then(Node::number_text).and_then(number::read);
        if let Some(currency) = node.get_str("currency") {
            let value = value(node)?;
            let system = Cow::Borrowed("urn:iso:std:iso:4217");
            return Some(QuantityValue {
                low: Some(value),
                high: Some(value),
                system,
                unit: currency.clone(),
                code: currency,
            });
        }
        let (low, high) = (node.get("low"), node.get("high"));
        if low.is_some() || high.is_some() {
            let unit = low.or(high)?;
            let (low, high) = (low.and_then(value), high.and_then(value));
            return (low.is_some() || high.is_some()).then(|| measured(unit, low, high));
        }
        let value = value(node)?;
        let (low, high) = match node.get_str("comparator").as_deref() {
            Some("<" | "<=") => (None, Some(value)),
            Some(">" | ">=") => (Some(value), None),
            _ => (Some(value), Some(value)),
        };
        Some(measured(node, low, high))
    }

    /// The words of a string, a HumanName, an Address or another element that has words.
    pub fn strings(&self, see: &mut dyn FnMut(Cow<'a, str>)) {
        let Some(node) = self.object() else {
            self.text().into_iter().for_each(see);
            return;
        };
        let parts: &[&str] = match self.ty() {
            "HumanName" => &["text", "family", "given", "prefix", "suffix"],
            "Address" => &["text", "line", "city", "district", "state", "postalCode", "country"],
            _ => &["text", "display", "name", "value", "coding.display"],
        };
        for part in parts {
            node.find(part).filter_map(Node::as_str).for_each(&mut *see);
        }
    }

    /// A Reference, a canonical or a URI.
    pub fn reference(&self, base: &str) -> Option<ReferenceValue<'a>> {
        let text = match self.object() {
            Some(node) => match node.get_str("reference") {
                Some(text) => text,
                None => return Some(ReferenceValue::Logical),
            },
            None => self.text()?,
        };
        Some(match text.strip_prefix('#') {
            Some(id) => ReferenceValue::Contained(Cow::Owned(id.to_owned())),
            None => ReferenceValue::Target(Target::read(&text, base, None)),
        })
    }

    /// The kind that a reference points to, as far as its text, its `type` or the contained resource says.
    pub fn referred_kind(&self, base: &str, root: Node<'a>) -> Option<Kind> {
        let said = || self.object()?.get_str("type").and_then(|name| Kind::from_name(&name));
        match self.reference(base)? {
            ReferenceValue::Contained(id) => Kind::from_name(&contained(root, &id)?.get_str("resourceType")?),
            ReferenceValue::Target(Target::Local { kind: Some(kind), .. }) => Some(kind),
            ReferenceValue::Target(Target::Url { url, .. }) => {
                // Of a URL elsewhere the last two steps are a kind and an id.
                let steps: Vec<&str> = url.split("/_history/").next()?.rsplitn(3, '/').collect();
                steps.get(1).and_then(|name| Kind::from_name(name)).or_else(said)
            }
            _ => said(),
        }
    }
}

/// What a resource contains under an id; itself where the id is empty.
pub(crate) fn contained<'a>(root: Node<'a>, id: &str) -> Option<Node<'a>> {
    if id.is_empty() {
        return Some(root);
    }
    root.find("contained").find(|node| node.get_str("id").as_deref() == Some(id))
}

fn yes_no(yes: bool) -> Cow<'static, str> {
    Cow::Borrowed(if yes { "true" } else { "false" })
}

fn measured<'a>(node: Node<'a>, low: Option<Decimal>, high: Option<Decimal>) -> QuantityValue<'a> {
    let text = |key: &str| node.get_str(key).unwrap_or_default();
    QuantityValue { low, high, system: text("system"), code: text("code"), unit: text("unit") }
}

impl QuantityValue<'_> {
    /// How its unit becomes the canonical one.
    pub fn scale(&self) -> Option<Scale> {
        if self.system == unit::UCUM { Scale::of(&self.code) } else { None }
    }
}
