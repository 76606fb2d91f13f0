//! The places of the town with their staff, in the order of their kinds and, within a kind, of the way around the town.

use std::ops::Range;

use tsumugi_kernel::Role;

use super::facility::{Facility, KINDS, Kind};
use crate::{
    dice::{Dice, Stream},
    names::{self, CITY},
    people::{Address, Institution, Name, Professional, Sex, institution_number, insurer_number},
    population::homes::{SPOTS, address_at},
};

/// All places, and where those of each kind stand.
#[derive(Clone, Debug)]
pub(super) struct Institutions {
    pub(super) list: Vec<Institution>,
    ranges: Vec<Range<usize>>,
}

const FRONT: [&str; 24] = [
    "みどり",
    "あさひ",
    "すみれ",
    "なぎさ",
    "わかば",
    "こだま",
    "つばさ",
    "はるかぜ",
    "しらうめ",
    "あかね",
    "ひばり",
    "ゆうなぎ",
    "あおぞら",
    "こもれび",
    "さくらんぼ",
    "せせらぎ",
    "たんぽぽ",
    "つくし",
    "なでしこ",
    "のぞみ",
    "ほたる",
    "みずき",
    "もくれん",
    "やまびこ",
];

/// Insurers: kind of the number, place's number, name.
const INSURERS: [(&str, std::ops::RangeInclusive<u32>, &str); 9] = [
    ("01", 1..=1, "健康保険協会 綾野支部"),
    ("06", 1..=12, "綾野織物健康保険組合"),
    ("31", 1..=1, "綾野国家職員共済組合"),
    ("32", 1..=1, "綾野地方職員共済組合"),
    ("33", 1..=1, "綾野警察職員共済組合"),
    ("34", 1..=1, "綾野学校職員共済組合"),
    ("39", 1..=1, "綾野県後期高齢者医療広域連合 資格課"),
    ("00", 2..=2, "紬市役所 国民健康保険課"),
    ("12", 1..=1, "紬市役所 生活福祉課"),
];

/// Serial number of the first place; the story's are below.
const FIRST_SERIAL: usize = 200_001;

impl Institutions {
    /// The places of a town.
    pub(super) fn new(seed: u64, citizens: u64) -> Self {
        let (mut list, mut ranges) = (Vec::new(), Vec::with_capacity(KINDS.len()));
        for kind in &KINDS {
            let start = list.len();
            if kind.facility == Facility::Insurer {
                list.extend(insurers(seed, kind));
            } else {
                let count = citizens.div_ceil(kind.facility.persons_each()).max(1);
                for number in 0..count {
                    let serial = u64::try_from(list.len()).unwrap_or(0);
                    list.push(one(seed, kind, (number, count), serial));
                }
            }
            ranges.push(start..list.len());
        }
        Self { list, ranges }
    }

    /// The places of a kind.
    pub(super) fn of(&self, facility: Facility) -> &[Institution] {
        self.ranges.get(facility.place()).and_then(|range| self.list.get(range.clone())).unwrap_or(&[])
    }

    /// Which kind the place with this id is.
    pub(super) fn kind_of(&self, id: &str) -> Option<Facility> {
        // A ten-digit number holds the place's serial; the few others are looked for.
        let serial = id.get(3..9).filter(|_| id.len() == 10).and_then(|digits| digits.parse::<usize>().ok());
        let by_serial = serial.and_then(|serial| serial.checked_sub(FIRST_SERIAL));
        let at = match by_serial.filter(|&at| self.list.get(at).is_some_and(|place| place.id == id)) {
            Some(at) => at,
            None => self.list.iter().position(|place| place.id == id)?,
        };
        let kind = self.ranges.iter().position(|range| range.contains(&at))?;
        KINDS.get(kind).map(|kind| kind.facility)
    }

    /// Near a spot: the nearest of the kind most often, else one beside it; `salt` decides, always the same way.
    pub(super) fn near(&self, facility: Facility, spot: u32, dice: &mut Dice) -> Option<&Institution> {
        let all = self.of(facility);
        let count = u64::try_from(all.len()).ok().filter(|count| *count > 0)?;
        let nearest = u64::from(spot % SPOTS) * count / u64::from(SPOTS);
        // Four in seven go to the nearest, the others to one of the four around it.
        let step = [count, count, count, count, count - 1, count + 1, count + 2][dice.weighted(&[1; 7]).min(6)];
        all.get(usize::try_from((nearest + step) % count).unwrap_or(0))
    }
}

fn insurers(seed: u64, kind: &'static Kind) -> Vec<Institution> {
    let mut list = Vec::new();
    for (law, places, name) in INSURERS {
        for place in places.clone() {
            let number = insurer_number(law, place);
            let mut dice = Dice::new(seed, u64::from(place) * 100 + number.len() as u64, Stream::Institution);
            let address = address_at(u32::try_from(dice.below(u64::from(SPOTS))).unwrap_or(0), &mut dice);
            let name = if places.end() > places.start() { format!("{name} 第{place}支部") } else { name.to_owned() };
            list.push(Institution {
                id: format!("insurer-{number}-desk"),
                name,
                kind: kind.kind,
                address,
                phone: phone(&mut dice),
                staff: staff(&mut dice, kind, &number),
            });
        }
    }
    list
}

fn phone(dice: &mut Dice) -> String {
    format!("000-{:04}-{:04}", dice.between(0, 9999), dice.between(0, 9999))
}

fn one(seed: u64, kind: &'static Kind, (number, count): (u64, u64), serial: u64) -> Institution {
    let mut dice = Dice::new(seed, serial, Stream::Institution);
    // In the middle of the stretch whose homes are nearest.
    let spot = u32::try_from((2 * number + 1) * u64::from(SPOTS) / (2 * count)).unwrap_or(0);
    let address = address_at(spot, &mut dice);
    let (quarter, _) = crate::population::homes::quarter(spot);
    let front = dice.pick(&FRONT);
    let id = kind.digit.map_or_else(
        || format!("town-{}{}", kind.key, if number == 0 { String::new() } else { format!("-{}", number + 1) }),
        |digit| institution_number(digit, u32::try_from(FIRST_SERIAL as u64 + serial).unwrap_or(0)),
    );
    let name = match kind.digit {
        None if kind.facility == Facility::CityHall => format!("{CITY}役所 市民課"),
        None => format!("{CITY}{}", kind.ending),
        Some(_) if number == 0 => format!("{quarter}{front}{}", kind.ending),
        Some(_) => format!("{quarter}{front}{}{}", kind.ending, number + 1),
    };
    let staff = staff(&mut dice, kind, &id);
    Institution { phone: phone(&mut dice), id, name, kind: kind.kind, address: without_room(address), staff }
}

/// Institutions stand in houses of their own.
fn without_room(address: Address) -> Address {
    let line = address.line.split(' ').next().unwrap_or_default().to_owned();
    Address { line, ..address }
}

fn staff(dice: &mut Dice, kind: &Kind, id: &str) -> Vec<Professional> {
    kind.staff
        .iter()
        .enumerate()
        .map(|(place, (role, qualification))| professional(dice, id, place, *role, *qualification))
        .collect()
}

fn professional(
    dice: &mut Dice,
    institution: &str,
    place: usize,
    role: Role,
    qualification: Option<&'static str>,
) -> Professional {
    let (family, family_kana) = names::family().at(names::family().draw(dice));
    let women = match role {
        Role::Nurse | Role::CareWorker | Role::CareManager | Role::Registrar => 850,
        Role::Physician | Role::Dentist => 240,
        _ => 500,
    };
    let sex = if dice.chance(women) { Sex::Female } else { Sex::Male };
    let year = i16::try_from(dice.between(1962, 1999)).unwrap_or(1980);
    let list = names::given(sex, year);
    let (first, first_kana) = list.at(list.draw(dice));
    Professional {
        id: format!("s{institution}-{}", place + 1),
        name: Name::new(family, first, family_kana, first_kana),
        qualification,
        role,
    }
}
