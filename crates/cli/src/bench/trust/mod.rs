//! Whether trust is earned and what it costs: how well looks without a reason are found, what rules, tokens and proofs
//! cost. One file a measurement.

mod completeness;
mod decisions;
mod snoops;
mod tokens;
mod whatif;

use super::Figures;

/// Every measurement of `tsumugi bench trust`.
pub async fn run(figures: &mut Figures, citizens: u64) -> anyhow::Result<()> {
    decisions::run(figures).await?;
    tokens::run(figures).await?;
    figures.extend(completeness::run()?);
    whatif::run(figures).await?;
    snoops::run(figures, citizens).await
}
