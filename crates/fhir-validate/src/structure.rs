//! The structure that the store relies on: known kind, forms of ids, references, identifiers and dates, contained
//! resources, and FHIR's rules for JSON.
//!
//! For what is written without definitions at hand. Whatever is refused here is refused by [`crate::Validator`] too,
//! under the same rule (the tests hold both to that), so that a document is checked by one of them, never by both.
//!
//! Source: HL7 FHIR R4, "JSON representation of resources", "Data types", "References"
//! (<https://hl7.org/fhir/R4/json.html>).

use tsumugi_fhir::{
    bundle::Bundle,
    json::{Node, Type},
    outcome::{Collector, Finding, IssueType, Severity},
    values::ReferenceText,
};
use tsumugi_kernel::Kind;

use crate::primitive::{Form, Prim, is_id};

/// Checks a resource; of a bundle also each entry's resource.
#[must_use]
pub fn structure(node: &Node<'_>) -> Vec<Finding> {
    let mut check = Check { root: *node, name: String::new(), out: Collector::default() };
    let Some(kind) = check.kind(*node) else { return check.out.finish() };
    check.name = kind.name().to_owned();
    check.shapes();
    if kind.name() == "Bundle" {
        check.meta(*node);
        check.id(*node);
        check.identifiers(*node);
        match Bundle::of(*node) {
            Err(findings) => check.out.extend(findings),
            Ok(bundle) => {
                for resource in bundle.resources() {
                    if check.kind(resource).is_some() {
                        check.resource(resource);
                    }
                }
            }
        }
    } else {
        check.resource(*node);
    }
    check.out.finish()
}

struct Check<'a> {
    root: Node<'a>,
    /// The root's kind, where paths start.
    name: String,
    out: Collector,
}

impl<'a> Check<'a> {
    fn say(&mut self, severity: Severity, code: IssueType, rule: &'static str, node: Node<'a>, ja: &str, en: &str) {
        let Self { root, name, out } = self;
        out.add(severity, || {
            let path = format!("{name}{}", root.path_to(node));
            Finding::new(severity, code, path, ja, en).rule(rule).at(node)
        });
    }

    fn error(&mut self, code: IssueType, rule: &'static str, node: Node<'a>, ja: &str, en: &str) {
        self.say(Severity::Error, code, rule, node, ja, en);
    }

    fn kind(&mut self, node: Node<'a>) -> Option<Kind> {
        if !node.is_object() {
            let ja = "リソースはJSONのオブジェクトでなければなりません。";
            self.error(IssueType::Structure, "resource-object", node, ja, "A resource must be a JSON object.");
            return None;
        }
        let Some(name) = node.get_str("resourceType") else {
            let ja = "resourceTypeがありません。リソースの種別を文字列で書いてください。";
            let en = "resourceType is missing. Name the resource's type as a string.";
            self.error(IssueType::Required, "resource-type", node, ja, en);
            return None;
        };
        let kind = Kind::from_name(&name);
        if kind.is_none() {
            let ja = "resourceTypeがFHIR R4の種別ではありません。綴りと版を確かめてください。";
            let en = "resourceType is no type of FHIR R4. Check spelling and version.";
            self.error(IssueType::NotSupported, "resource-type", node.get("resourceType").unwrap_or(node), ja, en);
        }
        kind
    }

    fn resource(&mut self, node: Node<'a>) {
        self.id(node);
        self.meta(node);
        self.identifiers(node);
        let contained = self.contained(node);
        self.members(node, &contained);
        self.subject(node);
    }

    fn id(&mut self, node: Node<'a>) {
        let Some(id) = node.get("id") else { return };
        if !id.as_str().is_some_and(|id| is_id(&id)) {
            let ja = "idは英数字・ハイフン・ピリオドの1〜64文字です。";
            self.error(IssueType::Value, "id-form", id, ja, "An id has 1 to 64 characters of A-Z a-z 0-9 - .");
        }
    }

    fn meta(&mut self, node: Node<'a>) {
        let Some(meta) = node.get("meta") else { return };
        if !meta.is_object() {
            self.error(IssueType::Structure, "meta-shape", meta, "metaはオブジェクトです。", "meta must be an object.");
            return;
        }
        let strings = |profile: &Node<'_>| profile.is_array() && profile.items().all(Node::is_string);
        if let Some(profile) = meta.get("profile").filter(|profile| !strings(profile)) {
            let ja = "meta.profileは文字列の配列です。";
            self.error(IssueType::Structure, "meta-shape", profile, ja, "meta.profile must be an array of strings.");
        }
        for name in ["tag", "security"] {
            let Some(tags) = meta.get(name) else { continue };
            let text = |tag: Node<'_>, key| tag.get(key).is_none_or(Node::is_string);
            let coding = |tag: Node<'_>| tag.is_object() && text(tag, "system") && text(tag, "code");
            if !tags.is_array() || !tags.items().all(coding) {
                let ja = "meta.tagとmeta.securityはCodingの配列で、systemとcodeは文字列です。";
                let en = "meta.tag and meta.security are arrays of Coding with system and code as strings.";
                self.error(IssueType::Structure, "meta-shape", tags, ja, en);
            }
        }
    }

    fn identifiers(&mut self, node: Node<'a>) {
        let Some(identifier) = node.get("identifier") else { return };
        for one in identifier.find("") {
            let text =
                |key| one.get(key).is_none_or(|value| value.as_str().is_some_and(|text| !text.trim().is_empty()));
            if !one.is_object() || !text("system") || !text("value") {
                let ja = "identifierはオブジェクトで、systemとvalueは空でない文字列です。";
                let en = "An identifier is an object with system and value as strings that are not empty.";
                self.error(IssueType::Structure, "identifier-shape", one, ja, en);
            }
        }
    }

    /// Checks contained resources and gives their ids.
    fn contained(&mut self, node: Node<'a>) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        let Some(contained) = node.get("contained") else { return ids };
        if !contained.is_array() {
            self.error(
                IssueType::Structure,
                "contained",
                contained,
                "containedは配列です。",
                "contained must be an array.",
            );
            return ids;
        }
        for inner in contained.items() {
            if self.kind(inner).is_none() {
                continue;
            }
            self.meta(inner);
            if let Some(nested) = inner.get("contained") {
                let ja = "containedの中にcontainedは置けません。外側のcontainedに並べてください。";
                let en = "A contained resource must not contain others. Put them into the outer contained.";
                self.error(IssueType::Structure, "contained", nested, ja, en);
            }
            match inner.get_str("id") {
                Some(id) if is_id(id.trim_start_matches('#')) && !ids.iter().any(|known| *known == id) => {
                    ids.push(id.into_owned());
                }
                _ => {
                    let ja = "containedのリソースには、その中で一つだけのidが必要です。";
                    let en = "A contained resource needs an id that no other has.";
                    self.error(IssueType::Required, "contained", inner, ja, en);
                }
            }
        }
        ids
    }

    /// Checks references and dates at any depth of one resource.
    fn members(&mut self, node: Node<'a>, contained: &[String]) {
        let mut found: Vec<(Node<'a>, Member)> = Vec::new();
        node.each_member(|_, key, value| {
            let key = key.as_str().unwrap_or_default();
            if found.len() >= tsumugi_kernel::limits::FINDINGS {
                return;
            }
            let trouble = match (&*key, value.as_str()) {
                ("reference", Some(text)) => reference(&text, contained),
                (key, Some(text)) if is_date_name(key) => date(&text),
                _ => None,
            };
            found.extend(trouble.map(|trouble| (value, trouble)));
        });
        for (value, trouble) in found {
            let (severity, rule, ja, en) = trouble.words();
            self.say(severity, IssueType::Value, rule, value, ja, en);
        }
    }

    fn subject(&mut self, node: Node<'a>) {
        let wrong = ["subject", "patient", "beneficiary"]
            .into_iter()
            .filter_map(|name| node.get(name))
            .find(|value| matches!(value.kind(), Type::String | Type::Number | Type::Bool));
        if let Some(value) = wrong {
            let ja = "患者への参照はReferenceのオブジェクトです。{\"reference\": …} の形にしてください。";
            let en = "The reference to the patient is a Reference object. Write it as {\"reference\": …}.";
            self.error(IssueType::Structure, "subject-shape", value, ja, en);
        }
    }

    /// FHIR's JSON has no empty objects, arrays or strings, and `null` only inside arrays of primitives.
    fn shapes(&mut self) {
        let mut found: Vec<Node<'a>> = Vec::new();
        self.root.each_value(|node, member| {
            let wrong = match node.kind() {
                Type::Null => member,
                Type::Object | Type::Array => node.is_empty(),
                Type::String => node.raw().len() == 2,
                _ => false,
            };
            if wrong && found.len() < tsumugi_kernel::limits::FINDINGS {
                found.push(node);
            }
        });
        for node in found {
            let ja = "空のオブジェクト・配列・文字列とnullは書けません。要素ごと省いてください。";
            let en = "FHIR has no empty objects, arrays or strings and no null here. Leave the element out.";
            self.error(IssueType::Structure, "json-empty", node, ja, en);
        }
    }
}

/// What is wrong with a member's text.
#[derive(Clone, Copy)]
enum Member {
    Reference,
    Contained,
    Date,
    Zone,
}

impl Member {
    fn words(self) -> (Severity, &'static str, &'static str, &'static str) {
        match self {
            Self::Reference => (
                Severity::Error,
                "reference-form",
                "参照は 種別/id、urn:uuid:、URL、#id のどれかの形です。",
                "A reference is Type/id, urn:uuid:, a URL or #id.",
            ),
            Self::Contained => (
                Severity::Error,
                "reference-contained",
                "#id が指すリソースがcontainedにありません。",
                "No contained resource has the id that #id points to.",
            ),
            Self::Date => (
                Severity::Error,
                "date-form",
                "日時は YYYY、YYYY-MM、YYYY-MM-DD、YYYY-MM-DDThh:mm:ss+09:00 のどれかの形で、暦にある日です。",
                "A date is YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+09:00, and a day of the calendar.",
            ),
            Self::Zone => (
                Severity::Warning,
                "date-zone",
                "時刻に秒か時差がありません。日本時間として扱いました。+09:00 を付けてください。",
                "The time has no seconds or no zone; it was read as Japan's. Add +09:00.",
            ),
        }
    }
}

fn reference(text: &str, contained: &[String]) -> Option<Member> {
    match ReferenceText::read(text) {
        ReferenceText::Contained("") => None,
        ReferenceText::Contained(id) => {
            // Some systems write the contained id with its mark.
            let known = contained.iter().any(|own| own == id || own.strip_prefix('#') == Some(id));
            (!known).then_some(Member::Contained)
        }
        ReferenceText::Relative { .. } | ReferenceText::Absolute(_) => None,
        ReferenceText::Urn(urn) => {
            let fits = urn.len() > 9 && (urn.starts_with("urn:uuid:") || urn.starts_with("urn:oid:"));
            (!fits).then_some(Member::Reference)
        }
        // A conditional reference of a transaction: `Patient?identifier=…`.
        ReferenceText::Other(text) => {
            let conditional = text.split_once('?').is_some_and(|(kind, _)| Kind::from_name(kind).is_some());
            (!conditional).then_some(Member::Reference)
        }
    }
}

/// Names of elements that hold a date, a dateTime or an instant in R4 wherever they are strings.
fn is_date_name(name: &str) -> bool {
    matches!(
        name,
        "date"
            | "dateTime"
            | "start"
            | "end"
            | "created"
            | "issued"
            | "sent"
            | "received"
            | "authoredOn"
            | "lastUpdated"
            | "timestamp"
            | "recorded"
            | "whenPrepared"
            | "whenHandedOver"
    ) || ["Date", "DateTime", "Instant"].iter().any(|suffix| name.ends_with(suffix))
}

fn date(text: &str) -> Option<Member> {
    match Prim::DateTime.text(text) {
        Form::Fits => None,
        Form::NoZone => Some(Member::Zone),
        Form::Wrong | Form::OtherJson => Some(Member::Date),
    }
}
