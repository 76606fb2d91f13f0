//! What institutions of a town write about who its people are: each description once for each institution, with who it
//! really is.

use std::collections::BTreeSet;

use anyhow::Context;
use bytes::Bytes;
use jiff::civil::{Date, date};
use tsumugi_fhir::{
    bundle::Bundle,
    json::{Document, Limits, Node},
};
use tsumugi_kernel::{Instant, OrganizationId};
use tsumugi_people::{Identifier, Incoming, Validity, evidence};
use tsumugi_synth::{
    Detail, Form, Outgoing, Sources, Town, population,
    truth::{Mistake, mistakes::knowledge},
};

/// The day on which the town is seen.
const TODAY: Date = date(2026, 11, 22);
/// Years of each life that are told.
const YEARS: i16 = 3;

/// A description of a person by an institution, as first sent.
pub struct Written {
    /// When it came.
    pub time: Instant,
    /// The day that the message is of.
    pub on: Date,
    /// Who it really is: the index in the town.
    pub person: u64,
    /// Who sent it.
    pub sender: OrganizationId,
    /// What it says.
    pub incoming: Incoming,
    /// What it says of the numbers' days.
    pub stated: Vec<(Identifier, Validity)>,
    /// What the institution got wrong in it.
    pub mistakes: BTreeSet<Mistake>,
}

/// All of a town with mistakes at their usual rates, in order of time. What an institution writes again and again stands here
/// once: the repetitions would all be found, and say nothing.
pub fn all(citizens: u64) -> anyhow::Result<Vec<Written>> {
    let town = Town::new(1, citizens, TODAY).told(Detail::Recent { years: YEARS }).with_sources(Sources::Usual);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get) as u64;
    let share = citizens.div_ceil(threads).max(1);
    let parts: Vec<anyhow::Result<Vec<Written>>> = std::thread::scope(|scope| {
        let begun: Vec<_> = (0..threads)
            .map(|thread| {
                let town = town.clone();
                scope.spawn(move || {
                    let people = thread * share..((thread + 1) * share).min(citizens);
                    let mut written = Vec::new();
                    for person in people {
                        of(&town, person, &mut written)?;
                    }
                    Ok(written)
                })
            })
            .collect();
        begun
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|_| anyhow::bail!("a person could not be told")))
            .collect()
    });
    let mut written = Vec::new();
    for part in parts {
        written.extend(part?);
    }
    written.sort_by_key(|one| (one.time, one.person));
    Ok(written)
}

fn of(town: &Town, index: u64, written: &mut Vec<Written>) -> anyhow::Result<()> {
    let person = population::person(town, index);
    let first = written.len();
    for sent in town.tell(index)?.sent {
        let Some((incoming, stated, on)) = read(&sent)? else { continue };
        let known = |one: &Written| one.sender == sent.sender && one.incoming == incoming;
        if written.get(first..).is_some_and(|own| own.iter().any(known)) {
            continue;
        }
        let mut mistakes = BTreeSet::new();
        if let Some(place) = town.institutions().iter().find(|place| place.id == sent.sender.as_str()) {
            knowledge(town.seed(), &person, place, on, |mistake, _| {
                mistakes.insert(mistake);
            });
        }
        let Outgoing { time, sender, .. } = sent;
        written.push(Written { time, on, person: index, sender, incoming, stated, mistakes });
    }
    Ok(())
}

/// What a message says.
type Said = (Incoming, Vec<(Identifier, Validity)>, Date);

/// The person of a submission or of a Patient that is sent alone, and the day that it is of; `None` for messages that name
/// their subject by a number only.
fn read(sent: &Outgoing) -> anyhow::Result<Option<Said>> {
    let Some(bytes) = sent.form.bytes() else { return Ok(None) };
    let document =
        Document::parse(Bytes::copy_from_slice(bytes), &Limits::default()).context("a message of the town")?;
    let arrived = sent.time.civil().date();
    let said = |patient: Node<'_>, on: Date| Some((Incoming::from_patient(patient), evidence::stated(patient), on));
    match &sent.form {
        Form::Create(_) if is(document.root(), "Patient") => Ok(said(document.root(), arrived)),
        Form::Submit(_) => {
            let Ok(bundle) = Bundle::read(&document) else { anyhow::bail!("a message of the town is no bundle") };
            let resource = |kind| bundle.entries.iter().filter_map(|entry| entry.resource).find(|node| is(*node, kind));
            let day =
                resource("Composition").and_then(|node| node.get_str("date")).or_else(|| bundle.timestamp.clone());
            let on = day.as_deref().and_then(|day| day.get(..10)?.parse().ok()).unwrap_or(arrived);
            Ok(resource("Patient").and_then(|patient| said(patient, on)))
        }
        _ => Ok(None),
    }
}

fn is(node: Node<'_>, kind: &str) -> bool {
    node.get_str("resourceType").as_deref() == Some(kind)
}
