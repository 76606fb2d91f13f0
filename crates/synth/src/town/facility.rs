//! The kinds of places of the town, finer than those of the kernel, and who works in each.

use std::sync::LazyLock;

use serde::Serialize;
use tsumugi_kernel::{OrganizationKind, Role};

use crate::{form::party::Department, parameters};

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Facility {
    /// 病院.
    Hospital,
    /// 診療所, 内科: the family doctor.
    ClinicInternal,
    /// 小児科.
    ClinicPaediatrics,
    /// 整形外科.
    ClinicOrthopaedics,
    /// 眼科.
    ClinicEye,
    /// 皮膚科.
    ClinicSkin,
    /// 耳鼻咽喉科.
    ClinicEarNoseThroat,
    /// 精神科.
    ClinicMental,
    /// 産婦人科.
    ClinicWomen,
    /// 透析クリニック.
    Dialysis,
    /// 歯科.
    Dental,
    /// 薬局.
    Pharmacy,
    /// 訪問看護ステーション.
    HomeNursing,
    /// 居宅介護支援事業所.
    CareManagement,
    /// 通所介護.
    DayService,
    /// 訪問介護.
    HomeHelp,
    /// 特別養護老人ホーム.
    SpecialNursingHome,
    /// 介護老人保健施設.
    GeriatricFacility,
    /// 市役所.
    CityHall,
    /// 保健所.
    HealthCentre,
    /// 保険者.
    Insurer,
    /// 消防本部.
    Fire,
}

type Staff = &'static [(Role, Option<&'static str>)];

/// What is fixed about a kind of place.
pub(super) struct Kind {
    pub(super) facility: Facility,
    /// Key in the row `institutions.persons`.
    pub(super) key: &'static str,
    pub(super) kind: OrganizationKind,
    /// 点数表: 1 medical, 3 dental, 4 pharmacy, 6 home-visit nursing; 7 care. None where there is no such number.
    pub(super) digit: Option<u32>,
    pub(super) ending: &'static str,
    pub(super) staff: Staff,
}

const DOCTOR: (Role, Option<&str>) = (Role::Physician, Some("医師"));
const NURSE: (Role, Option<&str>) = (Role::Nurse, Some("看護師"));
const THERAPIST: (Role, Option<&str>) = (Role::Therapist, Some("理学療法士"));
const MANAGER: (Role, Option<&str>) = (Role::CareManager, Some("介護支援専門員"));
const WORKER: (Role, Option<&str>) = (Role::CareWorker, Some("介護福祉士"));
const CLERK: (Role, Option<&str>) = (Role::Registrar, None);

const fn kind(
    facility: Facility,
    key: &'static str,
    kind: OrganizationKind,
    digit: Option<u32>,
    ending: &'static str,
    staff: Staff,
) -> Kind {
    Kind { facility, key, kind, digit, ending, staff }
}

/// Every kind, in the order in which places stand in the town.
pub(super) static KINDS: [Kind; 22] = {
    use Facility as F;
    use OrganizationKind as K;
    [
        kind(
            F::Hospital,
            "hospital",
            K::Hospital,
            Some(1),
            "病院",
            &[DOCTOR, NURSE, THERAPIST, DOCTOR, DOCTOR, NURSE, (Role::Pharmacist, Some("薬剤師")), CLERK],
        ),
        kind(F::ClinicInternal, "clinic-internal", K::Clinic, Some(1), "内科医院", &[DOCTOR, NURSE, CLERK]),
        kind(F::ClinicPaediatrics, "clinic-paediatrics", K::Clinic, Some(1), "こどもクリニック", &[DOCTOR, NURSE]),
        kind(F::ClinicOrthopaedics, "clinic-orthopaedics", K::Clinic, Some(1), "整形外科", &[DOCTOR, NURSE, THERAPIST]),
        kind(F::ClinicEye, "clinic-eye", K::Clinic, Some(1), "眼科", &[DOCTOR, NURSE]),
        kind(F::ClinicSkin, "clinic-skin", K::Clinic, Some(1), "皮膚科", &[DOCTOR, NURSE]),
        kind(F::ClinicEarNoseThroat, "clinic-ear-nose-throat", K::Clinic, Some(1), "耳鼻咽喉科", &[DOCTOR, NURSE]),
        kind(F::ClinicMental, "clinic-mental", K::Clinic, Some(1), "メンタルクリニック", &[DOCTOR, NURSE]),
        kind(F::ClinicWomen, "clinic-women", K::Clinic, Some(1), "産婦人科", &[DOCTOR, NURSE]),
        kind(F::Dialysis, "dialysis", K::Clinic, Some(1), "腎クリニック", &[DOCTOR, NURSE]),
        kind(F::Dental, "dental", K::Clinic, Some(3), "歯科", &[(Role::Dentist, Some("歯科医師"))]),
        kind(F::Pharmacy, "pharmacy", K::Pharmacy, Some(4), "薬局", &[(Role::Pharmacist, Some("薬剤師"))]),
        kind(
            F::HomeNursing,
            "home-nursing",
            K::CareOffice,
            Some(6),
            "訪問看護ステーション",
            &[NURSE, NURSE, THERAPIST],
        ),
        kind(
            F::CareManagement,
            "care-management",
            K::CareOffice,
            Some(7),
            "居宅介護支援事業所",
            &[MANAGER, WORKER, NURSE, MANAGER],
        ),
        kind(F::DayService, "day-service", K::CareOffice, Some(7), "デイサービス", &[WORKER, NURSE, THERAPIST]),
        kind(F::HomeHelp, "home-help", K::CareOffice, Some(7), "ヘルパーステーション", &[WORKER, WORKER]),
        kind(
            F::SpecialNursingHome,
            "special-nursing-home",
            K::CareOffice,
            Some(7),
            "特別養護老人ホーム",
            &[WORKER, NURSE, MANAGER, THERAPIST],
        ),
        kind(
            F::GeriatricFacility,
            "geriatric-facility",
            K::CareOffice,
            Some(7),
            "介護老人保健施設",
            &[WORKER, NURSE, DOCTOR, THERAPIST, MANAGER],
        ),
        kind(
            F::CityHall,
            "city-hall",
            K::Municipality,
            None,
            "市役所",
            &[(Role::Municipality, None), (Role::Municipality, None)],
        ),
        kind(
            F::HealthCentre,
            "health-centre",
            K::HealthCentre,
            None,
            "保健所",
            &[(Role::PublicHealth, Some("保健師"))],
        ),
        kind(F::Insurer, "insurer", K::Insurer, None, "保険者", &[(Role::Insurer, None)]),
        kind(
            F::Fire,
            "fire",
            K::FireHeadquarters,
            None,
            "消防本部",
            &[(Role::Crew, Some("救急救命士")), (Role::Crew, Some("救急救命士"))],
        ),
    ]
};

impl Facility {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|kind| kind.facility)
    }

    /// Its place among the kinds.
    #[must_use]
    pub const fn place(self) -> usize {
        self as usize
    }

    /// The usual place for an organisation kind of the kernel: the family doctor among clinics, the care manager among
    /// care offices.
    #[must_use]
    pub const fn of(kind: OrganizationKind) -> Option<Self> {
        Some(match kind {
            OrganizationKind::Hospital => Self::Hospital,
            OrganizationKind::Clinic => Self::ClinicInternal,
            OrganizationKind::Pharmacy => Self::Pharmacy,
            OrganizationKind::CareOffice => Self::CareManagement,
            OrganizationKind::Municipality => Self::CityHall,
            OrganizationKind::HealthCentre => Self::HealthCentre,
            OrganizationKind::Insurer => Self::Insurer,
            OrganizationKind::FireHeadquarters => Self::Fire,
            _ => return None,
        })
    }

    /// The department in whose name such a place writes (SS-MIX2); none for places that are
    /// no medical institution, and for dialysis and dentists, whose codes lie elsewhere.
    #[must_use]
    pub const fn department(self) -> Option<Department> {
        let (code, name) = match self {
            Self::Hospital | Self::ClinicInternal => ("01", "内科"),
            Self::ClinicMental => ("02", "精神科"),
            Self::ClinicPaediatrics => ("10", "小児科"),
            Self::ClinicOrthopaedics => ("12", "整形外科"),
            Self::ClinicSkin => ("20", "皮膚科"),
            Self::ClinicWomen => ("24", "産婦人科"),
            Self::ClinicEye => ("27", "眼科"),
            Self::ClinicEarNoseThroat => ("28", "耳鼻咽喉科"),
            _ => return None,
        };
        Some(Department { code, name })
    }

    /// How many citizens share one.
    #[must_use]
    pub fn persons_each(self) -> u64 {
        static EACH: LazyLock<Vec<u64>> = LazyLock::new(|| {
            let row = parameters::row("institutions.persons");
            let of = |kind: &Kind| {
                let found = row.and_then(|row| {
                    row.labels.iter().position(|label| label == kind.key).and_then(|at| row.values.get(at))
                });
                found.map_or(1, |value| value.unsigned_abs().max(1))
            };
            KINDS.iter().map(of).collect()
        });
        EACH.get(self.place()).copied().unwrap_or(1)
    }
}
