//! Why a search that was understood could not be answered.

use tsumugi_fhir::outcome::{Finding, IssueType};
use tsumugi_fhir_definitions::NotChecked;

/// A search that could not be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// It is more work than one search may be.
    #[error("the search is more work than one search may be")]
    Costly,
    /// More would come along with one page than may.
    #[error("more comes along with one page than may")]
    TooManyIncluded,
    /// Whether a code is in a value set, or below another code, cannot be told here.
    #[error("a code cannot be checked: {0:?}")]
    NotChecked(NotChecked),
    /// A stored body cannot be read.
    #[error("a stored body cannot be read")]
    Unreadable,
}

impl SearchError {
    /// The finding for the caller; `None` where the cause is the operator's matter.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let (code, ja, en) = match self {
            Self::Costly => (
                IssueType::TooCostly,
                "この検索は一度の仕事の上限をこえます。種別や日付の条件を加えるか、たどる参照を減らしてください。",
                "This search is more work than one search may be. Add conditions on dates or codes, or follow fewer references.",
            ),
            Self::TooManyIncluded => (
                IssueType::TooCostly,
                "_include と _revinclude で付け足すものが多すぎます。_count を小さくするか、指定をしぼってください。",
                "Too much comes along by _include and _revinclude. Use a smaller _count or name fewer of them.",
            ),
            Self::NotChecked(_) => (
                IssueType::NotSupported,
                "値集合かコード体系の一部が読み込まれていないため、コードを確かめられません。コードを並べてさがしてください。",
                "Part of the value set or code system is not loaded, so codes cannot be checked. List the codes instead.",
            ),
            Self::Unreadable => return None,
        };
        Some(Finding::error(code, "", ja, en))
    }
}
