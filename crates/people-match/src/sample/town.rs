//! Households of a made-up town.

use super::Dice;
use crate::{
    features::{Description, Insured, Sex},
    names::{self, Kind},
};

/// A name with its reading.
pub type Named = (String, String);

/// One made-up person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Family name.
    pub family: Named,
    /// Given name.
    pub given: Named,
    /// Year, month and day.
    pub birth: (u32, u32, u32),
    /// Sex.
    pub sex: Sex,
    /// Where the household lives.
    pub home: Home,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// The insurance of now.
    pub insured: Insured,
    /// The household's number.
    pub household: u32,
}

/// An address in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// Prefecture, city and town.
    pub place: [String; 3],
    /// 丁目, 番, 号.
    pub numbers: [u64; 3],
    /// Building and room, if any.
    pub room: Option<(String, u64)>,
}

/// Names and places to draw from.
#[derive(Debug)]
pub struct Sources {
    families: Weighted,
    men: Weighted,
    women: Weighted,
}

#[derive(Debug, Default)]
struct Weighted {
    names: Vec<Named>,
    ends: Vec<u64>,
}

impl Weighted {
    fn add(&mut self, name: Named, weight: u64) {
        let end = self.ends.last().copied().unwrap_or(0) + weight;
        self.names.push(name);
        self.ends.push(end);
    }

    fn draw(&self, dice: &mut Dice) -> Named {
        let at = dice.below(self.ends.last().copied().unwrap_or(0));
        self.names.get(self.ends.partition_point(|end| *end <= at)).cloned().unwrap_or_default()
    }
}

const FIRST: &str = "木キ 水ミズ 金カネ 土ツチ 石イシ 岩イワ 川カワ 池イケ 海ウミ 島シマ 谷タニ 坂サカ 森モリ 松マツ 杉スギ 桜サクラ 梅ウメ 竹タケ 藤フジ 萩ハギ 菊キク 柳ヤナギ 北キタ 南ミナミ 西ニシ 東ヒガシ 上カミ 下シモ 内ウチ 外ソト 大オオ 小コ 長ナガ 広ヒロ 高タカ 深フカ 浅アサ 古フル 新ニイ 若ワカ 黒クロ 白シラ 赤アカ 青アオ 丸マル 平ヒラ 横ヨコ 奥オク 前マエ 中ナカ 本モト 村ムラ 宮ミヤ 寺テラ 鳥トリ 鶴ツル 亀カメ 熊クマ 鹿シカ 馬ウマ";
const SECOND: &str = "田タ 山ヤマ 川カワ 野ノ 原ハラ 沢サワ 崎サキ 島シマ 村ムラ 井イ 口グチ 本モト 木キ 林バヤシ 森モリ 谷タニ 坂サカ 橋ハシ 塚ツカ 岡オカ 浦ウラ 津ツ 江エ 尾オ 場バ 倉クラ 戸ト 宮ミヤ 城シロ 瀬セ 池イケ 石イシ 越コシ 畑ハタ 松マツ 内ウチ 上ウエ 下シタ 藤フジ 子コ";
const MEN: &str = "太タ 健ケン 一カズ 大ダイ 翔ショウ 悠ユウ 陽ハル 直ナオ 和カズ 正マサ 義ヨシ 信ノブ 秀ヒデ 英ヒデ 隆タカ 孝タカ 智トモ 友トモ 康ヤス 靖ヤス 光ミツ 俊トシ 敏トシ 幸ユキ 行ユキ 良ヨシ 吉ヨシ 文フミ 武タケ 勝カツ 克カツ 昭アキ 明アキ 弘ヒロ 博ヒロ 宏ヒロ 貴タカ 清キヨ 重シゲ 茂シゲ";
const MEN_END: &str = "太タ 太郎タロウ 一郎イチロウ 二ジ 次ジ 三ゾウ 夫オ 男オ 雄オ 彦ヒコ 之ユキ 人ト 斗ト 翔ト 也ヤ 哉ヤ 介スケ 輔スケ 樹キ 樹ジュ 平ヘイ 治ハル 司シ 史シ 志シ 郎ロウ 吾ゴ 明アキ 弘ヒロ 則ノリ";
const WOMEN: &str = "美ミ 恵エ 由ユ 結ユ 真マ 麻マ 沙サ 紗サ 千チ 奈ナ 菜ナ 優ユウ 裕ユウ 陽ハル 春ハル 夏ナツ 秋アキ 冬フユ 花ハナ 桜サクラ 梅ウメ 愛アイ 彩アヤ 綾アヤ 理リ 里リ 智トモ 友トモ 朋トモ 明アキ 幸ユキ 雪ユキ 良ヨシ 芳ヨシ 文フミ 弥ヤ 佳ヨシ 加カ 香カ 華ハナ 静シズ 清キヨ 光ミツ 久ヒサ 尚ナオ 直ナオ 敏トシ 富トミ 和カズ 葉ハ";
const WOMEN_END: &str = "子コ 美ミ 実ミ 香カ 佳カ 恵エ 江エ 絵エ 代ヨ 世ヨ 奈ナ 菜ナ 花カ 音ネ 希キ 紀キ 里リ 理リ 乃ノ 穂ホ 歩ホ 帆ホ 衣イ 織オリ 海ミ 央オ";
const PLACES: &str = "緑川 青葉 白石 若宮 桜台 松原 高砂 霞ヶ浦 三条 清水 福住 光陽 南浜 西野 東雲 栄 旭 春日 美園 千草 永楽 日吉 平和 泉 梅田 柳町 藤沢 菊水 大里 小里 上里 中里 下里 一本松 八幡 天神 稲荷 弁天 寿 宝";

fn pairs(text: &str) -> Vec<Named> {
    text.split(' ')
        .map(|word| {
            let at = word.find(|c: char| ('ァ'..='ヺ').contains(&c)).unwrap_or(word.len());
            let (written, kana) = word.split_at(at);
            (written.to_owned(), kana.to_owned())
        })
        .collect()
}

impl Default for Sources {
    fn default() -> Self {
        let mut all = Self { families: Weighted::default(), men: Weighted::default(), women: Weighted::default() };
        for name in names::common() {
            let of = match name.kind {
                Kind::Family => &mut all.families,
                Kind::Male => &mut all.men,
                Kind::Female => &mut all.women,
            };
            of.add((name.written.into(), name.kana.into()), u64::from(name.bearers) * 100);
        }
        tail(&mut all.families, FIRST, SECOND, 5_600_000);
        tail(&mut all.men, MEN, MEN_END, 4_000_000);
        tail(&mut all.women, WOMEN, WOMEN_END, 4_000_000);
        all
    }
}

/// Two characters each, the earlier ones commoner, with so much weight in all.
fn tail(of: &mut Weighted, first: &str, second: &str, weight: u64) {
    let (first, second) = (pairs(first), pairs(second));
    let every = (first.len() * second.len()) as u64;
    for (rank, (a, b)) in (1..).zip(first.iter().flat_map(|a| second.iter().map(move |b| (a, b)))) {
        // Mixed by a stride, so that not all rare names start alike; from thrice the mean down to nearly nothing.
        let place = rank * 7919 % every;
        of.add(
            (format!("{}{}", a.0, b.0), format!("{}{}", a.1, b.1)),
            weight * (every - place) * 2 / (every * every) + 1,
        );
    }
}

impl Sources {
    /// A family name.
    pub fn family(&self, dice: &mut Dice) -> Named {
        self.families.draw(dice)
    }

    /// A given name.
    pub fn given(&self, sex: Sex, dice: &mut Dice) -> Named {
        if sex == Sex::Male { self.men.draw(dice) } else { self.women.draw(dice) }
    }

    /// An address of a city of so many places.
    pub fn home(&self, dice: &mut Dice) -> Home {
        let places: Vec<&str> = PLACES.split(' ').collect();
        let (city, town) = (dice.one(&places), dice.one(&places));
        let prefecture = dice.one(&["茨城県", "埼玉県", "東京都", "長野県", "福岡県"]);
        let numbers = [1 + dice.below(6), 1 + dice.below(40), 1 + dice.below(30)];
        let room = dice.permille(400).then(|| {
            let name = dice.one(&["コーポ桜", "緑ハイツ", "メゾン青葉", "若宮荘"]);
            (name.to_owned(), 100 * (1 + dice.below(5)) + 1 + dice.below(8))
        });
        Home { place: [prefecture.to_owned(), format!("{city}市"), format!("{town}町")], numbers, room }
    }

    /// So many people, household by household.
    pub fn people(&self, count: usize, dice: &mut Dice) -> Vec<Person> {
        let mut people = Vec::with_capacity(count + 8);
        let mut household = 0;
        while people.len() < count {
            self.household(household, dice, &mut people);
            household += 1;
        }
        people.truncate(count);
        people
    }

    fn household(&self, number: u32, dice: &mut Dice, people: &mut Vec<Person>) {
        let (family, home) = (self.family(dice), self.home(dice));
        let landline = dice
            .permille(500)
            .then(|| format!("0{}-{:04}-{:04}", 3 + dice.below(6), dice.below(10_000), number % 10_000));
        let insured = insured(number, dice);
        let elder = 1926 + u32::try_from(dice.below(78)).unwrap_or(0);
        let adults = 1 + usize::from(dice.permille(550)) + usize::from(dice.permille(120));
        let children = if adults > 1 { dice.below(4) } else { dice.below(10) / 9 };
        let mut branch = 0;
        let mut add = |given: Named, birth: (u32, u32, u32), sex: Sex, dice: &mut Dice| {
            let mobile = (birth.0 < 2012 && dice.permille(800)).then(|| mobile(dice));
            people.push(Person {
                family: family.clone(),
                given,
                birth,
                sex,
                home: home.clone(),
                phones: landline.iter().cloned().chain(mobile).collect(),
                insured: Insured { branch: format!("{branch:02}"), ..insured.clone() },
                household: number,
            });
            branch += 1;
        };
        for adult in 0..adults {
            let sex = if (adult == 0) == dice.permille(600) { Sex::Male } else { Sex::Female };
            // The third adult is a grandparent.
            let year = if adult == 2 {
                elder.saturating_sub(26).max(1915)
            } else {
                elder + u32::try_from(dice.below(6)).unwrap_or(0)
            };
            add(self.given(sex, dice), birthday(year, dice), sex, dice);
        }
        for _ in 0..children {
            let sex = if dice.permille(512) { Sex::Male } else { Sex::Female };
            let birth = birthday((elder + 22 + u32::try_from(dice.below(16)).unwrap_or(0)).min(2025), dice);
            let given = self.given(sex, dice);
            if dice.permille(11) {
                add(self.twin(&given, sex, dice), birth, sex, dice);
            }
            add(given, birth, sex, dice);
        }
    }

    /// A twin's name; often it starts with the same character.
    fn twin(&self, given: &Named, sex: Sex, dice: &mut Dice) -> Named {
        for _ in 0..20 {
            let other = self.given(sex, dice);
            let alike = other.1.chars().next() == given.1.chars().next();
            if other != *given && (alike || dice.permille(100)) {
                return other;
            }
        }
        ("双葉".into(), "フタバ".into())
    }
}

/// A mobile number.
pub fn mobile(dice: &mut Dice) -> String {
    format!("0{}0-{:04}-{:04}", dice.one(&[7, 8, 9]), dice.below(10_000), dice.below(10_000))
}

/// An insurance of a household.
pub fn insured(household: u32, dice: &mut Dice) -> Insured {
    Insured {
        insurer: format!("{:08}", 1_130_000 + dice.below(60)),
        symbol: format!("{}", 100 + dice.below(900)),
        number: format!("{household}"),
        branch: "00".into(),
    }
}

/// A day of a year.
fn birthday(year: u32, dice: &mut Dice) -> (u32, u32, u32) {
    let month = 1 + u32::try_from(dice.below(12)).unwrap_or(0);
    let days = u64::from(crate::fold::date::days_in(year, month));
    // Of the oldest, some only know the year, and were registered on its first day.
    if year < 1935 && dice.permille(30) {
        (year, 1, 1)
    } else {
        (year, month, 1 + u32::try_from(dice.below(days)).unwrap_or(0))
    }
}

impl Home {
    /// The address in one of its usual writings, 0 to 3.
    #[must_use]
    pub fn text(&self, writing: u64) -> String {
        let [prefecture, city, town] = &self.place;
        let [a, b, c] = self.numbers;
        let room = self.room.as_ref().map(|(name, room)| (name.clone(), *room));
        match writing {
            0 => format!(
                "{prefecture}{city}{town}{a}丁目{b}番{c}号{}",
                room.map_or(String::new(), |(name, room)| format!(" {name}{room}号室"))
            ),
            1 => format!(
                "{prefecture}{city}{town}{a}-{b}-{c}{}",
                room.map_or(String::new(), |(name, room)| format!(" {name} {room}"))
            ),
            2 => format!("{city}{town}{a}-{b}-{c}{}", room.map_or(String::new(), |(_, room)| format!("-{room}"))),
            _ => format!(
                "{prefecture}　{city}　{town}{a}の{b}の{c}{}",
                room.map_or(String::new(), |(name, room)| format!("　{name}{room}"))
            ),
        }
    }
}

impl Person {
    /// The person as the register has them.
    #[must_use]
    pub fn described(&self) -> Description {
        let (year, month, day) = self.birth;
        Description {
            name: format!("{} {}", self.family.0, self.given.0),
            kana: format!("{} {}", self.family.1, self.given.1),
            birth: format!("{year:04}-{month:02}-{day:02}"),
            birth_estimated: false,
            sex: Some(self.sex),
            address: self.home.text(0),
            phones: self.phones.clone(),
            insurances: vec![self.insured.clone()],
        }
    }
}
