//! What an expression works on: elements of a document with their types, and values of FHIRPath's own.
//!
//! An element borrows its document; its value is read only when something asks for it.

use std::borrow::Cow;

use rust_decimal::Decimal;
use smallvec::SmallVec;
use tsumugi_fhir::json::{Node, Type};
use tsumugi_fhir_definitions::{Definitions, TypeId, TypeKind};

use crate::syntax::ast::{Literal, System};
use crate::value::quantity::{Quantity, Unit};
use crate::value::{Temporal, number};

/// A result: items in order.
pub type Collection<'a> = SmallVec<[Item<'a>; 2]>;

/// One item.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// An element of a document.
    Node(Element<'a>),
    /// `true` or `false`.
    Boolean(bool),
    /// Text.
    String(Cow<'a, str>),
    /// A whole number of 32 bits.
    Integer(i32),
    /// An exact decimal.
    Decimal(Decimal),
    /// A date.
    Date(Temporal),
    /// A date with a time.
    DateTime(Temporal),
    /// A time of day.
    Time(Temporal),
    /// A value with a unit.
    Quantity(Box<Quantity>),
    /// What `type()` answers: namespace and name.
    Type(&'static str, Box<str>),
}

/// An element of a document.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Its JSON value; `None` of a primitive that has only an id or extensions, and of a reference's target that is
    /// known by its type alone.
    pub node: Option<Node<'a>>,
    /// Of a primitive: the object `_name` beside it, with id and extensions.
    pub sibling: Option<Node<'a>>,
    /// Its type; [`UNTYPED`] of what the definitions do not know.
    pub ty: TypeId,
    pub(crate) class: Class,
}

/// The type of an element that the definitions do not know.
pub const UNTYPED: TypeId = TypeId(u16::MAX);

/// How a type's values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// No value of its own.
    Complex,
    /// A resource known only when met.
    Resource,
    /// `Quantity` and its specialisations.
    Quantity,
    Boolean,
    Integer,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    /// Not known to the definitions.
    Untyped,
}

impl Class {
    /// How values of a type are read.
    pub(crate) fn of(defs: &Definitions, ty: TypeId) -> Self {
        if ty == UNTYPED {
            return Self::Untyped;
        }
        let def = defs.ty(ty);
        match def.kind {
            TypeKind::Resource if def.is_abstract => Self::Resource,
            TypeKind::Resource | TypeKind::Backbone => Self::Complex,
            TypeKind::Complex => match &*def.name {
                "Quantity" | "Age" | "Count" | "Distance" | "Duration" | "SimpleQuantity" | "MoneyQuantity" => {
                    Self::Quantity
                }
                _ => Self::Complex,
            },
            TypeKind::Primitive => match &*def.name {
                "boolean" => Self::Boolean,
                "integer" | "positiveInt" | "unsignedInt" => Self::Integer,
                "decimal" => Self::Decimal,
                "date" => Self::Date,
                "dateTime" | "instant" => Self::DateTime,
                "time" => Self::Time,
                _ => Self::String,
            },
            TypeKind::System => match system_name(&def.name) {
                "Boolean" => Self::Boolean,
                "Integer" => Self::Integer,
                "Decimal" => Self::Decimal,
                "Date" => Self::Date,
                "DateTime" => Self::DateTime,
                "Time" => Self::Time,
                _ => Self::String,
            },
        }
    }

    /// Whether the type is a primitive, with `_name` beside it.
    pub(crate) fn is_primitive(self) -> bool {
        !matches!(self, Self::Complex | Self::Resource | Self::Quantity)
    }
}

/// `String` of `System.String` and of `http://hl7.org/fhirpath/System.String`.
pub(crate) fn system_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

impl<'a> Element<'a> {
    /// An element. Of a resource, `ty` may be abstract: the real type is read from `resourceType`.
    #[must_use]
    pub fn new(defs: &Definitions, node: Node<'a>, ty: TypeId, sibling: Option<Node<'a>>) -> Self {
        let class = Class::of(defs, ty);
        if class == Class::Resource || ty == UNTYPED && node.is_object() {
            return Self::resource(defs, node, ty);
        }
        Self { node: Some(node), sibling, ty, class }
    }

    /// A resource with the type that its `resourceType` names.
    pub(crate) fn resource(defs: &Definitions, node: Node<'a>, otherwise: TypeId) -> Self {
        let named = node.get("resourceType").and_then(|kind| kind.as_str()).and_then(|kind| defs.type_named(&kind));
        let ty = named.filter(|ty| defs.ty(*ty).kind == TypeKind::Resource).unwrap_or(otherwise);
        let class = if ty == UNTYPED { Class::Untyped } else { Class::Complex };
        Self { node: Some(node), sibling: None, ty, class }
    }

    /// The element's value as one of FHIRPath's own; `None` where it has none.
    ///
    /// A value that is not what its type says (a date that there is not) is read as text.
    #[must_use]
    pub fn value(&self) -> Option<Item<'a>> {
        let node = self.node?;
        match node.kind() {
            Type::String => {
                let text = node.as_str()?;
                let typed = match self.class {
                    Class::Date => Temporal::date(&text).map(Item::Date),
                    Class::DateTime => Temporal::date_time(&text).map(Item::DateTime),
                    Class::Time => Temporal::time(&text).map(Item::Time),
                    _ => None,
                };
                Some(typed.unwrap_or(Item::String(text)))
            }
            Type::Number => {
                let text = node.number_text()?;
                let whole = if self.class == Class::Decimal { None } else { text.parse().ok() };
                let read = whole.map(Item::Integer).or_else(|| number::parse(text).map(Item::Decimal));
                Some(read.unwrap_or(Item::String(Cow::Borrowed(text))))
            }
            Type::Bool => node.as_bool().map(Item::Boolean),
            Type::Object if self.class == Class::Quantity => self.quantity().map(|q| Item::Quantity(Box::new(q))),
            Type::Object | Type::Array | Type::Null => None,
        }
    }

    /// A FHIR Quantity as FHIRPath's: only with a value, without comparator, and with a UCUM code or no unit at all.
    fn quantity(&self) -> Option<Quantity> {
        let node = self.node?;
        let (mut value, mut system, mut code) = (None, None, None);
        for (key, member) in node.members() {
            match &*key {
                "value" => value = number::parse(member.number_text()?),
                "comparator" => return None,
                "system" => system = member.as_str(),
                "code" => code = member.as_str(),
                _ => {}
            }
        }
        let unit = match (system.as_deref(), code.as_deref()) {
            (Some("http://unitsofmeasure.org"), Some(code)) => Unit::from_fhir(code),
            (None, None) if node.get("unit").is_none() => Unit::Ucum("1".into()),
            _ => return None,
        };
        Some(Quantity { value: value?, unit })
    }
}

impl<'a> Item<'a> {
    /// A resource, of the type that its `resourceType` names.
    #[must_use]
    pub fn resource(defs: &Definitions, node: Node<'a>) -> Self {
        Self::Node(Element::resource(defs, node, UNTYPED))
    }

    /// The value as FHIRPath's own: an element's value, or the item itself. `None` of an element without value.
    pub(crate) fn system(&self) -> Option<Cow<'_, Self>> {
        match self {
            Self::Node(element) => element.value().map(Cow::Owned),
            value => Some(Cow::Borrowed(value)),
        }
    }

    /// The text of a text or of a primitive that is written as text.
    #[must_use]
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::String(text) => Some(Cow::Borrowed(text)),
            Self::Node(element) if element.class.is_primitive() => element.node?.as_str(),
            _ => None,
        }
    }

    /// A boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(yes) => Some(*yes),
            Self::Node(element) => element.node?.as_bool(),
            _ => None,
        }
    }

    /// FHIRPath's own type of a value that is no element.
    pub(crate) fn system_type(&self) -> Option<System> {
        Some(match self {
            Self::Boolean(_) => System::Boolean,
            Self::String(_) => System::String,
            Self::Integer(_) => System::Integer,
            Self::Decimal(_) => System::Decimal,
            Self::Date(_) => System::Date,
            Self::DateTime(_) => System::DateTime,
            Self::Time(_) => System::Time,
            Self::Quantity(_) => System::Quantity,
            Self::Node(_) | Self::Type(..) => return None,
        })
    }

    /// Name of the item's type: FHIR's (`HumanName`, `string`), or FHIRPath's own (`String`).
    #[must_use]
    pub fn type_name<'d>(&self, defs: &'d Definitions) -> &'d str {
        match self {
            Self::Node(element) if element.ty != UNTYPED => system_name_of(defs, element.ty),
            _ => self.system_type().map_or("Any", System::name),
        }
    }

    /// The item's value as FHIRPath's `toString()` writes it; `None` of elements without value.
    #[must_use]
    pub fn to_text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Node(element) => match element.value()? {
                // What is written is said as it is written: `1.50`, `2015-02-04T14:34:28+09:00`.
                Item::Quantity(quantity) => Cow::Owned(quantity.to_text()),
                Item::String(text) => text,
                _ => element.node.and_then(|node| node.as_str().or_else(|| Some(Cow::Borrowed(node.raw()))))?,
            },
            Self::Boolean(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
            Self::String(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Decimal(number) => Cow::Owned(number.to_string()),
            Self::Date(date) | Self::DateTime(date) => Cow::Owned(date.to_text()),
            Self::Time(time) => Cow::Owned(time.to_time_text()),
            Self::Quantity(quantity) => Cow::Owned(quantity.to_text()),
            Self::Type(..) => return None,
        })
    }
}

/// A type's name; of FHIRPath's own without namespace.
fn system_name_of(defs: &Definitions, ty: TypeId) -> &str {
    let def = defs.ty(ty);
    if def.kind == TypeKind::System { system_name(&def.name) } else { &def.name }
}

impl Literal {
    /// The constant as an item that borrows its text.
    pub(crate) fn item(&self) -> Item<'_> {
        match self {
            Self::Boolean(yes) => Item::Boolean(*yes),
            Self::Text(text) => Item::String(Cow::Borrowed(text)),
            Self::Integer(number) => Item::Integer(*number),
            Self::Decimal(number) => Item::Decimal(*number),
            Self::Date(date) => Item::Date(*date),
            Self::DateTime(date) => Item::DateTime(*date),
            Self::Time(time) => Item::Time(*time),
            Self::Quantity(quantity) => Item::Quantity(quantity.clone()),
        }
    }
}

impl Element<'_> {
    /// Whether elements of this type have values of FHIRPath's own.
    pub(crate) fn may_have_value(&self) -> bool {
        self.class.is_primitive() || self.class == Class::Quantity
    }

    /// Whether its type is FHIR's, not FHIRPath's own.
    pub(crate) fn is_fhir(&self, defs: &Definitions) -> bool {
        self.ty != UNTYPED && defs.ty(self.ty).kind != TypeKind::System
    }
}
