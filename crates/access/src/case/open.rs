//! Opening a case, in the commit of the first leaf that belongs to it.

use tsumugi_store::{Expectation, Row, StoreError, Table};

use super::{Case, CaseKind, Duty, Party, VERSION, keep};
use crate::Permit;

/// What the commit of a look that breaks the glass must carry: the rows of its case and the expectation that nobody
/// opened it meanwhile. Nothing of both if it is open already, on whichever of the person's shelves; such a row is never
/// taken away, so nothing has to be expected of it.
pub(crate) async fn opening(permit: &Permit) -> Result<(Vec<Row>, Vec<Expectation>), StoreError> {
    let (caller, store) = (&permit.caller, &permit.door.store);
    for shelf in permit.shelves.all() {
        if store.row(Table::Case, &keep::broken_key(*shelf, &caller.person, caller.expires)).await?.is_some() {
            return Ok((Vec::new(), Vec::new()));
        }
    }
    let case = Case {
        v: VERSION,
        number: store.reserve(1),
        kind: CaseKind::BreakGlass,
        citizen: permit.citizen,
        looker: Party::of(caller),
        purpose: caller.purpose,
        reasons: Vec::new(),
        opened: permit.time,
        ends: caller.expires,
        deadline: Duty::Judge.deadline(permit.time),
        about: None,
        words: Vec::new(),
    };
    let broken = keep::broken_key(case.citizen, &caller.person, case.ends);
    let mut rows = keep::rows(None, &case);
    rows.push(keep::row(broken.clone(), case.number.to_be_bytes().to_vec()));
    rows.push(keep::row(keep::lately_key(&caller.person, case.opened, case.number), Vec::new()));
    Ok((rows, vec![Expectation::Row(Table::Case, broken, None)]))
}
