//! The bodies of `/api`. Words that are ours come in the request's language where they describe a fact, and in both
//! languages where they explain a code.

use serde::Serialize;
use tsumugi_kernel::{Instant, Purpose, Role};
use utoipa::ToSchema;

use crate::view;
use crate::{Lang, frame};

/// The same words in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Both {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// A code and what it means.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Code {
    /// The code.
    pub code: String,
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Code {
    /// A purpose of use.
    pub fn purpose(purpose: Purpose) -> Self {
        let text = |lang: Lang| lang.purpose(purpose).into_owned();
        Self { code: purpose.code().to_owned(), ja: text(Lang::Ja), en: text(Lang::En) }
    }

    /// A role.
    pub fn role(role: Role) -> Self {
        let text = |lang: Lang| lang.role(role).into_owned();
        Self { code: role.code().to_owned(), ja: text(Lang::Ja), en: text(Lang::En) }
    }
}

/// A person's name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Name {
    /// As registered.
    pub text: String,
    /// As read.
    pub kana: Option<String>,
}

impl From<view::Name> for Name {
    fn from(name: view::Name) -> Self {
        Self { text: name.text, kana: name.kana }
    }
}

/// Who somebody is who looks, or is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Who {
    /// The name.
    pub name: Name,
    /// The role.
    pub role: Code,
    /// The qualification as registered.
    pub qualification: Option<String>,
    /// The organisation's name; none for citizens and proxies.
    pub organization: Option<String>,
}

impl From<view::Who> for Who {
    fn from(who: view::Who) -> Self {
        let text = |words: Option<view::Words>| words.map(|words| words.text);
        Self {
            name: who.name.into(),
            role: Code::role(who.role),
            qualification: text(who.qualification),
            organization: text(who.organization),
        }
    }
}

/// The reader, and the record if there is one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Record {
    /// Who is signed in.
    pub reader: Who,
    /// For what.
    pub purpose: Code,
    /// Whose record it is.
    pub person: Option<Person>,
}

/// Whose record it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Person {
    /// The name.
    pub name: Name,
    /// The birth.
    #[schema(value_type = Option<String>, format = Date)]
    pub birth_date: Option<String>,
    /// FHIR's administrative gender.
    pub sex: Option<&'static str>,
    /// The id of a `Patient` of the person.
    pub patient: String,
    /// Where the record's pages begin.
    pub page: String,
}

impl Person {
    /// The subject of a frame; `patient` is the sealed id.
    pub fn new(subject: &frame::Subject, patient: String) -> Self {
        Self {
            name: subject.name.clone().into(),
            birth_date: subject.birth.map(|birth| birth.to_string()),
            sex: subject.sex.map(|sex| match sex {
                view::Sex::Female => "female",
                view::Sex::Male => "male",
                view::Sex::Other => "other",
                view::Sex::Unknown => "unknown",
            }),
            patient,
            page: subject.base.clone(),
        }
    }
}

/// Who looked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Looks {
    /// All looks at this record: the count that the checkpoint commits.
    pub total: u64,
    /// Those that pass the filter.
    pub found: u64,
    /// This page, from 1.
    pub page: u32,
    /// The last page.
    pub pages: u32,
    /// `covered` by the newest checkpoint, or `pending`.
    pub proof: &'static str,
    /// Newest first.
    pub looks: Vec<Look>,
}

/// One look.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Look {
    /// The person's own number of the look, from 1, without gaps.
    pub number: u64,
    /// When, in Japan's time.
    #[schema(format = DateTime)]
    pub time: String,
    /// Who.
    pub who: Who,
    /// For whom a proxy looked.
    pub on_behalf: Option<OnBehalf>,
    /// Why.
    pub purpose: Code,
    /// Why, in the looker's own words.
    pub reason: Option<String>,
    /// What was asked for.
    pub action: String,
    /// `shown`, `written` or `refused`.
    pub decision: &'static str,
    /// What was shown or written.
    pub shown: Vec<ShownKind>,
    /// By which rule.
    pub rule: Rule,
    /// Whether this is somebody's first look at this record.
    pub first: bool,
    /// Whether a machine looked without a person at it.
    pub automatic: bool,
}

/// For whom somebody looked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OnBehalf {
    /// The name.
    pub name: String,
    /// How the two are related.
    pub relation: String,
}

/// How many facts of one kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ShownKind {
    /// The FHIR resource type and its plain words.
    pub kind: Code,
    /// How many.
    pub count: u64,
}

/// The rules that decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Rule {
    /// Ids, separated by spaces.
    pub id: String,
    /// In plain words, Japanese.
    pub ja: String,
    /// In plain words, English.
    pub en: String,
    /// The law or guideline.
    pub source: Option<String>,
}

/// The timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Timeline {
    /// What it is narrowed to.
    pub topic: &'static str,
    /// Newest first.
    pub years: Vec<Year>,
}

/// One year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Year {
    /// The Gregorian year.
    pub year: i16,
    /// How many entries it has for this reader.
    pub count: u32,
    /// The entries, newest first; given for one year.
    pub entries: Vec<Entry>,
}

/// One event or period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    /// The first day.
    #[schema(format = Date)]
    pub from: String,
    /// The last day of a period that has ended.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<String>,
    /// Whether it goes on.
    pub ongoing: bool,
    /// What happened.
    pub title: String,
    /// Where, or who recorded it.
    pub place: Option<String>,
    /// More, one fact each.
    pub lines: Vec<String>,
}

impl From<view::TimelineView> for Timeline {
    fn from(view: view::TimelineView) -> Self {
        let year = |year: view::Year| Year {
            year: year.year,
            count: year.count,
            entries: year.entries.into_iter().map(Entry::from).collect(),
        };
        Self { topic: view.topic.code(), years: view.years.into_iter().map(year).collect() }
    }
}

impl From<view::Entry> for Entry {
    fn from(entry: view::Entry) -> Self {
        let (from, to, ongoing) = match entry.when {
            view::Period::Day(day) => (day, None, false),
            view::Period::Span(from, to) => (from, Some(to), false),
            view::Period::Since(from) => (from, None, true),
        };
        Self {
            from: from.to_string(),
            to: to.map(|day| day.to_string()),
            ongoing,
            title: entry.title.text,
            place: entry.place.map(|place| place.text),
            lines: entry.lines.into_iter().map(|line| line.text).collect(),
        }
    }
}

/// Daily activities and care notes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Activities {
    /// Barthel indices, oldest first.
    pub measurements: Vec<Measurement>,
    /// Care notes, newest first.
    pub notes: Vec<Note>,
}

/// One Barthel index.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Measurement {
    /// The day in Japan.
    #[schema(format = Date)]
    pub day: String,
    /// The total, 0 to 100.
    pub total: u8,
    /// The ten activities.
    pub items: Vec<Item>,
    /// Who measured.
    pub by: Option<String>,
}

/// One activity.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Item {
    /// Our code.
    pub code: &'static str,
    /// Its points; none where the item was not given.
    pub points: Option<u8>,
}

/// A care worker's note.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Note {
    /// The day in Japan.
    #[schema(format = Date)]
    pub day: String,
    /// Who wrote it.
    pub by: Option<String>,
    /// The note.
    pub text: String,
}

impl From<view::ActivitiesView> for Activities {
    fn from(view: view::ActivitiesView) -> Self {
        let item = |(activity, points): (&view::Activity, Option<u8>)| Item { code: activity.code, points };
        let measurement = |one: view::Measurement| Measurement {
            day: one.day.to_string(),
            total: one.total,
            items: view::ACTIVITIES.iter().zip(one.items).map(item).collect(),
            by: one.by.map(|by| by.text),
        };
        let note = |note: view::CareNote| Note {
            day: note.origin.day.to_string(),
            by: note.origin.by.map(|by| by.text),
            text: note.text.text,
        };
        Self {
            measurements: view.measurements.into_iter().map(measurement).collect(),
            notes: view.notes.into_iter().map(note).collect(),
        }
    }
}

/// The newest result of each test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Laboratory {
    /// Newest first.
    pub tests: Vec<Test>,
}

/// One test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Test {
    /// The last part of the test's page.
    pub slug: String,
    /// The name.
    pub name: String,
    /// What it measures.
    pub meaning: Option<String>,
    /// The day in Japan.
    #[schema(format = Date)]
    pub day: String,
    /// As reported.
    pub value: String,
    /// As printed.
    pub unit: String,
    /// `low`, `usual`, `high` or `unknown`.
    pub level: &'static str,
    /// The usual range.
    pub range: Option<String>,
    /// Who measured.
    pub by: Option<String>,
}

impl From<view::LaboratoryListView> for Laboratory {
    fn from(view: view::LaboratoryListView) -> Self {
        let test = |row: view::TestRow| Test {
            slug: row.slug,
            name: row.name.text,
            meaning: row.meaning.map(|meaning| meaning.text),
            day: row.newest.day.to_string(),
            value: row.newest.text,
            unit: row.unit,
            level: match row.newest.level {
                view::Level::Low => "low",
                view::Level::Usual => "usual",
                view::Level::High => "high",
                view::Level::Unknown => "unknown",
            },
            range: row.range.map(|range| range.text),
            by: row.newest.by.map(|by| by.text),
        };
        Self { tests: view.tests.into_iter().map(test).collect() }
    }
}

/// Medicines.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Medicines {
    /// In use, newest first.
    pub current: Vec<Medicine>,
    /// No longer in use, newest first.
    pub earlier: Vec<Medicine>,
}

/// One medicine.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Medicine {
    /// The name as prescribed.
    pub name: String,
    /// What it is for.
    pub meaning: Option<String>,
    /// How to take it.
    pub dose: Option<String>,
    /// For how long.
    pub supply: Option<String>,
    /// Since when.
    #[schema(format = Date)]
    pub day: String,
    /// Who prescribed it.
    pub by: Option<String>,
}

impl From<view::MedicinesView> for Medicines {
    fn from(view: view::MedicinesView) -> Self {
        let text = |words: Option<view::Words>| words.map(|words| words.text);
        let one = |one: view::Medicine| Medicine {
            name: one.name.text,
            meaning: text(one.meaning),
            dose: text(one.dose),
            supply: text(one.supply),
            day: one.origin.day.to_string(),
            by: text(one.origin.by),
        };
        Self {
            current: view.current.into_iter().map(one).collect(),
            earlier: view.earlier.into_iter().map(one).collect(),
        }
    }
}

/// A moment as the bodies write it.
pub(crate) fn moment(at: Instant) -> String {
    at.to_fhir()
}
