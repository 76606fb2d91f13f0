//! R4's invariants that hold at every turn, checked without FHIRPath.
//!
//! What must hold: each agrees with its FHIRPath form (the tests run both), and stands in only for exactly that text, so
//! that a package that gives a known key another meaning is taken at its word.

use std::borrow::Cow;

use tsumugi_fhir::json::Node;

use crate::{clins::patient, xhtml};

/// An invariant with a native form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    /// No contained resource contains others.
    Dom2,
    /// Every contained resource is referred to, or refers to what contains it.
    Dom3,
    /// No contained resource has a version or a time of update.
    Dom4,
    /// No contained resource has a security label.
    Dom5,
    /// A narrative is there.
    Dom6,
    /// `#id` points to a contained resource.
    Ref1,
    /// A period starts before it ends.
    Per1,
    /// A unit's code has a system.
    Qty3,
    /// A contact's value has a system.
    Cpt2,
    /// Attached data have a content type.
    Att1,
    /// XHTML of the safe subset.
    Txt,
    /// No two entries with one full URL and version.
    Bdl7,
    /// An entry has a resource, a request or a response.
    Bdl5,
    /// A full URL names no version.
    Bdl8,
    /// R1012 of JP-CLINS.
    MemberId,
    /// R1013 of JP-CLINS.
    MemberIdForm,
}

/// Keys and the texts that R4 gives them, white space apart.
const TEXTS: &[(&str, &str, Native)] = &[
    ("dom-2", "contained.contained.empty()", Native::Dom2),
    (
        "dom-3",
        "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
        Native::Dom3,
    ),
    ("dom-4", "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()", Native::Dom4),
    ("dom-5", "contained.meta.security.empty()", Native::Dom5),
    ("dom-6", "text.`div`.exists()", Native::Dom6),
    (
        "ref-1",
        "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
        Native::Ref1,
    ),
    ("per-1", "start.hasValue().not() or end.hasValue().not() or (start <= end)", Native::Per1),
    ("qty-3", "code.empty() or system.exists()", Native::Qty3),
    ("cpt-2", "value.empty() or system.exists()", Native::Cpt2),
    ("att-1", "data.empty() or contentType.exists()", Native::Att1),
    ("txt-1", "htmlChecks()", Native::Txt),
    ("txt-2", "htmlChecks()", Native::Txt),
    (
        "bdl-7",
        "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()",
        Native::Bdl7,
    ),
    ("bdl-5", "resource.exists() or request.exists() or response.exists()", Native::Bdl5),
    ("bdl-8", "fullUrl.contains('/_history/').not()", Native::Bdl8),
];

/// The invariants that have a native form: key, R4's text, and the form.
pub fn stated() -> impl Iterator<Item = (&'static str, &'static str, Native)> {
    TEXTS.iter().copied()
}

impl Native {
    /// The native form of an invariant, if it has exactly R4's key and text.
    pub(crate) fn of(key: &str, text: &str) -> Option<Self> {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let fits = |one: &&(&str, &str, Self)| one.0 == key && bare(one.1) == bare(text);
        TEXTS.iter().find(fits).map(|one| one.2)
    }

    /// The native form of a profile's invariant. JP-CLINS 1.5 states R1012 and R1013 for insured people only, and so would
    /// refuse everybody on public assistance, for whom it has an identifier of their own; its later rule takes either.
    pub(crate) fn of_profile(key: &str, text: &str) -> Option<Self> {
        let insured = text.contains("JP_Insurance_memberID") && !text.contains("JP_PublicPayer_memberID");
        match key {
            "valid-system-insurance-patientIdentifier" if insured => Some(Self::MemberId),
            "valid-value-insurance-patientIdentifier" if insured => Some(Self::MemberIdForm),
            _ => None,
        }
    }

    /// Whether it holds at `node`. `container` is the resource whose `contained` counts.
    #[must_use]
    pub fn holds(self, node: Node<'_>, container: Node<'_>) -> bool {
        let has = |name: &str| node.get(name).is_some();
        match self {
            Self::Dom2 => contained(node).all(|inner| inner.get("contained").is_none()),
            Self::Dom3 => node.get("contained").is_none() || all_referenced(node),
            Self::Dom4 => contained(node).filter_map(|inner| inner.get("meta")).all(|meta| {
                ["versionId", "lastUpdated", "_versionId", "_lastUpdated"].iter().all(|name| meta.get(name).is_none())
            }),
            Self::Dom5 => {
                contained(node).filter_map(|inner| inner.get("meta")).all(|meta| meta.get("security").is_none())
            }
            Self::Dom6 => node.get("text").is_some_and(|text| text.get("div").is_some()),
            Self::Ref1 => match node.get_str("reference") {
                Some(text) if text.starts_with('#') => is_contained(container, &text[1..]),
                _ => true,
            },
            Self::Per1 => ordered(node.get_str("start"), node.get_str("end")),
            Self::Qty3 => !(has("code") || has("_code")) || has("system") || has("_system"),
            Self::Cpt2 => !(has("value") || has("_value")) || has("system") || has("_system"),
            Self::Att1 => !(has("data") || has("_data")) || has("contentType") || has("_contentType"),
            Self::Txt => node.as_str().is_some_and(|text| xhtml::is_safe(&text)),
            Self::Bdl7 => distinct(node),
            Self::Bdl5 => has("resource") || has("request") || has("response"),
            Self::MemberId => patient::has_one_member_id(node),
            Self::MemberIdForm => patient::has_member_id_form(node),
            Self::Bdl8 => !node.get_str("fullUrl").is_some_and(|url| url.contains("/_history/")),
        }
    }
}

fn contained(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.get("contained").into_iter().flat_map(Node::items)
}

/// Whether a contained resource has the id. `#` alone is the container itself.
pub(crate) fn is_contained(container: Node<'_>, id: &str) -> bool {
    contained(container).any(|inner| inner.get_str("id").as_deref() == Some(id))
}

/// Whether each contained resource is named as `#id` somewhere in the resource, or names its container.
fn all_referenced(node: Node<'_>) -> bool {
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    node.each_value(|value, _| match value.as_str() {
        Some(text) if text.starts_with('#') => names.push(text),
        _ => {}
    });
    contained(node).all(|inner| {
        let named = |id: Cow<'_, str>| names.iter().any(|name| name[1..] == *id);
        // One without an id is at fault for that.
        inner.get_str("id").is_none_or(named) || {
            let mut back = false;
            inner.each_member(|_, _, value| back |= value.as_str().as_deref() == Some("#"));
            back
        }
    })
}

/// Whether `start` is not after `end`. Where their precisions do not tell (2026-01 and 2026-01-15), nothing is said against
/// the period: FHIRPath is silent there too, and later versions of FHIR compare boundaries for that reason.
fn ordered(start: Option<Cow<'_, str>>, end: Option<Cow<'_, str>>) -> bool {
    let (Some(start), Some(end)) = (start, end) else { return true };
    let (Some(start), Some(end)) = (Moment::read(&start), Moment::read(&end)) else { return false };
    start.not_after(end).unwrap_or(true)
}

/// A date or time, for comparison.
#[derive(Clone, Copy)]
struct Moment<'a> {
    /// Year, month, day, hour, minute, second, as far as they are given; seconds with their fraction.
    parts: [Option<f64>; 6],
    zone: Option<f64>,
    text: &'a str,
}

impl<'a> Moment<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (date, time) = text.split_once('T').map_or((text, ""), |(date, time)| (date, time));
        let mut parts = [None; 6];
        for (place, part) in parts.iter_mut().zip(date.split('-')) {
            *place = Some(part.parse().ok()?);
        }
        let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at(at);
        for (place, part) in parts[3..].iter_mut().zip(clock.split(':').filter(|part| !part.is_empty())) {
            *place = Some(part.parse().ok()?);
        }
        let zone = match zone {
            "" => None,
            "Z" => Some(0.0),
            zone => {
                let (hours, minutes) = zone.get(1..)?.split_once(':')?;
                let minutes = hours.parse::<f64>().ok()? * 60.0 + minutes.parse::<f64>().ok()?;
                Some(if zone.starts_with('-') { -minutes } else { minutes })
            }
        };
        Some(Self { parts, zone, text })
    }

    /// `None` where one is less precise than the other and they agree so far, or only one has a zone.
    fn not_after(self, other: Self) -> Option<bool> {
        if self.text == other.text {
            return Some(true);
        }
        if let (Some(one), Some(two)) = (self.instant(), other.instant()) {
            return Some(one <= two);
        }
        if self.zone.is_some() != other.zone.is_some() && self.parts[3].is_some() && other.parts[3].is_some() {
            return None;
        }
        for (one, two) in self.parts.iter().zip(other.parts) {
            match (one, two) {
                (Some(one), Some(two)) if *one < two => return Some(true),
                (Some(one), Some(two)) if *one > two => return Some(false),
                (Some(_), Some(_)) => {}
                (None, None) => return Some(true),
                _ => return None,
            }
        }
        Some(true)
    }

    /// Seconds on one line, where the time is full.
    fn instant(self) -> Option<f64> {
        let [year, month, day, hour, minute, second] = self.parts;
        let (year, month) = match month? {
            month if month > 2.0 => (year?, month - 3.0),
            month => (year? - 1.0, month + 9.0),
        };
        let days = year * 365.0 + (year / 4.0).floor() - (year / 100.0).floor()
            + (year / 400.0).floor()
            + ((153.0 * month + 2.0) / 5.0).floor()
            + day?;
        Some(days * 86_400.0 + hour? * 3_600.0 + (minute? - self.zone?) * 60.0 + second?)
    }
}

/// Whether no two entries have one full URL and version; of a history that does not matter.
fn distinct(bundle: Node<'_>) -> bool {
    if bundle.get_str("type").as_deref() == Some("history") {
        return true;
    }
    let mut names: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    for entry in bundle.get("entry").into_iter().flat_map(Node::items) {
        let Some(url) = entry.get_str("fullUrl") else { continue };
        names.push((url, entry.find_str("resource.meta.versionId").unwrap_or_default()));
    }
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1])
}
