//! Prints evaluations per second of the mix, on one core, and the time of each expression.
#![expect(clippy::print_stdout, reason = "an example prints")]
#![expect(clippy::disallowed_methods, reason = "an example measures by the machine's clock")]

use std::hint::black_box;
use std::time::Instant as Clock;

use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::mix::{EXPRESSIONS, Mix, MixError};
use tsumugi_kernel::clock::Instant;

const ROUNDS: u32 = 20_000;

fn main() -> Result<(), MixError> {
    let defs = Definitions::r4();
    let mix = Mix::new(defs)?;
    let now = Instant(1_795_000_000_123);
    for (at, (_, text)) in EXPRESSIONS.iter().enumerate() {
        let start = Clock::now();
        for _ in 0..ROUNDS {
            black_box(mix.one(defs, now, black_box(at))?);
        }
        println!("{:>6} ns  {text}", start.elapsed().as_nanos() / u128::from(ROUNDS));
    }
    for _ in 0..3 {
        let start = Clock::now();
        for _ in 0..ROUNDS {
            black_box(mix.round(defs, black_box(now))?);
        }
        let per_second = f64::from(ROUNDS) * 20.0 / start.elapsed().as_secs_f64();
        println!("fhirpath_evals_per_s {per_second:.0}");
    }
    Ok(())
}
