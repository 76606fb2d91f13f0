//! Records that may be one person's, for the desk at which two clerks decide: who is one person in spite of a marriage or a
//! slip of the pen, and who is not in spite of a name.
//!
//! | story | sent by | is it one? | what must come of it |
//! |---|---|---|---|
//! | 藤田 美咲, then 長谷川 美咲: married, moved, another insurer | hospital, clinic | yes | the pair waits |
//! | 髙橋 ミツ and 高橋 ミツ: another 髙, a wrong day of birth | hospital, clinic | yes | the pair waits |
//! | 森 ひかり and 森 あかり: twins | hospital, clinic | no | nothing waits |
//! | 佐藤 和子 and her neighbour 佐藤 和子, eleven years younger | hospital, clinic | no | nothing waits |
//! | 木村 清 under two patient numbers of one hospital | hospital twice | a clerk looks | the record waits |

use jiff::civil::{Date, date};

use super::{
    cast::Cast,
    letters::{From, Letters},
};
use crate::{
    form::{
        bundle::collection,
        clinical::{lab_item, laboratory},
        party::Setting,
    },
    names::{CITY, PREFECTURE},
    outgoing::{Outgoing, SynthError, moment},
    people::{Address, Citizen, Institution, Name, Sex, insurer_number},
};

/// The first clerk of the city who decides; the second is [`super::cast::CLERK`].
pub const KAWAGUCHI: &str = "kawaguchi-toru";

/// Somebody as one source knows them.
struct Source {
    name: [&'static str; 4],
    sex: Sex,
    birth: Date,
    line: &'static str,
    phone: &'static str,
    member: String,
    number: u64,
}

impl Source {
    fn citizen(&self) -> Citizen {
        Citizen {
            name: Name::new(self.name[0], self.name[1], self.name[2], self.name[3]),
            sex: self.sex,
            birth: self.birth,
            address: Address {
                postal: "000-0012".into(),
                state: PREFECTURE.into(),
                city: CITY.into(),
                line: self.line.into(),
            },
            phone: self.phone.into(),
            member_id: self.member.clone(),
            number: self.number,
        }
    }
}

/// Each story: a name in ASCII, and who the hospital and the other one knows. The other is the clinic, but for the story of
/// two numbers, which the hospital tells twice.
fn stories() -> [(&'static str, Source, Source); 5] {
    let employees = |rest: &str| format!("{}:{rest}", insurer_number("01", 1));
    let union = |rest: &str| format!("{}:{rest}", insurer_number("06", 2));
    let old = |number: u32| format!("{}::{number:08}:", insurer_number("39", 1));
    let source =
        |name, sex, birth, line, phone, member, number| Source { name, sex, birth, line, phone, member, number };
    let misaki = ["美咲", "ミサキ"];
    let mitsu = |family| [family, "ミツ", "タカハシ", "ミツ"];
    let kazuko = ["佐藤", "和子", "サトウ", "カズコ"];
    let kiyoshi = ["木村", "清", "キムラ", "キヨシ"];
    let (f, m) = (Sex::Female, Sex::Male);
    [
        (
            "married",
            source(
                ["藤田", misaki[0], "フジタ", misaki[1]],
                f,
                date(1994, 2, 14),
                "糸屋町3-8",
                "000-1111-2201",
                employees("3301:71:00"),
                430_101,
            ),
            source(
                ["長谷川", misaki[0], "ハセガワ", misaki[1]],
                f,
                date(1994, 2, 14),
                "藍染町11-2",
                "000-1111-2201",
                union("88:1204:01"),
                430_102,
            ),
        ),
        (
            "slip",
            source(mitsu("髙橋"), f, date(1939, 3, 5), "糸屋町5-1", "000-1111-2301", old(43_010_300), 430_103),
            source(mitsu("高橋"), f, date(1939, 3, 15), "糸屋町五丁目1", "000-1111-2302", old(43_010_400), 430_104),
        ),
        (
            "twins",
            source(
                ["森", "ひかり", "モリ", "ヒカリ"],
                f,
                date(2019, 7, 7),
                "糸屋町9-9",
                "000-1111-2401",
                employees("3302:72:02"),
                430_105,
            ),
            source(
                ["森", "あかり", "モリ", "アカリ"],
                f,
                date(2019, 7, 7),
                "糸屋町9-9",
                "000-1111-2401",
                employees("3302:72:03"),
                430_106,
            ),
        ),
        (
            "namesakes",
            source(kazuko, f, date(1941, 6, 1), "糸屋町12-3", "000-1111-2501", old(43_010_700), 430_107),
            source(kazuko, f, date(1952, 11, 23), "糸屋町12-4", "000-1111-2502", employees("3303:73:00"), 430_108),
        ),
        (
            "numbers",
            source(kiyoshi, m, date(1950, 9, 30), "糸屋町14-1", "000-1111-2601", old(43_010_900), 430_109),
            source(kiyoshi, m, date(1950, 9, 30), "糸屋町14-1", "000-1111-2601", old(43_010_900), 430_110),
        ),
    ]
}

/// Everything sent: one laboratory report of each source.
pub(super) fn letters(cast: &Cast) -> Result<Vec<Outgoing>, SynthError> {
    let mut out = Letters::new(4);
    for (place, (story, first, second)) in (0i8..).zip(stories()) {
        let other = if story == "numbers" { &cast.hospital } else { &cast.clinic };
        report(&mut out, &cast.hospital, &first, &format!("{story}-1"), date(2026, 9, 1 + place))?;
        report(&mut out, other, &second, &format!("{story}-2"), date(2026, 10, 1 + place))?;
    }
    Ok(out.finish())
}

fn report(out: &mut Letters, at: &Institution, who: &Source, name: &str, day: Date) -> Result<(), SynthError> {
    let citizen = who.citizen();
    let drawn = moment(day, 9, 20)?;
    let serial = format!("LAB-{}-{}", day.strftime("%Y%m%d"), who.number);
    out.submit(From::physician(at, day, (15, 0)), &format!("double-{name}"), |author, ids| {
        collection(author, &citizen, "Observation", &serial, ids, |subject| {
            [("Hb", "13.1"), ("PLT", "224")]
                .into_iter()
                .map(|(key, value)| {
                    laboratory(author, subject, &serial, lab_item(key), value, drawn, Setting::Ambulatory)
                })
                .collect()
        })
    })
}
