//! What the city and the insurers send about a person: who it is (Patient) and who pays (Coverage), at the beginning of what is
//! told, and again with each change: birth, move into the town, another name, another insurer.

use jiff::civil::Date;
use tsumugi_kernel::{Purpose, Role};

use super::{Coverage, Person};
use crate::{
    form::{
        care::Subject,
        feed::{coverage, newly_insured},
        party::resident,
    },
    names::CITY,
    outbox::{Outbox, Sender},
    outgoing::SynthError,
    people::Citizen,
    town::{Detail, Facility},
};

/// Tells who the person is and who insures them. Nothing where only receipts are told.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit; a fault of this crate.
pub fn tell(out: &mut Outbox<'_>, person: &Person) -> Result<(), SynthError> {
    if matches!(out.town.detail(), Detail::Claims { .. }) {
        return Ok(());
    }
    let mut days: Vec<Date> = person.name.entries().map(|(day, _)| day).collect();
    days.extend(person.address.entries().map(|(day, _)| day));
    let first = out.town.first_day().max(person.birth);
    days.push(first);
    days.sort();
    days.dedup();
    for day in days.into_iter().filter(|day| *day >= first) {
        identity(out, person, day)?;
    }
    for (place, one) in person.coverages.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| person.coverages.get(place));
        insurance(out, person, (one, before), first)?;
    }
    Ok(())
}

/// The city's Patient, as the register of residents has it; nothing about who lives elsewhere.
fn identity(out: &mut Outbox<'_>, person: &Person, day: Date) -> Result<(), SynthError> {
    let here = person.address.on(day).city == CITY;
    let Some(city) = out.town.facility(person, Facility::CityHall, 0).filter(|_| here && out.wants(day)) else {
        return Ok(());
    };
    let Some(clerk) = city.who(Role::Municipality) else { return Ok(()) };
    let sender = Sender { place: city, person: clerk, purpose: Purpose::RecordManagement, day, hour: 9 };
    out.create(sender, "identity", |author, subject| resident(author.time, subject.0))
}

/// The insurer's Coverage, on the day on which it begins or on the first day that is told; and again when it ends. A new
/// insurer first says who the person is, with the number before.
fn insurance(
    out: &mut Outbox<'_>,
    person: &Person,
    (one, before): (&Coverage, Option<&Coverage>),
    first: Date,
) -> Result<(), SynthError> {
    let Some(insurer) = out.town.insurer(&one.member_id) else { return Ok(()) };
    let Some(clerk) = insurer.who(Role::Insurer) else { return Ok(()) };
    let begins = one.from.max(first);
    let still = one.to.is_none_or(|to| to > first);
    if !still || !out.wants(begins) || !person.lives_on(begins) {
        return Ok(());
    }
    let sender = Sender { place: insurer, person: clerk, purpose: Purpose::Coverage, day: begins, hour: 10 };
    // Of somebody whom the city has not told of, living elsewhere, the insurer is the first to say who it is.
    let elsewhere = person.address.on(begins).city != CITY;
    let before = before.filter(|_| one.from > first);
    if before.is_some() || elsewhere {
        let sender = Sender { hour: 8, ..sender };
        let before = before.map(|before| before.member_id.as_str());
        out.create(sender, "insured", |author, subject| newly_insured(author.time, subject.0, before))?;
    }
    // On that day nobody knows yet when it will end. An insurer names its own by its own number, whatever holds now.
    let open = Coverage { to: None, ..one.clone() };
    let own = |subject: &Subject<'_>| Citizen { member_id: one.member_id.clone(), ..subject.0.clone() };
    out.create(sender, "coverage", |author, subject| coverage(author, &Subject(&own(subject)), &open))?;
    if let Some(end) = one.to.filter(|end| *end > begins && out.wants(*end)) {
        let sender = Sender { day: end, hour: 11, ..sender };
        out.create(sender, "coverage-end", |author, subject| coverage(author, &Subject(&own(subject)), one))?;
    }
    Ok(())
}
