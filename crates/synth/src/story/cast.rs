//! The fictional people and places of the story.

use jiff::civil::date;
use tsumugi_kernel::{OrganizationKind, Role};

use super::doubles::KAWAGUCHI;
use crate::{
    names::{CITY, PREFECTURE},
    outgoing::{Directory, SynthError},
    people::{Address, Citizen, Institution, Name, Professional, Sex, institution_number, insurer_number},
};

/// Everybody and every place.
#[derive(Clone, Debug)]
pub struct Cast {
    /// みなと総合病院.
    pub hospital: Institution,
    /// あおば診療所, the family doctor.
    pub clinic: Institution,
    /// なのはな薬局.
    pub pharmacy: Institution,
    /// ひだまりデイ, day care with rooms for a night.
    pub day_care: Institution,
    /// ひだまり介護支援センター, the care manager's office.
    pub care_management: Institution,
    /// ひだまり訪問リハビリ.
    pub visiting_rehabilitation: Institution,
    /// みなと消防署.
    pub fire: Institution,
    /// 紬市役所.
    pub city: Institution,
    /// 綾野県後期高齢者医療広域連合.
    pub insurer: Institution,
    /// 健康記録監督委員会.
    pub supervision: Institution,
    /// The Yamadas.
    pub yamada_home: Institution,
    /// The Kobayashis.
    pub kobayashi_home: Institution,
    /// 山田 ハル, 78.
    pub haru: Citizen,
    /// 小林 茂, 68: a diagnosis is withheld from him.
    pub shigeru: Citizen,
}

/// 山田 ハル's sign-in.
pub const HARU: &str = "yamada-haru";
/// The city's office.
pub const CITY_HALL: &str = "city-tsumugi";
/// Its clerk.
pub const CLERK: &str = "kato-takashi";
/// Her daughter's sign-in.
pub const MEGUMI: &str = "yamada-megumi";
/// 小林 茂's sign-in.
pub const SHIGERU: &str = "kobayashi-shigeru";

fn address(quarter: &str, postal: &str, line: &str) -> Address {
    Address { postal: postal.into(), state: PREFECTURE.into(), city: CITY.into(), line: format!("{quarter}{line}") }
}

fn place(id: String, name: &str, kind: OrganizationKind, line: &str, staff: Vec<Professional>) -> Institution {
    Institution {
        id,
        name: name.into(),
        kind,
        address: address("港町", "000-0011", line),
        phone: "000-0000-0100".into(),
        staff,
    }
}

fn person(id: &str, name: [&str; 4], qualification: Option<&'static str>, role: Role) -> Professional {
    Professional { id: id.into(), name: Name::new(name[0], name[1], name[2], name[3]), qualification, role }
}

/// The city hall, with the clerk who takes what is handed in and another who looks at records that may be one person's.
fn city_hall() -> Institution {
    let clerks = vec![
        person(CLERK, ["加藤", "隆", "カトウ", "タカシ"], None, Role::Municipality),
        person(KAWAGUCHI, ["川口", "透", "カワグチ", "トオル"], None, Role::Municipality),
    ];
    place(CITY_HALL.into(), "紬市役所", OrganizationKind::Municipality, "1-2", clerks)
}

fn medical() -> (Institution, Institution, Institution) {
    let hospital = place(
        institution_number(1, 100_001),
        "みなと総合病院",
        OrganizationKind::Hospital,
        "1-1",
        vec![
            person("okada-chihiro", ["岡田", "千尋", "オカダ", "チヒロ"], Some("医師"), Role::Physician),
            person("mori-yumi", ["森", "由美", "モリ", "ユミ"], Some("看護師"), Role::Nurse),
            person("hayashi-mao", ["林", "真央", "ハヤシ", "マオ"], Some("理学療法士"), Role::Therapist),
            person("maeda-aya", ["前田", "彩", "マエダ", "アヤ"], None, Role::Registrar),
        ],
    );
    let clinic = place(
        institution_number(1, 100_002),
        "あおば診療所",
        OrganizationKind::Clinic,
        "2-8",
        vec![person("aoki-yoko", ["青木", "葉子", "アオキ", "ヨウコ"], Some("医師"), Role::Physician)],
    );
    let pharmacy = place(
        institution_number(4, 100_003),
        "なのはな薬局",
        OrganizationKind::Pharmacy,
        "2-9",
        vec![person("ogawa-kaoru", ["小川", "薫", "オガワ", "カオル"], Some("薬剤師"), Role::Pharmacist)],
    );
    (hospital, clinic, pharmacy)
}

fn care() -> (Institution, Institution, Institution) {
    let day_care = place(
        institution_number(7, 100_004),
        "ひだまりデイ",
        OrganizationKind::CareOffice,
        "5-3",
        vec![
            person("fujii-sakura", ["藤井", "さくら", "フジイ", "サクラ"], Some("看護師"), Role::Nurse),
            person("rin", ["グエン", "ティ・リン", "グエン", "ティ・リン"], Some("介護職員"), Role::CareWorker),
            person("ishikawa-manabu", ["石川", "学", "イシカワ", "マナブ"], Some("介護福祉士"), Role::CareWorker),
        ],
    );
    let management = place(
        institution_number(7, 100_005),
        "ひだまり介護支援センター",
        OrganizationKind::CareOffice,
        "5-4",
        vec![person("takahashi-kumi", ["髙橋", "久美", "タカハシ", "クミ"], Some("介護支援専門員"), Role::CareManager)],
    );
    let rehabilitation = place(
        institution_number(7, 100_006),
        "ひだまり訪問リハビリ",
        OrganizationKind::CareOffice,
        "5-5",
        vec![person("endo-ryo", ["遠藤", "亮", "エンドウ", "リョウ"], Some("理学療法士"), Role::Therapist)],
    );
    (day_care, management, rehabilitation)
}

impl Cast {
    /// The cast, always the same.
    #[must_use]
    pub fn new() -> Self {
        let (hospital, clinic, pharmacy) = medical();
        let (day_care, care_management, visiting_rehabilitation) = care();
        let crew = person("sasaki-ken", ["佐々木", "健", "ササキ", "ケン"], Some("救急救命士"), Role::Crew);
        let insurer = insurer_number("39", 1);
        let supervisors = vec![
            person("ito-makoto", ["伊藤", "誠", "イトウ", "マコト"], None, Role::Supervisor),
            person("ueda-kyoko", ["上田", "恭子", "ウエダ", "キョウコ"], None, Role::Supervisor),
        ];
        Self {
            hospital,
            clinic,
            pharmacy,
            day_care,
            care_management,
            visiting_rehabilitation,
            fire: place("fire-minato".into(), "みなと消防署", OrganizationKind::FireHeadquarters, "9-1", vec![crew]),
            city: city_hall(),
            insurer: place(
                format!("insurer-{insurer}"),
                "綾野県後期高齢者医療広域連合",
                OrganizationKind::Insurer,
                "1-3",
                vec![],
            ),
            supervision: place(
                "supervision".into(),
                "健康記録監督委員会",
                OrganizationKind::SupervisingBody,
                "1-4",
                supervisors,
            ),
            yamada_home: place(
                "household-yamada".into(),
                "山田さんの家",
                OrganizationKind::Household,
                "3-7",
                vec![
                    person(HARU, ["山田", "ハル", "ヤマダ", "ハル"], None, Role::Citizen),
                    person(MEGUMI, ["山田", "恵", "ヤマダ", "メグミ"], None, Role::Proxy),
                ],
            ),
            kobayashi_home: place(
                "household-kobayashi".into(),
                "小林さんの家",
                OrganizationKind::Household,
                "4-2",
                vec![person(SHIGERU, ["小林", "茂", "コバヤシ", "シゲル"], None, Role::Citizen)],
            ),
            haru: Citizen {
                name: Name::new("山田", "ハル", "ヤマダ", "ハル"),
                sex: Sex::Female,
                birth: date(1948, 3, 5),
                address: address("港町", "000-0011", "3-7"),
                phone: "000-0000-0307".into(),
                member_id: format!("{insurer}::00420078:"),
                number: 420_078,
            },
            shigeru: Citizen {
                name: Name::new("小林", "茂", "コバヤシ", "シゲル"),
                sex: Sex::Male,
                birth: date(1958, 6, 21),
                address: address("糸屋町", "000-0012", "4-2"),
                phone: "000-0000-0402".into(),
                member_id: format!("{}:紬:０４２０:01", insurer_number("00", 1)),
                number: 420_068,
            },
        }
    }

    /// Every place of the story.
    #[must_use]
    pub fn places(&self) -> [&Institution; 12] {
        [
            &self.hospital,
            &self.clinic,
            &self.pharmacy,
            &self.day_care,
            &self.care_management,
            &self.visiting_rehabilitation,
            &self.fire,
            &self.city,
            &self.insurer,
            &self.supervision,
            &self.yamada_home,
            &self.kobayashi_home,
        ]
    }

    /// The directory of the story.
    ///
    /// # Errors
    /// [`SynthError::Id`] only if an id written here did not fit.
    pub fn directory(&self) -> Result<Directory, SynthError> {
        let mut directory = Directory::default();
        for place in self.places() {
            directory.add(place)?;
        }
        Ok(directory)
    }
}

impl Default for Cast {
    fn default() -> Self {
        Self::new()
    }
}
