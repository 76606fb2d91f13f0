//! A query against packed values.

use tsumugi_kernel::{Instant, Kind};

use super::{Clause, DateWish, Prefix, Query, ReferenceWish, TokenWish, Wish, date::Span};
use crate::values::{Packed, PackedValue};

impl Query {
    /// Whether a fact with these values is meant. Kind, `_id` and `_lastUpdated` stand outside the values: see
    /// [`Query::wants_kind`], [`Query::wants_id`] and [`Query::wants_updated`].
    #[must_use]
    pub fn matches(&self, packed: &Packed<'_>) -> bool {
        self.clauses.iter().all(|clause| clause.holds(packed))
    }

    /// Whether facts of this kind are meant.
    #[must_use]
    pub fn wants_kind(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether the fact with this id is meant.
    #[must_use]
    pub fn wants_id(&self, id: &str) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.iter().any(|wanted| wanted == id))
    }

    /// Whether a fact received at this moment is meant.
    #[must_use]
    pub fn wants_updated(&self, instant: Instant) -> bool {
        let span = Span { from: instant.0, to: instant.0.saturating_add(1) };
        self.updated.iter().all(|any| any.iter().any(|wish| wish.holds(span)))
    }
}

impl Clause {
    fn holds(&self, packed: &Packed<'_>) -> bool {
        let mut values = packed.of(self.param);
        match &self.wish {
            Wish::Missing(missing) => values.next().is_none() == *missing,
            Wish::Tokens { not, any } => values.any(|value| any.iter().any(|wish| wish.holds(&value))) != *not,
            Wish::Dates(any) => values.any(|value| match value {
                PackedValue::Date { from, to } => any.iter().any(|wish| wish.holds(Span { from, to })),
                _ => false,
            }),
            Wish::References(any) => values.any(|value| any.iter().any(|wish| wish.holds(&value))),
            Wish::Texts { exact, any } => values.any(|value| match value {
                PackedValue::Text(text) if *exact => any.iter().any(|wish| text == wish),
                PackedValue::Text(text) => any.iter().any(|wish| text.starts_with(wish.as_str())),
                _ => false,
            }),
            Wish::Uris(any) => values.any(|value| match value {
                // A canonical without a version means every version.
                PackedValue::Uri(own) => any.iter().any(|wish| {
                    own.strip_prefix(wish.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('|'))
                }),
                _ => false,
            }),
        }
    }
}

impl TokenWish {
    fn holds(&self, value: &PackedValue<'_>) -> bool {
        let PackedValue::Token { system, code } = value else { return false };
        self.system.as_deref().is_none_or(|wanted| wanted == *system)
            && self.code.as_deref().is_none_or(|wanted| wanted == *code)
    }
}

impl ReferenceWish {
    fn holds(&self, value: &PackedValue<'_>) -> bool {
        let PackedValue::Reference { kind, id } = value else { return false };
        match kind {
            Some(kind) => self.kind.is_none_or(|wanted| wanted == *kind) && id.is(&self.id),
            None => id.is(&self.whole),
        }
    }
}

impl DateWish {
    /// R4's prefixes over spans (<https://hl7.org/fhir/R4/search.html#prefix>).
    fn holds(&self, value: Span) -> bool {
        let wanted = self.span;
        let within = wanted.from <= value.from && value.to <= wanted.to;
        match self.prefix {
            Prefix::Equal => within,
            Prefix::NotEqual => !within,
            Prefix::Less => value.from < wanted.from,
            Prefix::LessOrEqual => value.from < wanted.from || within,
            Prefix::Greater => value.to > wanted.to,
            Prefix::GreaterOrEqual => value.to > wanted.to || within,
            Prefix::StartsAfter => value.from >= wanted.to,
            Prefix::EndsBefore => value.to <= wanted.from,
        }
    }
}
