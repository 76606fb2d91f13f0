//! What happens to a person, or to what is written of them, between two descriptions.

use super::{
    Dice,
    town::{Person, Sources, insured, mobile},
};
use crate::features::{Description, Sex};

/// One thing that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Slip {
    /// Nothing but the usual ways of writing.
    #[default]
    None,
    /// A variant character: 髙 for 高.
    Variant,
    /// Other characters of the same reading.
    OtherCharacters,
    /// Another reading of the same characters, of which one letter is right.
    Misread,
    /// One kana wrong, missing, double or moved in the given name.
    KanaOfGiven,
    /// The same in the family name.
    KanaOfFamily,
    /// A voiced mark too many or too few.
    VoicedMark,
    /// A long vowel written otherwise.
    LongVowel,
    /// Family and given name in each other's place.
    NamesSwapped,
    /// Only kana are sent, as by claims.
    OnlyKana,
    /// No kana are sent.
    NoKana,
    /// No space between the names.
    NoSpace,
    /// Day and month swapped.
    DayAndMonth,
    /// One digit of the birth date is another.
    Digit,
    /// The day is wrong.
    WrongDay,
    /// 昭和 for 平成 and the like.
    Era,
    /// The other sex, or a change of it.
    OtherSex,
    /// A new family name and a new home, by marriage; the mobile number mostly stays.
    Marriage,
    /// A new family name at the same home, by adoption.
    Adoption,
    /// A new home.
    Move,
    /// A new job: a new insurer.
    Job,
    /// A new telephone number.
    Telephone,
}

impl Slip {
    /// Every slip, with how often it is met among a thousand.
    pub const OFTEN: [(Self, u64); 22] = [
        (Self::None, 170),
        (Self::Variant, 60),
        (Self::OtherCharacters, 30),
        (Self::Misread, 30),
        (Self::KanaOfGiven, 50),
        (Self::KanaOfFamily, 50),
        (Self::VoicedMark, 30),
        (Self::LongVowel, 40),
        (Self::NamesSwapped, 10),
        (Self::OnlyKana, 40),
        (Self::NoKana, 40),
        (Self::NoSpace, 30),
        (Self::DayAndMonth, 20),
        (Self::Digit, 40),
        (Self::WrongDay, 20),
        (Self::Era, 20),
        (Self::OtherSex, 15),
        (Self::Marriage, 60),
        (Self::Adoption, 10),
        (Self::Move, 120),
        (Self::Job, 100),
        (Self::Telephone, 15),
    ];

    /// A slip, as often as it is met.
    pub fn draw(dice: &mut Dice) -> Self {
        let mut at = dice.below(Self::OFTEN.iter().map(|(_, often)| often).sum());
        for (slip, often) in Self::OFTEN {
            if at < often {
                return slip;
            }
            at -= often;
        }
        Self::None
    }
}

/// A second description of a person with these slips, as another source would write it.
pub fn again(person: &Person, slips: &[Slip], sources: &Sources, dice: &mut Dice) -> Description {
    let mut person = person.clone();
    for slip in slips {
        live(&mut person, *slip, sources, dice);
    }
    let mut described = person.described();
    described.address = person.home.text(dice.below(4));
    for slip in slips {
        write(&mut described, &person, *slip, dice);
    }
    // Not every source asks everything.
    if dice.permille(200) {
        described.address.clear();
    }
    if dice.permille(300) {
        described.phones.clear();
    }
    if dice.permille(250) {
        described.insurances.clear();
    }
    for insured in &mut described.insurances {
        if dice.permille(100) {
            insured.branch.clear();
        }
    }
    if dice.permille(30) {
        described.sex = None;
    }
    described
}

/// What life changes.
fn live(person: &mut Person, slip: Slip, sources: &Sources, dice: &mut Dice) {
    let household = 100_000_000 + u32::try_from(dice.below(1_000_000_000)).unwrap_or(0);
    match slip {
        Slip::Marriage => {
            person.family = sources.family(dice);
            person.home = sources.home(dice);
            if dice.permille(600) {
                person.insured = insured(household, dice);
            }
            person
                .phones
                .retain(|phone| phone.starts_with("070") || phone.starts_with("080") || phone.starts_with("090"));
        }
        Slip::Adoption => person.family = sources.family(dice),
        Slip::Move => {
            person.home = sources.home(dice);
            person
                .phones
                .retain(|phone| phone.starts_with("070") || phone.starts_with("080") || phone.starts_with("090"));
        }
        Slip::Job => person.insured = insured(household, dice),
        Slip::Telephone => person.phones = vec![mobile(dice)],
        Slip::OtherSex => person.sex = if person.sex == Sex::Male { Sex::Female } else { Sex::Male },
        Slip::Era => {
            let shift = dice.one(&[63, 30, 14]);
            person.birth.0 =
                if person.birth.0 + shift <= 2026 { person.birth.0 + shift } else { person.birth.0 - shift };
            if (person.birth.1, person.birth.2) == (2, 29) {
                person.birth.2 = 28;
            }
        }
        Slip::DayAndMonth if person.birth.2 <= 12 => person.birth = (person.birth.0, person.birth.2, person.birth.1),
        Slip::WrongDay | Slip::DayAndMonth => person.birth.2 = 1 + u32::try_from(dice.below(28)).unwrap_or(0),
        _ => {}
    }
}

/// What a clerk writes.
fn write(described: &mut Description, person: &Person, slip: Slip, dice: &mut Dice) {
    let (family, given) = (&person.family, &person.given);
    match slip {
        Slip::Variant => {
            for (usual, variants) in [
                ('高', "髙"),
                ('崎', "﨑"),
                ('斎', "齋斉齊"),
                ('辺', "邊邉"),
                ('沢', "澤"),
                ('島', "嶋"),
                ('広', "廣"),
                ('浜', "濱"),
            ] {
                let to = dice.one(&variants.chars().collect::<Vec<_>>());
                described.name = described.name.replace(usual, &to.to_string());
            }
        }
        Slip::OtherCharacters => {
            described.name = format!(
                "{} {}",
                family.0,
                dice.one(&["裕", "祐", "優", "由", "夕", "友"]).to_owned()
                    + &given.0.chars().skip(1).collect::<String>()
            );
        }
        Slip::Misread => {
            let start: String = given.1.chars().take(1).collect();
            described.kana = format!("{} {start}{}", family.1, dice.one(&["スケ", "ノリ", "コ", "ミ", "ユキ", "カ"]));
        }
        Slip::KanaOfGiven => described.kana = format!("{} {}", family.1, mistyped(&given.1, dice)),
        Slip::KanaOfFamily => described.kana = format!("{} {}", mistyped(&family.1, dice), given.1),
        Slip::VoicedMark => {
            let turned: String = described
                .kana
                .chars()
                .map(|c| {
                    "カキクケコサシスセソタテトガギグゲゴザジズゼゾダデド"
                        .chars()
                        .position(|k| k == c)
                        .and_then(|at| "ガギグゲゴザジズゼゾダデドカキクケコサシスセソタテト".chars().nth(at))
                        .filter(|_| dice.permille(300))
                        .unwrap_or(c)
                })
                .collect();
            described.kana = turned;
        }
        Slip::LongVowel => {
            described.kana = described
                .kana
                .replace("オオ", "オー")
                .replace("ョウ", "ョー")
                .replace("ユウ", "ユー")
                .replace("コウ", "コー")
                .replace("トウ", "トオ")
                .replace("ョ", "ヨ")
        }
        Slip::NamesSwapped => {
            described.name = format!("{} {}", given.0, family.0);
            described.kana = format!("{} {}", given.1, family.1);
        }
        Slip::OnlyKana => described.name = std::mem::take(&mut described.kana),
        Slip::NoKana => described.kana.clear(),
        Slip::NoSpace => {
            described.name = described.name.replace(' ', "");
            described.kana = described.kana.replace(' ', "");
        }
        Slip::Digit => described.birth = digit(&described.birth, dice),
        _ => {}
    }
}

/// One kana wrong, missing, double or moved.
fn mistyped(kana: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = kana.chars().collect();
    let at = usize::try_from(dice.below(letters.len() as u64)).unwrap_or(0);
    match dice.below(4) {
        0 if letters.len() > 2 => {
            letters.remove(at);
        }
        1 if letters.len() > 1 => letters.swap(at.max(1) - 1, at.max(1)),
        2 => letters.insert(at, dice.one(&['ア', 'イ', 'ン', 'ラ', 'シ'])),
        _ => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = dice.one(&['ア', 'カ', 'サ', 'タ', 'ナ', 'ハ', 'マ', 'ヤ', 'ラ', 'ン']);
            }
        }
    }
    letters.into_iter().collect()
}

/// One digit of a date is another, and the day stays in the calendar.
fn digit(date: &str, dice: &mut Dice) -> String {
    let mut bytes: Vec<char> = date.chars().collect();
    let at = dice.one(&[3, 6, 9, 9, 2]);
    if let Some(slot) = bytes.get_mut(at) {
        let fresh = char::from_digit(1 + u32::try_from(dice.below(8)).unwrap_or(0), 10).unwrap_or('1');
        *slot = if at == 6 && bytes_month_is_late(date) { '1' } else { fresh };
    }
    bytes.into_iter().collect()
}

/// Whether the month is 10 to 12, so that its last digit can only be 0, 1 or 2.
fn bytes_month_is_late(date: &str) -> bool {
    date.get(5..6) == Some("1")
}
