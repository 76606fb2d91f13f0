//! Names of the town: made up from common parts, so that no combination means a real person.
//!
//! Family names and given names stand in `data/family-names.txt` (writing, reading, weight) and `data/given-names.txt`
//! (sections by sex and the first year of birth; earlier in a section is commoner). One writing may have several
//! readings. 髙, 﨑, 𠮷 and the forms of 斎 and 邊 are there because computers once lost them.

use std::sync::LazyLock;

use crate::{dice::Dice, people::Sex};

/// A name as written and as read.
pub type Entry = (&'static str, &'static str);

/// Names with their weights summed up, so that one is found by bisection.
#[derive(Debug, Default)]
pub struct Names {
    entries: Vec<Entry>,
    sums: Vec<u64>,
}

impl Names {
    fn add(&mut self, entry: Entry, weight: u64) {
        self.entries.push(entry);
        self.sums.push(self.sums.last().copied().unwrap_or(0) + weight);
    }

    /// All, commonest first or nearly so.
    #[must_use]
    pub fn all(&self) -> &[Entry] {
        &self.entries
    }

    /// The place of one of them, by weight.
    pub fn draw(&self, dice: &mut Dice) -> usize {
        let thrown = dice.below(self.sums.last().copied().unwrap_or(0));
        self.sums.partition_point(|sum| *sum <= thrown)
    }

    /// The name at `place` (the first one's length taken round).
    #[must_use]
    pub fn at(&self, place: usize) -> Entry {
        self.entries.get(place).copied().unwrap_or(("不明", "フメイ"))
    }
}

static FAMILY: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    for line in include_str!("../data/family-names.txt").lines() {
        let mut parts = line.split(' ');
        if let (Some(written), Some(read), Some(weight)) = (parts.next(), parts.next(), parts.next()) {
            names.add((written, read), weight.parse().unwrap_or(1));
        }
    }
    names
});

/// First years of birth of the generations of given names.
const GENERATIONS: [i16; 4] = [1900, 1950, 1975, 2003];

static GIVEN: LazyLock<[[Names; GENERATIONS.len()]; 2]> = LazyLock::new(|| {
    let mut names: [[Names; GENERATIONS.len()]; 2] = Default::default();
    let mut at = (0, 0);
    for line in include_str!("../data/given-names.txt").lines() {
        let mut parts = line.split(' ');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("#"), Some(sex), Some(year)) => {
                let generation = GENERATIONS.iter().position(|first| first.to_string() == year);
                at = (usize::from(sex == "m"), generation.unwrap_or(0));
            }
            (Some(written), Some(read), None) => {
                let list = &mut names[at.0][at.1];
                // Zipf's law, flattened: the thirtieth name is a fifth as common as the first.
                let weight = 10_000 / (u64::try_from(list.entries.len()).unwrap_or(0) + 8);
                list.add((written, read), weight);
            }
            _ => {}
        }
    }
    names
});

/// Family names.
#[must_use]
pub fn family() -> &'static Names {
    &FAMILY
}

/// Given names by sex and year of birth.
#[must_use]
pub fn given(sex: Sex, year: i16) -> &'static Names {
    let generation = GENERATIONS.iter().rposition(|first| *first <= year).unwrap_or(0);
    &GIVEN[usize::from(sex == Sex::Male)][generation]
}

/// Family names of foreign residents: as on the residence card, with the reading that Japan's systems ask for.
pub const FOREIGN_FAMILY: [Entry; 24] = [
    ("NGUYEN", "グエン"),
    ("TRAN", "チャン"),
    ("LE", "レ"),
    ("PHAM", "ファム"),
    ("LI", "リ"),
    ("WANG", "ワン"),
    ("ZHANG", "チャン"),
    ("CHEN", "チン"),
    ("KIM", "キム"),
    ("PARK", "パク"),
    ("LEE", "イ"),
    ("SANTOS", "サントス"),
    ("REYES", "レイエス"),
    ("DELA CRUZ", "デラクルス"),
    ("SILVA", "シルヴァ"),
    ("OLIVEIRA", "オリヴェイラ"),
    ("GURUNG", "グルン"),
    ("SHRESTHA", "シュレスタ"),
    ("RAI", "ライ"),
    ("WIJAYA", "ウィジャヤ"),
    ("SUSANTO", "スサント"),
    ("AUNG", "アウン"),
    ("SMITH", "スミス"),
    ("FERNANDO", "フェルナンド"),
];

/// Given names of foreign women.
pub const FOREIGN_WOMEN: [Entry; 12] = [
    ("THI LAN", "ティ ラン"),
    ("THI HOA", "ティ ホア"),
    ("MEI", "メイ"),
    ("XIAOLING", "シャオリン"),
    ("JIYOUNG", "ジヨン"),
    ("MARIA", "マリア"),
    ("ANGELICA", "アンジェリカ"),
    ("ANA PAULA", "アナ パウラ"),
    ("SITA", "シタ"),
    ("DEWI", "デウィ"),
    ("KHIN", "キン"),
    ("EMILY", "エミリー"),
];

/// Given names of foreign men.
pub const FOREIGN_MEN: [Entry; 12] = [
    ("VAN AN", "ヴァン アン"),
    ("VAN HUNG", "ヴァン フン"),
    ("WEI", "ウェイ"),
    ("JIAN", "ジェン"),
    ("MINJUN", "ミンジュン"),
    ("JOSE", "ホセ"),
    ("MARK", "マーク"),
    ("CARLOS", "カルロス"),
    ("RAM BAHADUR", "ラム バハドゥル"),
    ("BUDI", "ブディ"),
    ("KYAW", "チョー"),
    ("JAMES", "ジェームズ"),
];

/// Quarters of 紬市 in the order in which one walks around the town, with postal codes that are given to no place
/// (`000-…`).
pub const QUARTERS: [(&str, &str); 40] = [
    ("港町", "000-0011"),
    ("糸屋町", "000-0012"),
    ("機織町", "000-0013"),
    ("藍染町", "000-0014"),
    ("桑畑", "000-0021"),
    ("繭沢", "000-0022"),
    ("上絹", "000-0031"),
    ("下絹", "000-0032"),
    ("紅花町", "000-0033"),
    ("真綿町", "000-0034"),
    ("糸車", "000-0035"),
    ("錦町", "000-0036"),
    ("綾瀬橋", "000-0041"),
    ("晒川", "000-0042"),
    ("染場", "000-0043"),
    ("茜台", "000-0044"),
    ("麻生野", "000-0045"),
    ("葛籠", "000-0051"),
    ("帯町", "000-0052"),
    ("袖ヶ浜", "000-0053"),
    ("木綿橋", "000-0054"),
    ("縞田", "000-0055"),
    ("絣町", "000-0056"),
    ("杼町", "000-0061"),
    ("織戸", "000-0062"),
    ("縫殿", "000-0063"),
    ("羽織台", "000-0064"),
    ("浅葱町", "000-0065"),
    ("萌黄台", "000-0066"),
    ("山繭", "000-0071"),
    ("天蚕", "000-0072"),
    ("綿打", "000-0073"),
    ("真田紐", "000-0074"),
    ("組紐町", "000-0075"),
    ("撚糸", "000-0076"),
    ("裁町", "000-0081"),
    ("針町", "000-0082"),
    ("鋏町", "000-0083"),
    ("一反田", "000-0084"),
    ("絹見坂", "000-0085"),
];

/// Cities of the same prefecture and beyond that do not exist: prefecture, city, postal code.
pub const ELSEWHERE: [(&str, &str, &str); 8] = [
    ("綾野県", "絹川市", "000-1011"),
    ("綾野県", "藍坂町", "000-1012"),
    ("綾野県", "織部市", "000-1013"),
    ("朝霧県", "霞浦市", "000-2011"),
    ("朝霧県", "白露市", "000-2012"),
    ("夕凪県", "潮見台市", "000-3011"),
    ("夕凪県", "帆掛町", "000-3012"),
    ("星見県", "月白市", "000-4011"),
];

/// The prefecture that does not exist.
pub const PREFECTURE: &str = "綾野県";
/// The city that does not exist.
pub const CITY: &str = "紬市";
/// The code that it would have (JIS X 0402), in the prefecture 49 that is nobody's.
pub const CITY_CODE: &str = "49201";

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;
    use crate::dice::Stream;

    #[test]
    fn there_are_enough_names_and_common_ones_are_common() {
        let written: HashSet<&str> = family().all().iter().map(|(written, _)| *written).collect();
        assert!(written.len() >= 300, "{}", written.len());
        for needed in ["髙橋", "山﨑", "斎藤", "齋藤", "斉藤", "齊藤", "渡辺", "渡邊", "渡邉", "𠮷田"]
        {
            assert!(written.contains(needed), "{needed}");
        }
        for sex in [Sex::Female, Sex::Male] {
            for year in GENERATIONS {
                let names: HashSet<&str> = given(sex, year).all().iter().map(|(written, _)| *written).collect();
                assert!(names.len() >= 60, "{sex:?} {year}: {}", names.len());
            }
        }
        let mut counts = BTreeMap::<&str, u32>::new();
        let mut dice = Dice::new(1, 1, Stream::Identity);
        for _ in 0..20_000 {
            *counts.entry(family().at(family().draw(&mut dice)).0).or_default() += 1;
        }
        assert!(counts["佐藤"] > 300 && counts["佐藤"] > 20 * counts.get("綿貫").copied().unwrap_or(0).max(1));
    }

    #[test]
    fn readings_are_katakana_and_differ_for_one_writing() {
        let mut readings = BTreeMap::<&str, HashSet<&str>>::new();
        let lists = [Sex::Female, Sex::Male].into_iter().flat_map(|sex| GENERATIONS.map(|year| given(sex, year)));
        for (written, read) in lists.chain([family()]).flat_map(|names| names.all()) {
            assert!(read.chars().all(|letter| ('ァ'..='ー').contains(&letter)), "{written} {read}");
            readings.entry(written).or_default().insert(read);
        }
        assert!(readings["山﨑"].len() == 2 && readings.values().filter(|readings| readings.len() > 1).count() > 20);
    }
}
