//! From which day to which something is so: the first day belongs to it, the last does not.
//!
//! 資格喪失日 is the day from which a person is no longer insured, so a half-open interval is the law's own form, and
//! two periods that follow each other share no day. FHIR's `Period` includes its end; [`Validity::from_period`] knows.

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use tsumugi_fhir::json::Node;

/// A period of days in Japan. A missing side is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Validity {
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The day after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Validity {
    /// Open on both sides.
    pub const ALWAYS: Self = Self { from: None, until: None };

    /// From a day to the day after its last.
    #[must_use]
    pub const fn new(from: Option<Date>, until: Option<Date>) -> Self {
        Self { from, until }
    }

    /// From a day on.
    #[must_use]
    pub const fn since(from: Date) -> Self {
        Self { from: Some(from), until: None }
    }

    /// Whether no day lies in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if until <= from)
    }

    /// Whether the day lies in it.
    #[must_use]
    pub fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether some day lies in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.meet(other).is_some()
    }

    /// The days that lie in both; `None` when there is none.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let both = Self { from, until };
        (!self.is_empty() && !other.is_empty() && !both.is_empty()).then_some(both)
    }

    /// A FHIR `Period`, whose end belongs to it. Times are cut to their day as written; what is no date is open.
    #[must_use]
    pub fn from_period(period: Node<'_>) -> Self {
        let day = |name| period.get_str(name).and_then(|text| text.get(..10).and_then(|day| day.parse::<Date>().ok()));
        Self { from: day("start"), until: day("end").and_then(|end| end.checked_add(1.day()).ok()) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use tsumugi_fhir::json::{Document, Limits};

    use super::*;

    fn day(offset: i64) -> Date {
        date(2024, 1, 1).saturating_add(offset.days())
    }

    prop_compose! {
        fn validity()(from in proptest::option::of(0i64..40), until in proptest::option::of(0i64..40)) -> Validity {
            Validity::new(from.map(day), until.map(day))
        }
    }

    proptest! {
        #[test]
        fn what_meets_is_what_both_hold(a in validity(), b in validity(), at in -2i64..42) {
            let both = a.holds(day(at)) && b.holds(day(at));
            prop_assert_eq!(a.meet(&b).is_some_and(|meet| meet.holds(day(at))), both);
            prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
            prop_assert_eq!(a.overlaps(&b), (-2..42).any(|at| a.holds(day(at)) && b.holds(day(at))));
        }
    }

    #[test]
    fn a_fhir_period_includes_its_end() {
        let text = r#"{"start":"2024-04-01","end":"2026-03-31T23:59:59+09:00"}"#;
        let document = Document::parse(text.into(), &Limits::default()).unwrap();
        let validity = Validity::from_period(document.root());
        assert_eq!(validity, Validity::new(Some(date(2024, 4, 1)), Some(date(2026, 4, 1))));
        assert!(validity.holds(date(2026, 3, 31)) && !validity.holds(date(2026, 4, 1)));
        let year = Document::parse(r#"{"start":"2024"}"#.into(), &Limits::default()).unwrap();
        assert_eq!(Validity::from_period(year.root()), Validity::ALWAYS);
    }
}
