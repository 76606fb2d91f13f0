//! What a person takes along: the same summary as `$summary`, the same facts as `$everything`, or a part of them, for
//! whoever holds a permit for it. Pages make files and links of it.
//!
//! Nothing is chosen here that the lens did not show; the caller tells the leaf what [`Taken::tell`] names before anything
//! of it leaves.

use std::collections::HashSet;

use tsumugi_access::{Permit, Shown};
use tsumugi_kernel::{FactKey, Instant, Kind, RecordCategory};
use tsumugi_ledger::Hash;

use super::{BundleWriter, Desk, summary};
use crate::{Fact, RecordError};

/// What paper has besides the summary.
const BESIDES: [&str; 3] = ["RelatedPerson", "EpisodeOfCare", "Flag"];

/// What is to be taken along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The patient summary: an IPS document.
    Summary,
    /// What the summary tells, and besides whom to call and what to heed: for paper.
    Paper,
    /// All that the lens shows.
    Everything,
    /// What is of some categories and of care in a span of days, and whom it names.
    Part {
        /// All where empty.
        categories: Vec<RecordCategory>,
        /// First day, since 1970-01-01.
        from: Option<i32>,
        /// Last day.
        to: Option<i32>,
    },
}

/// What was gathered, not yet told.
pub enum Taken {
    /// The summary.
    Summary(Box<summary::Gathered>),
    /// A collection of facts.
    Facts(Vec<Fact>),
}

/// Gathers it. `None` if no `Patient` is among what the lens shows: there is nobody whom a file could be about.
///
/// # Errors
/// [`RecordError`].
pub async fn gather(
    desk: &Desk,
    permit: &Permit,
    named: Option<FactKey>,
    wanted: &Wanted,
) -> Result<Option<Taken>, RecordError> {
    let mut facts = desk.record.shelf(permit, None, desk.record.present()).await?;
    if *wanted == Wanted::Summary {
        return Ok(summary::gather(desk, &facts, named, desk.record.now())?.map(|it| Taken::Summary(Box::new(it))));
    }
    if *wanted == Wanted::Paper {
        let Some(gathered) = summary::gather(desk, &facts, named, desk.record.now())? else { return Ok(None) };
        let told: HashSet<FactKey> = gathered.facts().map(Fact::key).collect();
        facts.retain(|fact| told.contains(&fact.key()) || BESIDES.contains(&fact.key().kind.name()));
    }
    facts.retain(|fact| !fact.is_gone());
    if !facts.iter().any(|fact| fact.key().kind == Kind::PATIENT) {
        return Ok(None);
    }
    if let Wanted::Part { categories, from, to } = wanted {
        let mut kept = Vec::with_capacity(facts.len());
        for fact in facts {
            if belongs(&fact, categories, (*from, *to))? {
                kept.push(fact);
            }
        }
        facts = kept;
    }
    Ok(Some(Taken::Facts(facts)))
}

/// Whether a fact is in the part; who and where always is.
fn belongs(fact: &Fact, categories: &[RecordCategory], days: (Option<i32>, Option<i32>)) -> Result<bool, RecordError> {
    let kind = fact.key().kind;
    if kind == Kind::PATIENT || (summary::goes_along(kind) && kind.name() != "Medication") {
        return Ok(true);
    }
    let values = fact.values()?;
    let category = categories.is_empty() || categories.contains(&values.category());
    let within = |day: i32| days.0.is_none_or(|from| day >= from) && days.1.is_none_or(|to| day <= to);
    // Without a day it cannot be said to be outside the span.
    Ok(category && values.day().is_none_or(within))
}

impl Taken {
    /// How many facts it tells.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Summary(gathered) => gathered.facts().count(),
            Self::Facts(facts) => facts.len(),
        }
    }

    /// Tells `shown` everything that the file tells.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] if packed values were written by a newer program.
    pub fn tell(&self, shown: &mut Shown) -> Result<(), RecordError> {
        match self {
            Self::Summary(gathered) => gathered.facts().try_for_each(|fact| fact.tell(shown)),
            Self::Facts(facts) => facts.iter().try_for_each(|fact| fact.tell(shown)),
        }
    }

    /// The bundle as FHIR JSON: a document for the summary, else a collection. `seed` makes the ids of the document's own
    /// parts, so that no two files have one.
    ///
    /// # Errors
    /// [`RecordError::Store`] if stored bytes are damaged.
    pub fn write(&self, desk: &Desk, base: &str, now: Instant, seed: &Hash) -> Result<Vec<u8>, RecordError> {
        match self {
            Self::Summary(gathered) => Ok(gathered.write(base, now, seed)),
            Self::Facts(facts) => {
                let mut bundle = BundleWriter::start("collection", None, &[]);
                for fact in facts {
                    let url = format!("{base}/{}/{}", fact.key().kind, desk.record.sealer().seal(fact.key()));
                    bundle.whole(&url, &fact.body()?);
                }
                Ok(bundle.finish())
            }
        }
    }
}

impl std::fmt::Debug for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Taken(…)")
    }
}
