//! From a token's claims to a caller, with the names that the citizen will read.

use tsumugi_access::Caller;
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, OrganizationKind, Purpose, Role, Sealer};
use tsumugi_people::{Directory, Organization, PeopleError, Person};

use crate::{Claims, TokenFault};

/// Why no caller could be made of a token.
#[derive(Debug, thiserror::Error)]
pub enum SigninError {
    /// The token's claims do not fit.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The person is not, or no longer, on the organisation's roster in this role.
    #[error("the person holds no post in this role at this organisation today; its roster says who does")]
    Post,
    /// The role needs a certificate, and none counts.
    #[error("the role needs a professional's certificate: {0}")]
    Licence(crate::hpki::Fault),
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
}

/// The caller that the claims name. A person or organisation that the directory does not know is registered: tokens
/// are only made in `--dev` folders, by whoever owns the folder.
///
/// A citizen is the one to whom the person is linked; the first token that names one makes the link, and a token that
/// names another is refused. Whoever's post at the organisation has ended acts for it no more, whatever the token says:
/// this is asked at every request, so an end needs no new token.
///
/// # Errors
/// [`SigninError`].
pub async fn caller(
    claims: &Claims,
    directory: &Directory,
    sealer: &Sealer,
    now: Instant,
) -> Result<Caller, SigninError> {
    let posts = directory.posts(&claims.organization, &claims.person).await?;
    if !posts.may_act(claims.role, now.civil().date()) {
        return Err(SigninError::Post);
    }
    let bound = match claims.citizen.as_deref() {
        Some(id) => Some(sealer.open(id).ok_or(TokenFault::Claims)?.citizen),
        None => None,
    };
    let organization = match directory.organization(&claims.organization).await? {
        Some(organization) => (*organization).clone(),
        None => {
            let kind = kind_of(&claims.organization, claims.role, claims.purpose);
            let organization = Organization::new(claims.organization.clone(), claims.organization.to_string(), kind);
            directory.register(&[], std::slice::from_ref(&organization)).await?;
            organization
        }
    };
    let person = person(claims, directory, bound).await?;
    let citizen = if claims.role == Role::Citizen {
        match (person.citizen, bound) {
            // A token made for a shelf that has been merged with the person's own is hers.
            (Some(own), Some(named)) if !directory.are_one(own, named).await? => return Err(TokenFault::Claims.into()),
            (own, named) => Some(own.or(named).ok_or(TokenFault::Claims)?),
        }
    } else {
        bound
    };
    let named = (person.id, person.name);
    let caller = Caller::new(named, &organization, claims.role, claims.purpose, claims.expires);
    Ok(Caller {
        qualification: person.qualification,
        citizen,
        automatic: claims.automatic || caller.automatic,
        reason: claims.reason.clone(),
        whole: claims.whole,
        ..caller
    })
}

async fn person(claims: &Claims, directory: &Directory, bound: Option<CitizenId>) -> Result<Person, PeopleError> {
    let known = directory.person(&claims.person).await?.map(|person| (*person).clone());
    let link = if claims.role == Role::Citizen { bound } else { None };
    match known {
        Some(person) if person.citizen.is_some() || link.is_none() => Ok(person),
        known => {
            let mut person = known.unwrap_or_else(|| Person {
                qualification: qualification(claims.role).map(str::to_owned),
                roles: vec![claims.role],
                organization: Some(claims.organization.clone()),
                ..Person::named(claims.person.clone(), claims.person.to_string())
            });
            person.citizen = link;
            directory.register(std::slice::from_ref(&person), &[]).await?;
            Ok(person)
        }
    }
}

/// What an unknown organisation most likely is: by the role of who comes from it, and for medical institutions by the
/// third digit of the ten-digit number (点数表: 1 医科, 3 歯科, 4 調剤).
fn kind_of(id: &OrganizationId, role: Role, purpose: Purpose) -> OrganizationKind {
    use OrganizationKind as Kind;
    let text = id.as_str().as_bytes();
    let table = (text.len() == 10 && text.iter().all(u8::is_ascii_digit)).then(|| text[2]);
    match role {
        Role::Citizen | Role::Proxy => Kind::Household,
        Role::CareManager | Role::CareWorker => Kind::CareOffice,
        Role::Nurse | Role::Therapist if purpose == Purpose::CareManagement && table.is_none() => Kind::CareOffice,
        Role::Crew => Kind::FireHeadquarters,
        Role::Insurer => Kind::Insurer,
        Role::Municipality => Kind::Municipality,
        Role::PublicHealth => Kind::HealthCentre,
        Role::Researcher => Kind::ResearchInstitute,
        Role::Supervisor => Kind::SupervisingBody,
        Role::Pharmacist => Kind::Pharmacy,
        Role::Dentist => Kind::Clinic,
        Role::Physician | Role::Nurse | Role::Therapist | Role::Registrar | Role::System | Role::LinkHolder => {
            match table {
                Some(b'3') => Kind::Clinic,
                Some(b'4') => Kind::Pharmacy,
                _ => Kind::Hospital,
            }
        }
    }
}

const fn qualification(role: Role) -> Option<&'static str> {
    Some(match role {
        Role::Physician => "医師",
        Role::Dentist => "歯科医師",
        Role::Nurse => "看護師",
        Role::Pharmacist => "薬剤師",
        Role::Therapist => "理学療法士・作業療法士・言語聴覚士",
        Role::CareManager => "介護支援専門員",
        Role::CareWorker => "介護職員",
        Role::Crew => "救急隊員",
        _ => return None,
    })
}
