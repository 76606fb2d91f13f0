//! From claims to callers.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::sync::Arc;

use jiff::civil::date;
use tsumugi_kernel::{
    CitizenId, FactKey, Instant, Kind, MasterSecret, OrganizationId, OrganizationKind, PersonId, Purpose, Role, Sealer,
};
use tsumugi_ledger::Signer;
use tsumugi_people::{By, Directory, Organization, Person, Post, Source, Validity};
use tsumugi_signin::{Claims, SigninError, caller};
use tsumugi_store::MemoryStore;

/// 2026-11-18 in Japan.
const NOW: Instant = Instant(1_795_000_000_000);

fn directory() -> Directory {
    Directory::new(Arc::new(MemoryStore::new(Signer::new("test", [1; 32]).unwrap(), "test".into())))
}

fn sealer() -> Sealer {
    Sealer::new(&MasterSecret::new([1; 32]))
}

fn patient(citizen: u64) -> String {
    sealer().seal(FactKey { citizen: CitizenId(citizen), kind: Kind::PATIENT, number: 9 })
}

fn claims(role: Role, purpose: Purpose, person: &str, organization: &str) -> Claims {
    Claims::new(role, purpose, PersonId::new(person).unwrap(), OrganizationId::new(organization).unwrap(), Instant(10))
}

#[tokio::test]
async fn unknown_people_and_organisations_are_registered_with_a_likely_kind() {
    let directory = directory();
    for (role, purpose, organization, kind) in [
        (Role::Physician, Purpose::Treat, "1311234567", OrganizationKind::Hospital),
        (Role::Physician, Purpose::Treat, "1331234567", OrganizationKind::Clinic),
        (Role::Pharmacist, Purpose::Treat, "1341234567", OrganizationKind::Pharmacy),
        (Role::CareWorker, Purpose::CareManagement, "office", OrganizationKind::CareOffice),
        (Role::Nurse, Purpose::CareManagement, "visiting", OrganizationKind::CareOffice),
        (Role::Nurse, Purpose::Treat, "ward", OrganizationKind::Hospital),
        (Role::Supervisor, Purpose::Operations, "board", OrganizationKind::SupervisingBody),
    ] {
        let got =
            caller(&claims(role, purpose, &format!("p-{organization}"), organization), &directory, &sealer(), NOW)
                .await
                .unwrap();
        assert_eq!(got.organization_kind, kind, "{role} {organization}");
        assert_eq!(directory.organization(&got.organization).await.unwrap().unwrap().kind, kind);
        assert!(directory.person(&got.person).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_directorys_names_are_what_the_citizen_reads() {
    let directory = directory();
    let organization = OrganizationId::new("1311234567").unwrap();
    let mut person = Person::named(PersonId::new("dr-sato").unwrap(), "佐藤 健一");
    person.qualification = Some("医師".into());
    let hospital = Organization::new(organization, "港病院", OrganizationKind::Clinic);
    directory.register(&[person], &[hospital]).await.unwrap();
    let got = caller(&claims(Role::Physician, Purpose::Treat, "dr-sato", "1311234567"), &directory, &sealer(), NOW)
        .await
        .unwrap();
    assert_eq!((got.person_name.as_str(), got.organization_name.as_str()), ("佐藤 健一", "港病院"));
    assert_eq!((got.organization_kind, got.qualification.as_deref()), (OrganizationKind::Clinic, Some("医師")));
}

#[tokio::test]
async fn a_citizen_is_one_person() {
    let directory = directory();
    let mut token = claims(Role::Citizen, Purpose::PatientRequest, "her", "home");
    assert!(caller(&token, &directory, &sealer(), NOW).await.is_err(), "a citizen must be somebody");
    token.citizen = Some(patient(7));
    assert_eq!(caller(&token, &directory, &sealer(), NOW).await.unwrap().citizen, Some(CitizenId(7)));
    token.citizen = None;
    assert_eq!(
        caller(&token, &directory, &sealer(), NOW).await.unwrap().citizen,
        Some(CitizenId(7)),
        "the link is kept"
    );
    token.citizen = Some(patient(8));
    assert!(caller(&token, &directory, &sealer(), NOW).await.is_err(), "and is not changed by another token");
    token.citizen = Some("not-an-id".into());
    assert!(caller(&token, &directory, &sealer(), NOW).await.is_err());

    let mut doctor = claims(Role::Physician, Purpose::Treat, "dr-sato", "1311234567");
    doctor.citizen = Some(patient(8));
    assert_eq!(
        caller(&doctor, &directory, &sealer(), NOW).await.unwrap().citizen,
        Some(CitizenId(8)),
        "bound to one citizen"
    );
    assert_eq!(
        directory.person(&doctor.person).await.unwrap().unwrap().citizen,
        None,
        "which does not make the doctor her"
    );
}

#[tokio::test]
async fn whoever_left_the_roster_acts_for_the_organisation_no_more() {
    let directory = directory();
    let token = claims(Role::Nurse, Purpose::Treat, "mori", "1311234567");
    let (person, hospital) = (token.person.clone(), token.organization.clone());
    assert!(caller(&token, &directory, &sealer(), NOW).await.is_ok(), "no roster is kept here yet");
    let source = Source { organization: hospital.clone(), by: By::Desk, reference: None };
    let post = Post { role: Role::Nurse, validity: Validity::since(date(2024, 4, 1)), source };
    directory.appoint(&hospital, &person, &post).await.unwrap();
    assert!(caller(&token, &directory, &sealer(), NOW).await.is_ok());
    let other_role = claims(Role::Physician, Purpose::Treat, "mori", "1311234567");
    assert!(matches!(caller(&other_role, &directory, &sealer(), NOW).await, Err(SigninError::Post)));
    // The same token, the day after the last.
    directory.dismiss(&hospital, &person, Role::Nurse, date(2026, 11, 18)).await.unwrap();
    assert!(matches!(caller(&token, &directory, &sealer(), NOW).await, Err(SigninError::Post)));
    assert!(caller(&token, &directory, &sealer(), NOW.plus_millis(-86_400_000)).await.is_ok());
    // Elsewhere she may still act; and where a roster is kept, whoever is not on it may not.
    let elsewhere = claims(Role::Nurse, Purpose::Treat, "mori", "1311111111");
    assert!(caller(&elsewhere, &directory, &sealer(), NOW).await.is_ok());
    directory.keep_roster(&elsewhere.organization).await.unwrap();
    assert!(matches!(caller(&elsewhere, &directory, &sealer(), NOW).await, Err(SigninError::Post)));
}
