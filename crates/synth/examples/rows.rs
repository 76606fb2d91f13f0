//! Prints the whole town beside its rows, as many people as are asked for, so that numbers are fitted to the truth and not
//! to chance: `cargo run --release -p tsumugi-synth --example rows -- CITIZENS [SEED]`.
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]

use std::error::Error;

use tsumugi_synth::{Town, compare};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let citizens = arguments.next().as_deref().unwrap_or("20000").parse()?;
    let seed = arguments.next().as_deref().unwrap_or("17").parse()?;
    let town = Town::new(seed, citizens, jiff::civil::date(2026, 11, 22));
    for line in compare::of_town(&town, 2, &|_| {}).rows {
        let (found, error) = (line.found.unwrap_or(f64::NAN), line.standard_error.unwrap_or(f64::NAN));
        let mark = if line.target { "target" } else { "" };
        println!("{}\t{}\t{found:.5}\t{error:.5}\t{:?}\t{mark}", line.key, line.expected, line.verdict);
    }
    Ok(())
}
