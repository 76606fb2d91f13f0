//! The sealed vault, asked and filled through the door.

use tsumugi_access::{Action, Caller, Request};
use tsumugi_kernel::CitizenId;
use tsumugi_people::{Duty, Member, MyNumber, Organization};
use tsumugi_record::{CommitError, RecordError, rest::Desk};

use crate::{MembersError, qualify, refused, take_in};

/// How often a write that met another is decided again.
const ATTEMPTS: usize = 16;

/// The citizen whose individual number it is. She sees who asked. Nobody, and not open, are one answer.
///
/// # Errors
/// [`MembersError::NotAllowed`] without the duty; [`MembersError::NotOpen`] when there is nobody, or the door stays shut.
pub async fn identify(desk: &Desk, caller: &Caller, number: &MyNumber) -> Result<CitizenId, MembersError> {
    let duty = Duty::of(caller.role, caller.organization_kind, caller.purpose);
    if duty == Duty::None {
        return Err(MembersError::NotAllowed);
    }
    let found = desk.door.vault().find(duty, number).await?;
    let citizen = found.ok_or(MembersError::NotOpen)?;
    qualify::look(desk, caller, citizen).await?;
    Ok(citizen)
}

/// Says whose an individual number is: of the person with an insured number of the sender's own.
///
/// # Errors
/// [`MembersError`]; [`tsumugi_people::VaultError::Taken`] when the number leads to somebody else.
pub async fn give_number(
    desk: &Desk,
    caller: &Caller,
    member: &Member,
    number: &MyNumber,
) -> Result<CitizenId, MembersError> {
    let duty = Duty::of(caller.role, caller.organization_kind, caller.purpose);
    if duty < Duty::Hold || !take_in::may_send(caller) {
        return Err(MembersError::NotAllowed);
    }
    let organization =
        Organization::new(caller.organization.clone(), caller.organization_name.clone(), caller.organization_kind);
    if !desk.directory.acts_under(&organization, &member.insurer).await? {
        return Err(MembersError::NotAllowed);
    }
    let today = desk.record.now().civil().date();
    let citizen = desk.directory.find_on(&member.identifier(), today).await?.ok_or(MembersError::NotOpen)?;
    for _ in 0..ATTEMPTS {
        let request = Request { caller, action: Action::Submit, citizen };
        let permit = desk.door.admit(request).await.map_err(refused)?;
        let given = desk.door.vault().give(duty, number, citizen).await?;
        let mut writing = desk.record.write(permit);
        writing.rows(given.rows, given.expect);
        match writing.commit(&desk.door).await {
            Err(RecordError::Commit(CommitError::Conflict(_))) => {}
            done => return done.map(|_| citizen).map_err(MembersError::from),
        }
    }
    Err(RecordError::Commit(CommitError::Busy).into())
}
