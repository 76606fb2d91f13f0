//! What those against whom a restriction is would see: the preview of its last step.

use tsumugi_access::{Against, Caller, Restriction};
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_people::Organization;
use tsumugi_record::Fact;

use super::{Fault, Site, looks, record};
use crate::read::{self, looks as read_looks, sharing as answers};
use crate::view::Preview;

/// Viewers shown in a preview.
const VIEWERS_MOST: usize = 3;

/// What those against whom it is would see, and would not.
pub(super) async fn previews(
    site: &Site,
    open: &record::Open,
    restriction: &Restriction,
    facts: &[Fact],
) -> Result<Vec<Preview>, Fault> {
    let door = &site.desk().door;
    let mut previews = Vec::new();
    for viewer in viewers(site, open, &restriction.against).await? {
        let before = door.would_show(open.permit(), &viewer, None).await?;
        let after = door.would_show(open.permit(), &viewer, Some(restriction)).await?;
        let counts = before.zip(after).map(|(before, after)| answers::counts(facts, &before, &after)).transpose()?;
        let text = match viewer.person_name.as_str() {
            "" => viewer.organization_name,
            name => format!("{name} ({})", viewer.organization_name),
        };
        previews.push(Preview { who: read::words(text, crate::Lang::Ja), counts });
    }
    Ok(previews)
}

/// Who would look: those who looked before as they looked, else somebody of a kind as they usually do.
async fn viewers(site: &Site, open: &record::Open, against: &Against) -> Result<Vec<Caller>, Fault> {
    let mut viewers: Vec<Caller> = Vec::new();
    for look in looks::all(open).await?.iter().rev() {
        let part = &look.part;
        let (role, purpose) = (read_looks::role(part), read_looks::purpose(part));
        let (Ok(person), Ok(place)) = (PersonId::new(&part.person.id), OrganizationId::new(&part.organization.id))
        else {
            continue;
        };
        let stands_for = |known: &Caller| known.person == person || known.organization == place;
        if matches!(role, Role::Citizen | Role::System | Role::LinkHolder) || viewers.iter().any(stands_for) {
            continue;
        }
        let Some(place) = site.desk().directory.organization(&place).await? else { continue };
        let meant = match against {
            Against::Everyone => role != Role::Proxy,
            Against::Person(wanted) => *wanted == person,
            Against::Organization(wanted) => *wanted == place.id,
            Against::OrganizationKind(kind) => *kind == place.kind,
        };
        if meant {
            viewers.push(viewer(&place, role, purpose, Some((person, part.person.name.clone())), open));
        }
    }
    if !matches!(against, Against::Person(_)) {
        let standing = site.desk().door.standing_of(open.permit()).await?;
        let related = standing.relations.iter().map(|relation| relation.organization.clone());
        let named = if let Against::Organization(place) = against { Some(place.clone()) } else { None };
        for id in named.into_iter().chain(related) {
            let Some(place) = site.desk().directory.organization(&id).await? else { continue };
            let meant = match against {
                Against::Everyone => true,
                Against::Organization(wanted) => *wanted == place.id,
                Against::OrganizationKind(kind) => *kind == place.kind,
                Against::Person(_) => false,
            };
            let Some((role, purpose)) = usual(place.kind).filter(|_| meant) else { continue };
            if !viewers.iter().any(|known| known.organization == place.id) {
                viewers.push(viewer(&place, role, purpose, None, open));
            }
        }
    }
    // One of each kind of place before two of one.
    let mut kinds: Vec<OrganizationKind> = Vec::new();
    viewers.sort_by_key(|viewer| {
        let again = kinds.contains(&viewer.organization_kind);
        kinds.push(viewer.organization_kind);
        again
    });
    viewers.truncate(VIEWERS_MOST);
    Ok(viewers)
}

fn viewer(
    place: &Organization,
    role: Role,
    purpose: Purpose,
    person: Option<(PersonId, String)>,
    open: &record::Open,
) -> Caller {
    let reader = open.permit().caller();
    let person = person.unwrap_or_else(|| (reader.person.clone(), String::new()));
    Caller::new(person, place, role, purpose, reader.expires)
}

/// As whom somebody of a kind of organisation usually looks.
pub(super) const fn usual(kind: OrganizationKind) -> Option<(Role, Purpose)> {
    Some(match kind {
        OrganizationKind::Hospital | OrganizationKind::Clinic => (Role::Physician, Purpose::Treat),
        OrganizationKind::Pharmacy => (Role::Pharmacist, Purpose::Treat),
        OrganizationKind::CareOffice => (Role::CareManager, Purpose::CareManagement),
        OrganizationKind::Municipality => (Role::Municipality, Purpose::CareManagement),
        OrganizationKind::Insurer => (Role::Insurer, Purpose::Payment),
        OrganizationKind::FireHeadquarters => (Role::Crew, Purpose::EmergencyTreat),
        _ => return None,
    })
}
