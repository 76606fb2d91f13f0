//! The leaf of a request: what its two parts say.
//!
//! INVARIANT: the citizen's part is made only from what [`Shown::view`] gives without withheld facts. The ledger pads
//! both parts to one length.

use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_ledger::{
    DraftLeaf, Label, LedgerError, LookPart,
    look::{Decision, LookOnBehalf, LookOrganization, LookPerson},
};

use crate::{Action, Caller, Permit, Shown, door::Inner};

/// The leaf of an admitted request.
pub(crate) fn draft(permit: &Permit, shown: &Shown, decision: Decision) -> Result<DraftLeaf, LedgerError> {
    let look = look(&permit.caller, permit.action, permit.time, permit.rule.clone(), decision);
    seal(&permit.door, permit.citizen, look, shown)
}

/// The leaf of a refused request.
pub(crate) fn refused(
    door: &Inner,
    caller: &Caller,
    action: Action,
    citizen: CitizenId,
    time: Instant,
    rule: &str,
) -> Result<DraftLeaf, LedgerError> {
    seal(door, citizen, look(caller, action, time, rule.to_owned(), Decision::Refused), &Shown::none())
}

fn seal(door: &Inner, citizen: CitizenId, mut look: LookPart, shown: &Shown) -> Result<DraftLeaf, LedgerError> {
    let label = label(door, citizen);
    (look.shown, look.count) = shown.view(true);
    let reviewer = look.to_bytes()?;
    let own = if shown.withheld() {
        (look.shown, look.count) = shown.view(false);
        // Words typed by the looker may name what is withheld.
        look.reason = None;
        look.to_bytes()?
    } else {
        reviewer.clone()
    };
    door.keys.seal(label, door.entropy.bytes16(), &own, &reviewer)
}

pub(crate) fn label(door: &Inner, citizen: CitizenId) -> Label {
    Label::blind(&door.label_key, &citizen.0.to_be_bytes())
}

fn look(caller: &Caller, action: Action, time: Instant, rule: String, decision: Decision) -> LookPart {
    LookPart {
        v: tsumugi_ledger::look::VERSION,
        time: time.0,
        action: action.code().to_owned(),
        person: LookPerson {
            id: caller.person.as_str().to_owned(),
            name: caller.person_name.clone(),
            qualification: caller.qualification.clone(),
        },
        organization: LookOrganization {
            id: caller.organization.as_str().to_owned(),
            name: caller.organization_name.clone(),
        },
        on_behalf: caller
            .on_behalf
            .as_ref()
            .map(|who| LookOnBehalf { name: who.name.clone(), relation: who.relation.clone() }),
        automatic: caller.automatic,
        role: caller.role.code().to_owned(),
        purpose: caller.purpose.code().to_owned(),
        rule,
        reason: caller.reason.clone(),
        shown: std::collections::BTreeMap::new(),
        count: 0,
        decision,
    }
}
