//! `GET /town` and `GET /demo`: the town in numbers, and how far a demonstration has filled it. Public: no record is read.
//!
//! The comparison is a file that the town's maker wrote (`comparison.json`); nothing here computes it.

use std::sync::{Arc, PoisonError, RwLock};

use maud::Markup;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fault, Site, Visit};
use crate::Lang;
use crate::page;
use crate::view::{FillingState, FillingView, TownRow, TownVerdict, TownView, Words};

/// The file `comparison.json`: the town beside Japan's figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The seed of the town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Citizens of the town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizens: Option<u64>,
    /// The day on which the town is seen: YYYY-MM-DD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
    /// The figures.
    pub rows: Vec<ComparisonRow>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparisonRow {
    /// Its key.
    pub key: String,
    /// What it is, in Japanese.
    pub ja: String,
    /// What it is, in English.
    pub en: String,
    /// Its unit.
    #[serde(default)]
    pub unit: String,
    /// Where Japan's figure comes from.
    #[serde(default)]
    pub source: String,
    /// Japan's figure.
    pub expected: f64,
    /// The town's; none where nothing was counted.
    pub found: Option<f64>,
    /// The standard error of the town's figure.
    pub standard_error: Option<f64>,
    /// How far the town's is from Japan's, in hundredths of Japan's.
    pub off_percent: Option<f64>,
    /// `near`, `within-error`, `off` or `not-counted`.
    pub verdict: Verdict,
}

/// What is made of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Near Japan's figure.
    Near,
    /// Farther, but no farther than chance goes.
    WithinError,
    /// Farther than both.
    Off,
    /// Nothing was counted.
    NotCounted,
}

impl Comparison {
    fn view(&self, lang: Lang) -> TownView {
        let row = |row: &ComparisonRow| TownRow {
            words: match lang {
                Lang::Ja | Lang::Easy => Words::ja(row.ja.as_str()),
                Lang::En => Words::en(row.en.as_str()),
            },
            unit: row.unit.clone(),
            source: row.source.clone(),
            expected: row.expected,
            found: row.found,
            standard_error: row.standard_error,
            off_percent: row.off_percent,
            verdict: match row.verdict {
                Verdict::Near => TownVerdict::Near,
                Verdict::WithinError => TownVerdict::WithinError,
                Verdict::Off => TownVerdict::Off,
                Verdict::NotCounted => TownVerdict::NotCounted,
            },
        };
        TownView { citizens: self.citizens, today: self.today.clone(), rows: self.rows.iter().map(row).collect() }
    }
}

/// How far a demonstration's town is: written by whoever fills it, read by the pages. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Filling(Arc<RwLock<FillingView>>);

impl Filling {
    /// Says how far it is.
    pub fn tell(&self, view: FillingView) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = view;
    }

    /// How far it is.
    #[must_use]
    pub fn view(&self) -> FillingView {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far a demonstration's town is, for programs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// `running`, `done`, `stopped` or `failed`.
    pub state: String,
    /// Citizens of the town.
    pub citizens: u64,
    /// Citizens who are there.
    pub there: u64,
    /// Messages taken in since the start.
    pub taken: u64,
    /// Messages refused since the start.
    pub refused: u64,
    /// Records in the messages that were taken in since the start.
    pub resources: u64,
}

/// `GET /town`.
pub(crate) async fn town(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    Ok(page::town::page(&site.comparison().view(visit.lang), &visit.frame(None)))
}

/// `GET /api/town/comparison`.
pub(crate) async fn comparison(site: &Site, _: &Visit) -> Result<Comparison, Fault> {
    Ok((*site.comparison()).clone())
}

/// `GET /demo`: nothing is there where nothing is filled.
pub(crate) async fn filling(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let filling = site.filling().ok_or(Fault::NO_PAGE)?;
    Ok(page::filling::page(&filling.view(), &visit.frame(None)))
}

/// `GET /api/demo/progress`.
pub(crate) async fn progress(site: &Site, _: &Visit) -> Result<Progress, Fault> {
    let view = site.filling().map_or_else(nothing, Filling::view);
    let FillingView { citizens, there, taken, refused, resources, state } = view;
    Ok(Progress { state: state.code().to_owned(), citizens, there, taken, refused, resources })
}

/// Where nothing is filled, all is there.
fn nothing() -> FillingView {
    FillingView { state: FillingState::Done, ..FillingView::default() }
}
