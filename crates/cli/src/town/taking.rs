//! Many households on their way at once, so that one write to the disk carries several; bounded, counted, and to be stopped.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context;
use tokio::task::JoinSet;
use tsumugi_synth::out::Message;

use super::{Household, Journal, Source, again, journal::STORY};
use crate::import::{Importer, report};

/// How many households may be on their way just now.
pub trait Pace: Send + Sync {
    /// That many; 0 means: begin no more and come to an end.
    fn at_once(&self) -> usize;
}

/// The same number all the time.
#[derive(Clone, Copy, Debug)]
pub struct Steady(pub usize);

impl Default for Steady {
    /// Enough that one write to the disk carries several.
    fn default() -> Self {
        Self(128)
    }
}

impl Pace for Steady {
    fn at_once(&self) -> usize {
        self.0
    }
}

/// How far it is. Counts only.
#[derive(Debug, Default)]
pub struct Tally {
    /// Citizens of whom everything is in, those of an earlier time included.
    pub citizens: AtomicU64,
    /// Messages taken in, this time.
    pub taken: AtomicU64,
    /// Messages refused, this time.
    pub refused: AtomicU64,
    /// Resources in the messages that were taken in, this time.
    pub resources: AtomicU64,
}

impl Tally {
    /// The four counts.
    #[must_use]
    pub fn read(&self) -> [u64; 4] {
        [&self.citizens, &self.taken, &self.refused, &self.resources].map(|count| count.load(Ordering::Relaxed))
    }
}

/// Brings in the stories that are not in, one message after the other.
///
/// # Errors
/// If the town cannot be read, or the store cannot write.
pub async fn take_story(importer: &Importer, source: &Source, journal: &Journal, tally: &Tally) -> anyhow::Result<()> {
    if journal.is_in(STORY) {
        return Ok(());
    }
    person(importer, journal, tally, STORY, source.story()?).await
}

/// Brings in the households of a town. True when it came to the town's end, false when its pace ended it before.
///
/// # Errors
/// If the town cannot be made or read, or the store cannot write; what was begun before is brought to its end.
pub async fn take(
    importer: &Importer,
    source: &Arc<Source>,
    journal: &Arc<Journal>,
    pace: &dyn Pace,
    tally: &Arc<Tally>,
) -> anyhow::Result<bool> {
    tally.citizens.store(journal.citizens(), Ordering::Relaxed);
    let mut households = source.households(journal);
    let mut under_way = UnderWay::default();
    let mut outcome = Ok(true);
    while let Some(handed) = households.recv().await {
        let begun = async { under_way.room(handed?, pace).await }.await;
        match begun {
            Ok(Some(household)) => under_way.begin(importer, household, journal, tally),
            Ok(None) => {
                outcome = Ok(false);
                break;
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    // Whatever happened, what was begun is brought to its end.
    let ended = under_way.finish().await;
    outcome.and_then(|whole| ended.map(|()| whole))
}

/// Households that were begun and have not ended.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<(u64, anyhow::Result<()>)>,
    numbers: HashSet<u64>,
}

impl UnderWay {
    /// Waits until `household` may begin: there is room, and nothing of the same household is on its way. `None` when no
    /// more is to begin.
    async fn room(&mut self, household: Household, pace: &dyn Pace) -> anyhow::Result<Option<Household>> {
        loop {
            let most = pace.at_once();
            if most == 0 {
                return Ok(None);
            }
            // INVARIANT: of two messages about one household the first is in before the second begins.
            if self.tasks.len() < most && !self.numbers.contains(&household.number) {
                return Ok(Some(household));
            }
            self.one().await?;
        }
    }

    fn begin(&mut self, importer: &Importer, household: Household, journal: &Arc<Journal>, tally: &Arc<Tally>) {
        let (importer, journal, tally) = (importer.clone(), Arc::clone(journal), Arc::clone(tally));
        self.numbers.insert(household.number);
        self.tasks.spawn(async move {
            for (citizen, messages) in household.people {
                if let Err(error) = person(&importer, &journal, &tally, citizen, messages).await {
                    return (household.number, Err(error));
                }
                tally.citizens.fetch_add(1, Ordering::Relaxed);
            }
            (household.number, Ok(()))
        });
    }

    async fn one(&mut self) -> anyhow::Result<()> {
        match self.tasks.join_next().await {
            Some(Ok((number, done))) => {
                self.numbers.remove(&number);
                done
            }
            Some(Err(error)) => Err(error).context("a household was not brought to its end"),
            None => Ok(()),
        }
    }

    async fn finish(&mut self) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        while !self.tasks.is_empty() {
            let one = self.one().await;
            outcome = outcome.and(one);
        }
        outcome
    }
}

/// The messages of one person, one after the other; those that are in are left out.
async fn person(
    importer: &Importer,
    journal: &Journal,
    tally: &Tally,
    citizen: u64,
    messages: Vec<Message>,
) -> anyhow::Result<()> {
    let (before, uncertain) = journal.before(citizen);
    for (number, message) in messages.into_iter().enumerate().skip(before) {
        let resources = message.resources();
        let Message { envelope, body } = message;
        let body = bytes::Bytes::from(body);
        if uncertain && number == before && again::is_there(importer, &envelope, &body).await? {
            journal.end(citizen, number)?;
            continue;
        }
        journal.begin(citizen, number)?;
        let refusal = importer.send(&envelope, body).await?;
        journal.end(citizen, number)?;
        let counted = report(&envelope.name, refusal);
        tally.taken.fetch_add(counted.taken, Ordering::Relaxed);
        tally.refused.fetch_add(counted.refused, Ordering::Relaxed);
        tally.resources.fetch_add(resources * counted.taken, Ordering::Relaxed);
    }
    journal.whole(citizen)
}
