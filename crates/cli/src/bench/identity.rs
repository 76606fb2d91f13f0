//! Whether descriptions of people find whom they are of: how long a search for candidates takes among many citizens, and how
//! often the directory decides rightly about what institutions of a town write, mistakes included.

mod judge;
mod written;

use anyhow::ensure;
use tsumugi_cli::terminal;
use tsumugi_kernel::{
    CitizenId,
    edge::{Stopwatch, SystemEntropy},
};
use tsumugi_people::{Directory, Identifier, Incoming, Sex, identifier};
use tsumugi_people_match::{
    Description,
    sample::{
        Dice,
        slips::{Slip, again},
        town::Sources,
    },
};
use tsumugi_server::Folder;

use super::{Figures, measure::Place};

/// Searches that are timed.
const SEARCHES: usize = 4_000;
/// Candidates that a search may name: as many as the queue takes of one newcomer.
const CANDIDATES_MOST: usize = 16;

/// Measures `match_p50_ms`, `match_p99_ms`, `match_found_pct`, `match_rows`: one search after the other, each with a second
/// description of one of `people` made-up citizens that differs from the first by a usual slip.
pub async fn searched(figures: &mut Figures, people: usize) -> anyhow::Result<()> {
    let place = Place::new("match");
    let directory = Directory::new(Folder::open(place.path(), true, &SystemEntropy)?.store);
    let sources = Sources::default();
    let known = sources.people(people, &mut Dice::new(7));
    ensure!(!known.is_empty(), "nobody to look for; give --people at least 1");
    let watch = Stopwatch::start();
    let described = known.iter().map(|person| incoming(&person.described()));
    let rows = directory.index((0..).map(CitizenId).zip(described)).await?;
    terminal::complain(&format!("{people} citizens, {rows} keys, {:.0} s", watch.elapsed().as_secs_f64()));
    let mut dice = Dice::new(11);
    let (mut times, mut read, mut found) = (Vec::with_capacity(SEARCHES), 0, 0_usize);
    for _ in 0..SEARCHES {
        let at = usize::try_from(dice.below(known.len() as u64))?;
        let slip = [Slip::draw(&mut dice)];
        let wanted = incoming(&again(&known[at], &slip, &sources, &mut dice));
        let asked = Stopwatch::start();
        let answer = directory.look_for(&wanted, CANDIDATES_MOST).await?;
        times.push(asked.elapsed().as_secs_f64() * 1000.0);
        read += answer.rows;
        found += usize::from(answer.candidates.iter().any(|candidate| candidate.citizen.0 == at as u64));
    }
    times.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "shares and means")]
    figures.extend([
        ("match_p50_ms", times[SEARCHES / 2]),
        ("match_p99_ms", times[SEARCHES * 99 / 100]),
        ("match_rows", read as f64 / SEARCHES as f64),
        ("match_found_pct", found as f64 * 100.0 / SEARCHES as f64),
    ]);
    Ok(())
}

/// Measures `match_recall_pct` and `match_false_per_million` over what institutions write about `citizens` people in three
/// years, at the town's rates of mistakes; prints which mistakes the missed and the wrong ones had.
pub async fn decided(figures: &mut Figures, citizens: u64) -> anyhow::Result<()> {
    let place = Place::new("identity");
    let directory = Directory::new(Folder::open(place.path(), true, &SystemEntropy)?.store);
    let written = written::all(citizens)?;
    let verdicts = judge::judge(&directory, &written).await?;
    for line in verdicts.lines() {
        terminal::complain(&line);
    }
    let [identities, again, found, wrong] = [verdicts.identities, verdicts.again, verdicts.found, verdicts.wrong];
    ensure!(again > 0, "nobody was described twice; take more --citizens");
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    figures.extend([
        ("match_identities", identities as f64),
        ("match_recall_pct", found as f64 * 100.0 / again as f64),
        ("match_false_per_million", wrong as f64 * 1_000_000.0 / identities as f64),
    ]);
    Ok(())
}

/// A made-up description as a source's message would say it.
fn incoming(described: &Description) -> Incoming {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let member = |insured: &tsumugi_people_match::Insured| {
        let value = format!("{}:{}:{}:{}", insured.insurer, insured.symbol, insured.number, insured.branch);
        Identifier::new(identifier::MEMBER, value)
    };
    Incoming {
        identifiers: described.insurances.iter().map(member).collect(),
        name: text(&described.name),
        kana: text(&described.kana),
        birth_date: text(&described.birth),
        sex: described.sex.map(|sex| match sex {
            tsumugi_people_match::Sex::Male => Sex::Male,
            tsumugi_people_match::Sex::Female => Sex::Female,
        }),
        address: text(&described.address),
        phones: described.phones.clone(),
        former: Vec::new(),
    }
}
