//! The timeline of life: visits, illnesses, results, medicines and care, by year.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tsumugi_access::Shown;

use super::{ADL, PRECAUTION, Piece, Want, activities, laboratory, medicines, own, words};
use crate::view::{Entry, Period, TimelineView, Topic, Words, Year};
use crate::{Lang, calendar};

/// What the view needs.
pub const WANTS: &[Want] = &[
    Want::all("Composition"),
    Want::all("Encounter"),
    Want::all("Condition"),
    Want::all("AllergyIntolerance"),
    Want::all("Procedure"),
    Want::all("Immunization"),
    Want::all("Observation"),
    Want::all("MedicationRequest"),
    Want::all("MedicationDispense"),
    Want::all("Flag"),
    Want::all("EpisodeOfCare"),
];

/// What the reader asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What it is narrowed to.
    pub topic: Topic,
    /// The year to open.
    pub year: Option<i16>,
    /// The birth.
    pub birth: Option<Date>,
    /// Where the record's pages begin.
    pub base: &'a str,
}

/// An entry on its way: those with the same key are one.
struct Draft<'a> {
    topic: Topic,
    key: String,
    from: Date,
    to: Option<Date>,
    open: bool,
    title: Title,
    place: Option<Words>,
    began: Option<String>,
    lines: Vec<String>,
    path: Option<String>,
    pieces: Vec<&'a Piece>,
}

/// What an entry is called.
enum Title {
    /// Words of the record.
    Said(String),
    /// A text of ours.
    Ours(&'static str),
    /// A text of ours with the number of different things.
    Counted(&'static str, std::collections::BTreeSet<String>),
    /// A text of ours with a number.
    Points(u8),
}

/// The view.
#[must_use]
pub fn view(pieces: &[Piece], asked: Asked<'_>, lang: Lang, shown: &mut Shown) -> TimelineView {
    let mut drafts: BTreeMap<String, Draft<'_>> = BTreeMap::new();
    for draft in pieces.iter().filter_map(draft) {
        if asked.topic != Topic::All && draft.topic != asked.topic {
            continue;
        }
        match drafts.get_mut(&draft.key) {
            Some(known) => known.join(draft),
            None => {
                drafts.insert(draft.key.clone(), draft);
            }
        }
    }
    let mut drafts: Vec<Draft<'_>> = drafts.into_values().collect();
    drafts.sort_by(|a, b| (b.from, &b.key).cmp(&(a.from, &a.key)));
    let mut years: Vec<Year> = Vec::new();
    let open = asked.year.or_else(|| drafts.first().map(|draft| draft.from.year()));
    for draft in drafts {
        // Even a count tells that the fact is there.
        draft.pieces.iter().for_each(|piece| piece.tell(shown));
        let number = draft.from.year();
        if years.last().is_none_or(|year| year.year != number) {
            years.push(Year { year: number, count: 0, entries: Vec::new() });
        }
        let last = years.len() - 1;
        years[last].count += 1;
        if open == Some(number) {
            years[last].entries.push(draft.entry(asked.base, lang));
        }
    }
    TimelineView { topic: asked.topic, year: asked.year, years, birth: asked.birth }
}

/// Entries that say the same and are each led to.
const ENTRIES_MOST: usize = 8;

/// The day under which a fact stands, if it has a place on the timeline.
#[must_use]
pub fn day(piece: &Piece) -> Option<Date> {
    draft(piece).map(|draft| draft.from)
}

impl<'a> Draft<'a> {
    fn new(piece: &'a Piece, topic: Topic, kind: &str, from: Date, title: Title) -> Self {
        let place = piece.from().cloned();
        let name = place.as_ref().map_or("", |place| place.text.as_str());
        let key = format!("{kind}|{from}|{name}");
        Self {
            topic,
            key,
            from,
            to: None,
            open: false,
            title,
            place,
            began: None,
            lines: Vec::new(),
            path: None,
            pieces: vec![piece],
        }
    }

    /// The same thing wherever it was said.
    fn anywhere(mut self, kind: &str, what: &str) -> Self {
        self.key = format!("{kind}|{}|{what}", self.from);
        self
    }

    fn line(mut self, line: Option<String>) -> Self {
        self.lines.extend(line);
        self
    }

    /// Since when, where only the year or the month is known: such a day would be invented.
    fn began(mut self, since: Option<String>) -> Self {
        self.began = since.filter(|text| matches!(text.len(), 4 | 7));
        self
    }

    fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    fn join(&mut self, other: Self) {
        if let (Title::Counted(_, known), Title::Counted(_, more)) = (&mut self.title, other.title) {
            known.extend(more);
        }
        for line in other.lines {
            if !self.lines.contains(&line) {
                self.lines.push(line);
            }
        }
        self.pieces.extend(other.pieces);
    }

    fn entry(self, base: &str, lang: Lang) -> Entry {
        let alone = matches!(self.title, Title::Said(_) | Title::Ours(_));
        let (title, counted) = match self.title {
            Title::Said(text) => (words(text, lang), None),
            Title::Ours(key) => (own(lang.t(key), lang), None),
            Title::Points(total) => (own(lang.with("life-activities", &[("n", total.into())]), lang), None),
            Title::Counted(key, names) => {
                let title = own(lang.with(key, &[("n", names.len().into())]), lang);
                let listed = names.into_iter().collect::<Vec<_>>().join(&lang.t("list-joint"));
                (title, Some(words(listed, lang)))
            }
        };
        let when = match (self.to, self.open) {
            (Some(to), _) if to > self.from => Period::Span(self.from, to),
            (None, true) => Period::Since(self.from),
            _ => Period::Day(self.from),
        };
        let began = self.began.and_then(|text| since(&text, lang));
        let lines =
            counted.into_iter().chain(began).chain(self.lines.into_iter().map(|line| words(line, lang))).collect();
        // What stands for itself leads to its own page; what was counted together leads nowhere.
        let entries = self.pieces.iter().map(|piece| piece.id()).filter(|id| !id.is_empty() && alone);
        let mut entries = entries.map(|id| format!("{base}/entries/{id}")).take(ENTRIES_MOST);
        let path = self.path.map(|path| format!("{base}{path}")).or_else(|| entries.next());
        let others =
            if path.as_ref().is_some_and(|path| path.contains("/entries/")) { entries.collect() } else { Vec::new() };
        Entry { when, title, place: self.place, lines, path, others }
    }
}

/// `1998年5月から`, for `1998-05` and for `1998`.
fn since(text: &str, lang: Lang) -> Option<Words> {
    let year: i16 = text.get(..4)?.parse().ok()?;
    let when = match text.get(5..) {
        Some(month) => calendar::axis_month(Date::new(year, month.parse().ok()?, 1).ok()?, lang),
        None => calendar::year(year, lang),
    };
    Some(own(lang.with("life-began", &[("when", when.into())]), lang))
}

/// A fact as an entry, by its kind.
fn draft(piece: &Piece) -> Option<Draft<'_>> {
    [document, visit, illness, allergy, procedure, vaccination, result, measured, prescribed, precaution, office]
        .iter()
        .find_map(|read| read(piece))
}

fn document(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("Composition").then(|| piece.day(&["date"]))??;
    let title = piece.text("title").or_else(|| piece.concept("type"))?;
    // Two documents of one title and day are two: each opens by itself.
    let key = format!("document {title} {}", piece.id());
    let draft = Draft::new(piece, Topic::Visits, &key, from, Title::Said(title));
    Some(if piece.id().is_empty() { draft } else { draft.at(format!("/documents/{}", piece.id())) })
}

fn visit(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("Encounter").then(|| piece.day(&["period.start"]))??;
    let stay = matches!(piece.text("class.code").as_deref(), Some("IMP" | "ACUTE" | "NONAC"));
    let title = Title::Ours(if stay { "life-stay" } else { "life-visit" });
    let mut draft = Draft::new(piece, Topic::Visits, if stay { "stay" } else { "visit" }, from, title)
        .line(piece.concept("reasonCode"));
    draft.to = piece.day(&["period.end"]);
    draft.open = matches!(piece.text("status").as_deref(), Some("arrived" | "triaged" | "in-progress" | "onleave"));
    Some(draft)
}

fn illness(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("Condition").then(|| piece.day(&["onsetDateTime", "onsetPeriod.start", "recordedDate"]))??;
    let name = piece.concept("code")?;
    let mut draft = Draft::new(piece, Topic::Illness, "", from, Title::Said(name.clone()))
        .anywhere("illness", &name)
        .began(piece.text("onsetDateTime"));
    draft.to = piece.day(&["abatementDateTime"]);
    Some(draft)
}

fn allergy(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("AllergyIntolerance").then(|| piece.day(&["onsetDateTime", "recordedDate"]))??;
    let name = piece.concept("code")?;
    let draft = Draft::new(piece, Topic::Illness, "", from, Title::Ours("life-allergy")).anywhere("allergy", &name);
    let draft = draft.began(piece.text("onsetDateTime"));
    Some(draft.line(Some(name)).line(piece.concept("reaction.manifestation")))
}

fn procedure(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("Procedure").then(|| piece.day(&["performedDateTime", "performedPeriod.start"]))??;
    let name = piece.concept("code")?;
    let mut draft = Draft::new(piece, Topic::Illness, "", from, Title::Said(name.clone())).anywhere("procedure", &name);
    draft.to = piece.day(&["performedPeriod.end"]);
    Some(draft)
}

fn vaccination(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("Immunization").then(|| piece.day(&["occurrenceDateTime"]))??;
    let name = piece.concept("vaccineCode")?;
    let draft =
        Draft::new(piece, Topic::Illness, "", from, Title::Ours("life-vaccination")).anywhere("vaccination", &name);
    Some(draft.line(Some(name)))
}

/// Results of one day and place are one entry.
fn result(piece: &Piece) -> Option<Draft<'_>> {
    let from = laboratory::day(piece)?;
    let names = [laboratory::name(piece)?].into();
    Some(
        Draft::new(piece, Topic::Laboratory, "laboratory", from, Title::Counted("life-laboratory", names))
            .at("/laboratory"),
    )
}

/// Daily activities, care notes, and findings in words.
fn measured(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("Observation").then(|| piece.day(activities::WHEN))??;
    if let Some(one) = activities::measurement(piece) {
        return Some(Draft::new(piece, Topic::Care, "activities", from, Title::Points(one.total)).at("/activities"));
    }
    let text = piece.text("valueString");
    if piece.codings("code").any(|(system, _)| system == ADL) {
        return Some(
            Draft::new(piece, Topic::Care, "note", from, Title::Ours("life-note")).line(text).at("/activities"),
        );
    }
    let name = piece.concept("code")?;
    Some(Draft::new(piece, Topic::Visits, &format!("finding {name}"), from, Title::Said(name)).line(text))
}

/// Medicines of one day and place are one entry.
fn prescribed(piece: &Piece) -> Option<Draft<'_>> {
    let from = medicines::day(piece)?;
    let names = [medicines::name(piece)?].into();
    Some(
        Draft::new(piece, Topic::Medicines, "medicines", from, Title::Counted("life-medicines", names))
            .at("/medicines"),
    )
}

fn precaution(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("Flag").then(|| piece.day(&["period.start"]))??;
    if !piece.codings("category").any(|(system, _)| system == PRECAUTION) {
        return None;
    }
    Some(Draft::new(piece, Topic::Care, "precaution", from, Title::Ours("life-precaution")).line(piece.concept("code")))
}

fn office(piece: &Piece) -> Option<Draft<'_>> {
    let from = piece.is("EpisodeOfCare").then(|| piece.day(&["period.start"]))??;
    let mut draft =
        Draft::new(piece, Topic::Care, "office", from, Title::Ours("life-office")).line(piece.concept("type"));
    draft.to = piece.day(&["period.end"]);
    draft.open = draft.to.is_none();
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::super::tests::piece;
    use super::*;

    fn asked(topic: Topic, year: Option<i16>) -> Asked<'static> {
        Asked { topic, year, birth: None, base: "/me" }
    }

    fn life() -> Vec<Piece> {
        let lab = |number, name: &str| {
            piece(
                number,
                &format!(
                    r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"code":"laboratory"}}]}}],"code":{{"text":"{name}"}},"effectiveDateTime":"2026-11-18T06:30:00+09:00","valueQuantity":{{"value":1}}}}"#
                ),
            )
        };
        vec![
            piece(
                1,
                r#"{"resourceType":"Composition","status":"final","title":"退院時サマリー","date":"2026-11-20T13:00:00+09:00"}"#,
            ),
            piece(
                2,
                r#"{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"},"period":{"start":"2026-11-03","end":"2026-11-20"},"reasonCode":[{"text":"脳梗塞の治療のため"}]}"#,
            ),
            piece(3, r#"{"resourceType":"Condition","code":{"text":"高血圧症"},"onsetDateTime":"2008-09-02"}"#),
            piece(4, r#"{"resourceType":"Condition","code":{"text":"高血圧症"},"onsetDateTime":"2008-09-02"}"#),
            lab(5, "CRP"),
            lab(6, "Hb"),
            lab(7, "CRP"),
            piece(8, r#"{"resourceType":"Condition","code":{"text":"日付なし"}}"#),
        ]
    }

    #[test]
    fn years_are_newest_first_and_one_is_open() {
        let mut shown = Shown::none();
        let view = view(&life(), asked(Topic::All, None), Lang::Ja, &mut shown);
        let years: Vec<(i16, u32, usize)> =
            view.years.iter().map(|year| (year.year, year.count, year.entries.len())).collect();
        assert_eq!(years, [(2026, 3, 3), (2008, 1, 0)]);
        let titles: Vec<&str> = view.years[0].entries.iter().map(|entry| entry.title.text.as_str()).collect();
        assert_eq!(titles, ["退院時サマリー", "検査 2種類", "入院"]);
        let stay = &view.years[0].entries[2];
        assert_eq!(stay.when, Period::Span(jiff::civil::date(2026, 11, 3), jiff::civil::date(2026, 11, 20)));
        assert_eq!(stay.lines[0].text, "脳梗塞の治療のため");
        assert_eq!(view.years[0].entries[1].path.as_deref(), Some("/me/laboratory"));
        assert_eq!(shown.count(), 7, "all but the one without a day, folded ones included");
    }

    #[test]
    fn narrowing_tells_only_what_is_left() {
        let mut shown = Shown::none();
        let view = view(&life(), asked(Topic::Illness, Some(2008)), Lang::En, &mut shown);
        assert_eq!((view.years.len(), view.years[0].entries.len()), (1, 1));
        assert_eq!(view.years[0].entries[0].title, Words::ja("高血圧症"));
        assert_eq!(shown.count(), 2);
    }

    #[test]
    fn a_beginning_of_which_only_the_month_is_known_is_said_as_such() {
        let json = r#"{"resourceType":"Condition","code":{"text":"白内障"},"onsetDateTime":"2019-05","recordedDate":"2026-11-20"}"#;
        let view = view(&[piece(1, json)], asked(Topic::All, None), Lang::Ja, &mut Shown::none());
        let entry = &view.years[0].entries[0];
        assert_eq!(
            (entry.when, entry.lines[0].text.as_str()),
            (Period::Day(jiff::civil::date(2026, 11, 20)), "2019年5月から")
        );
    }

    #[test]
    fn every_reader_tells_a_kind_that_is_wanted() {
        for want in WANTS {
            assert!(tsumugi_kernel::Kind::from_name(want.kind).is_some(), "{}", want.kind);
        }
    }
}
