//! What was known when: the standing as it stood at a moment that is past.
//!
//! An entry says from when to when it holds, and since when that is known. One that is replaced, because it was ended,
//! taken back or pushed out of a full list, goes into a row of its own with the moment of the replacement. So both questions
//! can be answered: what held then, and what the door knew then. It knew on Tuesday nothing of a stay that was reported
//! on Thursday, and let nobody in for it.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_store::{Row, Table};

use super::{Consent, Mandate, Period, Relation, Restriction, Standing, VERSION};

/// An entry of one of the lists.
trait Entry: Clone + PartialEq {
    fn period(&mut self) -> &mut Period;
}

macro_rules! entries {
    ($($kind:ty),+) => {
        $(impl Entry for $kind {
            fn period(&mut self) -> &mut Period {
                &mut self.period
            }
        })+
    };
}
entries!(Relation, Mandate, Restriction, Consent);

/// What was replaced by one change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Past {
    /// When.
    replaced: Instant,
    /// What stood until then.
    was: Standing,
}

impl Past {
    /// Marks what is new in `after` as known from now on, and gives the row of what is in `before` only.
    pub(crate) fn mark(citizen: CitizenId, before: &Standing, after: &mut Standing, now: Instant) -> Option<Row> {
        let was = Standing {
            v: VERSION,
            relations: mark(&before.relations, &mut after.relations, now),
            mandates: mark(&before.mandates, &mut after.mandates, now),
            restrictions: mark(&before.restrictions, &mut after.restrictions, now),
            consents: mark(&before.consents, &mut after.consents, now),
            replacements: 0,
        };
        if was == Standing::default() {
            return None;
        }
        after.replacements = before.replacements + 1;
        let mut key = moment_key(citizen, now);
        key.extend(before.replacements.to_be_bytes());
        // Strings, numbers and lists always serialise.
        let value = serde_json::to_vec(&Self { replaced: now, was }).unwrap_or_default();
        Some(Row { table: Table::StandingPast, key, value: Some(value) })
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|past| past.was.v == VERSION)
    }
}

/// Where the rows of what was replaced at this moment begin; those of what was replaced later follow.
pub(crate) fn moment_key(citizen: CitizenId, at: Instant) -> Vec<u8> {
    // Moments before 1970 have no rows.
    [citizen.0.to_be_bytes(), u64::try_from(at.0).unwrap_or(0).to_be_bytes()].concat()
}

fn mark<T: Entry>(before: &[T], after: &mut [T], now: Instant) -> Vec<T> {
    let mut gone = before.to_vec();
    for entry in after {
        match gone.iter().position(|old| old == entry) {
            Some(same) => *entry = gone.swap_remove(same),
            None => entry.period().known = Some(now),
        }
    }
    gone
}

impl Standing {
    /// Whether something stands here that was not known at this moment.
    #[must_use]
    pub(crate) fn is_newer_than(&self, at: Instant) -> bool {
        fn newer<T: Entry>(list: &[T], at: Instant) -> bool {
            list.iter().any(|entry| !known(entry.clone().period(), at))
        }
        newer(&self.relations, at)
            || newer(&self.mandates, at)
            || newer(&self.restrictions, at)
            || newer(&self.consents, at)
    }

    /// What was known at a moment: `self` is what is known now, `past` what was replaced after that moment.
    #[must_use]
    pub(crate) fn as_known(&self, past: &[Past], at: Instant) -> Self {
        fn then<'a, T: Entry + 'a>(lists: impl Iterator<Item = &'a Vec<T>>, at: Instant) -> Vec<T> {
            let entries = lists.flatten().cloned();
            entries.filter_map(|mut entry| known(entry.period(), at).then_some(entry)).collect()
        }
        let all = || std::iter::once(self).chain(past.iter().filter(|past| past.replaced > at).map(|past| &past.was));
        Self {
            v: VERSION,
            relations: then(all().map(|one| &one.relations), at),
            mandates: then(all().map(|one| &one.mandates), at),
            restrictions: then(all().map(|one| &one.restrictions), at),
            consents: then(all().map(|one| &one.consents), at),
            replacements: self.replacements,
        }
    }
}

fn known(period: &Period, at: Instant) -> bool {
    period.known.unwrap_or(period.from) <= at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RelationKind;
    use tsumugi_kernel::OrganizationId;

    const HER: CitizenId = CitizenId(7);

    fn stay(from: i64, until: Option<i64>) -> Relation {
        let organization = OrganizationId::new("hospital").unwrap();
        let period = Period::new(Instant(from), until.map(Instant));
        Relation { kind: RelationKind::Encounter, organization, period }
    }

    fn standing(relations: Vec<Relation>, before: &Standing) -> Standing {
        Standing { relations, ..before.clone() }
    }

    #[test]
    fn what_was_not_yet_known_did_not_count_and_what_was_ended_since_did() {
        let none = Standing::default();
        let mut first = standing(vec![stay(100, None)], &none);
        assert!(Past::mark(HER, &none, &mut first, Instant(200)).is_none(), "nothing was replaced");
        // The same said again is the same, known since it was first said.
        let mut again = standing(vec![stay(100, None)], &first);
        assert!(Past::mark(HER, &first, &mut again, Instant(250)).is_none());
        let mut ended = standing(vec![stay(100, Some(150))], &again);
        let row = Past::mark(HER, &again, &mut ended, Instant(300)).unwrap();
        assert_eq!((ended.replacements, row.key.len()), (1, 20));
        assert!(row.key > moment_key(HER, Instant(299)) && row.key > moment_key(HER, Instant(300)));
        assert!(row.key < moment_key(HER, Instant(301)));
        let past = [Past::decode(&row.value.unwrap()).unwrap()];
        let held = |known: i64, at: i64| {
            let then = ended.as_known(&past, Instant(known));
            assert!(then.relations.len() < 2, "one stay is one: {then:?}");
            then.relations.iter().any(|relation| relation.period.holds(Instant(at)))
        };
        assert!(!held(199, 199), "nobody had said so yet");
        assert!(held(200, 200) && held(299, 299), "until it was known that it had ended");
        assert!(!held(300, 300));
        assert!(held(300, 120), "it did last until then");
        assert!(ended.is_newer_than(Instant(299)) && !ended.is_newer_than(Instant(300)));
        let read = Standing::decode(&ended.encode()).unwrap();
        assert!(read.is_newer_than(Instant(299)), "when it became known is kept");
    }
}
