//! Which operations there are, and where. A URL that names another one is told so, with those that there are.
//!
//! The answer depends on the URL's words alone: no id is looked up, so nothing is told about anybody.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use tsumugi_access::Caller;
use tsumugi_fhir::outcome::{IssueType, Lang};
use tsumugi_kernel::Kind;

use super::{Fault, language};

/// Where an operation is asked.
struct Place {
    code: &'static str,
    /// The kind that has it; `None` for every kind.
    kind: Option<&'static str>,
    /// `Kind/$code`
    of_kind: bool,
    /// `Kind/id/$code`
    of_one: bool,
}

const fn place(code: &'static str, kind: Option<&'static str>, of_kind: bool, of_one: bool) -> Place {
    Place { code, kind, of_kind, of_one }
}

/// Every operation of the interface; the routes stand in this folder and in `exchange-documents`.
const PLACES: [Place; 9] = [
    place("access-log", Some("Patient"), false, true),
    place("document", Some("Composition"), false, true),
    place("everything", Some("Patient"), false, true),
    place("lastn", Some("Observation"), true, false),
    place("original", None, false, true),
    place("quarantine", Some("Bundle"), true, false),
    place("submit", Some("Bundle"), true, false),
    place("summary", Some("Patient"), true, true),
    place("validate", None, true, true),
];

/// The answer to a URL that names an operation which is not there. A request without a caller is left to be told that
/// first.
pub(super) fn unknown(request: &Request<Body>) -> Option<Fault> {
    request.extensions().get::<Caller>()?;
    let lang = language(request.headers());
    let path = request.uri().path();
    let path = path.strip_prefix("/fhir/R4").unwrap_or(path).trim_start_matches('/');
    let (above, code) = path.rsplit_once('/').unwrap_or(("", path));
    let code = code.strip_prefix('$')?;
    let (name, one) = match above.split_once('/') {
        None => (above, false),
        Some((name, id)) if !id.contains('/') => (name, true),
        Some(_) => return None,
    };
    if name.is_empty() {
        return Some(no_such(lang, None));
    }
    let Some(kind) = Kind::from_name(name) else { return Some(Fault::unknown_kind(lang)) };
    let there = PLACES.iter().any(|place| place.code == code && place.is_at(kind, one));
    (!there).then(|| no_such(lang, Some(kind)))
}

impl Place {
    fn is_of(&self, kind: Kind) -> bool {
        self.kind.is_none_or(|name| name == kind.name())
    }

    fn is_at(&self, kind: Kind, one: bool) -> bool {
        self.is_of(kind) && if one { self.of_one } else { self.of_kind }
    }

    /// The URLs below the base at which it is asked.
    fn urls(&self, kind: Option<Kind>, (every, id): (&str, &str)) -> Vec<String> {
        let kind = self.kind.or(kind.map(Kind::name)).unwrap_or(every);
        let all = [(self.of_kind, ""), (self.of_one, id)];
        all.into_iter().filter(|(there, _)| *there).map(|(_, id)| format!("{kind}/{id}${}", self.code)).collect()
    }
}

/// There is no such operation; those of the kind are listed, or all.
fn no_such(lang: Lang, kind: Option<Kind>) -> Fault {
    let list = |words| {
        let places = PLACES.iter().filter(|place| kind.is_none_or(|kind| place.is_of(kind)));
        places.flat_map(|place| place.urls(kind, words)).collect::<Vec<_>>()
    };
    let (ja, en) = (list(("〈種別〉", "〈id〉/")).join("、"), list(("<type>", "<id>/")).join(", "));
    Fault::new(
        StatusCode::NOT_FOUND,
        lang,
        IssueType::NotSupported,
        &format!(
            "この操作はこのサーバーにありません。ここで使える操作は {ja} です。定義は /fhir/R4/metadata にあります。"
        ),
        &format!("This server has no such operation. Here it has {en}. /fhir/R4/metadata names their definitions."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::definitions::{OURS, STANDARD};

    #[test]
    fn the_table_holds_what_the_capability_statement_lists() {
        let mut listed: Vec<&str> = OURS.iter().map(|one| one.code).chain(STANDARD.iter().map(|one| one.0)).collect();
        listed.sort_unstable();
        assert_eq!(PLACES.iter().map(|place| place.code).collect::<Vec<_>>(), listed);
    }
}
