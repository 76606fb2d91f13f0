//! Fictional looks: usual, none, narrowed to none, four hundred.

use jiff::civil::{Date, date};
use tsumugi_kernel::{Instant, Purpose, Role};
use tsumugi_portal::view::*;

use crate::people::*;

pub fn day_of(moment: Instant) -> Date {
    moment.civil().date()
}

pub fn alone(row: LookRow) -> LookGroup {
    LookGroup {
        from: day_of(row.when),
        to: day_of(row.when),
        stay: false,
        organization: row.who.organization.clone().unwrap_or_else(|| Words::ja("")),
        people: 1,
        looks: row.times,
        purposes: vec![row.purpose],
        rows: vec![row],
    }
}

/// The ward's looks during the stay, one row per person.
pub fn ward() -> Vec<LookRow> {
    [
        ("森 由美", Role::Nurse, 9),
        ("岡田 誠", Role::Physician, 12),
        ("西村 葵", Role::Pharmacist, 4),
        ("加藤 亮", Role::Therapist, 6),
    ]
    .into_iter()
    .zip(5..)
    .map(|((name, role, times), number)| {
        let mut row = row(
            number,
            ago(100 + i64::try_from(number).unwrap_or(0)),
            who(Name::plain(name), role, None, "みなと総合病院"),
            Purpose::Treat,
            &[("MedicationRequest", 5), ("Condition", 3)],
        );
        row.times = times;
        row
    })
    .collect()
}

pub fn looks() -> LooksView {
    let mut first = row(
        42,
        ago(42),
        takahashi(),
        Purpose::CareManagement,
        &[("Flag", 3), ("MedicationRequest", 5), ("Observation", 4)],
    );
    first.first = true;
    let mut written = row(
        41,
        ago(66),
        who(Name::plain("グエン ティ リン"), Role::CareWorker, Some("介護福祉士"), "ひだまりデイサービス"),
        Purpose::CareManagement,
        &[("Observation", 1)],
    );
    written.decision = Decision::Written;
    let mut insurer = row(
        2,
        ago(480),
        who(Name::plain("資格確認システム"), Role::System, None, "みなと市国民健康保険"),
        Purpose::Coverage,
        &[("Coverage", 1)],
    );
    insurer.by = LookBy::Automatic;
    let mut refused =
        row(1, ago(500), who(Name::plain("井上 徹"), Role::Municipality, None, "みなと市役所"), Purpose::Disaster, &[]);
    refused.decision = Decision::Refused;
    LooksView {
        total: 42,
        found: 42,
        filter: LookFilter::default(),
        sorts: vec![(LookBy::Person, 38), (LookBy::Assistant, 3), (LookBy::Automatic, 1)],
        kinds: ["Observation", "MedicationRequest", "Condition"]
            .into_iter()
            .filter_map(tsumugi_kernel::Kind::from_name)
            .collect(),
        proof: Proof::Covered { at: NOW },
        proof_file: ProofFile { path: "/api/me/looks/proof".into(), key: None, witnesses: None },
        groups: vec![
            alone(first),
            alone(written),
            LookGroup {
                from: date(2026, 11, 3),
                to: date(2026, 11, 20),
                stay: true,
                organization: Words::ja("みなと総合病院"),
                people: 4,
                looks: 31,
                purposes: vec![Purpose::Treat],
                rows: ward(),
            },
            alone(row(
                3,
                ago(458),
                sasaki(),
                Purpose::EmergencyTreat,
                &[("MedicationRequest", 5), ("AllergyIntolerance", 1), ("Condition", 3)],
            )),
            alone(insurer),
            alone(refused),
        ],
        pager: Pager { page: 1, pages: 1 },
    }
}

/// Page 3 of 400 looks: fifty groups of one look each, the worst for the page's size.
pub fn many_looks() -> LooksView {
    let rows = (0..50).map(|index| {
        alone(row(
            300 - index,
            ago(3 * i64::try_from(index).unwrap_or(0)),
            takahashi(),
            Purpose::CareManagement,
            &[("Flag", 3), ("MedicationRequest", 5), ("Observation", 4)],
        ))
    });
    LooksView { total: 400, found: 400, groups: rows.collect(), pager: Pager { page: 3, pages: 8 }, ..looks() }
}

pub fn empty_looks() -> LooksView {
    LooksView { total: 0, found: 0, groups: Vec::new(), proof: Proof::Pending, ..looks() }
}

pub fn narrowed_looks() -> LooksView {
    let filter = LookFilter {
        text: Some("みなと".into()),
        purpose: Some(Purpose::Research),
        from: Some(date(2026, 1, 1)),
        ..LookFilter::default()
    };
    LooksView { found: 0, groups: Vec::new(), filter, ..looks() }
}

pub fn look(proof: Proof) -> LookView {
    LookView {
        row: row(
            3,
            ago(458),
            sasaki(),
            Purpose::EmergencyTreat,
            &[("MedicationRequest", 4), ("MedicationStatement", 1), ("AllergyIntolerance", 1), ("Condition", 3)],
        ),
        reason: Some(Words::ja("倒れて、話せない")),
        disaster: None,
        offline: None,
        rule: RuleWords {
            id: "special-law/ETREAT/1".into(),
            plain: Words::ja("緊急のとき、必要な範囲を同意の前に見られます。"),
            text: Some(Words::ja("救急隊員は、緊急の治療のために、薬・アレルギー・病気の記録を見ることができる。")),
            source: Some(Words::ja("医療・介護情報の特別法(案)第12条")),
        },
        total: 42,
        proof,
        proof_file: ProofFile { path: "/api/me/looks/proof".into(), key: None, witnesses: None },
        case: Some(LookCase {
            stand: CaseStand::Waiting,
            deadline: jiff::civil::date(2026, 11, 11),
            said: None,
            odd: Vec::new(),
        }),
        objection: ObjectionForm { path: Some("/me/looks/3/objection".into()), ..ObjectionForm::default() },
    }
}

pub fn long_look() -> LookView {
    let mut view = look(Proof::Covered { at: NOW });
    view.row.who = who(
        Name::read(LONGEST, "かでのこうじ りゅうのすけまくしみりあんさえもんのじょう"),
        Role::Physician,
        Some("医師・歯科医師・臨床検査技師"),
        "独立行政法人国立病院機構みなと地域連携高度急性期医療センター附属第二診療所",
    );
    view.row.on_behalf = Some(OnBehalf { name: "山田 ハル".into(), relation: Words::ja("長女") });
    view.reason = None;
    view
}
