//! Documents for benchmarks: distinct, valid discharge summaries, fast.
//!
//! A document is rendered once by the same code as the town's, with marker texts where documents differ; the text is
//! cut at the markers, and each further document is the pieces with new values between them. Ids, numbers, names,
//! dates and laboratory values differ from document to document; the words do not.

use jiff::civil::{Date, date};
use tsumugi_kernel::{Instant, OrganizationKind, Role};

use crate::{
    dice::{Dice, Stream},
    form::{
        bundle::{Content, LabValue, discharge},
        clinical::{ALLERGENS, Disease, LAB_ITEMS},
        medicine::MEDICINES,
        party::{Author, INTERNAL},
    },
    names::{family, given},
    people::{Address, Citizen, Institution, Name, Professional, Sex, insurer_number},
};

/// What stands between two pieces of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// The n-th UUID of the document.
    Uuid(usize),
    /// Insured number of the citizen.
    Member,
    /// The citizen's number at the hospital.
    Number,
    /// Serial of the document, unique over (citizen, document).
    Serial,
    /// Family name.
    Family,
    /// Its reading.
    FamilyKana,
    /// Given name.
    Given,
    /// Its reading.
    GivenKana,
    /// Date of birth.
    Birth,
    /// Date of admission.
    Admitted,
    /// Date of discharge.
    Discharged,
    /// The n-th laboratory value.
    Value(usize),
}

/// A text cut at its slots.
#[derive(Clone, Debug)]
struct Template {
    pieces: Vec<(String, Slot)>,
    end: String,
    uuids: usize,
    values: usize,
}

const MEMBER: &str = "@member@";
const SERIAL: &str = "SERIAL0SERIAL";
const FAMILY_MARK: &str = "@family@";
const FAMILY_KANA_MARK: &str = "@familykana@";
const GIVEN_MARK: &str = "@given@";
const GIVEN_KANA_MARK: &str = "@givenkana@";
const NUMBER: u64 = 999_000_111;
/// Marks the n-th laboratory value when n is added. No code of a laboratory item holds its leading digits, or the code
/// would be cut, too.
const VALUE: i64 = 988_770_000;
/// Its leading digits.
const VALUE_LEAD: &str = "98877";
const BIRTH: Date = date(1891, 2, 3);
const ADMITTED: Date = date(2023, 1, 1);
const DISCHARGED: Date = date(2023, 1, 15);

/// Makes documents of one hospital, all alike in size.
#[derive(Clone, Debug)]
pub struct Load {
    seed: u64,
    template: Template,
    resources: usize,
}

/// The hospital that sends them.
#[must_use]
pub fn sender() -> Institution {
    let place = Address {
        postal: "000-0011".into(),
        state: crate::names::PREFECTURE.into(),
        city: crate::names::CITY.into(),
        line: "港町7-7".into(),
    };
    let doctor = Professional {
        id: "load-physician".into(),
        name: Name::new("石川", "亮", "イシカワ", "リョウ"),
        qualification: Some("医師"),
        role: Role::Physician,
    };
    Institution {
        id: crate::people::institution_number(1, 100_900),
        name: "紬計測病院".into(),
        kind: OrganizationKind::Hospital,
        address: place,
        phone: "000-0000-0900".into(),
        staff: vec![doctor],
    }
}

impl Load {
    /// Documents with `resources` entries (at least 12), the composition and the patient among them.
    #[must_use]
    pub fn new(seed: u64, resources: usize) -> Self {
        let resources = resources.max(LEAST);
        Self { seed, template: template(resources), resources }
    }

    /// How many entries each document has.
    #[must_use]
    pub const fn resources(&self) -> usize {
        self.resources
    }

    /// The insured number of citizen `citizen`.
    #[must_use]
    pub fn member_id(citizen: u64) -> String {
        format!("{}::{citizen:08}:", insurer_number("39", 9))
    }

    /// Document `number` of citizen `citizen`: the JSON of a bundle for `Bundle/$submit`.
    #[must_use]
    pub fn document(&self, citizen: u64, number: u64) -> Vec<u8> {
        let mut who = Dice::new(self.seed, citizen, Stream::Identity);
        let (family, family_kana) = who.pick(family().all());
        let year = i16::try_from(who.between(1932, 1950)).unwrap_or(1940);
        let (first, first_kana) = who.pick(given(Sex::Female, year).all());
        let born = format!("{year}-{:02}-{:02}", who.between(1, 12), who.between(1, 28));
        let mut dice = Dice::new(self.seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d), citizen, Stream::Load);
        let (year, month, day) = (dice.between(2022, 2025), dice.between(1, 12), dice.between(1, 14));
        let uuids: Vec<String> = (0..self.template.uuids).map(|_| dice.uuid()).collect();
        let values: Vec<String> =
            (0..self.template.values).map(|_| format!("{}.{}", dice.between(1, 180), dice.between(0, 9))).collect();
        let mut out = Vec::with_capacity(
            self.template.end.len() + self.template.pieces.iter().map(|(text, _)| text.len() + 40).sum::<usize>(),
        );
        for (text, slot) in &self.template.pieces {
            out.extend_from_slice(text.as_bytes());
            match slot {
                Slot::Uuid(n) => out.extend_from_slice(uuids[*n].as_bytes()),
                Slot::Member => out.extend_from_slice(Self::member_id(citizen).as_bytes()),
                Slot::Number => out.extend_from_slice(format!("{citizen:09}").as_bytes()),
                Slot::Serial => out.extend_from_slice(format!("L{citizen}-{number}").as_bytes()),
                Slot::Family => out.extend_from_slice(family.as_bytes()),
                Slot::FamilyKana => out.extend_from_slice(family_kana.as_bytes()),
                Slot::Given => out.extend_from_slice(first.as_bytes()),
                Slot::GivenKana => out.extend_from_slice(first_kana.as_bytes()),
                Slot::Birth => out.extend_from_slice(born.as_bytes()),
                Slot::Admitted => out.extend_from_slice(format!("{year}-{month:02}-{day:02}").as_bytes()),
                Slot::Discharged => out.extend_from_slice(format!("{year}-{month:02}-{:02}", day + 14).as_bytes()),
                Slot::Value(n) => out.extend_from_slice(values[*n].as_bytes()),
            }
        }
        out.extend_from_slice(self.template.end.as_bytes());
        out
    }
}

/// `n` documents of `resources` entries, the k-th about citizen k. `u64::MAX` is as good as endless.
pub fn documents(seed: u64, n: u64, resources: usize) -> impl Iterator<Item = Vec<u8>> {
    let load = Load::new(seed, resources);
    (0..n).map(move |number| load.document(number, 0))
}

/// Documents about citizen `i` that hold `resources` entries together (at least 12): 20 in each, the rest in the last.
#[must_use]
pub fn citizen(seed: u64, i: u64, resources: usize) -> Vec<Vec<u8>> {
    const EACH: usize = 20;
    let whole = (resources / EACH).max(1);
    let rest = resources.saturating_sub(whole * EACH);
    let usual = Load::new(seed, EACH.min(resources.max(LEAST)));
    // A rest too small for a document of its own goes into the last one.
    let (alone, last_extra) = if rest >= LEAST { (rest, 0) } else { (0, rest) };
    let mut list: Vec<Vec<u8>> =
        (0..whole as u64 - u64::from(last_extra > 0)).map(|number| usual.document(i, number)).collect();
    if last_extra > 0 {
        list.push(Load::new(seed, EACH + last_extra).document(i, whole as u64 - 1));
    }
    if alone > 0 {
        list.push(Load::new(seed, alone).document(i, whole as u64));
    }
    list
}

/// Optional members that the documents for benchmarks leave out, so that a resource is not much larger than in the
/// bundles that other servers were measured with.
const LEFT_OUT: [&str; 10] = [
    "language",
    "interpretation",
    "recorder",
    "dispenseRequest",
    "doseAndRate",
    "route",
    "issued",
    "referenceRange",
    "telecom",
    "qualification",
];

/// Entries without laboratory values: composition, patient, encounter, practitioner, organisation, course, plan, two
/// diagnoses, an allergy, a medicine, a finding.
const LEAST: usize = 12;

/// Shares the entries above the least out: medicines to three more, diagnoses to two more, then laboratory values.
fn content(resources: usize) -> Content {
    let mut left = resources - LEAST;
    let mut take = |most: usize| {
        let taken = left.min(most);
        left -= taken;
        taken
    };
    let (more_medicines, more_diagnoses) = (take(3), take(1));
    let labs = left;
    let diseases =
        [("脳梗塞", "I639"), ("高血圧症", "I10"), ("心房細動", "I489")].map(|(text, icd10)| Disease { text, icd10 });
    Content {
        reason: "脳梗塞の治療のため".into(),
        complaint: "手足が動きにくい".into(),
        present: "朝、起き上がれないところを家族が見つけました。".into(),
        course: "脳梗塞と診断し、翌日から起きる練習を始めました。歩行器で歩けるようになりました。".into(),
        instruction: "飲みものにとろみをつけ、体を起こして飲む。歩くときはそばで見守る。".into(),
        medication: "朝の薬を忘れずにのむ。".into(),
        diagnoses: diseases
            .into_iter()
            .take(2 + more_diagnoses)
            .map(|disease| (disease, ADMITTED.to_string()))
            .collect(),
        allergies: vec![(ALLERGENS[0], "1998".into())],
        medicines: MEDICINES.into_iter().take(1 + more_medicines).map(|medicine| (medicine, 28)).collect(),
        labs: (0..labs)
            .map(|n| LabValue {
                key: LAB_ITEMS[n % LAB_ITEMS.len()].key,
                value: (VALUE + i64::try_from(n).unwrap_or(0)).to_string(),
                drawn: instant(DISCHARGED, i64::try_from(6 + n / LAB_ITEMS.len()).unwrap_or(6)),
                wrong_unit: None,
            })
            .collect(),
        findings: vec![("神経の所見", "力は5段階の4です。".into())],
        ..Content::default()
    }
}

/// The moment of a whole hour of a day in Japan.
fn instant(day: Date, hour: i64) -> Instant {
    let days = i64::from(day.since(date(1970, 1, 1)).map_or(0, |span| span.get_days()));
    Instant((days * 24 + hour - 9) * 3_600_000)
}

fn template(resources: usize) -> Template {
    let hospital = sender();
    let person = &hospital.staff[0];
    let author =
        Author { institution: &hospital, department: INTERNAL, person, time: instant(DISCHARGED, 13), document: None };
    let mut citizen = Citizen {
        name: Name::new(FAMILY_MARK, GIVEN_MARK, FAMILY_KANA_MARK, GIVEN_KANA_MARK),
        sex: Sex::Female,
        birth: BIRTH,
        address: hospital.address.clone(),
        phone: "000-0000-0901".into(),
        member_id: MEMBER.into(),
        number: 0,
    };
    // The number at the institution is the number plus a salt: choose it so that the marker comes out.
    let salt: u64 = citizen.number_at(&hospital.id).parse().unwrap_or(0);
    citizen.number = NUMBER + 1_000_000_000 - salt;
    let text = discharge(
        &author,
        &citizen,
        ADMITTED,
        DISCHARGED,
        &content(resources),
        SERIAL,
        &mut Dice::new(0, 0, Stream::Ids),
    );
    cut(&text.without(&LEFT_OUT).write())
}

/// Cuts `text` at its markers.
fn cut(text: &str) -> Template {
    let fixed = [
        (MEMBER.to_owned(), Slot::Member),
        (format!("{NUMBER:09}"), Slot::Number),
        (SERIAL.to_owned(), Slot::Serial),
        (FAMILY_KANA_MARK.to_owned(), Slot::FamilyKana),
        (FAMILY_MARK.to_owned(), Slot::Family),
        (GIVEN_KANA_MARK.to_owned(), Slot::GivenKana),
        (GIVEN_MARK.to_owned(), Slot::Given),
        (BIRTH.to_string(), Slot::Birth),
        (ADMITTED.to_string(), Slot::Admitted),
        (DISCHARGED.to_string(), Slot::Discharged),
    ];
    let mut template = Template { pieces: Vec::new(), end: String::new(), uuids: 0, values: 0 };
    let mut uuids: Vec<&str> = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        if let Some((length, slot)) = marker(&text[at..], &fixed, &mut uuids) {
            if let Slot::Value(n) = slot {
                template.values = template.values.max(n + 1);
            }
            template.pieces.push((text[start..at].to_owned(), slot));
            at += length;
            start = at;
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    template.end = text[start..].to_owned();
    template.uuids = uuids.len();
    template
}

/// The marker at the beginning of `rest`: its length and slot.
fn marker<'a>(rest: &'a str, fixed: &[(String, Slot)], uuids: &mut Vec<&'a str>) -> Option<(usize, Slot)> {
    if let Some((text, slot)) = fixed.iter().find(|(text, _)| rest.starts_with(text.as_str())) {
        return Some((text.len(), *slot));
    }
    if let Some(digits) = rest
        .get(..9)
        .filter(|digits| digits.starts_with(VALUE_LEAD) && digits.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let n = digits.parse::<i64>().ok()? - VALUE;
        return Some((9, Slot::Value(usize::try_from(n).ok()?)));
    }
    let uuid = rest.get(..36).filter(|_| rest.as_bytes().first().is_some_and(u8::is_ascii_hexdigit))?;
    let shaped = uuid
        .bytes()
        .enumerate()
        .all(|(place, byte)| if [8, 13, 18, 23].contains(&place) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    shaped.then(|| {
        let n = uuids.iter().position(|known| *known == uuid).unwrap_or_else(|| {
            uuids.push(uuid);
            uuids.len() - 1
        });
        (36, Slot::Uuid(n))
    })
}
