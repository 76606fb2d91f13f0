//! Whom a visitor of the demo may be, and what to try as that person (the file `people.json`).

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Purpose, Role};

use super::{
    cast::{CLERK, Cast, HARU, MEGUMI, SHIGERU},
    diabetic::KENICHI,
    doubles::KAWAGUCHI,
    infant::AKARI,
    neighbours::{self, RESEARCHER},
    protected::SAKURA,
};
use crate::{
    form::systems,
    outgoing::SynthError,
    people::{Citizen, Institution},
};

/// The same words in Japanese and English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// The citizen whose record it is about: an identifier, since the town does not know a server's ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitizenReference {
    /// Identifier system.
    pub system: String,
    /// Identifier value.
    pub value: String,
    /// Name, for the page.
    pub name: String,
}

/// One person to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonToBe {
    /// Id in the directory.
    pub id: PersonId,
    /// Name.
    pub name: String,
    /// Qualification, if any.
    pub qualification: Option<String>,
    /// Role of the token.
    pub role: Role,
    /// Purpose of the token.
    pub purpose: Purpose,
    /// Organisation: id.
    pub organization: OrganizationId,
    /// Organisation: name.
    pub organization_name: String,
    /// Organisation: kind.
    pub organization_kind: OrganizationKind,
    /// Whose record it is about.
    pub citizen: Option<CitizenReference>,
    /// Whose records it is about besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<CitizenReference>,
    /// Who the person is, in a few words.
    pub who: Words,
    /// What to try.
    pub try_this: Words,
}

struct Card {
    id: &'static str,
    purpose: Purpose,
    who: [&'static str; 2],
    try_this: [&'static str; 2],
}

const fn card(id: &'static str, purpose: Purpose, who: [&'static str; 2], try_this: [&'static str; 2]) -> Card {
    Card { id, purpose, who, try_this }
}

/// The physician who withholds a diagnosis from 小林 茂.
const OKADA: &str = "okada-chihiro";

const CARDS: [Card; 18] = [
    card(
        AKARI,
        Purpose::FamilyRequest,
        [
            "10か月の中村 ひなたさんの母。出生届のときに、市役所で代理を届けました",
            "Mother of Hinata (中村 ひなた), ten months; acts for him",
        ],
        [
            "「からだと暮らしの記録」で、予防接種と、体重の増え方と、小麦のアレルギーを見てください",
            "Open “Health and life”: vaccinations, how he grew, and his allergy to wheat",
        ],
    ),
    card(
        KENICHI,
        Purpose::PatientRequest,
        ["52歳。会社に勤めながら、糖尿病を治しています", "52. Works, and has diabetes"],
        [
            "「検査の結果」でHbA1cをひらき、3年でどう下がったかをグラフで見てください",
            "Open HbA1c under “Laboratory results”: the chart shows how it came down in three years",
        ],
    ),
    card(
        HARU,
        Purpose::PatientRequest,
        ["78歳。脳梗塞で入院し、20日に家へ戻りました", "78. Had a stroke; came home on the 20th"],
        [
            "「だれが見たか」で、救急隊の人がなぜ見たかをたしかめてください",
            "Open “Who looked” and see why the ambulance crew looked",
        ],
    ),
    card(
        MEGUMI,
        Purpose::FamilyRequest,
        ["ハルさんの娘。母から頼まれています", "Haru's daughter, with her mandate"],
        [
            "母の記録をだれが見たか。抜けがないことを自分でたしかめてください",
            "See who looked at her mother's record, and check that nothing was left out",
        ],
    ),
    card(
        SHIGERU,
        Purpose::PatientRequest,
        ["68歳。検査を受けています", "68, under examination"],
        [
            "自分の記録を見てください。そのあと岡田 千尋さんになって、見えるものを比べてください",
            "See your record; then be Dr Okada (岡田 千尋) and compare what is shown",
        ],
    ),
    card(
        SAKURA,
        Purpose::PatientRequest,
        ["34歳。住所を知られないように守られています", "34. Her address is protected"],
        [
            "どの画面にも、住所と電話番号が出ないことをたしかめてください。病院は、住所を書かずに送っています",
            "See that no page shows an address or a telephone number: the hospital sends neither",
        ],
    ),
    card(
        "takahashi-kumi",
        Purpose::CareManagement,
        ["ハルさんの担当の介護支援専門員", "Haru's care manager"],
        [
            "生活の力が入院の前と今でどう変わったかを、グラフで見てください",
            "See in the chart how daily activities changed",
        ],
    ),
    card(
        "sasaki-ken",
        Purpose::EmergencyTreat,
        ["みなと消防署の救急救命士", "Ambulance crew"],
        [
            "緊急の画面で、アレルギーと薬を最初に見てください。見たことはご本人に伝わります",
            "See allergies and medicines at one glance; she is told that you looked",
        ],
    ),
    card(
        "ito-makoto",
        Purpose::Operations,
        ["健康記録監督委員会", "The supervising body"],
        [
            "「審査を待つ案件」で、理由を書いて見た人や、異議のあった閲覧を審査してください。記録そのものは、監督する人にも開きません",
            "Under “Cases waiting”, judge looks with a typed reason and looks that were objected to; the record itself stays closed to you",
        ],
    ),
    card(
        "ueda-kyoko",
        Purpose::Operations,
        ["健康記録監督委員会の、ふたり目", "The second of the supervising body"],
        [
            "伊藤 誠さんが提案した災害時モードを、「災害時モードを開く・閉じる」でたしかめて開いてください",
            "Confirm the disaster mode that 伊藤 誠 has proposed, under “Open or close the disaster mode”",
        ],
    ),
    card(
        RESEARCHER,
        Purpose::Research,
        ["紬健康科学研究所の研究者", "Researcher"],
        [
            "研究のための画面は、まだありません。番号を入れても、だれの記録も開かないことをたしかめてください。町の全体は「町の数字」にあります",
            "There is no page for research yet. Enter a number: nobody's record opens. The town as a whole is under “The town in numbers”",
        ],
    ),
    card(
        KAWAGUCHI,
        Purpose::RecordManagement,
        [
            "紬市役所の職員。ふたつの記録が同じ人かをたしかめます",
            "Clerk at the city hall; looks whether two records are one person's",
        ],
        [
            "「同じ人かをたしかめる」で、似た人の組をひらき、意見を出してください。決まるのは、加藤 隆さんが賛成してからです",
            "Open a pair under “Is it the same person?” and hand in your view; it counts once 加藤 隆 agrees",
        ],
    ),
    card(
        CLERK,
        Purpose::RecordManagement,
        ["紬市役所の職員。ふたり目として答えます", "Clerk at the city hall; answers as the second"],
        [
            "川口 透さんが意見を出した組に答えてください。ひとつにしたあとで、もとに分けることもできます",
            "Answer the pair on which 川口 透 handed in a view; what was joined can be taken apart again",
        ],
    ),
    card(
        OKADA,
        Purpose::Treat,
        ["みなと総合病院の医師", "Physician at the hospital"],
        [
            "ハルさんの検査と薬を見てください。次に小林 茂さんの記録をひらくと、未告知の病名も先生には見えます",
            "See Haru's tests and medicines; then open Mr Kobayashi's record: you see a diagnosis he has not been told",
        ],
    ),
    card(
        "mori-yumi",
        Purpose::Treat,
        ["みなと総合病院の看護師", "Nurse at the hospital"],
        ["入院のときに、介護からの申し送りを見てください", "See what the care office handed over at admission"],
    ),
    card(
        "aoki-yoko",
        Purpose::Treat,
        ["あおば診療所の医師。かかりつけ", "Haru's family doctor"],
        [
            "「からだと暮らしの記録」から退院時サマリーをひらいてください。検査では、HbA1cの2月からの動きを見てください",
            "Open the discharge summary from “Health and life”; under tests, see HbA1c since February",
        ],
    ),
    card(
        "rin",
        Purpose::CareManagement,
        ["ひだまりデイの介護職員。日本語はまだ勉強中", "Care worker; still learning Japanese"],
        [
            "まず守ること(飲みこみ、移動、薬)を見て、きょうのようすを記録してください",
            "Read what to heed first (swallowing, moving, medicines), then record how it went today",
        ],
    ),
    card(
        "endo-ryo",
        Purpose::CareManagement,
        ["訪問リハビリの理学療法士", "Visiting physiotherapist"],
        [
            "移動の注意と、生活の力の経過を見てください",
            "See the precaution on moving and the course of daily activities",
        ],
    ),
];

/// The people to be, with what to try as each.
///
/// # Errors
/// [`SynthError::Id`] only if an id of the cast did not fit.
pub fn people_to_be() -> Result<Vec<PersonToBe>, SynthError> {
    let cast = Cast::new();
    let neighbours = neighbours::places();
    let mut people = Vec::new();
    for card in CARDS {
        let found = cast
            .places()
            .into_iter()
            .chain(&neighbours)
            .find_map(|place| place.staff.iter().find(|person| person.id == card.id).map(|person| (place, person)));
        let Some((place, person)) = found else { continue };
        people.push(PersonToBe {
            id: PersonId::new(&person.id)?,
            name: person.name.full(),
            qualification: person.qualification.map(str::to_owned),
            role: person.role,
            purpose: card.purpose,
            organization: OrganizationId::new(&place.id)?,
            organization_name: place.name.clone(),
            organization_kind: place.kind,
            citizen: subject_of(&cast, place, person.role),
            others: if person.id == OKADA { vec![reference(&cast.shigeru)] } else { Vec::new() },
            who: words(card.who),
            try_this: words(card.try_this),
        });
    }
    Ok(people)
}

fn words([ja, en]: [&str; 2]) -> Words {
    Words { ja: ja.into(), en: en.into() }
}

/// Supervisor, researcher and the city's clerks look at no one's record; the households at their own; all others at 山田 ハル's.
fn subject_of(cast: &Cast, place: &Institution, role: Role) -> Option<CitizenReference> {
    if let Some(citizen) = neighbours::citizen_of(&place.id) {
        return Some(reference(&citizen));
    }
    let citizen: &Citizen = match role {
        Role::Supervisor | Role::Researcher | Role::Municipality => return None,
        _ if place.id == cast.kobayashi_home.id => &cast.shigeru,
        _ => &cast.haru,
    };
    Some(reference(citizen))
}

fn reference(citizen: &Citizen) -> CitizenReference {
    CitizenReference { system: systems::MEMBER_ID.into(), value: citizen.member_id.clone(), name: citizen.name.full() }
}
