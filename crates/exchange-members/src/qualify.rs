//! Whether a number was good on a day, and which numbers a person had (オンライン資格確認; 履歴照会・回答).

use tsumugi_access::{Action, ActionGroup, Caller, Request, Shown, roles};
use tsumugi_kernel::{CitizenId, OrganizationKind, Purpose, Role};
use tsumugi_people::{
    Coverage, Qualification,
    eligibility::{Asked, judge},
};
use tsumugi_record::rest::Desk;

use crate::{MembersError, refused};

/// What is answered. "Not open for this purpose" is [`MembersError::NotAllowed`] or [`MembersError::NotOpen`], and never
/// [`Qualification::NotFound`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// The answer.
    pub qualification: Qualification,
    /// The coverage under the number that was asked for, where the answer is about one person.
    pub coverage: Option<Coverage>,
}

/// Whether a number was good on a day. Everybody whom the answer is about has a leaf before it is given.
///
/// # Errors
/// [`MembersError`].
pub async fn qualify(desk: &Desk, caller: &Caller, asked: &Asked) -> Result<Answer, MembersError> {
    if !matches!(caller.purpose, Purpose::Coverage | Purpose::Payment)
        || !roles::may_ask(caller.role, caller.purpose, ActionGroup::View)
    {
        return Err(MembersError::NotAllowed);
    }
    let candidates = desk.directory.who_is_asked_about(asked).await?;
    let (qualification, one) = judge(&candidates, asked);
    let about = match (qualification, one) {
        (_, Some(one)) => &candidates[one..=one],
        (Qualification::Several, None) => &candidates[..],
        (_, None) => &[],
    };
    for candidate in about {
        look(desk, caller, candidate.citizen).await?;
    }
    let coverage = one.and_then(|one| {
        let of_number = candidates[one].coverages.iter().filter(|coverage| coverage.member.answers(&asked.member));
        // The one of the day, else the newest.
        of_number.max_by_key(|coverage| (coverage.validity.holds(asked.day), coverage.validity.from)).cloned()
    });
    Ok(Answer { qualification, coverage })
}

/// All numbers and coverages of a person, for insurers and municipalities that confirm coverage.
///
/// # Errors
/// [`MembersError`].
pub async fn numbers(desk: &Desk, caller: &Caller, citizen: CitizenId) -> Result<Vec<Coverage>, MembersError> {
    let duty = matches!(
        (caller.role, caller.organization_kind, caller.purpose),
        (Role::Insurer, OrganizationKind::Insurer, Purpose::Coverage)
            | (Role::Municipality, OrganizationKind::Municipality, Purpose::Coverage)
    );
    if !duty {
        return Err(MembersError::NotAllowed);
    }
    look(desk, caller, citizen).await?;
    Ok(desk.directory.history(citizen).await?.coverages())
}

/// Goes through the door for a person and leaves the leaf.
pub(crate) async fn look(desk: &Desk, caller: &Caller, citizen: CitizenId) -> Result<(), MembersError> {
    let request = Request { caller, action: Action::Identify, citizen };
    let permit = desk.door.admit(request).await.map_err(refused)?;
    permit.seal(Shown::none()).await?;
    Ok(())
}
