//! Prints how much a town tells and how fast, on one core:
//! `cargo run --release -p tsumugi-synth --example speed -- [PERSONS]`.
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]

use std::error::Error;

use tsumugi_kernel::edge::Stopwatch;
use tsumugi_synth::{Outgoing, Town, town::Detail};

/// How many resources a message carries: the entries of a bundle, or itself.
fn resources(one: &Outgoing) -> usize {
    const ENTRY: &[u8] = b"\"fullUrl\":";
    let bytes = one.form.bytes().unwrap_or_default();
    bytes.windows(ENTRY.len()).filter(|part| *part == ENTRY).count().max(usize::from(!bytes.is_empty()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let persons: u64 = std::env::args().nth(1).as_deref().unwrap_or("2000").parse()?;
    let per_minute = |count: u128, nanoseconds: u128| count * 60_000_000_000 / nanoseconds.max(1);
    for (what, detail) in [
        ("whole lives", Detail::Whole),
        ("three years", Detail::Recent { years: 3 }),
        ("claims of five years", Detail::Claims { years: 5 }),
        ("claims of one year", Detail::Claims { years: 1 }),
    ] {
        let town = Town::new(14, 100_000, jiff::civil::date(2026, 11, 22)).told(detail);
        let (mut messages, mut made, mut bytes, mut spent) = (0usize, 0usize, 0usize, 0u128);
        for index in 0..persons {
            let watch = Stopwatch::start();
            let sent = town.person(index)?;
            spent += watch.elapsed().as_nanos();
            messages += sent.len();
            made += sent.iter().map(resources).sum::<usize>();
            bytes += sent.iter().filter_map(|one| one.form.bytes()).map(<[u8]>::len).sum::<usize>();
        }
        let (people, each) = (u128::from(persons), u128::try_from(made)?);
        println!(
            "{what}: {persons} persons, {messages} messages, {made} resources ({} a person), {} MB; a minute and core: {} persons, {} resources",
            each / people,
            bytes / 1_000_000,
            per_minute(people, spent),
            per_minute(each, spent),
        );
    }
    Ok(())
}
