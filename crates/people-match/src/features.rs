//! What is compared of a person, in a compact form that is kept in rows: usually 70 to 100 bytes, never above 200.
//!
//! Writings are kept as hashes, because they are only ever held equal; readings as letters, because one wrong letter must
//! be seen. What is missing is zero or empty and never agrees or disagrees with anything.
//!
//! What must hold: [`Features::unpack`] of [`Features::pack`] gives the same features, and a form of another version is
//! refused, not guessed at.

use crate::fold::{address, compatible, hash32, name, phone};

/// Longest reading kept; a longer one is compared as far as this.
pub const SOUND_MOST: usize = 20;
/// Most telephone numbers kept.
pub const PHONES_MOST: usize = 3;
/// Most insurances kept, the newest first.
pub const INSURANCES_MOST: usize = 4;
/// Version of the packed form.
const VERSION: u8 = 1;
/// Longest packed form in bytes.
pub const PACKED_MOST: usize = 200;

/// A person as a source describes them, as written. What is empty is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The name as written, family name first: `髙橋 花子`.
    pub name: String,
    /// The name as read: `タカハシ ハナコ`.
    pub kana: String,
    /// FHIR's date, whole or in part: `1948-05-01`, `1948`.
    pub birth: String,
    /// Whether the birth date is a guess, as for somebody found unconscious.
    pub birth_estimated: bool,
    /// Sex, where it is male or female.
    pub sex: Option<Sex>,
    /// The address as written.
    pub address: String,
    /// Telephone numbers as written.
    pub phones: Vec<String>,
    /// Insurances, the newest first.
    pub insurances: Vec<Insured>,
}

/// Sex, where it can agree or disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// One insurance as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insured {
    /// 保険者番号.
    pub insurer: String,
    /// 記号.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番, empty if it was not sent.
    pub branch: String,
}

/// One part of a name. Zero and empty say *missing*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// As written.
    pub written: u32,
    /// As written, folded; odd if it is written in kana or Latin letters ([`fold`]).
    pub fold: u32,
    /// As read, folded.
    pub sound: Sound,
}

/// A reading, one byte a letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sound {
    length: u8,
    letters: [u8; SOUND_MOST],
}

/// A birth date; a part that is not known is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Birth {
    /// The year.
    pub year: u16,
    /// The month, 1–12.
    pub month: u8,
    /// The day, 1–31.
    pub day: u8,
    /// Whether it is a guess.
    pub estimated: bool,
}

/// Where somebody lives, as hashes of folded parts; each holds those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// JIS number of the prefecture.
    pub prefecture: u8,
    /// City.
    pub city: u32,
    /// City and town.
    pub town: u32,
    /// City, town and numbers.
    pub block: u32,
    /// Building and room alone.
    pub room: u32,
}

/// One insurance as hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Insurance {
    /// The insurer.
    pub insurer: u32,
    /// Insurer, symbol and number: the household.
    pub household: u32,
    /// 枝番 and one, so that zero says *missing*.
    pub branch: u8,
}

/// Everything that is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Family name.
    pub family: Part,
    /// Given name.
    pub given: Part,
    /// The whole written name, folded, wherever it parts.
    pub whole: u32,
    /// The whole reading, folded.
    pub whole_sound: u32,
    /// Birth date.
    pub birth: Birth,
    /// Sex.
    pub sex: Option<Sex>,
    /// Address.
    pub place: Place,
    /// Telephone numbers.
    pub phones: [u32; PHONES_MOST],
    /// Insurances, the newest first.
    pub insurances: [Insurance; INSURANCES_MOST],
}

impl Sound {
    /// The letters of a folded reading.
    #[must_use]
    pub fn of(folded: &str) -> Self {
        let mut sound = Self::default();
        for (slot, c) in sound.letters.iter_mut().zip(folded.chars()) {
            *slot = letter(c);
            sound.length += 1;
        }
        sound
    }

    /// One byte for each letter.
    #[must_use]
    pub fn letters(&self) -> &[u8] {
        self.letters.get(..usize::from(self.length)).unwrap_or(&[])
    }

    /// Whether no reading is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Latin letters and digits as they are, katakana above them, everything else spread over what is left.
fn letter(c: char) -> u8 {
    let code = u32::from(c);
    let byte = match c {
        'ァ'..='ヺ' => 0x80 + (code - 0x30a1),
        c if c.is_ascii() => code,
        _ => 0xe0 + code % 31,
    };
    u8::try_from(byte).unwrap_or(0xff)
}

impl Features {
    /// The features of a description. Any description has some, if only missing ones.
    #[must_use]
    pub fn of(described: &Description) -> Self {
        let mut features = Self { sex: described.sex, ..Self::default() };
        features.names(&described.name, &described.kana);
        features.birth = birth(&described.birth, described.birth_estimated);
        features.place = place(&described.address);
        let mut phones: Vec<u32> =
            described.phones.iter().filter_map(|text| phone::digits(text)).map(|digits| hash32(&digits)).collect();
        phones.dedup();
        for (slot, phone) in features.phones.iter_mut().zip(phones) {
            *slot = phone;
        }
        let known = described.insurances.iter().filter(|insured| !insured.insurer.is_empty());
        for (slot, insured) in features.insurances.iter_mut().zip(known) {
            *slot = insurance(insured);
        }
        features
    }

    /// Whether `other` says nothing that is not said here.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let number = |here: u32, there: u32| there == 0 || there == here;
        let part = |here: &Part, there: &Part| {
            number(here.written, there.written)
                && number(here.fold, there.fold)
                && (there.sound.is_empty() || there.sound == here.sound)
        };
        part(&self.family, &other.family)
            && part(&self.given, &other.given)
            && number(self.whole, other.whole)
            && number(self.whole_sound, other.whole_sound)
            && (other.birth == Birth::default() || other.birth == self.birth)
            && (other.sex.is_none() || other.sex == self.sex)
            && (other.place == Place::default() || other.place == self.place)
            && other.phones.iter().all(|phone| *phone == 0 || self.phones.contains(phone))
            && other.insurances.iter().all(|one| one.insurer == 0 || self.insurances.contains(one))
    }

    fn names(&mut self, written: &str, kana: &str) {
        let (family, given) = name::split(written).unwrap_or_default();
        let (mut family_kana, mut given_kana) = name::split(kana).unwrap_or_default();
        let unnamed = name::is_placeholder(&given) || name::is_placeholder(&given_kana);
        if name::is_placeholder(written) || name::is_placeholder(kana) || name::is_placeholder(&family) {
            return;
        }
        // A name written in kana or Latin letters says how it sounds.
        for (kana, written) in [(&mut family_kana, &family), (&mut given_kana, &given)] {
            if kana.is_empty() && name::is_sound(&name::written(written)) {
                kana.clone_from(written);
            }
        }
        self.family = part(&family, &family_kana);
        if unnamed {
            return;
        }
        self.given = part(&given, &given_kana);
        self.whole = hash32(&name::written(written));
        let whole = if kana.is_empty() && name::is_sound(&name::written(written)) { written } else { kana };
        self.whole_sound = hash32(&name::sound(whole));
    }

    /// The packed form.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let sex = match self.sex {
            None => 0,
            Some(Sex::Male) => 1,
            Some(Sex::Female) => 2,
        };
        let phones = self.phones.iter().filter(|phone| **phone != 0).count();
        let insurances = self.insurances.iter().filter(|insurance| insurance.insurer != 0).count();
        let counts = u8::try_from(phones * 8 + insurances).unwrap_or(0);
        let mut out = Vec::with_capacity(100);
        out.extend([VERSION, sex | (u8::from(self.birth.estimated) << 2), counts]);
        out.extend(self.birth.year.to_be_bytes());
        out.extend([self.birth.month, self.birth.day, self.place.prefecture]);
        let numbers = [
            self.family.written,
            self.family.fold,
            self.given.written,
            self.given.fold,
            self.whole,
            self.whole_sound,
            self.place.city,
            self.place.town,
            self.place.block,
            self.place.room,
        ];
        // One bit says whether a number is there, and one whether it repeats the number before it.
        let (mut there, mut again) = (0_u16, 0_u16);
        for (bit, number) in numbers.iter().enumerate() {
            let repeats = bit > 0 && numbers.get(bit - 1) == Some(number);
            there |= u16::from(*number != 0) << bit;
            again |= u16::from(*number != 0 && repeats) << bit;
        }
        out.extend(there.to_be_bytes());
        out.extend(again.to_be_bytes());
        for (bit, number) in numbers.iter().enumerate() {
            if there >> bit & 1 == 1 && again >> bit & 1 == 0 {
                out.extend(number.to_be_bytes());
            }
        }
        for sound in [&self.family.sound, &self.given.sound] {
            out.push(sound.length);
            out.extend(sound.letters());
        }
        for phone in self.phones.iter().take(phones) {
            out.extend(phone.to_be_bytes());
        }
        for insurance in self.insurances.iter().take(insurances) {
            out.extend(insurance.insurer.to_be_bytes());
            out.extend(insurance.household.to_be_bytes());
            out.push(insurance.branch);
        }
        out
    }

    /// Features from their packed form; `None` if it is damaged or of another version.
    #[must_use]
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let [version, bits, counts] = reader.take::<3>()?;
        if version != VERSION || bits & !7 != 0 {
            return None;
        }
        let mut features = Self {
            sex: match bits & 3 {
                0 => None,
                1 => Some(Sex::Male),
                2 => Some(Sex::Female),
                _ => return None,
            },
            ..Self::default()
        };
        let year = u16::from_be_bytes(reader.take()?);
        let [month, day, prefecture] = reader.take()?;
        features.birth = Birth { year, month, day, estimated: bits & 4 != 0 };
        let there = u16::from_be_bytes(reader.take()?);
        let again = u16::from_be_bytes(reader.take()?);
        let mut numbers = [0_u32; 10];
        for bit in 0..numbers.len() {
            if there >> bit & 1 == 1 {
                let number = match (again >> bit & 1 == 1, bit.checked_sub(1)) {
                    (true, Some(before)) => numbers[before],
                    _ => u32::from_be_bytes(reader.take()?),
                };
                numbers[bit] = number;
            }
        }
        let [family_written, family_fold, given_written, given_fold, whole, whole_sound, city, town, block, room] =
            numbers;
        features.family = Part { written: family_written, fold: family_fold, sound: reader.sound()? };
        features.given = Part { written: given_written, fold: given_fold, sound: reader.sound()? };
        (features.whole, features.whole_sound) = (whole, whole_sound);
        features.place = Place { prefecture, city, town, block, room };
        let (phones, insurances) = (usize::from(counts / 8), usize::from(counts % 8));
        for slot in features.phones.get_mut(..phones)? {
            *slot = u32::from_be_bytes(reader.take()?);
        }
        for slot in features.insurances.get_mut(..insurances)? {
            let (insurer, household) = (u32::from_be_bytes(reader.take()?), u32::from_be_bytes(reader.take()?));
            let [branch] = reader.take()?;
            *slot = Insurance { insurer, household, branch };
        }
        reader.0.is_empty().then_some(features)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn sound(&mut self) -> Option<Sound> {
        let [length] = self.take()?;
        let mut sound = Sound { length, ..Sound::default() };
        let (letters, rest) = self.0.split_at_checked(usize::from(length))?;
        sound.letters.get_mut(..letters.len())?.copy_from_slice(letters);
        self.0 = rest;
        Some(sound)
    }
}

fn part(written: &str, kana: &str) -> Part {
    let exact: String = compatible(written).chars().filter(|c| !c.is_whitespace()).collect();
    Part { written: hash32(&exact), fold: fold(written), sound: Sound::of(&name::sound(kana)) }
}

/// The hash of a written name folded: odd if it is written as it sounds, so that さくら beside 桜 is no contradiction.
#[must_use]
pub fn fold(written: &str) -> u32 {
    let folded = name::written(written);
    match hash32(&folded) {
        0 => 0,
        hash if name::is_sound(&folded) => hash | 1,
        hash => (hash & !1).max(2),
    }
}

/// A FHIR date in parts; what is no date is missing.
fn birth(text: &str, estimated: bool) -> Birth {
    let mut parts = text.split('-').map(|part| part.parse::<u16>().ok());
    let year = parts.next().flatten().filter(|year| (1800..=2200).contains(year)).unwrap_or(0);
    let mut small = |most: u16| {
        parts
            .next()
            .flatten()
            .filter(|part| (1..=most).contains(part))
            .and_then(|part| u8::try_from(part).ok())
            .unwrap_or(0)
    };
    let (month, day) = (small(12), small(31));
    if year == 0 { Birth::default() } else { Birth { year, month, day: if month == 0 { 0 } else { day }, estimated } }
}

fn place(text: &str) -> Place {
    let folded = address::read(text);
    let city = hash32(&folded.city);
    let joined =
        |parts: &[&str]| if parts.last().is_some_and(|last| last.is_empty()) { 0 } else { hash32(&parts.join("|")) };
    Place {
        prefecture: folded.prefecture,
        city,
        town: joined(&[&folded.city, &folded.town]),
        block: joined(&[&folded.city, &folded.town, &folded.numbers]),
        room: hash32(&folded.room),
    }
}

fn insurance(insured: &Insured) -> Insurance {
    let insurer = insured.insurer.trim();
    // An insurer tells full-width from half-width digits; finding candidates does not.
    let household = if insured.number.is_empty() {
        0
    } else {
        hash32(&compatible(&format!("{insurer:0>8}|{}|{}", insured.symbol.trim(), insured.number.trim())))
    };
    let branch = insured.branch.trim().parse::<u8>().ok().and_then(|branch| branch.checked_add(1)).unwrap_or(0);
    Insurance { insurer: hash32(&compatible(&format!("{insurer:0>8}"))), household, branch }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hanako() -> Description {
        Description {
            name: "髙橋 花子".into(),
            kana: "ﾀｶﾊｼ ﾊﾅｺ".into(),
            birth: "1948-05-01".into(),
            sex: Some(Sex::Female),
            address: "東京都千代田区霞が関1-2-3 桜荘101".into(),
            phones: vec!["03-1234-5678".into(), "なし".into()],
            insurances: vec![Insured {
                insurer: "138016".into(),
                symbol: "あ".into(),
                number: "1".into(),
                branch: "00".into(),
            }],
            ..Description::default()
        }
    }

    #[test]
    fn features_come_back_and_are_small() {
        let features = Features::of(&hanako());
        let packed = features.pack();
        assert_eq!(Features::unpack(&packed), Some(features));
        assert!(packed.len() <= 100, "{}", packed.len());
        assert_eq!(features.insurances[0].branch, 1);
        let empty = Features::of(&Description::default());
        assert_eq!((Features::unpack(&empty.pack()), empty), (Some(Features::default()), Features::default()));
        for cut in 0..packed.len() {
            assert_eq!(Features::unpack(&packed[..cut]), None, "{cut}");
        }
        let newer = [&[2], &packed[1..]].concat();
        assert_eq!(Features::unpack(&newer), None);
    }

    #[test]
    fn the_largest_is_within_its_bound() {
        let mut described = hanako();
        described.name = "あいうえおかきくけこさしすせそたちつてとな 𠮷いうえおかきくけこさしすせそたちつてとな".into();
        described.kana = "アイウエコカキクケサシスセタチツテナニヌネ アイウエコカキクケサシスセタチツテナニヌネ".into();
        described.phones = (0..9).map(|n| format!("090-1234-567{n}")).collect();
        described.insurances =
            (0..9).map(|n| Insured { number: n.to_string(), ..described.insurances[0].clone() }).collect();
        let packed = Features::of(&described).pack();
        assert!((120..=PACKED_MOST).contains(&packed.len()), "{}", packed.len());
        assert_eq!(Features::unpack(&packed), Some(Features::of(&described)));
    }

    #[test]
    fn a_name_that_is_none_is_missing() {
        let baby = Features::of(&Description { name: "佐藤 ベビー".into(), ..hanako() });
        assert_eq!((baby.given, baby.whole, baby.whole_sound), (Part::default(), 0, 0));
        assert_eq!(baby.family.fold, fold("佐藤"));
        let unknown =
            Features::of(&Description { name: "氏名不詳".into(), kana: String::new(), ..Description::default() });
        assert_eq!(unknown, Features::default());
    }
}
