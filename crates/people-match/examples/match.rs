//! Fits the bundled model anew and measures it: `cargo run --release -p tsumugi-people-match --example match -- fit FILE`, or
//! `… -- measure CITIZENS SEARCHES`.
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]

use std::{error::Error, time::Instant};

use tsumugi_people_match::{
    About, Model,
    compare::{Address, Birth, Family},
    fit,
    model::Chances,
    sample::measure::Town,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fit", file] => refit(file),
        ["measure", citizens, searches] => measure(citizens.parse()?, searches.parse()?),
        _ => Err("say `fit FILE` or `measure CITIZENS SEARCHES`".into()),
    }
}

fn refit(file: &str) -> Result<(), Box<dyn Error>> {
    let town = Town::of(200_000, 1);
    let about = About {
        on: "a made-up town of 200,000 (seed 1): people described twice with realistic slips, household members, and strangers drawn at random; shares of slips and of what is missing are assumed, not observed; set by hand are birth dates that are partial, guessed or a generation apart, and for the same person addresses that agree in part and family names that only sound alike".into(),
        pairs_per_newcomer: [300_000, 4_000_000, 1_000_000_000_000],
        queue_from: 300,
        likely_from: 9_500,
    };
    let mut parameters = fit(town.pairs(100_000, 2_000_000, 2), &about)?.parameters().clone();
    by_hand(&mut parameters.levels);
    let model = Model::new(parameters)?;
    std::fs::write(file, serde_json::to_string_pretty(model.parameters())? + "\n")?;
    Ok(())
}

/// What the town's sources never do is set by hand.
fn by_hand(levels: &mut Chances) {
    // How much rarer a stranger's year, or a guess of it, agrees.
    levels.birth.insert(Birth::Partial, [10_000_000, 400_000, 125_000]);
    levels.birth.insert(Birth::Around, [10_000_000, 4_000_000, 2_500_000]);
    // A parent's record is taken for the child's more often than a clerk errs by a generation.
    levels.birth.insert(Birth::Generation, [20_000, 640_000_000, 760_000_000]);
    // Buildings and rooms are left out; people move within a town or a city; 渡辺 is written 渡部.
    let same = |level: Option<&mut [u64; 3]>, chance: u64| {
        if let Some(chances) = level {
            chances[0] = chance;
        }
    };
    same(levels.address.get_mut(&Address::Block), 50_000_000);
    same(levels.address.get_mut(&Address::Town), 15_000_000);
    same(levels.address.get_mut(&Address::City), 40_000_000);
    same(levels.family.get_mut(&Family::Homophone), 5_000_000);
    same(levels.family.get_mut(&Family::Near), 6_000_000);
    if let Some(chances) = levels.address.get_mut(&Address::Block) {
        chances[1] = 40_000_000;
    }
}

fn measure(citizens: usize, searches: usize) -> Result<(), Box<dyn Error>> {
    let bundled = Model::bundled().map_err(ToString::to_string)?;
    let model = bundled.for_population(citizens as u64);
    #[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
    let now = Instant::now;
    let start = now();
    let town = Town::of(citizens, 7);
    println!("{citizens} citizens, {} keys, built in {:?}", town.index.keys(), start.elapsed());
    let report = town.measure(&model, searches, searches / 4, 11, Some(now));
    for (slip, asked) in &report.asked {
        let of = |map: &std::collections::BTreeMap<_, u64>| map.get(slip).copied().unwrap_or(0) * 10_000 / asked;
        println!("{slip:?}: {asked} asked, reached {}, queued {}", of(&report.reached), of(&report.queued));
    }
    println!(
        "reach {} recall {} (of 10,000); likely {}; false candidates {} of 10,000 searches ({} for people of the town, {} for {} newcomers), likely {}",
        report.reach(),
        report.recall(),
        report.likely,
        report.false_candidates(),
        report.others,
        report.others_of_newcomers,
        report.newcomers,
        report.others_likely
    );
    println!(
        "rows: {} in all, {} most; overflowed {}; p50 {:?} p99 {:?} max {:?} µs",
        report.rows,
        report.rows_most,
        report.overflowed,
        report.micros_within(500),
        report.micros_within(990),
        report.micros.last()
    );
    Ok(())
}
