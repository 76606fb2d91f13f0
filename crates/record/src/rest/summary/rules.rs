//! The rules of the International Patient Summary as a table, and the check of a bundle against it.
//!
//! Source: HL7 IPS Implementation Guide 2.0.0 (CC0), profiles `Bundle-uv-ips`, `Composition-uv-ips`, `Patient-uv-ips`
//! with the invariants `bdl-ips-1`, `ips-comp-1`, `ips-pat-1`; of FHIR R4 `cmp-1` and `cmp-2` of Composition. The profiles
//! of the resources inside (terminology bindings, must-support) are the matter of the validator, not of this table.

use tsumugi_fhir::{
    json::Node,
    outcome::{Finding, IssueType},
};

/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// The type of the document: patient summary.
pub const DOCUMENT: &str = "60591-5";
/// The profile of the bundle.
pub const BUNDLE_PROFILE: &str = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips";
/// The profile of the composition.
pub const COMPOSITION_PROFILE: &str = "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips";

/// Whether a section must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// In every summary; where nothing is known, with the reason.
    Required,
    /// Where there is something to say.
    Recommended,
    /// Where there is something to say.
    Optional,
}

/// One section of the summary.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Its LOINC code.
    pub code: &'static str,
    /// LOINC's name of the code.
    pub display: &'static str,
    /// Its title in Japanese.
    pub ja: &'static str,
    /// Its title in English.
    pub en: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// The kinds that its entries may be of, besides `DocumentReference`; any where empty.
    pub kinds: &'static [&'static str],
}

const fn section(
    code: &'static str,
    display: &'static str,
    ja: &'static str,
    en: &'static str,
    need: Need,
    kinds: &'static [&'static str],
) -> Section {
    Section { code, display, ja, en, need, kinds }
}

use Need::{Optional, Recommended, Required};

/// 病名.
pub const PROBLEMS: usize = 0;
/// アレルギー.
pub const ALLERGIES: usize = 1;
/// 薬.
pub const MEDICATIONS: usize = 2;
/// 予防接種.
pub const IMMUNIZATIONS: usize = 3;
/// 検査結果.
pub const RESULTS: usize = 4;
/// 処置・手術.
pub const PROCEDURES: usize = 5;
/// 医療機器.
pub const DEVICES: usize = 6;
/// 事前指示.
pub const DIRECTIVES: usize = 7;
/// 注意.
pub const ALERTS: usize = 8;
/// 生活機能.
pub const FUNCTION: usize = 9;
/// 既往歴.
pub const PAST: usize = 10;
/// 妊娠.
pub const PREGNANCY: usize = 11;
/// ケア計画.
pub const PLAN: usize = 12;
/// 生活歴.
pub const SOCIAL: usize = 13;
/// バイタルサイン.
pub const VITAL: usize = 14;

/// The sections, in the order in which they are written.
pub const SECTIONS: &[Section] = &[
    section("11450-4", "Problem list - Reported", "病名", "Problems", Required, &["Condition"]),
    section(
        "48765-2",
        "Allergies and adverse reactions Document",
        "アレルギー・副作用",
        "Allergies and intolerances",
        Required,
        &["AllergyIntolerance"],
    ),
    section(
        "10160-0",
        "History of Medication use Narrative",
        "薬",
        "Medications",
        Required,
        &["MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense"],
    ),
    section("11369-6", "History of Immunization note", "予防接種", "Immunizations", Recommended, &["Immunization"]),
    section(
        "30954-2",
        "Relevant diagnostic tests/laboratory data note",
        "検査結果",
        "Results",
        Recommended,
        &["Observation", "DiagnosticReport", "Media"],
    ),
    section("47519-4", "History of Procedures Document", "処置・手術", "Procedures", Recommended, &["Procedure"]),
    section(
        "46264-8",
        "History of medical device use",
        "医療機器",
        "Medical devices",
        Recommended,
        &["DeviceUseStatement"],
    ),
    section("42348-3", "Advance healthcare directives", "事前指示", "Advance directives", Optional, &["Consent"]),
    section("104605-1", "Alert", "注意すること", "Alerts", Optional, &["Flag"]),
    section(
        "47420-5",
        "Functional status assessment note",
        "日常生活の動作",
        "Functional status",
        Optional,
        &["Condition", "ClinicalImpression"],
    ),
    section("11348-0", "History of Past illness note", "既往歴", "Past illnesses", Optional, &["Condition"]),
    section("10162-6", "History of pregnancies Narrative", "妊娠", "Pregnancy", Optional, &["Observation"]),
    section("18776-5", "Plan of care note", "ケアの計画", "Plan of care", Optional, &["CarePlan"]),
    section("29762-2", "Social history note", "生活歴", "Social history", Optional, &["Observation"]),
    section("8716-3", "Vital signs note", "バイタルサイン", "Vital signs", Optional, &["Observation"]),
    section(
        "81338-6",
        "Patient Goals, preferences, and priorities for care experience",
        "本人のことば",
        "Patient story",
        Optional,
        &[],
    ),
];

/// The section with a LOINC code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.code == code)
}

/// What of the table a bundle does not satisfy.
#[must_use]
pub fn check(bundle: Node<'_>) -> Vec<Finding> {
    let mut check = Check { bundle, found: Vec::new() };
    check.bundle();
    check.found
}

struct Check<'a> {
    bundle: Node<'a>,
    found: Vec<Finding>,
}

impl<'a> Check<'a> {
    fn want(&mut self, holds: bool, rule: &'static str, node: Node<'a>, ja: &str, en: &str) {
        if !holds {
            let path = format!("Bundle{}", self.bundle.path_to(node));
            self.found.push(Finding::error(IssueType::Invariant, path, ja, en).rule(rule).at(node));
        }
    }

    fn entries(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.bundle.get("entry").into_iter().flat_map(Node::items)
    }

    fn resources(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        self.entries().filter_map(|entry| entry.get("resource"))
    }

    /// The resource of the bundle that a reference leads to: by full URL, or by kind and id.
    fn resolve(&self, reference: &str) -> Option<Node<'a>> {
        self.entries().find_map(|entry| {
            let resource = entry.get("resource")?;
            let url = entry.get_str("fullUrl").unwrap_or_default();
            let short = format!("{}/{}", kind(resource), resource.get_str("id").unwrap_or_default());
            (url == reference || short == reference || url.ends_with(&format!("/{reference}"))).then_some(resource)
        })
    }

    fn bundle(&mut self) {
        let bundle = self.bundle;
        let text = |path: &str| bundle.find_str(path).is_some();
        self.want(
            bundle.get_str("type").as_deref() == Some("document"),
            "ips-bundle-type",
            bundle,
            "Bundle.type は document です。",
            "Bundle.type must be document.",
        );
        self.want(
            text("identifier.system") && text("identifier.value") && text("timestamp"),
            "ips-bundle-head",
            bundle,
            "Bundle に identifier と timestamp が要ります。",
            "A Bundle needs identifier and timestamp.",
        );
        for entry in self.entries() {
            let plain = ["search", "request", "response"].iter().all(|name| entry.get(name).is_none());
            self.want(
                entry.get_str("fullUrl").is_some() && plain,
                "ips-bundle-entry",
                entry,
                "entry には fullUrl が要り、search・request・response は置けません。",
                "An entry needs fullUrl, and has no search, request or response.",
            );
        }
        let mut resources = self.resources();
        let first = resources.next();
        let more = resources.filter(|resource| kind(*resource) == "Composition").count();
        let is_composition = first.is_some_and(|first| kind(first) == "Composition");
        self.want(
            is_composition && more == 0,
            "bdl-ips-1",
            bundle,
            "最初の entry が Composition で、ほかに Composition は置けません。",
            "The first entry is the Composition, and there is no other.",
        );
        let patients: Vec<Node<'a>> = self.resources().filter(|resource| kind(*resource) == "Patient").collect();
        self.want(
            patients.len() == 1,
            "ips-bundle-patient",
            bundle,
            "Patient の entry は一つです。",
            "There is exactly one Patient entry.",
        );
        if let Some(patient) = patients.first() {
            self.patient(*patient);
        }
        if let Some(composition) = first.filter(|_| is_composition) {
            self.composition(composition, patients.first().copied());
        }
    }

    fn patient(&mut self, patient: Node<'a>) {
        let named = |name: Node<'_>| ["family", "given", "text"].iter().any(|part| name.get(part).is_some());
        let mut names = patient.get("name").into_iter().flat_map(Node::items).peekable();
        self.want(
            names.peek().is_some() && names.all(named),
            "ips-pat-1",
            patient,
            "Patient.name には family・given・text のどれかが要ります。",
            "Patient.name needs family, given or text.",
        );
        self.want(
            patient.get("birthDate").is_some() || patient.get("_birthDate").is_some(),
            "ips-patient-birthdate",
            patient,
            "Patient.birthDate が要ります。",
            "Patient.birthDate is required.",
        );
    }

    fn composition(&mut self, composition: Node<'a>, patient: Option<Node<'a>>) {
        let coded = composition.get("type").is_some_and(|code| has_code(code, DOCUMENT));
        self.want(
            coded,
            "ips-composition-type",
            composition,
            "Composition.type は LOINC 60591-5 です。",
            "Composition.type must be LOINC 60591-5.",
        );
        let text = |name: &str| composition.get_str(name).is_some();
        let author = composition.get("author").is_some_and(|author| author.items().next().is_some());
        self.want(
            text("status") && text("date") && text("title") && author,
            "ips-composition-head",
            composition,
            "Composition に status・date・title・author が要ります。",
            "A Composition needs status, date, title and author.",
        );
        let subject = composition.find_str("subject.reference").and_then(|reference| self.resolve(&reference));
        self.want(
            subject.is_some_and(|subject| patient.is_some_and(|patient| patient.is_same(subject))),
            "ips-composition-subject",
            composition,
            "Composition.subject は Bundle の Patient を指します。",
            "Composition.subject must lead to the Patient of the Bundle.",
        );
        let sections: Vec<Node<'a>> = composition.get("section").into_iter().flat_map(Node::items).collect();
        for known in SECTIONS {
            let of = |section: &&Node<'a>| section.get("code").is_some_and(|code| has_code(code, known.code));
            let count = sections.iter().filter(of).count();
            let holds = if known.need == Need::Required { count == 1 } else { count <= 1 };
            self.want(
                holds,
                "ips-composition-sections",
                composition,
                &format!(
                    "節 {}({})は{}です。",
                    known.code,
                    known.ja,
                    if known.need == Need::Required { "必ず一つ" } else { "一つまで" }
                ),
                &format!(
                    "Section {} ({}) stands {}.",
                    known.code,
                    known.en,
                    if known.need == Need::Required { "exactly once" } else { "at most once" }
                ),
            );
        }
        for section in sections {
            self.section(section);
        }
    }

    fn section(&mut self, section: Node<'a>) {
        let known = SECTIONS.iter().find(|known| section.get("code").is_some_and(|code| has_code(code, known.code)));
        let div = section.find_str("text.div").is_some();
        self.want(
            section.get_str("title").is_some() && div && section.get("section").is_none(),
            "ips-section-shape",
            section,
            "節には title と text が要り、節の中に節は置けません。",
            "A section needs title and text, and holds no section.",
        );
        let entries: Vec<Node<'a>> = section.get("entry").into_iter().flat_map(Node::items).collect();
        let reason = section.get("emptyReason").is_some();
        self.want(
            entries.is_empty() || !reason,
            "cmp-2",
            section,
            "emptyReason は entry のない節だけに置けます。",
            "Only a section without entries has an emptyReason.",
        );
        let Some(known) = known else { return };
        self.want(
            known.need != Need::Required || reason || !entries.is_empty(),
            "ips-comp-1",
            section,
            "必須の節には entry か emptyReason が要ります。",
            "A required section needs entries or an emptyReason.",
        );
        for entry in entries {
            let target = entry.get_str("reference").and_then(|reference| self.resolve(&reference));
            let fits = |target: Node<'_>| {
                let kind = kind(target);
                known.kinds.is_empty() || kind == "DocumentReference" || known.kinds.contains(&kind.as_str())
            };
            self.want(
                target.is_some_and(fits),
                "ips-section-entry",
                entry,
                "節の entry は、その節に置ける種別の、Bundle の中のリソースを指します。",
                "An entry of a section leads to a resource of the Bundle, of a type that the section takes.",
            );
        }
    }
}

fn kind(resource: Node<'_>) -> String {
    resource.get_str("resourceType").unwrap_or_default().into_owned()
}

fn has_code(concept: Node<'_>, code: &str) -> bool {
    let is = |coding: Node<'_>| {
        coding.get_str("system").as_deref() == Some(LOINC) && coding.get_str("code").as_deref() == Some(code)
    };
    concept.get("coding").into_iter().flat_map(Node::items).any(is)
}
