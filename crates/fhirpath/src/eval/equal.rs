//! Equality, equivalence and order of items and collections.
//!
//! Equality of what cannot be compared for lack of precision or of common units is unknown: `None`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use rust_decimal::Decimal;
use tsumugi_fhir::json::{Node, Type};
use tsumugi_fhir_definitions::TypeId;

use super::Machine;
use crate::error::EvalError;
use crate::item::{Class, Element, Item, UNTYPED};
use crate::value::number;

/// From how many items on a table of hashes pays.
const HASH_FROM: usize = 12;

impl<'a> Machine<'_, 'a> {
    /// Whether two items are equal; `None` where that is unknown.
    pub(super) fn equal(&mut self, a: &Item<'a>, b: &Item<'a>) -> Result<Option<bool>, EvalError> {
        self.charge(1)?;
        if let (Some(x), Some(y)) = (plain_text(a), plain_text(b)) {
            return Ok(Some(x == y));
        }
        if let (Item::Node(x), Item::Node(y)) = (a, b) {
            let plain = |e: &Element<'_>| matches!(e.class, Class::Complex | Class::Untyped | Class::Resource);
            if plain(x) || plain(y) {
                return self.same_elements(x, y);
            }
            if x.class == Class::Quantity && y.class == Class::Quantity && (x.value().is_none() || y.value().is_none())
            {
                return self.same_elements(x, y);
            }
        }
        let (Some(x), Some(y)) = (a.system(), b.system()) else {
            return match (a, b) {
                (Item::Node(x), Item::Node(y)) => self.same_elements(x, y),
                _ => Ok(Some(false)),
            };
        };
        Ok(equal_values(&x, &y))
    }

    /// Whether two elements have the same content, member by member.
    fn same_elements(&mut self, x: &Element<'a>, y: &Element<'a>) -> Result<Option<bool>, EvalError> {
        match (x.node, y.node) {
            (Some(a), Some(b)) => {
                if a.is_same(b) {
                    return Ok(Some(true));
                }
                self.same(a, x.ty, b, y.ty)
            }
            (None, None) => match (x.sibling, y.sibling) {
                (Some(a), Some(b)) => self.same(a, UNTYPED, b, UNTYPED),
                (a, b) => Ok(Some(a.is_none() && b.is_none() && x.ty == y.ty)),
            },
            _ => Ok(Some(false)),
        }
    }

    /// Recursion is as deep as the document.
    fn same(&mut self, a: Node<'a>, a_type: TypeId, b: Node<'a>, b_type: TypeId) -> Result<Option<bool>, EvalError> {
        self.charge(1)?;
        if a.kind() != b.kind() {
            return Ok(Some(false));
        }
        match a.kind() {
            Type::Object => self.same_members(a, a_type, b, b_type),
            Type::Array => {
                let (mut a_items, mut b_items) = (a.items(), b.items());
                let mut all = Some(true);
                loop {
                    match (a_items.next(), b_items.next()) {
                        (None, None) => return Ok(all),
                        (Some(x), Some(y)) => match self.same(x, a_type, y, b_type)? {
                            Some(true) => {}
                            Some(false) => return Ok(Some(false)),
                            None => all = None,
                        },
                        _ => return Ok(Some(false)),
                    }
                }
            }
            Type::Null => Ok(Some(true)),
            Type::Bool => Ok(Some(a.as_bool() == b.as_bool())),
            Type::Number | Type::String => {
                let defs = self.context.defs;
                let read =
                    |node, ty| Element { node: Some(node), sibling: None, ty, class: Class::of(defs, ty) }.value();
                match (read(a, a_type), read(b, b_type)) {
                    (Some(x), Some(y)) => Ok(equal_values(&x, &y)),
                    (x, y) => Ok(Some(x.is_none() && y.is_none())),
                }
            }
        }
    }

    fn same_members(
        &mut self,
        a: Node<'a>,
        a_type: TypeId,
        b: Node<'a>,
        b_type: TypeId,
    ) -> Result<Option<bool>, EvalError> {
        if a.members().count() != b.members().count() {
            return Ok(Some(false));
        }
        let defs = self.context.defs;
        let type_of = |ty, key: &str| match ty {
            UNTYPED => UNTYPED,
            ty => defs.field(ty, key.strip_prefix('_').unwrap_or(key)).map_or(UNTYPED, |(_, ty)| ty),
        };
        let real = |node: Node<'a>, ty| match ty {
            UNTYPED => UNTYPED,
            ty => Element::new(defs, node, ty, None).ty,
        };
        let (a_type, b_type) = (real(a, a_type), real(b, b_type));
        let mut all = Some(true);
        for (key, member) in a.members() {
            let Some(other) = b.get(&key) else { return Ok(Some(false)) };
            match self.same(member, type_of(a_type, &key), other, type_of(b_type, &key))? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => all = None,
            }
        }
        Ok(all)
    }

    /// Whether two collections are equal, in order; `None` where one is empty or it is unknown.
    pub(super) fn equal_collections(&mut self, a: &[Item<'a>], b: &[Item<'a>]) -> Result<Option<bool>, EvalError> {
        if a.is_empty() || b.is_empty() {
            return Ok(None);
        }
        if a.len() != b.len() {
            return Ok(Some(false));
        }
        let mut all = Some(true);
        for (x, y) in a.iter().zip(b) {
            match self.equal(x, y)? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => all = None,
            }
        }
        Ok(all)
    }

    /// Whether two items are equivalent: never unknown.
    pub(super) fn equivalent(&mut self, a: &Item<'a>, b: &Item<'a>) -> Result<bool, EvalError> {
        self.charge(1)?;
        if let (Item::Node(x), Item::Node(y)) = (a, b)
            && (x.value().is_none() || y.value().is_none())
        {
            return self.equivalent_elements(x, y);
        }
        let (Some(x), Some(y)) = (a.system(), b.system()) else { return Ok(false) };
        if let (Item::String(a), Item::String(b)) = (&*x, &*y) {
            self.charge((a.len() + b.len()) / 64)?;
        }
        Ok(equivalent_values(&x, &y))
    }

    fn equivalent_elements(&mut self, x: &Element<'a>, y: &Element<'a>) -> Result<bool, EvalError> {
        let (mut a, mut b) = (super::Collection::new(), super::Collection::new());
        self.children(&Item::Node(*x), &mut a)?;
        self.children(&Item::Node(*y), &mut b)?;
        if a.is_empty() && b.is_empty() {
            return Ok(self.same_elements(x, y)? == Some(true));
        }
        self.equivalent_collections(&a, &b)
    }

    /// Whether two collections are equivalent, in any order.
    pub(super) fn equivalent_collections(&mut self, a: &[Item<'a>], b: &[Item<'a>]) -> Result<bool, EvalError> {
        if a.len() != b.len() {
            return Ok(false);
        }
        let mut left: Vec<&Item<'a>> = b.iter().collect();
        for x in a {
            let mut found = None;
            for (at, y) in left.iter().enumerate() {
                if self.equivalent(x, y)? {
                    found = Some(at);
                    break;
                }
            }
            match found {
                Some(at) => drop(left.remove(at)),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Whether an item is in a collection.
    pub(super) fn holds(&mut self, items: &[Item<'a>], wanted: &Item<'a>) -> Result<bool, EvalError> {
        for item in items {
            if self.equal(item, wanted)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds each of `items` to `out` that is not there yet.
    pub(super) fn add_distinct(
        &mut self,
        items: impl IntoIterator<Item = Item<'a>>,
        out: &mut Distinct<'a>,
    ) -> Result<(), EvalError> {
        for item in items {
            if out.hashes.is_none() && out.items.len() < HASH_FROM {
                if !self.holds(&out.items, &item)? {
                    out.items.push(item);
                }
                continue;
            }
            let hashes = out.hashes.get_or_insert_with(|| {
                let mut hashes = std::collections::HashMap::new();
                for (at, item) in out.items.iter().enumerate() {
                    hashes.entry(hash_of(item)).or_insert_with(Vec::new).push(at);
                }
                hashes
            });
            let same = hashes.entry(hash_of(&item)).or_default();
            let mut known = false;
            for at in same.iter() {
                if self.equal(&out.items[*at], &item)? == Some(true) {
                    known = true;
                    break;
                }
            }
            self.charge(1)?;
            if !known {
                same.push(out.items.len());
                out.items.push(item);
            }
        }
        self.bound(out.items.len())
    }

    /// Which of two items comes first; `None` where that is unknown.
    pub(super) fn compare(
        &mut self,
        a: &Item<'a>,
        b: &Item<'a>,
        what: &'static str,
    ) -> Result<Option<Ordering>, EvalError> {
        let (Some(x), Some(y)) = (a.system(), b.system()) else {
            let valueless = |item: &Item<'_>| match item {
                Item::Node(element) => element.may_have_value(),
                _ => true,
            };
            return if valueless(a) && valueless(b) { Ok(None) } else { Err(EvalError::Type(what)) };
        };
        Ok(match (&*x, &*y) {
            (Item::String(a), Item::String(b)) => Some(a.cmp(b)),
            (Item::Integer(a), Item::Integer(b)) => Some(a.cmp(b)),
            (Item::Date(a) | Item::DateTime(a), Item::Date(b) | Item::DateTime(b)) | (Item::Time(a), Item::Time(b)) => {
                a.compare(b)
            }
            (Item::Quantity(a), Item::Quantity(b)) => a.compare(b),
            (Item::Quantity(a), other) => match decimal(other) {
                Some(b) => a.compare(&crate::value::Quantity::plain(b)),
                None => return Err(EvalError::Type(what)),
            },
            (other, Item::Quantity(b)) => match decimal(other) {
                Some(a) => crate::value::Quantity::plain(a).compare(b),
                None => return Err(EvalError::Type(what)),
            },
            (a, b) => match (decimal(a), decimal(b)) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => return Err(EvalError::Type(what)),
            },
        })
    }
}

/// Items that differ from each other.
#[derive(Default)]
pub(super) struct Distinct<'a> {
    pub(super) items: super::Collection<'a>,
    hashes: Option<std::collections::HashMap<u64, Vec<usize>>>,
}

/// A number as a decimal.
pub(super) fn decimal(item: &Item<'_>) -> Option<Decimal> {
    match item {
        Item::Integer(number) => Some(Decimal::from(*number)),
        Item::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// Whether two values of FHIRPath's own are equal; `None` where that is unknown.
fn equal_values(a: &Item<'_>, b: &Item<'_>) -> Option<bool> {
    match (a, b) {
        (Item::String(a), Item::String(b)) => Some(a == b),
        (Item::Boolean(a), Item::Boolean(b)) => Some(a == b),
        (Item::Integer(a), Item::Integer(b)) => Some(a == b),
        (Item::Date(a) | Item::DateTime(a), Item::Date(b) | Item::DateTime(b)) | (Item::Time(a), Item::Time(b)) => {
            a.compare(b).map(Ordering::is_eq)
        }
        (Item::Quantity(a), Item::Quantity(b)) => match a.compare(b) {
            Some(order) => Some(order.is_eq()),
            None if a.is_comparable(b) => None,
            None => Some(false),
        },
        (Item::Quantity(a), b) => {
            decimal(b).map(|b| a.compare(&crate::value::Quantity::plain(b)) == Some(Ordering::Equal)).or(Some(false))
        }
        (a, Item::Quantity(b)) => {
            decimal(a).map(|a| crate::value::Quantity::plain(a).compare(b) == Some(Ordering::Equal)).or(Some(false))
        }
        (Item::Type(a, x), Item::Type(b, y)) => Some(a == b && x == y),
        (a, b) => match (decimal(a), decimal(b)) {
            (Some(a), Some(b)) => Some(a == b),
            _ => Some(false),
        },
    }
}

fn equivalent_values(a: &Item<'_>, b: &Item<'_>) -> bool {
    match (a, b) {
        (Item::String(a), Item::String(b)) => a == b || folded(a).eq(folded(b)),
        (Item::Date(a) | Item::DateTime(a), Item::Date(b) | Item::DateTime(b)) | (Item::Time(a), Item::Time(b)) => {
            a.is_equivalent(b)
        }
        (Item::Quantity(a), Item::Quantity(b)) => a.is_equivalent(b),
        (a, b) => match (decimal(a), decimal(b)) {
            (Some(a), Some(b)) => number::is_equivalent(a, b),
            _ => equal_values(a, b) == Some(true),
        },
    }
}

/// Text as equivalence reads it: without case, every white space the same.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|c| if c.is_whitespace() { ' ' } else { c })
}

/// The text of what can only be equal as text.
fn plain_text<'i>(item: &'i Item<'_>) -> Option<Cow<'i, str>> {
    match item {
        Item::String(text) => Some(Cow::Borrowed(text)),
        Item::Node(element) if element.class == Class::String => element.node?.as_str(),
        _ => None,
    }
}

/// Equal items have equal hashes. Numbers, dates and quantities may be equal in many shapes, so that they share one.
fn hash_of(item: &Item<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Some(text) = plain_text(item) {
        text.hash(&mut hasher);
        return hasher.finish();
    }
    let Item::Node(Element { node: Some(node), class: Class::Complex | Class::Untyped, .. }) = item else { return 0 };
    // The order of members does not count, so their hashes are added. Text that starts with a digit may be a date.
    node.members()
        .filter_map(|(key, value)| {
            Some((key, value.as_str().filter(|v| !v.starts_with(|c: char| c.is_ascii_digit()))?))
        })
        .fold(0, |sum, member| {
            let mut hasher = DefaultHasher::new();
            member.hash(&mut hasher);
            hasher.finish().wrapping_add(sum)
        })
}
