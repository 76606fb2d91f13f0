//! Whether trust is earned and what it costs: how well looks without a reason are found, what rules and proofs cost. One
//! file a measurement.

mod completeness;
mod snoops;

use super::Figures;

/// Every measurement of `tsumugi bench trust`.
pub async fn run(figures: &mut Figures, citizens: u64) -> anyhow::Result<()> {
    snoops::run(figures, citizens).await?;
    figures.extend(completeness::run()?);
    Ok(())
}
