//! From facts to views: one file per kind of view. Pure functions of what the lens let through, a day and a language.
//!
//! What must hold: what a view says of a fact, even that it exists, is told to [`Shown`]; what cannot be read (a
//! missing date, another form) is left out, never guessed; nothing here asks whether somebody may see something.

pub mod activities;
pub mod carried;
pub mod could;
pub mod document;
pub mod emergency;
pub mod entry;
pub mod home;
pub mod laboratory;
pub mod looks;
pub mod looks_file;
pub mod medicines;
pub mod narrative;
pub mod notices;
pub mod person;
pub mod sharing;
pub mod taken;
pub mod timeline;

use jiff::civil::Date;
use tsumugi_access::Shown;
use tsumugi_fhir::{
    json::{Document, Node},
    values::{Packed, PackedValue, params},
};
use tsumugi_kernel::{Flags, Instant, Kind, RecordCategory};

use crate::Lang;
use crate::view::{Origin, Words};

/// Our own codes of daily activities and care notes.
pub(crate) const ADL: &str = "http://tsumugi.example/fhir/CodeSystem/adl";
/// Our own codes of what a precaution is about.
pub(crate) const PRECAUTION: &str = "http://tsumugi.example/fhir/CodeSystem/precaution";

/// Facts that a view needs: of one kind, and only those whose search values pass, so that no others are unfolded.
#[derive(Clone, Copy)]
pub struct Want {
    /// The kind's name.
    pub kind: &'static str,
    /// Whether a fact with these values is needed.
    pub only: fn(&Packed<'_>) -> bool,
}

impl Want {
    /// Every fact of a kind.
    #[must_use]
    pub const fn all(kind: &'static str) -> Self {
        Self { kind, only: |_| true }
    }
}

/// Daily activities and care notes.
pub const CARE: Want = Want { kind: "Observation", only: is_adl };
/// Laboratory results.
pub const TESTS: Want = Want { kind: "Observation", only: is_laboratory };

fn is_adl(values: &Packed<'_>) -> bool {
    values.of(params::CODE).any(|value| matches!(value, PackedValue::Token { system, .. } if system == ADL))
}

fn is_laboratory(values: &Packed<'_>) -> bool {
    // A category of its own (an infection, a genome) does not make it less of a laboratory result.
    let laboratory = |value| matches!(value, PackedValue::Token { code: "laboratory", .. });
    values.category() == RecordCategory::Laboratory || values.of(params::CATEGORY).any(laboratory)
}

/// One fact as a view reads it.
#[derive(Clone, Debug)]
pub struct Piece {
    kind: Kind,
    number: u64,
    flags: Flags,
    from: Option<Words>,
    document: Document,
    id: String,
}

impl Piece {
    /// A fact of `kind` with its number and flags, from the organisation `from`.
    #[must_use]
    pub const fn new(kind: Kind, number: u64, flags: Flags, from: Option<Words>, document: Document) -> Self {
        Self { kind, number, flags, from, document, id: String::new() }
    }

    /// The same under the id by which addresses name it.
    #[must_use]
    pub fn under(mut self, id: String) -> Self {
        self.id = id;
        self
    }

    /// The sealed id; empty where no page asks for it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The resource.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.document.root()
    }

    /// Whether this is of the kind with this name and not marked as entered by mistake.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        let status = |path| self.text(path).is_some_and(|text| text == "entered-in-error");
        self.kind.name() == kind && !status("status") && !status("verificationStatus.coding.code")
    }

    /// The fact's flags.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// Tells that the fact is shown.
    pub fn tell(&self, shown: &mut Shown) {
        shown.add(self.kind, self.number, self.flags);
    }

    /// The organisation that it came from.
    #[must_use]
    pub fn from(&self) -> Option<&Words> {
        self.from.as_ref()
    }

    /// The first text at a path, through arrays; an empty one counts as absent.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        let text = self.root().find_str(path)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The first day in Japan at one of the paths.
    #[must_use]
    pub fn day(&self, paths: &[&str]) -> Option<Date> {
        paths.iter().find_map(|path| day(&self.text(path)?))
    }

    /// The words of a `CodeableConcept` at a path: its text, else a display, else a code.
    #[must_use]
    pub fn concept(&self, path: &str) -> Option<String> {
        ["text", "coding.display", "coding.code"].iter().find_map(|end| self.text(&format!("{path}.{end}")))
    }

    /// Whether a coding of `system` at `path` has this code.
    #[must_use]
    pub fn has_code(&self, path: &str, system: &str, code: &str) -> bool {
        self.codings(path).any(|(own, value)| own == system && value == code)
    }

    /// System and code of the codings at a path.
    pub fn codings<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
        self.root().find(path).flat_map(|concept| concept.get("coding").into_iter().flat_map(Node::items)).filter_map(
            |coding| {
                let text = |key: &str| coding.get_str(key).map(std::borrow::Cow::into_owned);
                Some((text("system").unwrap_or_default(), text("code")?))
            },
        )
    }

    /// Who said it: the person's name where the fact carries one, and the organisation.
    #[must_use]
    pub fn by(&self) -> Option<Words> {
        let people =
            ["performer.display", "author.display", "recorder.display", "requester.display", "performer.actor.display"];
        let person = people.iter().find_map(|path| self.text(path));
        match (&self.from, person) {
            (Some(from), Some(person)) if person != from.text => Some(Words::ja(format!("{} {person}", from.text))),
            (Some(from), _) => Some(from.clone()),
            (None, person) => person.map(Words::ja),
        }
    }

    /// When and by whom it was said, by the first of the paths that holds a day.
    #[must_use]
    pub fn origin(&self, paths: &[&str]) -> Option<Origin> {
        Some(Origin { day: self.day(paths)?, by: self.by() })
    }
}

/// The day in Japan of a FHIR `date`, `dateTime` or `instant`; `None` for years and months alone.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Some(Instant(stamp.as_millisecond()).civil().date());
    }
    let first = text.get(..10)?;
    if text.len() > 10 && text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    first.parse().ok()
}

/// Words from a record: Japanese where there is a Japanese letter, else in the page's own language, since a name like
/// HbA1c belongs to both.
#[must_use]
pub fn words(text: impl Into<String>, lang: Lang) -> Words {
    let text = text.into();
    let japanese = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
    let lang = if text.contains(japanese) { Lang::Ja } else { lang };
    Words { text, lang }
}

/// Words of our own in the page's language.
pub(crate) fn own(text: impl Into<String>, lang: Lang) -> Words {
    Words { text: text.into(), lang }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use tsumugi_fhir::json::Limits;

    /// A fact from the hospital みなと総合病院, numbered `number`.
    pub(crate) fn piece(number: u64, json: &str) -> Piece {
        let document = Document::parse(json.to_owned().into(), &Limits::default()).unwrap();
        let kind = Kind::from_name(&document.root().get_str("resourceType").unwrap()).unwrap();
        Piece::new(kind, number, Flags::default(), Some(Words::ja("みなと総合病院")), document)
    }

    #[test]
    fn a_day_is_japans() {
        assert_eq!(day("2026-11-22"), Some(jiff::civil::date(2026, 11, 22)));
        assert_eq!(day("2026-11-21T20:00:00Z"), Some(jiff::civil::date(2026, 11, 22)));
        assert_eq!(day("2026-11-21T20:00:00+09:00"), Some(jiff::civil::date(2026, 11, 21)));
        assert_eq!(day("2026-11-21T20:00:00"), Some(jiff::civil::date(2026, 11, 21)));
        for partial in ["2026", "2026-11", "", "2026-11-2あ", "2026-11-221"] {
            assert_eq!(day(partial), None, "{partial}");
        }
    }

    #[test]
    fn who_said_it_is_the_person_and_the_place() {
        let with = |rest: &str| piece(1, &format!(r#"{{"resourceType":"Observation"{rest}}}"#)).by().unwrap().text;
        assert_eq!(with(""), "みなと総合病院");
        assert_eq!(
            with(r#","performer":[{"display":"林 真央"},{"display":"みなと総合病院"}]"#),
            "みなと総合病院 林 真央"
        );
        assert_eq!(with(r#","performer":[{"display":"みなと総合病院"}]"#), "みなと総合病院");
    }

    #[test]
    fn what_was_entered_by_mistake_is_of_no_kind() {
        assert!(piece(1, r#"{"resourceType":"Flag","status":"active"}"#).is("Flag"));
        assert!(!piece(1, r#"{"resourceType":"Flag","status":"entered-in-error"}"#).is("Flag"));
        let condition = r#"{"resourceType":"Condition","verificationStatus":{"coding":[{"code":"entered-in-error"}]}}"#;
        assert!(!piece(1, condition).is("Condition"));
    }

    #[test]
    fn a_language_is_told_by_its_letters() {
        assert_eq!(words("HbA1c", Lang::En).lang, Lang::En);
        assert_eq!(words("HbA1c", Lang::Ja).lang, Lang::Ja);
        assert_eq!(words("血糖", Lang::En).lang, Lang::Ja);
    }
}
