//! Lets the directory decide about each description as a submission does, and holds the decisions against who it really is.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::bail;
use tokio::task::JoinSet;
use tsumugi_kernel::CitizenId;
use tsumugi_people::{By, Directory, Said, Source};

use super::written::Written;

/// People about whom is decided at the same time: as many as wait for one commit of a busy server.
const AT_ONCE: usize = 64;
/// How often a decision that was overtaken is made anew.
const ATTEMPTS: usize = 16;
/// Entries of the queue that are read at once.
const PAGE: usize = 1_000;
/// Lines of the profile.
const LINES: usize = 24;

/// How the decisions stand against the truth.
#[derive(Default)]
pub struct Verdicts {
    /// Descriptions.
    pub identities: usize,
    /// Those of people who already had a citizen.
    pub again: usize,
    /// Of these: linked to a citizen of the person, or queued with one.
    pub found: usize,
    /// Of those found: linked.
    linked: usize,
    /// Linked to a citizen of somebody else.
    pub wrong: usize,
    /// Pairs in the queue, and those of two persons.
    queue: [usize; 2],
    /// By the mistakes in a description: of people already known, queued, missed, wrong.
    by: BTreeMap<String, [usize; 4]>,
}

impl Verdicts {
    /// The profile of what binds: what was not simply linked, by mistake, the worst first.
    pub fn lines(&self) -> Vec<String> {
        let [queue, strangers] = self.queue;
        let mut lines = vec![format!(
            "{} identities, {} of people already known: {} linked, {} queued, {} neither; {} linked wrongly; {queue} pairs queued, {strangers} of two persons",
            self.identities,
            self.again,
            self.linked,
            self.found - self.linked,
            self.again - self.found,
            self.wrong
        )];
        let mut by: Vec<_> = self.by.iter().filter(|(_, [_, rest @ ..])| rest.iter().any(|count| *count > 0)).collect();
        by.sort_by_key(|(_, [_, queued, missed, wrong])| std::cmp::Reverse((*wrong, *missed, *queued)));
        let line = |(mistakes, [again, queued, missed, wrong]): (&String, &[usize; 4])| {
            format!("{mistakes}: of {again} known {queued} queued, {missed} missed, {wrong} wrong")
        };
        lines.extend(by.into_iter().take(LINES).map(line));
        lines
    }
}

/// What was decided about one description.
struct Decided {
    written: usize,
    citizen: CitizenId,
    new: bool,
}

/// Decides about all, day by day, each person's in order of time, several people at once.
pub async fn judge(directory: &Directory, written: &[Written]) -> anyhow::Result<Verdicts> {
    let mut verdicts = Verdicts { identities: written.len(), ..Verdicts::default() };
    let (mut person_of, mut citizens_of) = (HashMap::<CitizenId, u64>::new(), HashMap::<u64, Vec<CitizenId>>::new());
    // New citizens of people who had some: found if the queue holds one of the pairs.
    let mut waiting: Vec<(usize, CitizenId, Vec<CitizenId>)> = Vec::new();
    let mut at = 0;
    for day in written.chunk_by(|one, other| one.time.civil().date() == other.time.civil().date()) {
        let mut people: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (number, one) in (at..).zip(day) {
            people.entry(one.person).or_default().push(number);
        }
        at += day.len();
        let people: Vec<Vec<usize>> = people.into_values().collect();
        for some in people.chunks(AT_ONCE) {
            let decided = decide(directory, written, some).await?;
            person_of
                .extend(decided.iter().filter(|one| one.new).map(|one| (one.citizen, written[one.written].person)));
            for Decided { written: number, citizen, new } in decided {
                let person = written[number].person;
                let own = citizens_of.entry(person).or_default();
                let by = verdicts.by.entry(mistakes(&written[number])).or_default();
                verdicts.again += usize::from(!own.is_empty());
                by[0] += usize::from(!own.is_empty());
                if !new && person_of.get(&citizen) == Some(&person) {
                    (verdicts.linked, verdicts.found) = (verdicts.linked + 1, verdicts.found + 1);
                } else if !new {
                    verdicts.wrong += 1;
                    by[3] += 1;
                    by[2] += usize::from(!own.is_empty());
                } else if own.is_empty() {
                    own.push(citizen);
                } else {
                    waiting.push((number, citizen, own.clone()));
                    own.push(citizen);
                }
            }
        }
    }
    let queue = queue(directory).await?;
    let strangers = queue.iter().filter(|(one, other)| person_of.get(one) != person_of.get(other));
    verdicts.queue = [queue.len(), strangers.count()];
    for (number, citizen, own) in waiting {
        let queued = own.iter().any(|other| queue.contains(&(citizen, *other)) || queue.contains(&(*other, citizen)));
        verdicts.found += usize::from(queued);
        let by = verdicts.by.entry(mistakes(&written[number])).or_default();
        by[if queued { 1 } else { 2 }] += 1;
    }
    Ok(verdicts)
}

/// Decides about the descriptions of some people at once.
async fn decide(directory: &Directory, written: &[Written], people: &[Vec<usize>]) -> anyhow::Result<Vec<Decided>> {
    let mut tasks = JoinSet::new();
    for numbers in people {
        let own: Vec<_> = numbers.iter().map(|number| (*number, parts(&written[*number]))).collect();
        let directory = directory.clone();
        tasks.spawn(async move {
            let mut decided = Vec::with_capacity(own.len());
            for (written, (one, said)) in own {
                let (citizen, new) = settle(&directory, &one, &said).await?;
                decided.push(Decided { written, citizen, new });
            }
            anyhow::Ok(decided)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.extend(done??);
    }
    Ok(all)
}

/// A description and its day, without the truth.
type Told = (tsumugi_people::Incoming, jiff::civil::Date, tsumugi_kernel::Instant);

fn parts(written: &Written) -> (Told, Vec<Said>) {
    let source = Source { organization: written.sender.clone(), by: By::Message, reference: None };
    let said = written.stated.iter().map(|(identifier, validity)| Said {
        identifier: identifier.clone(),
        validity: *validity,
        source: source.clone(),
        told: written.time,
    });
    ((written.incoming.clone(), written.on, written.time), said.collect())
}

/// As a submission does: resolve as of the message's day, hear what it says of numbers, commit; again if it was overtaken.
async fn settle(directory: &Directory, told: &Told, said: &[Said]) -> anyhow::Result<(CitizenId, bool)> {
    let (incoming, on, now) = told;
    for _ in 0..ATTEMPTS {
        let mut resolution = directory.resolve_on(incoming, *on, *now).await?;
        resolution.say(said)?;
        let decided = (resolution.citizen, resolution.new);
        if directory.settle(resolution).await? {
            return Ok(decided);
        }
    }
    bail!("a decision was overtaken {ATTEMPTS} times")
}

/// All pairs of the queue.
async fn queue(directory: &Directory) -> anyhow::Result<HashSet<(CitizenId, CitizenId)>> {
    let mut pairs = HashSet::new();
    let mut after = None;
    loop {
        let page = directory.queue(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(pairs) };
        after = Some(last.clone());
        pairs.extend(
            page.iter().filter(|entry| entry.citizen != entry.candidate).map(|entry| (entry.citizen, entry.candidate)),
        );
    }
}

/// The names of a description's mistakes.
fn mistakes(written: &Written) -> String {
    let names: Vec<String> = written.mistakes.iter().map(|mistake| format!("{mistake:?}")).collect();
    if names.is_empty() { "no mistake".to_owned() } else { names.join(" + ") }
}
