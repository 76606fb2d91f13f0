//! Fictional records for every page: usual, empty, longest, many.

use jiff::civil::{Date, date};
use maud::Markup;
use tsumugi_kernel::{PersonId, Purpose, Role};
use tsumugi_portal::frame::{Frame, Subject};
use tsumugi_portal::view::*;
use tsumugi_portal::{Lang, page};

use crate::apps;
use crate::desk;
use crate::documents::discharge_summary;
use crate::emergencies;
use crate::looks::*;
use crate::papers;
use crate::people::*;
use crate::rules;
use crate::sharing;
use crate::{take, ways};

fn entry(when: Period, title: &str, place: &str, lines: &[&str], path: Option<&str>) -> Entry {
    Entry {
        when,
        title: Words::ja(title),
        place: Some(Words::ja(place)),
        lines: lines.iter().map(|line| Words::ja(*line)).collect(),
        path: path.map(Into::into),
        others: Vec::new(),
    }
}

fn timeline() -> TimelineView {
    TimelineView {
        topic: Topic::All,
        year: None,
        years: vec![
            Year {
                year: 2026,
                count: 5,
                entries: vec![
                    entry(Period::Since(date(2026, 11, 21)), "デイサービス", "ひだまりデイサービス", &["週3回"], None),
                    entry(
                        Period::Day(date(2026, 11, 20)),
                        "退院",
                        "みなと総合病院",
                        &["脳梗塞(脳の血管がつまる病気)", "飲みこみに注意があります"],
                        Some("/me/activities"),
                    ),
                    entry(
                        Period::Day(date(2026, 11, 18)),
                        "血液の検査 12項目",
                        "みなと総合病院",
                        &[],
                        Some("/me/laboratory"),
                    ),
                    entry(Period::Span(date(2026, 11, 3), date(2026, 11, 20)), "入院", "みなと総合病院", &[], None),
                    entry(Period::Day(date(2026, 9, 12)), "薬 5種類", "あおば診療所", &[], Some("/me/medicines")),
                ],
            },
            Year {
                year: 2025,
                count: 2,
                entries: vec![
                    entry(Period::Day(date(2025, 10, 4)), "健診", "みなと市", &[], None),
                    entry(Period::Day(date(2025, 2, 1)), "受診", "あおば診療所", &[], None),
                ],
            },
            Year { year: 2024, count: 28, entries: Vec::new() },
            Year { year: 2019, count: 9, entries: Vec::new() },
        ],
        birth: Some(date(1948, 3, 5)),
    }
}

fn measurement(day: Date, items: [u8; 10], by: &str) -> Measurement {
    Measurement { day, total: items.iter().sum(), items: items.map(Some), by: Some(Words::ja(by)) }
}

fn measurements() -> Vec<Measurement> {
    vec![
        measurement(date(2026, 9, 12), [10, 15, 5, 10, 0, 10, 5, 10, 10, 0], "ひだまりデイサービス"),
        measurement(date(2026, 11, 6), [5, 5, 0, 5, 0, 0, 0, 5, 10, 5], "みなと総合病院 リハビリ"),
        measurement(date(2026, 11, 13), [5, 10, 5, 5, 0, 5, 0, 5, 10, 10], "みなと総合病院 リハビリ"),
        measurement(date(2026, 11, 21), [10, 10, 5, 5, 0, 10, 5, 5, 10, 10], "ひだまりデイサービス"),
    ]
}

fn activities() -> ActivitiesView {
    ActivitiesView {
        measurements: measurements(),
        notes: vec![
            CareNote {
                origin: Origin {
                    day: date(2026, 11, 21),
                    by: Some(Words::ja("ひだまりデイサービス グエン ティ リン(介護福祉士)")),
                },
                text: Words::ja("昼ごはんは全部食べました。お茶で1回むせました。歩くとき、左へふらつきます。"),
            },
            CareNote {
                origin: Origin { day: date(2026, 9, 12), by: Some(Words::ja("ひだまりデイサービス")) },
                text: Words::ja("猫の話をよくします。"),
            },
        ],
    }
}

fn long_course() -> ActivitiesView {
    let all = (0..30u8).map(|index| {
        let day =
            date(2024, 1, 10).checked_add(jiff::Span::new().days(i64::from(index) * 34)).unwrap_or(date(2024, 1, 10));
        let mut items = [10, 15, 5, 10, 5, 15, 10, 10, 10, 10];
        items[usize::from(index % 10)] = 0;
        items[usize::from((index / 3) % 10)] = 5;
        measurement(day, items, "ひだまりデイサービス")
    });
    ActivitiesView { measurements: all.collect(), notes: Vec::new() }
}

fn range() -> Range {
    Range { low: Some(4.9), high: Some(6.0), text: "4.9〜6.0".into(), by: Some(Words::ja("みなと総合病院")) }
}

fn value(day: Date, number: f64) -> TestValue {
    let level = if number > 6.0 { Level::High } else { Level::Usual };
    TestValue {
        day,
        number: Some(number),
        text: format!("{number:.1}"),
        level,
        by: Some(Words::ja("みなと総合病院")),
        entry: "x".into(),
    }
}

fn laboratory(values: Vec<TestValue>) -> LaboratoryView {
    LaboratoryView {
        name: Words::ja("HbA1c"),
        meaning: Some(Words::ja("1〜2か月の血糖の平均です。")),
        about: vec![Words::ja("血液のなかの糖が、赤血球につく割合です。")],
        unit: "%".into(),
        range: Some(range()),
        values,
        note: Some(ClinicianNote {
            origin: Origin { day: date(2026, 11, 19), by: Some(Words::ja("岡田 誠(医師)みなと総合病院")) },
            text: Words::ja("次の診察で話しましょう。"),
        }),
    }
}

fn year_of_values() -> Vec<TestValue> {
    vec![
        value(date(2026, 2, 10), 7.8),
        value(date(2026, 5, 12), 7.6),
        value(date(2026, 8, 18), 7.3),
        value(date(2026, 11, 18), 7.1),
    ]
}

fn tests() -> LaboratoryListView {
    let row = |slug: &str, name: &str, meaning: &str, unit: &str, newest: TestValue, text: &str| TestRow {
        slug: slug.into(),
        name: Words::ja(name),
        meaning: Some(Words::ja(meaning)),
        unit: unit.into(),
        newest,
        range: Some(Range { text: text.into(), ..range() }),
    };
    LaboratoryListView {
        tests: vec![
            row("hba1c", "HbA1c", "1〜2か月の血糖の平均", "%", value(date(2026, 11, 18), 7.1), "4.9〜6.0"),
            row(
                "albumin",
                "アルブミン",
                "栄養のようす",
                "g/dL",
                TestValue { level: Level::Low, ..value(date(2026, 11, 18), 3.2) },
                "4.1〜5.1",
            ),
            row("potassium", "カリウム", "体の塩分のつりあい", "mmol/L", value(date(2026, 11, 18), 4.2), "3.6〜4.8"),
        ],
    }
}

fn medicine(name: &str, meaning: &str, dose: &str) -> Medicine {
    Medicine {
        name: Words::ja(name),
        meaning: Some(Words::ja(meaning)),
        dose: Some(Words::ja(dose)),
        supply: Some(Words::ja("28日分")),
        origin: Origin { day: date(2026, 11, 20), by: Some(Words::ja("みなと総合病院")) },
        entry: "x".into(),
    }
}

fn medicines() -> MedicinesView {
    MedicinesView {
        current: vec![
            medicine("アピキサバン錠2.5mg", "血のかたまりを防ぐ薬", "1日2回 朝夕食後 1回1錠"),
            medicine("アムロジピン錠5mg", "血圧を下げる薬", "1日1回 朝食後 1回1錠"),
            medicine("メトホルミン塩酸塩錠250mg", "血糖を下げる薬", "1日2回 朝夕食後 1回1錠"),
        ],
        earlier: vec![medicine("酸化マグネシウム錠330mg", "便をやわらかくする薬", "1日3回 毎食後 1回1錠")],
    }
}

fn said(text: &str, day: Date, by: &str) -> Statement {
    Statement { text: Words::ja(text), origin: Some(Origin { day, by: Some(Words::ja(by)) }) }
}

pub fn person(may_record: bool) -> PersonView {
    PersonView {
        stay: Some(said("入院 脳梗塞(2026年11月20日に退院)", date(2026, 11, 3), "みなと総合病院")),
        precautions: vec![
            Precaution {
                topic: PrecautionTopic::Swallowing,
                statements: vec![said(
                    "とろみは中間。体を起こして食べる。",
                    date(2026, 11, 20),
                    "みなと総合病院(退院時サマリー)",
                )],
            },
            Precaution {
                topic: PrecautionTopic::Moving,
                statements: vec![
                    said("杖と見守り。左へふらつく。", date(2026, 11, 20), "みなと総合病院(退院時サマリー)"),
                    said("夜のトイレは付きそう。", date(2026, 10, 28), "訪問リハビリ(理学療法士)"),
                ],
            },
            Precaution {
                topic: PrecautionTopic::Medicine,
                statements: vec![said(
                    "アピキサバンを朝夕。飲み忘れに注意。",
                    date(2026, 11, 20),
                    "みなと総合病院(退院時サマリー)",
                )],
            },
        ],
        allergies: vec![said("ペニシリン(呼吸困難)", date(2019, 5, 1), "あおば診療所")],
        activities: measurements().pop(),
        abilities: vec![Ability { what: Words::ja("眼鏡・補聴器"), how: Words::ja("眼鏡、右の補聴器") }],
        conditions: vec![
            said("脳梗塞", date(2026, 11, 3), "みなと総合病院"),
            said("心房細動", date(2022, 4, 9), "あおば診療所"),
            said("糖尿病", date(2011, 6, 1), "あおば診療所"),
        ],
        support: vec![
            said("娘 恵さん(同居)", date(2026, 9, 12), "ひだまり介護支援センター"),
            said("「家で猫と暮らしたい」", date(2026, 9, 12), "ひだまり介護支援センター"),
        ],
        notes: vec![said("お茶で1回むせました。", date(2026, 11, 21), "ひだまりデイサービス")],
        medicines: 3,
        newest_laboratory: Some(date(2026, 11, 18)),
        may_record,
        glass: Some(Glass::Offered(GlassKind::Break)),
        receipt: None,
    }
}

pub fn emergency() -> EmergencyView {
    let person = person(false);
    EmergencyView {
        allergies: person.allergies,
        medicines: medicines().current,
        taken: vec![said("アピキサバン 最後 11月2日(月)20:00", date(2026, 11, 2), "ひだまりデイサービス")],
        conditions: person.conditions,
        infections: Vec::new(),
        precautions: person.precautions,
        support: vec![Statement { text: Words::ja("娘 山田 恵 000-0000-0308"), origin: None }],
        glass: Some(Glass::Offered(GlassKind::Tell)),
    }
}

fn form_with_faults() -> CareFormView {
    let mut view =
        CareFormView {
            note: "お茶で1回むせました。".into(), idempotency: "i-1".into(), ..CareFormView::default()
        };
    view.items[0] = Some(10);
    view.items[2] = Some(5);
    view.faults = vec![FieldFault::Missing("transfer"), FieldFault::Missing("toilet-use")];
    view
}

fn candidates(lang: Lang) -> SignInView {
    let one = |person: &str, who: Who, purpose: Purpose, ja: &[&str], en: &[&str]| Candidate {
        person: PersonId::new(person).unwrap_or_else(|_| unreachable!("sample ids are valid")),
        who,
        purpose,
        try_this: match lang {
            Lang::Ja | Lang::Easy => ja.iter().map(|line| Words::ja(*line)).collect(),
            Lang::En => en.iter().map(|line| Words::en(*line)).collect(),
        },
    };
    let home = |name: Name, role: Role| Who { name, role, qualification: None, organization: None };
    SignInView {
        disaster: Vec::new(),
        people: vec![
            one(
                "haru",
                home(haru(), Role::Citizen),
                Purpose::PatientRequest,
                &["だれが見たかを開く", "証明をたしかめる"],
                &["Open who looked", "Check the proof"],
            ),
            one(
                "megumi",
                home(Name::read("山田 恵", "やまだ めぐみ"), Role::Proxy),
                Purpose::FamilyRequest,
                &["母の記録を選ぶ"],
                &["Choose the mother’s record"],
            ),
            one(
                "mori",
                who(Name::read("森 由美", "もり ゆみ"), Role::Nurse, Some("看護師"), "みなと総合病院"),
                Purpose::Treat,
                &["患者番号 0001234 をひらく"],
                &["Open patient number 0001234"],
            ),
            one(
                "linh",
                who(Name::plain("グエン ティ リン"), Role::CareWorker, Some("介護福祉士"), "ひだまりデイサービス"),
                Purpose::CareManagement,
                &["注意を読む", "生活の力を記録する"],
                &["Read the precautions", "Record daily activities"],
            ),
        ],
        expired: false,
        request: None,
        filling: None,
    }
}

fn filling(state: FillingState) -> FillingView {
    let there = if state == FillingState::Done { 10_000 } else { 3_482 };
    FillingView { citizens: 10_000, there, taken: 41_210, refused: 2, resources: 512_007, state }
}

/// Figures of every kind: a share, a count, one of which nothing was counted.
fn town(lang: Lang) -> TownView {
    let row = |ja: &str, en: &str, unit: &str, figures: (f64, Option<f64>), verdict| TownRow {
        words: match lang {
            Lang::Ja | Lang::Easy => Words::ja(ja),
            Lang::En => Words::en(en),
        },
        unit: unit.into(),
        source: "架空の統計 2020年 第1表".into(),
        expected: figures.0,
        found: figures.1,
        standard_error: figures.1.map(|found| found / 40.0),
        off_percent: figures.1.map(|found| 100.0 * (found - figures.0) / figures.0),
        verdict,
    };
    TownView {
        citizens: Some(10_000),
        today: Some("2026-11-22".into()),
        rows: vec![
            row("75歳以上の割合", "Share aged 75 and over", "%", (16.1, Some(15.9)), TownVerdict::Near),
            row("外来の受診(ひとり1年)", "Visits per person and year", "", (9.8, Some(10.6)), TownVerdict::WithinError),
            row("平均在院日数", "Mean stay", "d", (27.3, Some(18.0)), TownVerdict::Off),
            row("訪問看護の利用", "Home nursing", "%", (0.7, None), TownVerdict::NotCounted),
        ],
    }
}

fn found() -> FoundPerson {
    FoundPerson {
        name: haru(),
        birth: Some(date(1948, 3, 5)),
        sex: Some(Sex::Female),
        number: Some("0001234".into()),
        relation: None,
        until: None,
        base: "/people/a7".into(),
    }
}

fn home() -> HomeView {
    HomeView {
        disaster: Vec::new(),
        news: Some(News { unread: 3, first: emergencies::notice(42, NoticeWhy::First, true) }),
        people_this_month: 10,
        newest_entry: Some(date(2026, 11, 21)),
        newest_activities: Some(date(2026, 11, 21)),
        newest_laboratory: Some(date(2026, 11, 18)),
        medicines: 3,
    }
}

/// Every page in one language, with a name each.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let mut pages = public_pages(lang);
    pages.extend(citizen_pages(lang));
    pages.extend(staff_pages(lang));
    pages.extend(sharing::pages(lang));
    pages.extend(papers::pages(lang));
    pages.extend(crate::documents::pages(lang));
    pages.extend(take::pages(lang));
    pages.extend(rules::pages(lang));
    pages.extend(desk::pages(lang));
    pages.extend(apps::pages(lang));
    pages.extend(ways::pages(lang));
    pages.extend(emergencies::pages(lang));
    pages
}

fn public_pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let out = Frame { signed_in: None, subject: None, ..citizen(lang) };
    let sign_in = |filling| SignInView { filling, ..candidates(lang) };
    vec![
        ("sign-in", page::sign_in::page(&sign_in(None), &out)),
        (
            "sign-in-empty",
            page::sign_in::page(&SignInView { people: Vec::new(), expired: true, ..SignInView::default() }, &out),
        ),
        ("sign-in-filling", page::sign_in::page(&sign_in(Some(filling(FillingState::Running))), &out)),
        ("filling", page::filling::page(&filling(FillingState::Running), &out)),
        ("filling-done", page::filling::page(&filling(FillingState::Done), &out)),
        ("filling-stopped", page::filling::page(&filling(FillingState::Stopped), &out)),
        ("town", page::town::page(&town(lang), &out)),
        ("town-none", page::town::page(&TownView::default(), &out)),
        ("error-no-page", page::error::page(&ErrorView { trouble: Trouble::NoPage }, &out)),
        ("error-busy", page::error::page(&ErrorView { trouble: Trouble::Busy }, &out)),
        ("error-input", page::error::page(&ErrorView { trouble: Trouble::BadInput }, &out)),
        ("error-stale", page::error::page(&ErrorView { trouble: Trouble::StaleForm }, &out)),
        ("error-broken", page::error::page(&ErrorView { trouble: Trouble::Broken }, &out)),
    ]
}

fn citizen_pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let her = citizen(lang);
    let mut long = citizen(lang);
    long.large = true;
    if let Some(subject) = &mut long.subject {
        subject.name = Name::read(LONGEST, "かでのこうじ りゅうのすけまくしみりあんさえもんのじょう");
    }
    let printed = Frame { print: true, ..her.clone() };
    let none = |subject: Option<Subject>| Frame { subject, ..daughter(lang) };
    vec![
        ("home", page::home::page(&home(), &her)),
        ("home-empty", page::home::page(&HomeView::default(), &her)),
        ("home-proxy", page::home::page(&HomeView { news: None, ..home() }, &daughter(lang))),
        ("home-long-large", page::home::page(&home(), &long)),
        ("looks", page::looks::page(&looks(), &her)),
        ("looks-empty", page::looks::page(&empty_looks(), &her)),
        ("looks-narrowed", page::looks::page(&narrowed_looks(), &her)),
        ("looks-many", page::looks::page(&many_looks(), &her)),
        ("looks-print", page::looks::page(&looks(), &printed)),
        ("look", page::look::page(&look(Proof::Covered { at: NOW }), &her)),
        ("look-pending", page::look::page(&look(Proof::Pending), &her)),
        ("look-long-large", page::look::page(&long_look(), &long)),
        ("timeline", page::timeline::page(&timeline(), &her)),
        ("timeline-empty", page::timeline::page(&TimelineView::default(), &her)),
        ("document", page::document::page(&discharge_summary(), &her)),
        (
            "document-empty",
            page::document::page(
                &DocumentView { by: None, day: None, sections: Vec::new(), ..discharge_summary() },
                &her,
            ),
        ),
        ("activities", page::activities::page(&activities(), &her)),
        ("activities-many", page::activities::page(&long_course(), &her)),
        ("activities-empty", page::activities::page(&ActivitiesView::default(), &her)),
        ("laboratory-list", page::laboratory_list::page(&tests(), &her)),
        ("laboratory-list-empty", page::laboratory_list::page(&LaboratoryListView::default(), &her)),
        ("laboratory", page::laboratory::page(&laboratory(year_of_values()), &her)),
        ("laboratory-one", page::laboratory::page(&laboratory(vec![value(date(2026, 11, 18), 5.1)]), &her)),
        ("medicines", page::medicines::page(&medicines(), &her)),
        ("medicines-empty", page::medicines::page(&MedicinesView::default(), &her)),
        (
            "proxy-home",
            page::proxy_home::page(
                &ProxyHomeView {
                    disaster: Vec::new(),
                    number: "yamada-megumi".into(),
                    people: vec![FoundPerson {
                        number: None,
                        relation: Some(Words::ja("長女")),
                        until: Some(date(2027, 3, 31)),
                        ..found()
                    }],
                },
                &none(None),
            ),
        ),
        ("proxy-home-empty", page::proxy_home::page(&ProxyHomeView::default(), &none(None))),
        ("error-not-shown", page::error::page(&ErrorView { trouble: Trouble::NotShown }, &her)),
    ]
}

fn staff_pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let (nurse, carer) = (nurse(lang), carer(lang));
    let crew = staff(
        lang,
        Name::read("佐々木 健", "ささき けん"),
        Role::Crew,
        "みなと消防署",
        Purpose::EmergencyTreat,
        Some("救急救命士"),
    );
    let at_desk = Frame { subject: None, ..nurse.clone() };
    let people = vec![found(), FoundPerson { name: Name::plain(LONGEST), number: Some("0009999".into()), ..found() }];
    let recorded = PersonView { receipt: Some(Receipt { at: NOW }), ..person(true) };
    vec![
        ("staff-home", page::staff_home::page(&StaffHomeView { people, ..StaffHomeView::default() }, &at_desk)),
        (
            "staff-home-nobody",
            page::staff_home::page(
                &StaffHomeView {
                    disaster: Vec::new(),
                    may_find: false,
                    number: "0000000".into(),
                    trouble: Some(SearchTrouble::NobodyShown),
                    people: Vec::new(),
                    papers: 0,
                },
                &at_desk,
            ),
        ),
        (
            "staff-home-missing",
            page::staff_home::page(
                &StaffHomeView { trouble: Some(SearchTrouble::NumberMissing), ..StaffHomeView::default() },
                &at_desk,
            ),
        ),
        ("sent", page::sent::page(&sent(), &at_desk)),
        ("sent-none", page::sent::page(&SentView::default(), &at_desk)),
        ("emergency", page::emergency::page(&emergency(), &crew)),
        ("emergency-empty", page::emergency::page(&EmergencyView::default(), &crew)),
        ("document-staff", page::document::page(&discharge_summary(), &nurse)),
        ("ward", page::ward::page(&person(false), &nurse)),
        ("ward-empty", page::ward::page(&PersonView::default(), &nurse)),
        ("care-office", page::care_office::page(&person(true), &carer)),
        ("care-office-recorded", page::care_office::page(&recorded, &carer)),
        (
            "care-office-empty",
            page::care_office::page(&PersonView { may_record: true, ..PersonView::default() }, &carer),
        ),
        (
            "care-form",
            page::care_form::page(&CareFormView { idempotency: "i-1".into(), ..CareFormView::default() }, &carer),
        ),
        ("care-form-faults", page::care_form::page(&form_with_faults(), &carer)),
        ("timeline-staff", page::timeline::page(&timeline(), &nurse)),
        ("medicines-staff", page::medicines::page(&medicines(), &carer)),
    ]
}

/// Twelve weeks of a hospital whose program learnt.
fn sent() -> SentView {
    let week = |number: i64| {
        let from = date(2026, 9, 7).saturating_add(jiff::Span::new().weeks(number));
        let refused = 40 - 3 * number.unsigned_abs();
        SentWeek { from, submissions: 1_204, refused, resources: 24_080 - 20 * refused, warnings: 310 }
    };
    let rule = |rule: &str, words: Option<Words>, errors, warnings, recent, before| SentRule {
        rule: rule.into(),
        words,
        errors,
        warnings,
        recent,
        before,
    };
    SentView {
        from: Some(date(2026, 9, 7)),
        weeks: (0..11)
            .map(week)
            .chain([SentWeek { submissions: 0, refused: 0, resources: 0, warnings: 0, ..week(11) }])
            .collect(),
        rules: vec![
            rule("R1012", Some(Words::ja("被保険者個人識別子の形が正しくありません。")), 198, 0, 12, 61),
            rule(
                "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS|Observation.category",
                None,
                57,
                0,
                3,
                20,
            ),
            rule("dom-6", None, 0, 3_410, 1_204, 1_190),
        ],
    }
}
