//! Search: a URL's parameters to a query, a query against the resources of one shelf.
//!
//! Search parameters are those of the definitions, no more and no less. Where the values packed beside a fact say exactly
//! what R4's parameter says ([`hot`]), matching reads those; everything else is computed from the body by the parameter's
//! own FHIRPath, prepared once, on what the packed conditions left.
//!
//! What must hold: a search sees only the [`Shelf`] that it is given, which holds only what the asker may see, so that
//! totals, chains, `_has`, includes and orders tell nothing of the rest; what it does not understand is a finding, never
//! silently dropped (but where the caller asked for leniency, and then it is listed); every search ends within its
//! [`bounds`].

pub mod bounds;
mod error;
mod found;
pub mod hot;
mod include;
mod matches;
mod number;
mod param;
mod parse;
mod query;
mod run;
mod shelf;
mod sort;
mod subset;
mod test;
pub mod text;
mod unit;
mod work;

use tsumugi_fhir::outcome::Finding;
use tsumugi_fhir_definitions::{Definitions, SearchParam};
use tsumugi_kernel::{Instant, Kind};

pub use error::SearchError;
pub use param::Param;
pub use parse::Ask;
pub use query::{Named, Query, Sort, Subset, Total};
pub use shelf::Shelf;

use crate::{param::Params, work::Work};

/// Search over some definitions. Holds what was prepared; make one and share it.
#[derive(Debug)]
pub struct Search {
    params: Params,
}

impl Search {
    /// Search by these definitions.
    #[must_use]
    pub fn new(definitions: Definitions) -> Self {
        Self { params: Params::new(definitions) }
    }

    /// The definitions.
    #[must_use]
    pub const fn definitions(&self) -> &Definitions {
        self.params.definitions()
    }

    /// Reads a search; pairs are decoded names and values.
    ///
    /// # Errors
    /// Findings for unknown parameters (with leniency these are left out and listed), for modifiers that are not served,
    /// for values that cannot be read, and for searches that are too large.
    pub fn parse(&self, ask: &Ask<'_>, pairs: &[(String, String)]) -> Result<Query, Vec<Finding>> {
        parse::parse(&self.params, ask, pairs)
    }

    /// The places of the matches, in the order asked for.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn run(&self, query: &Query, shelf: &dyn Shelf, now: Instant) -> Result<Vec<usize>, SearchError> {
        Work::new(&self.params, shelf, query.base(), now).run(query)
    }

    /// The places of what comes along with a page of matches.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn include(
        &self,
        query: &Query,
        shelf: &dyn Shelf,
        page: &[usize],
        now: Instant,
    ) -> Result<Vec<usize>, SearchError> {
        if !query.has_includes() {
            return Ok(Vec::new());
        }
        Work::new(&self.params, shelf, query.base(), now).include(query, page)
    }

    /// A resource as the query wants it shown: `None` where it is shown whole.
    #[must_use]
    pub fn subset(&self, query: &Query, kind: Kind, body: &[u8]) -> Option<Vec<u8>> {
        subset::subset(self.definitions(), query.subset(), kind, body)
    }

    /// The search parameters of a kind that are served, by name, for a `CapabilityStatement`.
    pub fn served(&self, kind: Kind) -> impl Iterator<Item = &SearchParam> {
        let all = self.definitions().search_params(kind.name()).iter().map(|param| &**param);
        all.filter(|param| {
            param.expression.is_some() && param.ty != tsumugi_fhir_definitions::SearchType::Special
                || ["_text", "_content"].contains(&&*param.code)
        })
    }
}
