//! What is wrong, or worth knowing, about a document: findings, and FHIR's `OperationOutcome` made of them.
//!
//! What must hold: a finding names element, rule, place and next step, and never repeats a value of the document, so
//! that findings can be logged and shown to people who may not see the document.

use std::borrow::Cow;

use tsumugi_kernel::limits;

use crate::json::{Node, Place, write::Writer};

/// How bad it is (FHIR `IssueSeverity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document could not be read at all.
    Fatal,
    /// The document is refused.
    Error,
    /// The document is taken; somebody should look at it.
    Warning,
    /// For information.
    Information,
}

impl Severity {
    /// FHIR's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

macro_rules! issue_types {
    ($($(#[$doc:meta])* $variant:ident => $code:literal),+ $(,)?) => {
        /// What kind of issue it is (FHIR `IssueType`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum IssueType { $($(#[$doc])* $variant),+ }
        impl IssueType {
            /// FHIR's code.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
        }
    };
}

issue_types! {
    /// Content that is not valid.
    Invalid => "invalid",
    /// Not JSON, or not shaped as FHIR.
    Structure => "structure",
    /// Something required is missing.
    Required => "required",
    /// A value has the wrong form.
    Value => "value",
    /// A rule between elements does not hold.
    Invariant => "invariant",
    /// Who asks may not, or is unknown.
    Security => "security",
    /// Sign in first.
    Login => "login",
    /// The sign-in has run out.
    Expired => "expired",
    /// The rules do not allow it.
    Forbidden => "forbidden",
    /// Something went wrong while working.
    Processing => "processing",
    /// The server does not do this.
    NotSupported => "not-supported",
    /// It is there already.
    Duplicate => "duplicate",
    /// More than one thing fits.
    MultipleMatches => "multiple-matches",
    /// There is no such thing.
    NotFound => "not-found",
    /// It was there and is deleted.
    Deleted => "deleted",
    /// Too long or too large.
    TooLong => "too-long",
    /// A code that the rule does not allow.
    CodeInvalid => "code-invalid",
    /// Too much work.
    TooCostly => "too-costly",
    /// A rule of the business.
    BusinessRule => "business-rule",
    /// Something else changed it in between.
    Conflict => "conflict",
    /// May pass when repeated.
    Transient => "transient",
    /// Took too long.
    Timeout => "timeout",
    /// Too many requests; repeat later.
    Throttled => "throttled",
    /// Our own fault.
    Exception => "exception",
    /// For information.
    Informational => "informational",
}

/// The language of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: IssueType,
    /// The rule's number, for example `R0211`.
    pub rule: Option<Cow<'static, str>>,
    /// The element, as FHIRPath from the document's root: `Bundle.entry[2].resource.code`. Empty for the whole.
    pub path: String,
    /// Line and column in the text, where there is a text.
    pub place: Option<Place>,
    /// What is wrong and what to do, in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

impl Finding {
    /// A finding without rule and place.
    #[must_use]
    pub fn new(
        severity: Severity,
        code: IssueType,
        path: impl Into<String>,
        ja: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { severity, code, rule: None, path: path.into(), place: None, ja: ja.into(), en: en.into() }
    }

    /// An error without rule and place.
    #[must_use]
    pub fn error(code: IssueType, path: impl Into<String>, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, path, ja, en)
    }

    /// That `count` findings were left out.
    #[must_use]
    pub fn more(count: usize, severity: Severity) -> Self {
        let ja = format!("ほかに{count}件あります。まず上のものを直してください。");
        let en = format!("There are {count} more. Correct those above first.");
        Self::new(severity, IssueType::Informational, "", ja, en)
    }

    /// With the rule's number.
    #[must_use]
    pub fn rule(mut self, rule: impl Into<Cow<'static, str>>) -> Self {
        self.rule = Some(rule.into());
        self
    }

    /// With the place of `node`.
    #[must_use]
    pub fn at(mut self, node: Node<'_>) -> Self {
        self.place = Some(node.place());
        self
    }

    /// Whether a document with this finding is refused.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        matches!(self.severity, Severity::Fatal | Severity::Error)
    }

    /// The message in a language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }
}

/// Makes a table of what can be wrong into an enum: each variant with its rule, its [`IssueType`], and what is wrong and
/// what to do in Japanese and English.
#[macro_export]
macro_rules! problems {
    ($(#[$about:meta])* $name:ident {
        $($(#[$doc:meta])* $variant:ident $rule:literal $code:ident $ja:literal $en:literal)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// The rule's name, stable for programs.
            #[must_use]
            pub const fn rule(self) -> &'static str { match self { $(Self::$variant => $rule),+ } }

            /// FHIR's code for it.
            #[must_use]
            pub const fn code(self) -> $crate::IssueType {
                match self { $(Self::$variant => $crate::IssueType::$code),+ }
            }

            /// What is wrong and what to do, in Japanese.
            #[must_use]
            pub const fn ja(self) -> &'static str { match self { $(Self::$variant => $ja),+ } }

            /// What is wrong and what to do, in English.
            #[must_use]
            pub const fn en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }

            /// It as a finding about an element and a place in the text.
            #[must_use]
            pub fn finding(
                self,
                severity: $crate::Severity,
                path: impl Into<String>,
                place: Option<$crate::json::Place>,
            ) -> $crate::Finding {
                let finding = $crate::Finding::new(severity, self.code(), path, self.ja(), self.en());
                $crate::Finding { place, ..finding.rule(self.rule()) }
            }
        }
    };
}

/// Whether any finding refuses the document.
#[must_use]
pub fn refused(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::refuses)
}

/// Collects at most [`limits::FINDINGS`] findings and counts the rest, so that one bad document costs bounded memory.
#[derive(Debug, Default)]
pub struct Collector {
    findings: Vec<Finding>,
    more: usize,
    more_refuse: bool,
}

impl Collector {
    /// Takes a finding, made only if there is room for it.
    pub fn add(&mut self, severity: Severity, finding: impl FnOnce() -> Finding) {
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding());
        } else {
            self.more += 1;
            self.more_refuse |= matches!(severity, Severity::Fatal | Severity::Error);
        }
    }

    /// Takes findings that are there already.
    pub fn extend(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            self.add(finding.severity, || finding);
        }
    }

    /// All that was collected, with one finding for the count of those left out.
    #[must_use]
    pub fn finish(mut self) -> Vec<Finding> {
        if self.more > 0 {
            let severity = if self.more_refuse { Severity::Error } else { Severity::Information };
            self.findings.push(Finding::more(self.more, severity));
        }
        self.findings
    }
}

/// FHIR's `OperationOutcome`.
#[derive(Clone, Copy, Debug)]
pub struct OperationOutcome;

/// The code system of rule numbers in our outcomes.
pub const RULES: &str = "http://tsumugi.example/fhir/CodeSystem/rule";

impl OperationOutcome {
    /// The outcome as FHIR JSON. At least one issue stands in it: "all went well" where there is no finding.
    #[must_use]
    pub fn to_json(findings: &[Finding], lang: Lang) -> Vec<u8> {
        let mut out = Writer::with_capacity(256 * (findings.len() + 1));
        out.object(|out| {
            out.field("resourceType", "OperationOutcome");
            out.key("issue").array(|out| {
                for finding in findings {
                    issue(out, finding, lang);
                }
                if findings.is_empty() {
                    let fine = Finding::new(
                        Severity::Information,
                        IssueType::Informational,
                        "",
                        "問題ありません。",
                        "All went well.",
                    );
                    issue(out, &fine, lang);
                }
            });
        });
        out.finish()
    }
}

fn issue(out: &mut Writer, finding: &Finding, lang: Lang) {
    out.object(|out| {
        if let Some(place) = finding.place {
            out.key("extension").array(|out| {
                for (name, number) in [("line", place.line), ("col", place.column)] {
                    out.object(|out| {
                        let url = format!("http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-{name}");
                        out.field("url", &url).key("valueInteger").number(i64::from(number));
                    });
                }
            });
        }
        out.field("severity", finding.severity.code()).field("code", finding.code.code());
        out.key("details").object(|out| {
            if let Some(rule) = &finding.rule {
                out.key("coding").array(|out| {
                    out.object(|out| {
                        out.field("system", RULES).field("code", rule);
                    });
                });
            }
            out.field("text", finding.text(lang));
        });
        let parts = [finding.rule.as_deref().unwrap_or(""), finding.path.as_str()];
        let mut diagnostics = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        if let Some(place) = finding.place {
            diagnostics.push_str(&format!(
                "{}line {}, column {}",
                if diagnostics.is_empty() { "" } else { ": " },
                place.line,
                place.column
            ));
        }
        if !diagnostics.is_empty() {
            out.field("diagnostics", &diagnostics);
        }
        if !finding.path.is_empty() {
            out.key("expression").array(|out| {
                out.string(&finding.path);
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_names_rule_place_and_element_in_the_asked_language() {
        let mut finding =
            Finding::error(IssueType::Required, "Bundle.entry[0]", "足りません", "It is \"missing\"").rule("R0211");
        finding.place = Some(Place { line: 3, column: 7 });
        let read: serde_json::Value =
            serde_json::from_slice(&OperationOutcome::to_json(&[finding], Lang::En)).expect("the outcome is JSON");
        assert_eq!(read["resourceType"], "OperationOutcome");
        let issue = &read["issue"][0];
        assert_eq!(issue["severity"], "error");
        assert_eq!(issue["code"], "required");
        assert_eq!(issue["details"]["text"], "It is \"missing\"");
        assert_eq!(issue["details"]["coding"][0]["code"], "R0211");
        assert_eq!(issue["expression"][0], "Bundle.entry[0]");
        assert_eq!(issue["extension"][0]["valueInteger"], 3);
        assert_eq!(issue["extension"][1]["valueInteger"], 7);
        assert_eq!(issue["diagnostics"], "R0211 Bundle.entry[0]: line 3, column 7");
    }

    #[test]
    fn an_outcome_without_findings_still_has_an_issue() {
        let read: serde_json::Value =
            serde_json::from_slice(&OperationOutcome::to_json(&[], Lang::Ja)).expect("the outcome is JSON");
        assert_eq!(read["issue"][0]["severity"], "information");
    }

    #[test]
    fn findings_are_bounded_and_an_error_left_out_still_refuses() {
        let mut collector = Collector::default();
        for _ in 0..limits::FINDINGS {
            collector.add(Severity::Warning, || Finding::new(Severity::Warning, IssueType::Value, "", "", ""));
        }
        collector.add(Severity::Error, || Finding::error(IssueType::Value, "", "", ""));
        let findings = collector.finish();
        assert_eq!(findings.len(), limits::FINDINGS + 1);
        assert!(refused(&findings));
    }
}
