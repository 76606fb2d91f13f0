//! How many looks were made under each opening: counted by the screening, which reads every leaf once and in one order, so that
//! no two looks wait for each other.

use tsumugi_kernel::Purpose;
use tsumugi_ledger::{LookPart, look::Decision};
use tsumugi_store::Table;

use crate::{Action, Door, Refusal, screen};

/// The opening under which a look was, if it showed anything.
pub(crate) fn counted(part: &LookPart) -> Option<u64> {
    let looked = part.decision == Decision::Shown && part.action != Action::Identify.code();
    part.opening.filter(|_| looked && part.purpose == Purpose::Disaster.code())
}

impl Door {
    /// How many looks at records were made under an opening, as far as the log is screened: seconds ago.
    ///
    /// # Errors
    /// [`Refusal`] when the store cannot read.
    pub async fn looks_under(&self, number: u64) -> Result<u64, Refusal> {
        let row = self.0.store.row(Table::Screen, &screen::opening_key(number)).await?;
        let count = row.map(|bytes| bytes.first_chunk::<8>().map(|count| u64::from_be_bytes(*count)));
        count.map_or(Ok(0), |count| count.ok_or(Refusal::Row("count of looks")))
    }
}
