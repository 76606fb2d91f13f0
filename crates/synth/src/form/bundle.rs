//! Bundles of the sharing service: collections (one category, one person) and documents (`Composition` first).

use jiff::civil::Date;
use tsumugi_kernel::Instant;

use super::{
    clinical::{Allergen, Diagnosis, Disease, allergy, condition, finding, lab_item, laboratory},
    medicine::{Medicine, prescription},
    party::{
        Author, DocumentEntries, Setting, coding, encounter, meta, organization, patient, practitioner,
        resource_identifier,
    },
    systems as sys,
};
use crate::{
    dice::Dice,
    json::{Json, arr, obj},
    people::{Citizen, Institution},
};

/// A bundle's identifier: ten digits, year, serial (R2152).
#[must_use]
pub fn bundle_identifier(author: &Author<'_>, serial: &str) -> String {
    format!("{}^{}^{serial}", author.institution.id, author.time.civil().year())
}

fn bundle(author: &Author<'_>, kind: &str, profile: &str, serial: &str, tag: Option<&str>, entries: Vec<Json>) -> Json {
    let meta = meta(author.time, format!("http://jpfhir.jp/fhir/clins/StructureDefinition/{profile}|1"));
    obj! {
        "resourceType" => "Bundle",
        "meta" => meta.with("tag", tag.map(|code| arr![obj! {"system" => sys::BUNDLE_TAG, "code" => code}])),
        "language" => "ja",
        "identifier" => obj! {"system" => sys::BUNDLE_ID, "value" => bundle_identifier(author, serial)},
        "type" => kind,
        "timestamp" => author.time.to_fhir(),
        "entry" => entries,
    }
}

/// A transaction that creates each of `entries` (its `fullUrl` and the resource).
#[must_use]
pub fn transaction(author: &Author<'_>, entries: Vec<(String, Json)>) -> Json {
    let one = |(url, resource): (String, Json)| {
        let kind = resource.text("resourceType").unwrap_or_default().to_owned();
        obj! {"fullUrl" => url, "resource" => resource, "request" => obj! {"method" => "POST", "url" => kind}}
    };
    obj! {
        "resourceType" => "Bundle",
        "type" => "transaction",
        "timestamp" => author.time.to_fhir(),
        "entry" => Json::list(entries.into_iter().map(one)),
    }
}

/// The entries of a bundle with their `urn:uuid`s.
struct Entries<'a> {
    ids: &'a mut Dice,
    list: Vec<Json>,
}

impl<'a> Entries<'a> {
    fn new(ids: &'a mut Dice) -> Self {
        Self { ids, list: Vec::with_capacity(24) }
    }

    fn url(&mut self) -> String {
        format!("urn:uuid:{}", self.ids.uuid())
    }

    /// Adds a resource and gives its `fullUrl`.
    fn add(&mut self, resource: Json) -> String {
        let url = self.url();
        self.add_at(&url, resource);
        url
    }

    fn add_at(&mut self, url: &str, resource: Json) {
        self.list.push(obj! {"fullUrl" => url, "resource" => resource});
    }
}

/// A collection of one category: `tag` is `Observation`, `Condition` or `AllergyIntolerance`, and `make` gives the
/// resources about the patient whose `fullUrl` it is handed.
#[must_use]
pub fn collection(
    author: &Author<'_>,
    citizen: &Citizen,
    tag: &str,
    serial: &str,
    ids: &mut Dice,
    make: impl FnOnce(&str) -> Vec<Json>,
) -> Json {
    let mut entries = Entries::new(ids);
    let subject = entries.add(patient(author, citizen));
    for resource in make(&subject) {
        entries.add(resource);
    }
    bundle(author, "collection", "JP_Bundle_CLINS", serial, Some(tag), entries.list)
}

/// A laboratory value: item, number's text, when it was drawn.
#[derive(Clone, Debug)]
pub struct LabValue {
    /// Display class of the item.
    pub key: &'static str,
    /// The number as written.
    pub value: String,
    /// When the blood was drawn.
    pub drawn: Instant,
    /// The unit that is written by mistake.
    pub wrong_unit: Option<&'static str>,
}

/// The clinical content that referrals and discharge summaries share.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Why the person came.
    pub reason: String,
    /// What the person said.
    pub complaint: String,
    /// How it came about.
    pub present: String,
    /// What was done.
    pub course: String,
    /// What to do from now on; precautions in plain words.
    pub instruction: String,
    /// How the medicines are to be taken.
    pub medication: String,
    /// Diagnoses with onset; the first is the principal one.
    pub diagnoses: Vec<(Disease, String)>,
    /// Diseases of the past: onset and end.
    pub past: Vec<(Disease, String, String)>,
    /// Allergies with onset.
    pub allergies: Vec<(Allergen, String)>,
    /// Medicines prescribed at the end.
    pub medicines: Vec<(Medicine, u32)>,
    /// Laboratory values.
    pub labs: Vec<LabValue>,
    /// Findings: what, and in words.
    pub findings: Vec<(&'static str, String)>,
}

/// The numbers of the sections that carry the shared content, in one kind of document.
struct Codes {
    diagnoses: &'static str,
    diagnoses_title: &'static str,
    past: &'static str,
    findings: (&'static str, &'static str),
    labs: (&'static str, &'static str),
    medicines: (&'static str, &'static str),
}

const DISCHARGE: Codes = Codes {
    diagnoses: "344",
    diagnoses_title: "退院時診断",
    past: "372",
    findings: ("614", "退院時身体所見"),
    labs: ("623", "入院中検査結果"),
    medicines: ("444", "退院時投薬指示"),
};
const REFERRAL: Codes = Codes {
    diagnoses: "340",
    diagnoses_title: "傷病名・主訴",
    past: "370",
    findings: ("610", "身体所見"),
    labs: ("620", "検査結果"),
    medicines: ("430", "投薬指示"),
};

fn section(code: &str, title: &str, text: &str, entries: &[(&str, &str)]) -> Json {
    let words = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let references = Json::list(entries.iter().map(|(kind, url)| obj! {"reference" => *url, "type" => *kind}));
    obj! {
        "title" => title,
        "code" => obj! {"coding" => arr![coding(sys::SECTION, code, &format!("{title}セクション"))]},
        "text" => (!text.is_empty()).then(|| obj! {"status" => "additional", "div" => format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{words}</div>")}),
        "entry" => (!entries.is_empty()).then_some(references),
    }
}

/// Section 300 over the others.
fn structured(sections: Vec<Json>) -> Json {
    obj! {"title" => "構造情報", "code" => obj! {"coding" => arr![coding(sys::SECTION, "300", "構造情報セクション")]}, "section" => sections}
}

fn pairs<'a>(kind: &'a str, urls: &'a [String]) -> Vec<(&'a str, &'a str)> {
    urls.iter().map(|url| (kind, url.as_str())).collect()
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join("、")
}

/// Adds diagnoses and past diseases and gives their sections.
fn diagnosed(
    author: &Author<'_>,
    content: &Content,
    subject: &str,
    setting: Setting,
    next: &mut impl FnMut() -> String,
    entries: &mut Entries<'_>,
    codes: &Codes,
) -> Vec<Json> {
    let mut sections = Vec::new();
    let diagnoses: Vec<String> = content
        .diagnoses
        .iter()
        .map(|(disease, onset)| {
            entries.add(condition(author, subject, &next(), &Diagnosis::active(*disease, onset), setting))
        })
        .collect();
    let words = listed(content.diagnoses.iter().map(|(disease, _)| disease.text));
    sections.push(section(codes.diagnoses, codes.diagnoses_title, &words, &pairs("Condition", &diagnoses)));
    if !content.past.is_empty() {
        let past: Vec<String> = content
            .past
            .iter()
            .map(|(disease, onset, end)| {
                entries.add(condition(
                    author,
                    subject,
                    &next(),
                    &Diagnosis { ended: Some(end), ..Diagnosis::active(*disease, onset) },
                    setting,
                ))
            })
            .collect();
        let words = listed(content.past.iter().map(|(disease, ..)| disease.text));
        sections.push(section(codes.past, "既往歴", &words, &pairs("Condition", &past)));
    }
    sections
}

/// Adds the shared content and gives its sections, diagnoses first.
fn shared(
    author: &Author<'_>,
    content: &Content,
    subject: &str,
    setting: Setting,
    serial: &str,
    entries: &mut Entries<'_>,
    codes: &Codes,
) -> Vec<Json> {
    let mut number = 0u32;
    let mut next = || {
        number += 1;
        format!("{serial}-{number}")
    };
    let mut sections = diagnosed(author, content, subject, setting, &mut next, entries, codes);
    if !content.allergies.is_empty() {
        let urls: Vec<String> = content
            .allergies
            .iter()
            .map(|(allergen, onset)| entries.add(allergy(author, subject, &next(), allergen, onset)))
            .collect();
        let words = listed(content.allergies.iter().map(|(allergen, _)| allergen.text));
        sections.push(section("510", "アレルギー・不耐性反応", &words, &pairs("AllergyIntolerance", &urls)));
    }
    if !content.findings.is_empty() {
        let urls: Vec<String> = content
            .findings
            .iter()
            .map(|(what, text)| entries.add(finding(author, subject, &next(), what, text, author.time)))
            .collect();
        let words = listed(content.findings.iter().map(|(_, text)| text.as_str()));
        sections.push(section(codes.findings.0, codes.findings.1, &words, &pairs("Observation", &urls)));
    }
    if !content.labs.is_empty() {
        let urls: Vec<String> = content
            .labs
            .iter()
            .map(|lab| {
                let item = lab_item(lab.key).in_unit(lab.wrong_unit);
                entries.add(laboratory(author, subject, &next(), &item, &lab.value, lab.drawn, setting))
            })
            .collect();
        sections.push(section(codes.labs.0, codes.labs.1, "", &pairs("Observation", &urls)));
    }
    let medicines: Vec<String> = content
        .medicines
        .iter()
        .zip(1u32..)
        .map(|((medicine, days), group)| {
            entries.add(prescription(author, subject, &next(), medicine, author.time.civil().date(), *days, group))
        })
        .collect();
    sections.push(section(
        codes.medicines.0,
        codes.medicines.1,
        &content.medication,
        &pairs("MedicationRequest", &medicines),
    ));
    sections
}

/// What all compositions have in common.
struct Head<'a> {
    profile: &'a str,
    title: &'a str,
    loinc: &'a str,
    category: (&'a str, &'a str),
    /// What happened, where the profile has words for it.
    event: Option<&'a str>,
    from: Date,
    to: Option<Date>,
    serial: &'a str,
    subject: &'a str,
    visit: &'a str,
    doctor: &'a str,
    institution: &'a str,
}

fn composition(author: &Author<'_>, head: &Head<'_>, sections: Vec<Json>) -> Json {
    let Head { serial, subject, visit, doctor, institution, .. } = *head;
    obj! {
        "resourceType" => "Composition",
        "meta" => meta(author.time, head.profile.to_owned()),
        "language" => "ja",
        "extension" => arr![
            obj! {"url" => "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber", "valueString" => "1.0"},
        ],
        "identifier" => resource_identifier(&format!("{}-D-{serial}", author.institution.id)),
        "status" => "final",
        "type" => obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes", head.loinc, head.title)]},
        "category" => arr![obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/Common/CodeSystem/doc-subtypecodes", head.category.0, head.category.1)]}],
        "subject" => obj! {"reference" => subject, "type" => "Patient"},
        "encounter" => obj! {"reference" => visit, "type" => "Encounter"},
        "date" => author.time.to_fhir(),
        "author" => arr![obj! {"reference" => doctor, "type" => "Practitioner"}, obj! {"reference" => institution, "type" => "Organization"}],
        "title" => head.title,
        "custodian" => obj! {"reference" => institution, "type" => "Organization"},
        "event" => arr![obj! {"code" => head.event.map(|words| arr![obj! {"text" => words}]), "period" => obj! {"start" => head.from.to_string(), "end" => head.to.map(|day| day.to_string())}}],
        "section" => sections,
    }
}

/// A document that is described rather than structured (臨床経過).
fn narrative(author: &Author<'_>, subject: &str, what: &str, text: &str) -> Json {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(text);
    obj! {
        "resourceType" => "DocumentReference",
        "meta" => meta(author.time, format!("{}JP_DocumentReference_eCS", sys::ECS)),
        "language" => "ja",
        "status" => "current",
        "type" => obj! {"coding" => arr![coding("http://loinc.org", "11506-3", "Progress note")]},
        "subject" => obj! {"reference" => subject},
        "date" => author.time.to_fhir(),
        "description" => what,
        "content" => arr![obj! {"attachment" => obj! {"contentType" => "text/plain; charset=utf-8", "language" => "ja", "data" => data}}],
    }
}

/// A plan (退院時方針, 診療方針).
fn plan(author: &Author<'_>, subject: &str, serial: &str, category: (&str, &str), title: &str, text: &str) -> Json {
    let day = author.time.civil().date().to_string();
    obj! {
        "resourceType" => "CarePlan",
        "meta" => meta(author.time, format!("{}JP_CarePlan_eCS", sys::ECS)),
        "language" => "ja",
        "identifier" => arr![resource_identifier(&format!("{}-P-{serial}", author.institution.id))],
        "status" => "active",
        "intent" => "plan",
        "category" => arr![obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/CarePlan/CodeSystem/category", category.0, category.1)]}],
        "title" => title,
        "description" => text,
        "subject" => obj! {"reference" => subject},
        "period" => obj! {"start" => day.as_str()},
        "created" => day,
    }
}

/// A discharge summary (退院時サマリー) of a stay from `admitted` to `discharged`.
#[must_use]
pub fn discharge(
    author: &Author<'_>,
    citizen: &Citizen,
    admitted: Date,
    discharged: Date,
    content: &Content,
    serial: &str,
    ids: &mut Dice,
) -> Json {
    let days = u32::try_from(discharged.since(admitted).map_or(0, |span| span.get_days())).unwrap_or(0) + 1;
    let mut entries = Entries::new(ids);
    let (head_url, subject) = (entries.url(), entries.url());
    entries.add_at(&subject, patient(author, citizen));
    let stay = entries.add(encounter(
        author,
        Setting::Inpatient,
        &subject,
        &admitted.to_string(),
        Some(&discharged.to_string()),
        &content.reason,
        Some(days),
    ));
    let doctor = entries.add(practitioner(author, author.person));
    let place = entries.add(organization(author, author.institution));
    let story = entries.add(narrative(author, &subject, "入院中経過", &content.course));
    let advice = entries.add(plan(
        author,
        &subject,
        serial,
        ("discharge-plan", "退院時プラン"),
        "退院後の過ごし方",
        &content.instruction,
    ));
    let within = Author { document: Some(DocumentEntries { visit: &stay, doctor: &doctor }), ..*author };
    let rest = shared(&within, content, &subject, Setting::Inpatient, serial, &mut entries, &DISCHARGE);
    let words = listed(content.diagnoses.iter().map(|(disease, _)| disease.text));
    let mut sections = vec![
        section("322", "入院時詳細", &format!("{admitted} 入院"), &[("Encounter", &stay)]),
        section("342", "入院時診断", &words, &[]),
        section("352", "主訴", &content.complaint, &[]),
        section("312", "入院理由", &content.reason, &[]),
        section("362", "現病歴", &content.present, &[]),
        section("333", "入院中経過", &content.course, &[("DocumentReference", &story)]),
        section("324", "退院時詳細", &format!("{discharged} 退院"), &[("Encounter", &stay)]),
        section("424", "退院時方針指示", &content.instruction, &[("CarePlan", &advice)]),
    ];
    sections.extend(rest);
    let head = Head {
        profile: "http://jpfhir.jp/fhir/eDischargeSummary/StructureDefinition/JP_Composition_eDischargeSummary",
        title: "退院時サマリー",
        loinc: "18842-5",
        category: ("DISCHARGE", "退院時文書"),
        event: None,
        from: admitted,
        to: Some(discharged),
        serial,
        subject: &subject,
        visit: &stay,
        doctor: &doctor,
        institution: &place,
    };
    let mut list =
        vec![obj! {"fullUrl" => head_url, "resource" => composition(author, &head, vec![structured(sections)])}];
    list.append(&mut entries.list);
    bundle(author, "document", "JP_Bundle_eDischargeSummary", serial, None, list)
}

/// A referral letter (診療情報提供書) to `receiver`, from a visit on `visited`.
#[must_use]
pub fn referral(
    author: &Author<'_>,
    citizen: &Citizen,
    receiver: &Institution,
    visited: Date,
    content: &Content,
    serial: &str,
    ids: &mut Dice,
) -> Json {
    let mut entries = Entries::new(ids);
    let (head_url, subject) = (entries.url(), entries.url());
    entries.add_at(&subject, patient(author, citizen));
    let visit = entries.add(encounter(
        author,
        Setting::Ambulatory,
        &subject,
        &visited.to_string(),
        None,
        &content.reason,
        None,
    ));
    let doctor = entries.add(practitioner(author, author.person));
    let place = entries.add(organization(author, author.institution));
    let target = entries.add(organization(author, receiver));
    let advice = entries.add(plan(
        author,
        &subject,
        serial,
        ("followup-plan", "外来診療経過中プラン"),
        "診療の方針",
        &content.instruction,
    ));
    let within = Author { document: Some(DocumentEntries { visit: &visit, doctor: &doctor }), ..*author };
    let rest = shared(&within, content, &subject, Setting::Ambulatory, serial, &mut entries, &REFERRAL);
    let mut sections = vec![
        section("950", "紹介目的", &content.reason, &[("Encounter", &visit)]),
        section("360", "現病歴", &content.present, &[]),
        section("330", "臨床経過", &content.course, &[]),
        section("420", "診療方針指示", &content.instruction, &[("CarePlan", &advice)]),
    ];
    sections.extend(rest);
    let head = Head {
        profile: "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral",
        title: "診療情報提供書",
        loinc: "57133-1",
        category: ("OUTPATIENT", "外来文書"),
        event: Some("診療情報提供書発行"),
        from: author.time.civil().date(),
        to: None,
        serial,
        subject: &subject,
        visit: &visit,
        doctor: &doctor,
        institution: &place,
    };
    let top = vec![
        section("920", "紹介元情報", &author.institution.name, &[("Organization", &place), ("Practitioner", &doctor)]),
        section("910", "紹介先情報", &receiver.name, &[("Organization", &target)]),
        structured(sections),
    ];
    let mut list = vec![obj! {"fullUrl" => head_url, "resource" => composition(author, &head, top)}];
    list.append(&mut entries.list);
    bundle(author, "document", "JP_Bundle_eReferral", serial, None, list)
}
