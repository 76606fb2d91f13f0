//! Who may do what, for both profiles, as a table.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod town;

use town::{HER, NOW, Town, caller, fact, organization, person, place, town};
use tsumugi_access::{
    Action, Against, CategoryMask, Change, Consent, ConsentItem, Hides, Mandate, Permit, PolicyProfile, Refusal,
    Relation, RelationKind, Restriction, standing::Period,
};
use tsumugi_kernel::{CitizenId, OrganizationKind as Kind, Purpose, RecordCategory, Role};

/// What a permit shows of another's facts; `none` for an empty view, `-` for a refusal.
fn others(permit: &Permit) -> CategoryMask {
    RecordCategory::ALL.iter().copied().filter(|c| permit.lens().shows(&fact(*c, 1, "somewhere-else"))).collect()
}

fn own(permit: &Permit) -> CategoryMask {
    let home = permit.caller().organization.as_str().to_owned();
    RecordCategory::ALL.iter().copied().filter(|c| permit.lens().shows(&fact(*c, 1, &home))).collect()
}

const TREAT_ALL: &str = "all -claims -public-health -mandate";
const TREAT_FIRST: &str = "all -claims -public-health -mandate -genome -mental-health";
const CARE: &str = "identity care precaution medication allergy contraindication condition encounter vital";
const CREW: &str = "identity allergy contraindication medication condition precaution";
const ER: &str = "identity allergy contraindication medication condition infection laboratory procedure encounter precaution patient-summary";
const GLASS: &str = "identity allergy contraindication medication condition precaution infection";
const CREW_2026: &str = "identity medication checkup encounter";
const ER_2026: &str =
    "identity allergy contraindication medication condition infection laboratory procedure encounter checkup";
const CHART: &str = "identity condition allergy contraindication infection laboratory medication";
const NO: &str = "-";
const ONLY_OWN: &str = "none";

/// What stands in the citizen's standing for the organisation of the row: a relation's code, `consent:<item>`,
/// `disaster` where the disaster mode is open there, `mandate`, `reason`, `whole` (the second step), or `bound` (the token is for another citizen).
type Line = (Role, Purpose, Kind, &'static str, Action, &'static str, &'static str);

#[rustfmt::skip]
const TABLE: &[Line] = {
    use Action::{AccessLog, Create, Delete, Everything, History, Match, Merge, Page, Read, Review, Search, Standing, Submit, Unmerge, Update};
    use Purpose as P;
    use Role as R;
    &[
        // role, purpose, organisation, circumstances, action, special-law, jp-2026
        (R::Physician, P::Treat, Kind::Hospital, "", Read, TREAT_FIRST, ONLY_OWN),
        (R::Physician, P::Treat, Kind::Hospital, "encounter", Read, TREAT_ALL, ONLY_OWN),
        (R::Physician, P::Treat, Kind::Hospital, "encounter", Everything, TREAT_ALL, ONLY_OWN),
        (R::Physician, P::Treat, Kind::Hospital, "referral", Search, TREAT_ALL, "identity referral discharge"),
        (R::Physician, P::Treat, Kind::Clinic, "referral", History, TREAT_ALL, "identity referral discharge"),
        (R::Physician, P::Treat, Kind::Clinic, "consent:chart", Read, TREAT_FIRST, CHART),
        (R::Physician, P::Treat, Kind::Hospital, "consent:checkup", Read, TREAT_FIRST, "identity checkup"),
        (R::Physician, P::Treat, Kind::Hospital, "consent:operation", Read, TREAT_FIRST, "identity procedure"),
        (R::Physician, P::Treat, Kind::Hospital, "consent:treatment", Page, TREAT_FIRST, "identity encounter"),
        (R::Physician, P::Treat, Kind::Hospital, "consent:care", Read, TREAT_FIRST, ONLY_OWN),
        (R::Physician, P::Treat, Kind::Hospital, "bound", Read, NO, NO),
        (R::Physician, P::Treat, Kind::Hospital, "", Submit, "all", "all"),
        (R::Physician, P::Treat, Kind::Hospital, "", Create, "all", "all"),
        (R::Physician, P::Treat, Kind::Hospital, "bound", Create, NO, NO),
        (R::Physician, P::Treat, Kind::Household, "", Read, NO, NO),
        (R::Physician, P::Treat, Kind::ResearchInstitute, "", Read, NO, NO),
        (R::Physician, P::Treat, Kind::Insurer, "", Submit, NO, NO),
        (R::Physician, P::Treat, Kind::Hospital, "", AccessLog, NO, NO),
        (R::Physician, P::Treat, Kind::Hospital, "", Standing, NO, NO),
        (R::Dentist, P::Treat, Kind::Clinic, "encounter", Read, TREAT_ALL, ONLY_OWN),
        (R::Nurse, P::Treat, Kind::Clinic, "", Update, "all", "all"),
        (R::Therapist, P::Treat, Kind::Hospital, "encounter", Search, TREAT_ALL, ONLY_OWN),
        (R::Pharmacist, P::Treat, Kind::Pharmacy, "prescription", Read, TREAT_ALL, ONLY_OWN),
        (R::Pharmacist, P::Treat, Kind::Pharmacy, "referral", Read, TREAT_ALL, ONLY_OWN),
        (R::Pharmacist, P::Treat, Kind::Pharmacy, "consent:medication", Read, TREAT_FIRST, "identity medication"),
        (R::Nurse, P::Treat, Kind::CareOffice, "care-in-charge", Read, NO, NO),
        (R::CareManager, P::Treat, Kind::CareOffice, "care-in-charge", Read, NO, NO),
        (R::Crew, P::EmergencyTreat, Kind::FireHeadquarters, "", Read, CREW, CREW_2026),
        (R::Crew, P::EmergencyTreat, Kind::FireHeadquarters, "bound", Read, NO, NO),
        (R::Crew, P::EmergencyTreat, Kind::Hospital, "", Read, NO, NO),
        (R::Crew, P::Treat, Kind::FireHeadquarters, "", Read, NO, NO),
        (R::Crew, P::EmergencyTreat, Kind::FireHeadquarters, "", Submit, NO, NO),
        (R::Physician, P::EmergencyTreat, Kind::Hospital, "", Everything, ER, ER_2026),
        (R::Physician, P::EmergencyTreat, Kind::Clinic, "", Read, NO, NO),
        (R::Pharmacist, P::EmergencyTreat, Kind::Pharmacy, "", Read, NO, NO),
        (R::Physician, P::BreakGlass, Kind::Hospital, "reason", Read, GLASS, NO),
        (R::Nurse, P::BreakGlass, Kind::Clinic, "reason encounter", Page, GLASS, NO),
        (R::Physician, P::BreakGlass, Kind::Hospital, "reason whole", Read, "all -claims -public-health -mandate -genome", NO),
        (R::Physician, P::BreakGlass, Kind::Hospital, "whole", Read, NO, NO),
        (R::Physician, P::BreakGlass, Kind::Hospital, "reason bound", Read, NO, NO),
        (R::Physician, P::Treat, Kind::Hospital, "reason whole", Read, TREAT_FIRST, ONLY_OWN),
        (R::Physician, P::BreakGlass, Kind::Hospital, "", Read, NO, NO),
        (R::Pharmacist, P::BreakGlass, Kind::Hospital, "reason", Read, NO, NO),
        (R::Crew, P::Disaster, Kind::FireHeadquarters, "disaster", Read, CREW, NO),
        (R::Crew, P::Disaster, Kind::FireHeadquarters, "", Read, NO, NO),
        (R::Crew, P::Disaster, Kind::FireHeadquarters, "disaster bound", Read, NO, NO),
        (R::Crew, P::Disaster, Kind::Hospital, "disaster", Read, NO, NO),
        (R::Physician, P::Disaster, Kind::Hospital, "disaster", Page, GLASS, CREW_2026),
        (R::Nurse, P::Disaster, Kind::Municipality, "disaster", Page, GLASS, NO),
        (R::Pharmacist, P::Disaster, Kind::Pharmacy, "disaster whole reason", Page, GLASS, CREW_2026),
        (R::Nurse, P::Disaster, Kind::Clinic, "", Read, NO, NO),
        (R::Nurse, P::Disaster, Kind::CareOffice, "disaster", Read, NO, NO),
        (R::Nurse, P::Disaster, Kind::Clinic, "disaster", Submit, NO, NO),
        (R::Nurse, P::Disaster, Kind::Clinic, "disaster", AccessLog, NO, NO),
        (R::Municipality, P::Disaster, Kind::Municipality, "disaster", Read, NO, NO),
        (R::Nurse, P::Treat, Kind::Clinic, "disaster", Read, TREAT_FIRST, ONLY_OWN),
        (R::CareManager, P::CareManagement, Kind::CareOffice, "care-in-charge", Read, CARE, ONLY_OWN),
        (R::CareWorker, P::CareManagement, Kind::CareOffice, "care-in-charge", Page, CARE, ONLY_OWN),
        (R::Nurse, P::CareManagement, Kind::CareOffice, "care-in-charge", Search, CARE, ONLY_OWN),
        (R::CareWorker, P::CareManagement, Kind::CareOffice, "care-in-charge consent:care", Page, CARE, "identity care"),
        (R::CareWorker, P::CareManagement, Kind::CareOffice, "consent:care", Page, ONLY_OWN, ONLY_OWN),
        (R::CareWorker, P::CareManagement, Kind::CareOffice, "", Read, ONLY_OWN, ONLY_OWN),
        (R::CareWorker, P::CareManagement, Kind::Hospital, "", Read, ONLY_OWN, ONLY_OWN),
        (R::CareWorker, P::CareManagement, Kind::CareOffice, "care-in-charge", Create,
            "identity care precaution vital encounter medication other", "identity care precaution vital encounter medication other"),
        (R::CareWorker, P::CareManagement, Kind::CareOffice, "", Submit, "identity care precaution", "identity care precaution"),
        (R::CareWorker, P::CareManagement, Kind::Household, "", Create, NO, NO),
        (R::Nurse, P::CareManagement, Kind::Hospital, "encounter", Read,
            "identity care precaution medication allergy contraindication condition encounter vital discharge referral", ONLY_OWN),
        (R::Physician, P::CareManagement, Kind::Clinic, "care-opinion consent:care", Read,
            "identity care precaution medication allergy contraindication condition encounter vital discharge referral", "identity care"),
        (R::Municipality, P::CareManagement, Kind::Municipality, "", Read, "identity care", "identity care"),
        (R::Citizen, P::PatientRequest, Kind::Household, "", Everything, "all", "all"),
        (R::Citizen, P::PatientRequest, Kind::Household, "", AccessLog, "all", "all"),
        (R::Citizen, P::PatientRequest, Kind::Household, "", Standing, "mandate", "mandate"),
        (R::Citizen, P::PatientRequest, Kind::Household, "bound", Read, NO, NO),
        (R::Citizen, P::PatientRequest, Kind::Household, "", Create, NO, NO),
        (R::Citizen, P::Treat, Kind::Household, "", Read, NO, NO),
        (R::Proxy, P::FamilyRequest, Kind::Household, "mandate", Read, "all", "all"),
        (R::Proxy, P::FamilyRequest, Kind::Household, "mandate", AccessLog, "all", "all"),
        (R::Proxy, P::FamilyRequest, Kind::Household, "", Read, NO, NO),
        (R::Proxy, P::FamilyRequest, Kind::Household, "", AccessLog, NO, NO),
        (R::Proxy, P::FamilyRequest, Kind::Household, "mandate bound", Read, NO, NO),
        (R::Proxy, P::PatientRequest, Kind::Household, "mandate", Read, NO, NO),
        (R::Insurer, P::Payment, Kind::Insurer, "", Read, "identity claims", "identity claims"),
        (R::Insurer, P::Coverage, Kind::Insurer, "", Read, "identity", "identity"),
        (R::Insurer, P::Treat, Kind::Insurer, "", Read, NO, NO),
        (R::Registrar, P::Coverage, Kind::Clinic, "", Read, "identity", "identity"),
        (R::Registrar, P::RecordManagement, Kind::Hospital, "", Submit, "all", "all"),
        (R::Registrar, P::RecordManagement, Kind::Hospital, "", Read, ONLY_OWN, ONLY_OWN),
        (R::Registrar, P::RecordManagement, Kind::Municipality, "", Standing, "mandate", "mandate"),
        (R::Registrar, P::RecordManagement, Kind::CareOffice, "", Standing, NO, NO),
        (R::Registrar, P::RecordManagement, Kind::Hospital, "", Match, "identity", "identity"),
        (R::Registrar, P::RecordManagement, Kind::Hospital, "bound", Merge, NO, NO),
        (R::Registrar, P::RecordManagement, Kind::CareOffice, "", Match, NO, NO),
        (R::Registrar, P::Coverage, Kind::Hospital, "", Match, NO, NO),
        (R::Municipality, P::RecordManagement, Kind::Municipality, "", Merge, "identity", "identity"),
        (R::Municipality, P::RecordManagement, Kind::Municipality, "", Unmerge, "identity", "identity"),
        (R::System, P::RecordManagement, Kind::Hospital, "", Match, NO, NO),
        (R::Citizen, P::PatientRequest, Kind::Household, "", Match, NO, NO),
        (R::Physician, P::Treat, Kind::Hospital, "encounter", Match, NO, NO),
        (R::System, P::RecordManagement, Kind::Hospital, "", Submit, "all", "all"),
        (R::System, P::RecordManagement, Kind::CareOffice, "", Delete, "all", "all"),
        (R::System, P::RecordManagement, Kind::Hospital, "", Standing, NO, NO),
        (R::System, P::Treat, Kind::Hospital, "", Read, NO, NO),
        (R::PublicHealth, P::PublicHealth, Kind::HealthCentre, "", Read,
            "identity public-health infection vaccination", "identity public-health infection vaccination"),
        (R::Physician, P::PublicHealth, Kind::Clinic, "", Submit,
            "identity public-health infection vaccination checkup", "identity public-health infection vaccination checkup"),
        (R::Physician, P::PublicHealth, Kind::Clinic, "", Read, NO, NO),
        (R::Supervisor, P::Operations, Kind::SupervisingBody, "", AccessLog, "identity", "identity"),
        (R::Supervisor, P::Operations, Kind::SupervisingBody, "", Review, "identity", "identity"),
        (R::Supervisor, P::Operations, Kind::SupervisingBody, "", Read, NO, NO),
        (R::Supervisor, P::Operations, Kind::Municipality, "", AccessLog, NO, NO),
        (R::Researcher, P::Research, Kind::ResearchInstitute, "", Read, NO, NO),
    ]
};

fn relation(code: &str) -> Option<RelationKind> {
    use RelationKind as K;
    [K::Encounter, K::Referral, K::Prescription, K::CareInCharge, K::CareOpinion]
        .into_iter()
        .find(|kind| kind.code() == code)
}

fn item(code: &str) -> ConsentItem {
    use ConsentItem as I;
    let all = [I::Checkup, I::Medication, I::Treatment, I::Operation, I::Chart, I::Care];
    all.into_iter().find(|item| item.code() == code).unwrap()
}

fn mandate(id: &str, categories: Option<Vec<RecordCategory>>, period: Period) -> Mandate {
    Mandate {
        id: id.into(),
        holder: tsumugi_access::Holder::Person(person("the-proxy")),
        parental: false,
        holder_name: "花子".into(),
        relation: "daughter".into(),
        purposes: vec![Purpose::FamilyRequest],
        categories,
        period,
    }
}

async fn answer(town: &Town, line: &Line) -> String {
    let (role, purpose, kind, circumstances, action, _, _) = *line;
    let mut asker = caller(role, purpose, kind);
    let mut changes = Vec::new();
    for word in circumstances.split_whitespace() {
        match word {
            "bound" => asker.citizen = Some(CitizenId(HER.0 + 1)),
            "disaster" => town.disaster(kind).await,
            "whole" => asker.whole = true,
            "reason" => asker.reason = Some("意識なし".into()),
            "mandate" => changes.push(Change::Give(mandate("m", None, Period::since(NOW)))),
            word => match word.strip_prefix("consent:") {
                Some(code) => changes.push(Change::Consent(Consent::by_card(item(code), place(kind), NOW))),
                None => changes.push(Change::Relate(Relation {
                    kind: relation(word).unwrap(),
                    organization: place(kind),
                    period: Period::since(NOW),
                })),
            },
        }
    }
    if !changes.is_empty() {
        town.herself(&changes).await;
    }
    let before = town.leaves().await;
    match town.admit(&asker, action).await {
        Ok(permit) => {
            let (others, own) = (others(&permit), own(&permit));
            assert_eq!(
                others.intersection(own),
                others,
                "what others wrote is shown, what was written here not: {line:?}"
            );
            let shown: Vec<&str> = others.iter().map(RecordCategory::code).collect();
            permit.seal(tsumugi_access::Shown::none()).await.unwrap();
            if shown.is_empty() { "none".into() } else { shown.join(" ") }
        }
        Err(_) => {
            assert_eq!(town.leaves().await, before + 1, "a refusal leaves a leaf: {line:?}");
            "-".into()
        }
    }
}

fn expected(text: &str) -> String {
    if text == NO || text == ONLY_OWN {
        return text.into();
    }
    CategoryMask::parse(text).unwrap().iter().map(RecordCategory::code).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_table_holds_in_both_profiles() {
    let mut wrong = Vec::new();
    for line in TABLE {
        for (profile, want) in [(PolicyProfile::SpecialLaw, line.5), (PolicyProfile::Jp2026, line.6)] {
            let got = answer(&town(profile), line).await;
            if got != expected(want) {
                wrong.push(format!(
                    "{} {:?} {:?} {:?} {:?} {:?}\n  wanted {want}\n  got    {got}",
                    profile.code(),
                    line.0,
                    line.1,
                    line.2,
                    line.3,
                    line.4
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_role_purpose_and_action_has_an_answer_and_a_leaf() {
    for profile in PolicyProfile::ALL {
        let town = town(*profile);
        let (mut granted, mut outside, mut closed) = (0, 0, 0);
        for role in Role::ALL {
            for purpose in Purpose::ALL {
                for kind in Kind::ALL {
                    for action in [Action::Read, Action::Submit, Action::AccessLog, Action::Standing, Action::Match] {
                        let before = town.leaves().await;
                        match town.admit(&caller(*role, *purpose, *kind), action).await {
                            Ok(permit) => {
                                granted += 1;
                                assert!(!permit.rule().is_empty());
                                permit.seal(tsumugi_access::Shown::none()).await.unwrap();
                            }
                            Err(Refusal::OutsideTable { .. }) => outside += 1,
                            Err(Refusal::NotOpen { .. } | Refusal::NoDisaster { .. }) => closed += 1,
                            Err(other) => panic!("{role} {purpose} {kind} {action:?}: {other}"),
                        }
                        assert_eq!(town.leaves().await, before + 1, "{role} {purpose} {kind} {action:?}");
                    }
                }
            }
        }
        assert!(granted > 50 && outside > 5_000 && closed > 100, "{granted} {outside} {closed}");
    }
}

#[tokio::test]
async fn a_card_consent_holds_24_hours_to_the_millisecond() {
    let town = town(PolicyProfile::Jp2026);
    let hospital = place(Kind::Hospital);
    let mut consent = Consent::by_card(ConsentItem::Chart, hospital.clone(), NOW);
    // A longer end in the row does not help.
    consent.period.until = Some(NOW.plus_millis(1_000_000_000));
    town.herself(&[Change::Consent(consent)]).await;
    let doctor = caller(Role::Physician, Purpose::Treat, Kind::Hospital);
    for (after, open) in [(0, true), (24 * 3_600_000 - 1, true), (24 * 3_600_000, false), (30 * 3_600_000, false)] {
        town.clock.set(NOW.plus_millis(after));
        let permit = town.admit(&doctor, Action::Read).await.unwrap();
        assert_eq!(permit.lens().shows(&fact(RecordCategory::Condition, 1, "x")), open, "{after}");
        assert!(
            permit.lens().shows(&fact(RecordCategory::Condition, 1, hospital.as_str())),
            "own facts need no consent"
        );
        permit.seal(tsumugi_access::Shown::none()).await.unwrap();
    }
    let elsewhere = caller(Role::Physician, Purpose::Treat, Kind::Clinic);
    town.clock.set(NOW);
    let permit = town.admit(&elsewhere, Action::Read).await.unwrap();
    assert!(!permit.lens().shows(&fact(RecordCategory::Condition, 1, "x")), "a consent is to one institution");
    permit.seal(tsumugi_access::Shown::none()).await.unwrap();
}

#[tokio::test]
async fn a_mandate_is_limited_in_time_and_category_and_purpose() {
    let town = town(PolicyProfile::SpecialLaw);
    let period = Period::between(NOW, NOW.plus_millis(1_000));
    town.herself(&[Change::Give(mandate("m1", Some(vec![RecordCategory::Care, RecordCategory::Identity]), period))])
        .await;
    let daughter = caller(Role::Proxy, Purpose::FamilyRequest, Kind::Household);
    let permit = town.admit(&daughter, Action::Read).await.unwrap();
    assert_eq!(others(&permit), CategoryMask::parse("identity care").unwrap());
    assert_eq!(permit.caller().on_behalf.as_ref().unwrap().relation, "daughter");
    permit.seal(tsumugi_access::Shown::none()).await.unwrap();
    assert!(town.admit(&daughter, Action::AccessLog).await.is_err(), "the log needs all categories or `mandate`");
    assert_eq!(town.door.wards(&daughter).await.unwrap().len(), 1);

    town.clock.set(NOW.plus_millis(999));
    town.admit(&daughter, Action::Read).await.unwrap().seal(tsumugi_access::Shown::none()).await.unwrap();
    town.clock.set(NOW.plus_millis(1_000));
    assert!(matches!(town.admit(&daughter, Action::Read).await, Err(Refusal::NotOpen { .. })));
    assert!(town.door.wards(&daughter).await.unwrap().is_empty());

    town.clock.set(NOW);
    town.herself(&[Change::Revoke { mandate: "m1".into(), at: NOW }]).await;
    assert!(town.admit(&daughter, Action::Read).await.is_err(), "revoked at once, although the door had it cached");
}

#[tokio::test]
async fn nobody_helps_themself() {
    let town = town(PolicyProfile::SpecialLaw);
    let clerk = caller(Role::Registrar, Purpose::RecordManagement, Kind::Municipality);
    let mut to_clerk = mandate("m", None, Period::since(NOW));
    to_clerk.holder = tsumugi_access::Holder::Person(clerk.person.clone());
    assert!(town.change(&clerk, Action::Standing, &[Change::Give(to_clerk)]).await.is_err());

    let in_charge = |organization| {
        Change::Relate(Relation { kind: RelationKind::CareInCharge, organization, period: Period::since(NOW) })
    };
    let worker = caller(Role::CareWorker, Purpose::CareManagement, Kind::CareOffice);
    let office = worker.organization.clone();
    assert!(
        town.change(&worker, Action::Submit, &[in_charge(office.clone())]).await.is_err(),
        "an office in charge of its own accord"
    );
    let doctor = caller(Role::Physician, Purpose::Treat, Kind::Hospital);
    assert!(town.change(&doctor, Action::Read, &[in_charge(office.clone())]).await.is_err(), "a look changes nothing");
    assert!(
        town.change(&doctor, Action::Submit, &[Change::Give(mandate("m", None, Period::since(NOW)))]).await.is_err()
    );
    town.change(&doctor, Action::Submit, &[in_charge(office.clone())]).await.unwrap();
    let permit = town.admit(&worker, Action::Read).await.unwrap();
    assert!(permit.lens().shows(&fact(RecordCategory::Precaution, 1, "hospital")));
    permit.seal(tsumugi_access::Shown::none()).await.unwrap();

    town.herself(&[Change::Part { kind: RelationKind::CareInCharge, organization: office, at: NOW }]).await;
    let permit = town.admit(&worker, Action::Read).await.unwrap();
    assert!(!permit.lens().shows(&fact(RecordCategory::Precaution, 1, "hospital")), "a relation ends");
    permit.seal(tsumugi_access::Shown::none()).await.unwrap();

    town.herself(&[Change::Give(mandate("d", None, Period::since(NOW)))]).await;
    let daughter = caller(Role::Proxy, Purpose::FamilyRequest, Kind::Household);
    let mut passed_on = mandate("e", None, Period::since(NOW));
    passed_on.holder = tsumugi_access::Holder::Person(person("somebody"));
    assert!(town.change(&daughter, Action::Standing, &[Change::Give(passed_on)]).await.is_err());

    let bar = |id: &str, against| {
        let period = Period::since(NOW);
        Change::Restrict(Restriction {
            id: id.into(),
            against,
            hides: Hides::Categories(vec![RecordCategory::Genome]),
            emergency_may_override: false,
            period,
        })
    };
    let from_her = bar("from-her", Against::Person(daughter.person.clone()));
    town.herself(&[from_her, bar("from-all", Against::Everyone)]).await;
    let lift = |id: &str| Change::Lift { restriction: id.into(), at: NOW };
    assert!(town.change(&daughter, Action::Standing, &[lift("from-her")]).await.is_err(), "it bars her");
    town.change(&daughter, Action::Standing, &[lift("from-all")]).await.unwrap();
    town.herself(&[lift("from-her")]).await;
}

/// Some days, or what one source wrote, never take away who the person is.
#[test]
fn who_somebody_is_stays_when_days_or_a_source_are_hidden() {
    for hides in [Hides::Days { first: 0, last: i32::MAX }, Hides::Source(place(Kind::Hospital))] {
        let source = place(Kind::Hospital);
        assert!(!hides.covers(&fact(RecordCategory::Identity, 1, source.as_str())), "{hides:?}");
        assert!(hides.covers(&fact(RecordCategory::Condition, 1, source.as_str())), "{hides:?}");
    }
    assert!(Hides::Everything.covers(&fact(RecordCategory::Identity, 1, "hospital")));
}

#[tokio::test]
async fn an_ended_token_opens_nothing_and_leaves_a_leaf() {
    let town = town(PolicyProfile::SpecialLaw);
    let mut doctor = caller(Role::Physician, Purpose::Treat, Kind::Hospital);
    doctor.expires = NOW;
    assert!(matches!(town.admit(&doctor, Action::Read).await, Err(Refusal::Expired { .. })));
    assert_eq!(town.leaves().await, 1);
    doctor.expires = NOW.plus_millis(1);
    doctor.organization = organization("another-hospital");
    town.admit(&doctor, Action::Read).await.unwrap().seal(tsumugi_access::Shown::none()).await.unwrap();
}

#[test]
fn refusals_about_a_citizen_speak_as_if_nothing_were_there() {
    let receipt = tsumugi_access::Receipt { index: 0, number: 1, hash: [0; 32] };
    assert_eq!(Refusal::NotOpen { receipt }.words(), tsumugi_access::refusal::absent());
}
