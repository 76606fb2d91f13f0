//! Whether trust is earned: how well looks without a reason are found, and what the rules cost. One file a measurement.

mod snoops;

use super::Figures;

/// Every measurement of `tsumugi bench trust`.
pub async fn run(figures: &mut Figures, citizens: u64) -> anyhow::Result<()> {
    snoops::run(figures, citizens).await
}
