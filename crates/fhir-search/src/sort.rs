//! Orders: what a resource is sorted by.
//!
//! R4: where a parameter has several values, the lowest counts in an ascending order and the highest in a descending
//! one. Of a span its beginning counts. What has no value comes last in either order.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use tsumugi_fhir::values::{Packed, PackedValue};
use tsumugi_fhir_definitions::SearchType;
use tsumugi_kernel::Kind;

use crate::{
    SearchError,
    found::Found,
    param::Param,
    query::{Sort, SortBy},
    text::fold,
    work::{Resource, Work},
};

/// One key of one resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    None,
    Moment(i64),
    /// A canonical unit (empty where there is none), and the value in it.
    Measure(String, Decimal),
    /// Folded, and as written.
    Words(String, String),
}

impl Key {
    /// The order of two resources by this key.
    pub fn compare(&self, other: &Self, descending: bool) -> Ordering {
        match (self, other) {
            (Self::None, Self::None) => Ordering::Equal,
            (Self::None, _) => Ordering::Greater,
            (_, Self::None) => Ordering::Less,
            _ if descending => other.rank(self),
            _ => self.rank(other),
        }
    }

    fn rank(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Moment(a), Self::Moment(b)) => a.cmp(b),
            (Self::Measure(unit, a), Self::Measure(other_unit, b)) => unit.cmp(other_unit).then(a.cmp(b)),
            (Self::Words(a, raw), Self::Words(b, other_raw)) => a.cmp(b).then_with(|| raw.cmp(other_raw)),
            _ => Ordering::Equal,
        }
    }

    /// The one that counts.
    fn better(self, other: Self, descending: bool) -> Self {
        if other.compare(&self, descending) == Ordering::Less { other } else { self }
    }
}

/// How one key is found for resources of one kind.
pub(crate) struct SortPlan<'q> {
    by: By<'q>,
    descending: bool,
}

enum By<'q> {
    Id,
    LastUpdated,
    Param(&'q Param),
    /// The kind does not have the parameter.
    Nothing,
}

impl<'q> SortPlan<'q> {
    pub fn new(sort: &'q Sort, kind: Kind) -> Self {
        let by = match &sort.by {
            SortBy::Id => By::Id,
            SortBy::LastUpdated => By::LastUpdated,
            SortBy::Param(of) => of.iter().find(|(own, _)| *own == kind).map_or(By::Nothing, |(_, p)| By::Param(p)),
        };
        Self { by, descending: sort.descending }
    }
}

impl Work<'_> {
    /// The keys of a match.
    pub(crate) fn keys(
        &self,
        plans: &[SortPlan<'_>],
        packed: Option<&Packed<'_>>,
        resource: &Resource<'_>,
    ) -> Result<Vec<Key>, SearchError> {
        let Some(at) = resource.at else { return Ok(Vec::new()) };
        let mut keys = Vec::with_capacity(plans.len());
        for plan in plans {
            keys.push(match &plan.by {
                By::Nothing => Key::None,
                By::LastUpdated => Key::Moment(self.shelf.instant(at).0),
                By::Id => Key::Words(self.shelf.id(at), String::new()),
                By::Param(param) => self.key(param, plan.descending, packed, resource)?,
            });
        }
        Ok(keys)
    }

    fn key(
        &self,
        param: &Param,
        descending: bool,
        packed: Option<&Packed<'_>>,
        resource: &Resource<'_>,
    ) -> Result<Key, SearchError> {
        let mut best = Key::None;
        // Only dates: packed tokens leave out what has no code, and references keep no text.
        if let (Some(code), Some(packed), SearchType::Date) = (param.packed, packed, param.ty) {
            for value in packed.of(code) {
                if let PackedValue::Date { from, .. } = value {
                    best = best.better(Key::Moment(from), descending);
                }
            }
            return Ok(best);
        }
        for found in self.values(param, resource)? {
            for key in keys_of(param.ty, &found) {
                best = best.better(key, descending);
            }
        }
        Ok(best)
    }
}

fn keys_of(ty: SearchType, found: &Found<'_>) -> Vec<Key> {
    let words = |text: &str| Key::Words(fold(text), text.to_owned());
    let mut keys = Vec::new();
    match ty {
        SearchType::Date => keys.extend(found.span().map(|span| Key::Moment(span.from))),
        SearchType::Number => keys.extend(found.number().map(|number| Key::Measure(String::new(), number))),
        SearchType::Quantity => {
            if let Some(value) = found.quantity()
                && let Some(low) = value.low.or(value.high)
            {
                let scaled = value.scale().and_then(|scale| Some((scale.canonical(low)?, scale.canonical)));
                let (number, unit) = scaled.unwrap_or_else(|| (low, value.code.to_string()));
                keys.push(Key::Measure(unit, number));
            }
        }
        SearchType::String => found.strings(&mut |text| keys.push(words(&text))),
        SearchType::Token => found.tokens(&mut |token| {
            keys.push(Key::Words(token.code.to_string(), token.system.to_string()));
        }),
        SearchType::Uri | SearchType::Reference => {
            let text = match found.object() {
                Some(node) => node.get_str("reference").or_else(|| node.find_str("identifier.value")),
                None => found.text(),
            };
            keys.extend(text.map(|text| Key::Words(text.into_owned(), String::new())));
        }
        SearchType::Composite | SearchType::Special => {}
    }
    keys
}
