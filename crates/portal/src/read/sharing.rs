//! From the answers of a form to a restriction, and from a restriction to what others would see.

use jiff::civil::Date;
use tsumugi_access::{Against, Hides, Lens, standing::Period};
use tsumugi_fhir::values::{Packed, PackedValue, params};
use tsumugi_kernel::{Instant, Kind, OrganizationId, OrganizationKind, PersonId, RecordCategory, clock};
use tsumugi_record::{Fact, RecordError};

use crate::view::{KINDS, RESTRICTABLE, RestrictFault, Step};

/// 1 January 2200, in milliseconds: no visit ends after it.
const OPEN_END: i64 = 7_258_118_400_000;

/// The answers, as a form sends them.
type Answers = [(String, String)];

/// What is hidden, by the answers. A single thing is one of `things`; its facts are looked for by whoever has the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Everything but one thing.
    Hides(Hides),
    /// A visit or document, by the value of its choice.
    Thing(String),
}

/// The names of the fields of a step.
#[must_use]
pub const fn fields(step: Step) -> &'static [&'static str] {
    match step {
        Step::What => &["what", "category", "thing", "source", "first", "last"],
        Step::Whom => &["whom"],
        Step::Long => &["long", "until", "emergency"],
        Step::Check => &[],
    }
}

fn answer<'a>(answers: &'a Answers, name: &str) -> Option<&'a str> {
    let found = answers.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim());
    found.filter(|value| !value.is_empty())
}

/// What is hidden.
///
/// # Errors
/// [`RestrictFault`] names what is missing.
pub fn what(answers: &Answers) -> Result<What, RestrictFault> {
    let hides = match answer(answers, "what") {
        Some("everything") => Hides::Everything,
        Some("categories") => {
            let chosen = answers.iter().filter(|(name, _)| name == "category");
            let mut categories: Vec<RecordCategory> = chosen
                .filter_map(|(_, code)| RecordCategory::from_code(code))
                .filter(|category| RESTRICTABLE.contains(category))
                .collect();
            categories.sort_unstable();
            categories.dedup();
            if categories.is_empty() {
                return Err(RestrictFault::NoCategory);
            }
            Hides::Categories(categories)
        }
        Some("thing") => {
            return answer(answers, "thing")
                .map(|thing| What::Thing(thing.to_owned()))
                .ok_or(RestrictFault::NothingChosen);
        }
        Some("source") => {
            let source = answer(answers, "source").and_then(|id| OrganizationId::new(id).ok());
            Hides::Source(source.ok_or(RestrictFault::NothingChosen)?)
        }
        Some("days") => {
            let day = |name: &str, open: i32| match answer(answers, name) {
                None => Ok(open),
                Some(text) => text.parse::<Date>().map(number).map_err(|_| RestrictFault::Days),
            };
            let (first, last) = (day("first", i32::MIN)?, day("last", i32::MAX)?);
            if first > last || (first, last) == (i32::MIN, i32::MAX) {
                return Err(RestrictFault::Days);
            }
            Hides::Days { first, last }
        }
        _ => return Err(RestrictFault::NothingChosen),
    };
    Ok(What::Hides(hides))
}

/// Days since 1970-01-01.
fn number(day: Date) -> i32 {
    // A date of jiff lies between the years -9999 and 9999, and so its number in 32 bits.
    day.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days())
}

/// The day with this number.
#[must_use]
pub fn day(number: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}

/// From whom: `everyone`, `kind:clinic`, `organization:…`, `person:…`.
///
/// # Errors
/// [`RestrictFault::NothingChosen`].
pub fn whom(answers: &Answers) -> Result<Against, RestrictFault> {
    let chosen = answer(answers, "whom").ok_or(RestrictFault::NothingChosen)?;
    let against = match chosen.split_once(':') {
        None if chosen == "everyone" => Some(Against::Everyone),
        Some(("kind", code)) => {
            OrganizationKind::from_code(code).filter(|kind| KINDS.contains(kind)).map(Against::OrganizationKind)
        }
        Some(("organization", id)) => OrganizationId::new(id).ok().map(Against::Organization),
        Some(("person", id)) => PersonId::new(id).ok().map(Against::Person),
        _ => None,
    };
    against.ok_or(RestrictFault::NothingChosen)
}

/// How long, and whether an emergency may see it.
///
/// # Errors
/// [`RestrictFault`] names what is missing.
pub fn long(answers: &Answers, now: Instant) -> Result<(Period, bool), RestrictFault> {
    let period = match answer(answers, "long") {
        Some("always") => Period::since(now),
        Some("until") => {
            let last: Option<Date> = answer(answers, "until").and_then(|text| text.parse().ok());
            let after = last.and_then(|last| last.tomorrow().ok()).and_then(|day| day.to_zoned(clock::japan()).ok());
            let until = after.map(|zoned| Instant(zoned.timestamp().as_millisecond())).filter(|until| *until > now);
            Period::between(now, until.ok_or(RestrictFault::Until)?)
        }
        _ => return Err(RestrictFault::NothingChosen),
    };
    match answer(answers, "emergency") {
        Some("yes") => Ok((period, true)),
        Some("no") => Ok((period, false)),
        _ => Err(RestrictFault::Emergency),
    }
}

/// The last day in Japan of a period.
#[must_use]
pub fn last_day(period: Period) -> Option<Date> {
    period.until.map(|until| Instant(until.0 - 1).civil().date())
}

/// Whether hiding this takes away what keeps a treatment safe.
#[must_use]
pub fn is_risky(hides: &Hides, facts: &[Fact]) -> bool {
    const SAFETY: [RecordCategory; 4] = [
        RecordCategory::Medication,
        RecordCategory::Allergy,
        RecordCategory::Contraindication,
        RecordCategory::Precaution,
    ];
    let is_safety =
        |fact: &Fact| fact.values().is_ok_and(|values| SAFETY.contains(&values.category())) && fact.is_hidden_by(hides);
    facts.iter().any(is_safety)
}

/// By category, of the facts that `before` shows somebody: how many they would still see, and how many not.
///
/// # Errors
/// [`RecordError::Unreadable`] if what is stored cannot be read.
pub fn counts(facts: &[Fact], before: &Lens, after: &Lens) -> Result<Vec<(RecordCategory, u32, u32)>, RecordError> {
    let mut counts: Vec<(RecordCategory, u32, u32)> = Vec::new();
    for fact in facts.iter().filter(|fact| !fact.is_gone()) {
        if !fact.passes(before)? {
            continue;
        }
        let category = fact.values()?.category();
        let shown = fact.passes(after)?;
        let at = counts.iter().position(|(known, ..)| *known == category).unwrap_or_else(|| {
            counts.push((category, 0, 0));
            counts.len() - 1
        });
        let row = &mut counts[at];
        if shown { row.1 += 1 } else { row.2 += 1 }
    }
    // What is hidden comes first: that is what the reader wants to be sure of.
    counts.sort_by_key(|(category, _, hidden)| (*hidden == 0, *category as u8));
    Ok(counts)
}

/// What belongs together with a visit or document: what came in the same message, what names the visit, and what the same
/// place recorded of its days.
///
/// # Errors
/// [`RecordError::Unreadable`] if what is stored cannot be read.
pub fn together(
    facts: &[Fact],
    with: &Fact,
    names_it: impl Fn(&Fact) -> bool,
) -> Result<Vec<(Kind, u64)>, RecordError> {
    let mut found = vec![(with.key().kind, with.key().number)];
    let visit = with.values()?;
    let days = (with.key().kind.name() == "Encounter").then(|| days(&visit)).flatten();
    for fact in facts.iter().filter(|fact| fact.key() != with.key()) {
        let values = fact.values()?;
        if matches!(values.category(), RecordCategory::Identity | RecordCategory::Mandate) {
            continue;
        }
        let sent_with = with.origin().is_some() && fact.origin() == with.origin();
        let then = days.zip(values.day()).is_some_and(|((first, last), day)| (first..=last).contains(&day));
        if sent_with || names_it(fact) || (then && values.source() == visit.source()) {
            found.push((fact.key().kind, fact.key().number));
        }
    }
    Ok(found)
}

/// The first and the last day of a visit: the same where its end is not known.
fn days(visit: &Packed<'_>) -> Option<(i32, i32)> {
    let first = visit.day()?;
    let end = visit.of(params::DATE).find_map(|value| match value {
        PackedValue::Date { to, .. } => Some(Instant(to - 1)),
        _ => None,
    });
    // An end that is open lies beyond every calendar: then it is the first day alone.
    let last = end.filter(|end| end.0 < OPEN_END).map(|end| number(end.civil().date()));
    Some((first, last.unwrap_or(first).max(first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn answers_become_what_is_hidden() {
        let hides = |pairs: &[(&str, &str)]| what(&answers(pairs));
        assert_eq!(hides(&[("what", "everything")]), Ok(What::Hides(Hides::Everything)));
        assert_eq!(
            hides(&[
                ("what", "categories"),
                ("category", "genome"),
                ("category", "mental-health"),
                ("category", "genome")
            ]),
            Ok(What::Hides(Hides::Categories(vec![RecordCategory::MentalHealth, RecordCategory::Genome])))
        );
        assert_eq!(hides(&[("what", "categories")]), Err(RestrictFault::NoCategory));
        assert_eq!(hides(&[("what", "categories"), ("category", "identity")]), Err(RestrictFault::NoCategory));
        assert_eq!(
            hides(&[("what", "days"), ("first", "1970-01-02")]),
            Ok(What::Hides(Hides::Days { first: 1, last: i32::MAX }))
        );
        assert_eq!(
            hides(&[("what", "days"), ("first", "2026-02-01"), ("last", "2026-01-01")]),
            Err(RestrictFault::Days)
        );
        assert_eq!(hides(&[("what", "days"), ("first", ""), ("last", "")]), Err(RestrictFault::Days));
        assert_eq!(hides(&[("what", "thing")]), Err(RestrictFault::NothingChosen));
        assert_eq!(hides(&[]), Err(RestrictFault::NothingChosen));
        assert_eq!(day(31), Some(jiff::civil::date(1970, 2, 1)));
    }

    #[test]
    fn answers_become_from_whom_and_how_long() {
        let to = |value: &str| whom(&answers(&[("whom", value)]));
        assert_eq!(to("everyone"), Ok(Against::Everyone));
        assert_eq!(to("kind:clinic"), Ok(Against::OrganizationKind(OrganizationKind::Clinic)));
        assert_eq!(to("kind:household"), Err(RestrictFault::NothingChosen));
        assert_eq!(to("person:okada"), Ok(Against::Person(PersonId::new("okada").unwrap())));
        assert_eq!(to("person:"), Err(RestrictFault::NothingChosen));
        let now = Instant(1_795_316_400_000);
        assert_eq!(long(&answers(&[("long", "always"), ("emergency", "yes")]), now), Ok((Period::since(now), true)));
        let (period, emergency) =
            long(&answers(&[("long", "until"), ("until", "2026-11-30"), ("emergency", "no")]), now).unwrap();
        assert!(!emergency);
        assert_eq!(last_day(period), Some(jiff::civil::date(2026, 11, 30)));
        let until = |text: &str| long(&answers(&[("long", "until"), ("until", text), ("emergency", "no")]), now);
        assert_eq!(until("2026-11-21"), Err(RestrictFault::Until), "yesterday");
        assert!(until("2026-11-22").is_ok(), "today");
        assert_eq!(until(""), Err(RestrictFault::Until));
        assert_eq!(long(&answers(&[("long", "always")]), now), Err(RestrictFault::Emergency));
    }
}
