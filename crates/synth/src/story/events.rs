//! What was sent in the story, in the order of a year: family doctor, care office, the stroke, the way back.

use jiff::civil::date;
use tsumugi_kernel::{Instant, Purpose};

use super::cast::{CLERK, Cast, HARU, MEGUMI};
use crate::{
    dice::{Dice, Stream},
    form::{
        bundle::{Content, LabValue, collection, discharge, referral},
        care::{Precaution, Subject, barthel, in_charge, mandate, note, precaution, related_person},
        clinical::{Diagnosis, Disease, PENICILLIN, UNINFORMED, allergy, condition, lab_item, laboratory},
        medicine::{AMLODIPINE, APIXABAN, LANSOPRAZOLE, METFORMIN, Medicine, ROSUVASTATIN, administration},
        party::{Author, Department, INTERNAL, NEUROLOGY, Setting},
    },
    json::Json,
    outgoing::{Form, Outgoing, SynthError, moment},
    people::{Citizen, Institution, Professional},
};

const STROKE: Disease = Disease { text: "脳梗塞", icd10: "I639" };
const FIBRILLATION: Disease = Disease { text: "心房細動", icd10: "I489" };
const DIABETES: Disease = Disease { text: "2型糖尿病", icd10: "E119" };
const HYPERTENSION: Disease = Disease { text: "高血圧症", icd10: "I10" };
const PANCREAS: Disease = Disease { text: "膵頭部癌", icd10: "C250" };
const CATARACT: Disease = Disease { text: "白内障", icd10: "H269" };
const MEDICINES: [Medicine; 5] = [APIXABAN, AMLODIPINE, METFORMIN, ROSUVASTATIN, LANSOPRAZOLE];

const SWALLOWING: &str = "飲みものに中間のとろみをつける。食べるときは体を起こし、食後30分は横にならない。";
const MOVING: &str = "杖を使い、そばで見守る。左へふらつく。";
const MEDICATION: &str = "アピキサバンを朝と夕にのむ。血が止まりにくい。のみ忘れに気づいたら、あおば診療所へ電話する。";

/// Collects what is sent, and gives each sender's documents their ids.
struct Desk<'a> {
    cast: &'a Cast,
    ids: Dice,
    sent: Vec<Outgoing>,
}

/// One laboratory report.
struct Panel<'a> {
    name: &'a str,
    serial: &'a str,
    setting: Setting,
    drawn: Instant,
    sent: Instant,
    values: &'a [(&'a str, &'a str)],
}

/// Everything, not yet in order.
pub(super) fn all(cast: &Cast) -> Result<Vec<Outgoing>, SynthError> {
    let mut desk = Desk { cast, ids: Dice::new(0, 0, Stream::Ids), sent: Vec::new() };
    desk.register()?;
    desk.family_doctor()?;
    desk.office_in_charge()?;
    desk.mandate()?;
    desk.before_the_stroke()?;
    desk.in_hospital()?;
    desk.laboratory_in_hospital()?;
    desk.going_home()?;
    desk.at_home()?;
    desk.withheld()?;
    Ok(desk.sent)
}

impl<'a> Desk<'a> {
    fn send(
        &mut self,
        place: &Institution,
        person: &Professional,
        purpose: Purpose,
        form: Form,
        time: Instant,
        name: &str,
    ) -> Result<(), SynthError> {
        self.sent.push(Outgoing::new(place, person, purpose, form, time, name)?);
        Ok(())
    }

    /// Sends one resource as `id` of `place`, who is also its author.
    fn create(
        &mut self,
        place: &'a Institution,
        id: &str,
        time: Instant,
        name: &str,
        make: impl FnOnce(&Author<'_>) -> Json,
    ) -> Result<(), SynthError> {
        let Some(person) = place.staff.iter().find(|person| person.id == id) else { return Ok(()) };
        let author = Author { institution: place, department: INTERNAL, person, time, document: None };
        let bytes = make(&author).write().into_bytes();
        let purpose = match person.role {
            tsumugi_kernel::Role::Citizen => Purpose::PatientRequest,
            tsumugi_kernel::Role::Municipality => Purpose::RecordManagement,
            _ if place.kind == tsumugi_kernel::OrganizationKind::CareOffice => Purpose::CareManagement,
            _ => Purpose::Treat,
        };
        self.send(place, person, purpose, Form::Create(bytes), time, name)
    }

    /// Sends a bundle as the physician of `place`.
    fn submit(
        &mut self,
        place: &'a Institution,
        department: Department,
        time: Instant,
        name: &str,
        make: impl FnOnce(&Author<'_>, &mut Dice) -> Json,
    ) -> Result<(), SynthError> {
        let Some(person) = place.who(tsumugi_kernel::Role::Physician) else { return Ok(()) };
        let author = Author { institution: place, department, person, time, document: None };
        let bytes = make(&author, &mut self.ids).write().into_bytes();
        self.send(place, person, Purpose::Treat, Form::Submit(bytes), time, name)
    }

    fn labs(&mut self, place: &'a Institution, citizen: &'a Citizen, panel: &Panel<'_>) -> Result<(), SynthError> {
        self.submit(place, INTERNAL, panel.sent, panel.name, |author, ids| {
            collection(author, citizen, "Observation", panel.serial, ids, |subject| {
                let one = |(key, value): &(&str, &str)| {
                    laboratory(author, subject, panel.serial, lab_item(key), value, panel.drawn, panel.setting)
                };
                panel.values.iter().map(one).collect()
            })
        })
    }

    fn register(&mut self) -> Result<(), SynthError> {
        let cast = self.cast;
        let Some(clerk) = cast.city.staff.first() else { return Ok(()) };
        let form = Form::Directory(cast.directory()?);
        self.send(&cast.city, clerk, Purpose::RecordManagement, form, moment(date(2026, 2, 1), 9, 0)?, "directory")
    }

    fn family_doctor(&mut self) -> Result<(), SynthError> {
        let (clinic, haru) = (&self.cast.clinic, &self.cast.haru);
        let first = date(2026, 2, 12);
        self.submit(clinic, INTERNAL, moment(first, 16, 0)?, "yamada-allergies", |author, ids| {
            collection(author, haru, "AllergyIntolerance", "ALLERGY-420078", ids, |subject| {
                vec![allergy(author, subject, "1", &PENICILLIN, "1998-05")]
            })
        })?;
        self.submit(clinic, INTERNAL, moment(first, 16, 5)?, "yamada-conditions-clinic", |author, ids| {
            let known = [(FIBRILLATION, "2021-06-10"), (DIABETES, "2012-04-18"), (HYPERTENSION, "2008-09-02")];
            collection(author, haru, "Condition", "CONDITION-420078", ids, |subject| {
                known
                    .iter()
                    .zip(1..)
                    .map(|((disease, onset), n)| {
                        condition(
                            author,
                            subject,
                            &n.to_string(),
                            &Diagnosis::active(*disease, onset),
                            Setting::Ambulatory,
                        )
                    })
                    .collect()
            })
        })?;
        for (month, day, name, serial, values) in [
            (2, 12, "yamada-labs-2026-02", "LAB-20260212", ["7.8", "142", "0.78", "12.4", "4.2", "22"]),
            (5, 14, "yamada-labs-2026-05", "LAB-20260514", ["7.6", "128", "0.80", "12.1", "4.3", "21"]),
            (8, 13, "yamada-labs-2026-08", "LAB-20260813", ["7.3", "118", "0.81", "12.2", "4.1", "24"]),
        ] {
            let day = date(2026, month, day);
            let keys = ["HbA1c-NGSP", "LDL-C", "Cre", "Hb", "K", "AST"];
            let values: Vec<(&str, &str)> = keys.into_iter().zip(values).collect();
            let (drawn, sent) = (moment(day, 9, 20)?, moment(day, 16, 30)?);
            self.labs(
                clinic,
                haru,
                &Panel { name, serial, setting: Setting::Ambulatory, drawn, sent, values: &values },
            )?;
        }
        let visited = date(2026, 8, 20);
        let content = referral_content(moment(date(2026, 8, 13), 9, 20)?);
        let hospital = &self.cast.hospital;
        self.submit(clinic, INTERNAL, moment(visited, 17, 0)?, "yamada-referral-2026-08", |author, ids| {
            referral(author, haru, hospital, visited, &content, "REFERRAL-20260820-420078", ids)
        })
    }

    fn office_in_charge(&mut self) -> Result<(), SynthError> {
        let cast = self.cast;
        let subject = Subject(&cast.haru);
        let start = date(2026, 4, 1);
        let manager = (&cast.care_management, "takahashi-kumi");
        self.put_in_charge(manager, moment(start, 10, 0)?, "yamada-in-charge-care-manager", |author| {
            in_charge(author, &subject, "居宅介護支援", start, None)
        })?;
        let day_care = (&cast.day_care, "fujii-sakura");
        self.put_in_charge(day_care, moment(start, 11, 0)?, "yamada-in-charge-day-care", |author| {
            in_charge(author, &subject, "小規模多機能型居宅介護", start, None)
        })?;
        let (therapist, from) = ((&cast.visiting_rehabilitation, "endo-ryo"), date(2026, 6, 1));
        self.put_in_charge(therapist, moment(from, 9, 0)?, "yamada-in-charge-rehabilitation", |author| {
            in_charge(author, &subject, "訪問リハビリテーション", from, None)
        })
    }

    /// The city records who is in charge, as it is told at its desk (居宅サービス計画作成依頼の届出): an office does
    /// not put itself in charge.
    fn put_in_charge(
        &mut self,
        (office, person): (&'a Institution, &str),
        time: Instant,
        name: &str,
        make: impl FnOnce(&Author<'_>) -> Json,
    ) -> Result<(), SynthError> {
        let Some(person) = office.staff.iter().find(|known| known.id == person) else { return Ok(()) };
        let author = Author { institution: office, department: INTERNAL, person, time, document: None };
        self.create(&self.cast.city, CLERK, time, name, |_| make(&author))
    }

    fn mandate(&mut self) -> Result<(), SynthError> {
        let cast = self.cast;
        let subject = Subject(&cast.haru);
        let Some(megumi) = cast.yamada_home.staff.iter().find(|person| person.id == MEGUMI) else { return Ok(()) };
        let day = date(2026, 9, 10);
        let time = moment(day, 14, 0)?;
        // She names her daughter at the city's desk; the mandate itself she gives by her own hand.
        self.create(&cast.city, CLERK, time, "yamada-daughter", |_| {
            related_person(time, &subject, megumi, ("DAU", "娘"), "000-0000-0308")
        })?;
        let time = moment(day, 14, 5)?;
        self.create(&cast.yamada_home, HARU, time, "yamada-mandate", |_| {
            mandate(time, &subject, megumi, "娘", day, date(2031, 9, 9))
        })
    }

    fn before_the_stroke(&mut self) -> Result<(), SynthError> {
        let cast = self.cast;
        let subject = Subject(&cast.haru);
        let day = date(2026, 10, 15);
        self.create(&cast.day_care, "fujii-sakura", moment(day, 15, 0)?, "yamada-barthel-2026-10-15", |author| {
            barthel(author, &subject, [10, 10, 5, 5, 0, 10, 5, 10, 10, 10], author.time)
        })?;
        let day = date(2026, 10, 28);
        self.create(
            &cast.visiting_rehabilitation,
            "endo-ryo",
            moment(day, 16, 0)?,
            "yamada-precaution-moving-2026-10-28",
            |author| {
                precaution(author, &subject, Precaution::Moving, "杖で歩く。左へふらつくので、左にそって見守る。", day)
            },
        )?;
        let day = date(2026, 10, 30);
        self.create(
            &cast.day_care,
            "fujii-sakura",
            moment(day, 13, 0)?,
            "yamada-precaution-swallowing-2026-10-30",
            |author| {
                precaution(
                    author,
                    &subject,
                    Precaution::Swallowing,
                    "お茶でときどきむせる。中間のとろみをつけ、体を起こして飲む。",
                    day,
                )
            },
        )?;
        let evening = moment(date(2026, 11, 2), 20, 0)?;
        self.create(&cast.day_care, "rin", moment(date(2026, 11, 2), 20, 4)?, "yamada-apixaban-2026-11-02", |author| {
            administration(author, &subject, &APIXABAN, evening)
        })
    }

    fn in_hospital(&mut self) -> Result<(), SynthError> {
        let cast = self.cast;
        let subject = Subject(&cast.haru);
        // feeding, transfer, grooming, toilet use, bathing, mobility, stairs, dressing, bowels, bladder
        let course: [(i8, &str, [u32; 10]); 4] = [
            (5, "yamada-barthel-2026-11-05", [5, 5, 0, 0, 0, 0, 0, 0, 5, 5]),
            (10, "yamada-barthel-2026-11-10", [5, 5, 0, 5, 0, 5, 0, 5, 5, 5]),
            (15, "yamada-barthel-2026-11-15", [5, 10, 0, 5, 0, 5, 0, 5, 10, 10]),
            (20, "yamada-barthel-2026-11-20", [5, 10, 5, 5, 0, 10, 0, 5, 10, 10]),
        ];
        for (day, name, items) in course {
            self.create(&cast.hospital, "hayashi-mao", moment(date(2026, 11, day), 10, 30)?, name, |author| {
                barthel(author, &subject, items, author.time)
            })?;
        }
        Ok(())
    }

    /// The last panel is sent twice under one `Bundle.identifier`: interim without CRP, then whole; the second
    /// replaces the first.
    fn laboratory_in_hospital(&mut self) -> Result<(), SynthError> {
        let (hospital, haru) = (&self.cast.hospital, &self.cast.haru);
        let panel = |values: [&'static str; 12]| {
            let keys = ["HbA1c-NGSP", "LDL-C", "Cre", "Hb", "WBC", "PLT", "ALB", "AST", "ALT", "Na", "K", "CRP"];
            keys.into_iter().zip(values).filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>()
        };
        let mut first = panel(["", "112", "0.92", "12.0", "9.8", "204", "3.8", "26", "18", "137", "4.4", "0.86"]);
        first.push(("DD", "2.4"));
        let middle = panel(["", "", "0.88", "11.8", "7.9", "212", "3.6", "24", "17", "139", "4.2", "1.92"]);
        let interim = panel(["7.1", "104", "0.84", "11.9", "6.2", "221", "3.7", "23", "16", "140", "4.3", ""]);
        let whole = panel(["7.1", "104", "0.84", "11.9", "6.2", "221", "3.7", "23", "16", "140", "4.3", "0.22"]);
        for (day, drawn, sent, name, serial, values) in [
            (3, (7, 50), (8, 40), "yamada-labs-2026-11-03", "LAB-20261103", &first),
            (10, (6, 30), (11, 0), "yamada-labs-2026-11-10", "LAB-20261110", &middle),
            (18, (6, 30), (10, 0), "yamada-labs-2026-11-18-interim", "LAB-20261118", &interim),
            (18, (6, 30), (15, 0), "yamada-labs-2026-11-18", "LAB-20261118", &whole),
        ] {
            let day = date(2026, 11, day);
            let (drawn, sent) = (moment(day, drawn.0, drawn.1)?, moment(day, sent.0, sent.1)?);
            self.labs(hospital, haru, &Panel { name, serial, setting: Setting::Inpatient, drawn, sent, values })?;
        }
        Ok(())
    }

    fn going_home(&mut self) -> Result<(), SynthError> {
        let cast = self.cast;
        let (hospital, haru) = (&cast.hospital, &cast.haru);
        let (admitted, discharged) = (date(2026, 11, 3), date(2026, 11, 20));
        self.submit(hospital, NEUROLOGY, moment(discharged, 11, 0)?, "yamada-conditions-hospital", |author, ids| {
            let known = [
                (STROKE, "2026-11-03"),
                (FIBRILLATION, "2021-06-10"),
                (DIABETES, "2012-04-18"),
                (HYPERTENSION, "2008-09-02"),
            ];
            collection(author, haru, "Condition", "CONDITION-420078", ids, |subject| {
                known
                    .iter()
                    .zip(1..)
                    .map(|((disease, onset), n)| {
                        condition(
                            author,
                            subject,
                            &n.to_string(),
                            &Diagnosis::active(*disease, onset),
                            Setting::Inpatient,
                        )
                    })
                    .collect()
            })
        })?;
        let content = discharge_content(moment(date(2026, 11, 3), 7, 50)?, moment(date(2026, 11, 18), 6, 30)?);
        self.submit(hospital, NEUROLOGY, moment(discharged, 13, 0)?, "yamada-discharge-2026-11-20", |author, ids| {
            discharge(author, haru, admitted, discharged, &content, "DISCHARGE-20261120-420078", ids)
        })?;
        let subject = Subject(haru);
        let handed = [
            (Precaution::Swallowing, SWALLOWING, "yamada-precaution-swallowing-2026-11-20"),
            (Precaution::Moving, MOVING, "yamada-precaution-moving-2026-11-20"),
            (Precaution::Medication, MEDICATION, "yamada-precaution-medication-2026-11-20"),
        ];
        for ((about, text, name), minute) in handed.into_iter().zip([10, 11, 12]) {
            self.create(hospital, "mori-yumi", moment(discharged, 13, minute)?, name, |author| {
                precaution(author, &subject, about, text, discharged)
            })?;
        }
        Ok(())
    }

    fn at_home(&mut self) -> Result<(), SynthError> {
        let cast = self.cast;
        let subject = Subject(&cast.haru);
        let noon = moment(date(2026, 11, 21), 12, 11)?;
        self.create(&cast.day_care, "rin", noon, "yamada-note-2026-11-21", |author| {
            note(author, &subject, "昼ごはんを全部食べました。お茶に中間のとろみをつけました。1回むせました。体を起こして、30分すわっていました。", noon)
        })?;
        self.create(
            &cast.day_care,
            "fujii-sakura",
            moment(date(2026, 11, 21), 15, 0)?,
            "yamada-barthel-2026-11-21",
            |author| barthel(author, &subject, [5, 10, 5, 5, 0, 10, 0, 10, 10, 10], author.time),
        )?;
        let morning = moment(date(2026, 11, 22), 8, 30)?;
        self.create(&cast.day_care, "ishikawa-manabu", morning, "yamada-note-2026-11-22", |author| {
            note(
                author,
                &subject,
                "朝の薬をのみました。トイレまで杖で歩き、そばで見守りました。左へ1回ふらつきました。",
                morning,
            )
        })
    }

    /// 小林 茂: one diagnosis that he knows, one that he has not been told.
    fn withheld(&mut self) -> Result<(), SynthError> {
        let (hospital, shigeru) = (&self.cast.hospital, &self.cast.shigeru);
        let day = date(2026, 11, 12);
        self.submit(hospital, INTERNAL, moment(day, 17, 0)?, "kobayashi-conditions", |author, ids| {
            collection(author, shigeru, "Condition", "CONDITION-420068", ids, |subject| {
                vec![
                    condition(author, subject, "1", &Diagnosis::active(DIABETES, "2019-03-08"), Setting::Ambulatory),
                    condition(
                        author,
                        subject,
                        "2",
                        &Diagnosis { flags: &[UNINFORMED], ..Diagnosis::active(PANCREAS, "2026-11-12") },
                        Setting::Ambulatory,
                    ),
                ]
            })
        })?;
        let panel = Panel {
            name: "kobayashi-labs-2026-11-12",
            serial: "LAB-20261112-B",
            setting: Setting::Ambulatory,
            drawn: moment(day, 9, 0)?,
            sent: moment(day, 16, 0)?,
            values: &[("HbA1c-NGSP", "8.2"), ("AST", "48"), ("ALT", "61"), ("ALB", "3.6")],
        };
        self.labs(hospital, shigeru, &panel)
    }
}

fn lab_values(drawn: Instant, values: &[(&'static str, &str)]) -> Vec<LabValue> {
    values.iter().map(|(key, value)| LabValue { key, value: (*value).into(), drawn, wrong_unit: None }).collect()
}

fn medicines(days: u32) -> Vec<(Medicine, u32)> {
    MEDICINES.iter().map(|medicine| (*medicine, days)).collect()
}

fn referral_content(drawn: Instant) -> Content {
    Content {
        reason: "心房細動の心臓の検査をお願いします。".into(),
        complaint: "ときどき動悸がする".into(),
        present: "2021年に心房細動とわかり、アピキサバンを続けています。8月に入り、動悸が週に2回ほどあります。".into(),
        course: "血圧と血糖は少しずつよくなっています。出血はありません。".into(),
        instruction: "薬は今のまま続けます。検査のあとは当院で診ます。".into(),
        medication: "5種類。朝の薬は娘さんが確かめています。".into(),
        diagnoses: vec![
            (FIBRILLATION, "2021-06-10".into()),
            (DIABETES, "2012-04-18".into()),
            (HYPERTENSION, "2008-09-02".into()),
        ],
        past: vec![],
        allergies: vec![(PENICILLIN, "1998-05".into())],
        medicines: medicines(28),
        labs: lab_values(drawn, &[("HbA1c-NGSP", "7.3"), ("Cre", "0.81"), ("Hb", "12.2")]),
        findings: vec![("血圧", "138/76 mmHg、脈は不整".into())],
    }
}

fn discharge_content(admission: Instant, last: Instant) -> Content {
    let mut labs = lab_values(admission, &[("CRP", "0.86")]);
    labs.extend(lab_values(last, &[("HbA1c-NGSP", "7.1"), ("Cre", "0.84"), ("CRP", "0.22")]));
    Content {
        reason: "脳梗塞の治療のため".into(),
        complaint: "左の手足が動きにくい、言葉が出にくい".into(),
        present: "11月3日の朝、自宅で倒れているのを娘さんが見つけました。左の手足に力が入らず、言葉が出ませんでした。".into(),
        course: "右の中大脳動脈の領域の脳梗塞でした。翌日から起きる練習を始め、飲みこみと歩く練習を毎日行いました。言葉は戻り、左の力は弱さが残っています。".into(),
        instruction: format!("【飲みこみ】{SWALLOWING}【移動】{MOVING}【薬】{MEDICATION}"),
        medication: MEDICATION.into(),
        diagnoses: vec![(STROKE, "2026-11-03".into()), (FIBRILLATION, "2021-06-10".into()), (DIABETES, "2012-04-18".into()), (HYPERTENSION, "2008-09-02".into())],
        past: vec![(CATARACT, "2019-05".into(), "2019-06".into())],
        allergies: vec![(PENICILLIN, "1998-05".into())],
        medicines: medicines(14),
        labs,
        findings: vec![("神経の所見", "左の上下肢の力は5段階の4。飲みこみは水でむせる。".into()), ("体重", "47.2 kg".into())],
    }
}
