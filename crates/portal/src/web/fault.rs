//! What went wrong, as the reader is told: a page, or the same words as JSON.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;
use tsumugi_access::{LinkError, Refusal, SealError, looks::LooksError};
use tsumugi_people::PeopleError;
use tsumugi_record::{CommitError, RecordError, StoreError};
use utoipa::ToSchema;

use super::{Visit, answer, cookie, person_to_be::BothWords};
use crate::view::{ErrorView, Trouble};
use crate::{Lang, page};

/// Why a page or its data cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nobody is signed in, or the session has ended.
    SignIn,
    /// Everything else.
    Trouble(Trouble),
}

impl Fault {
    /// The address is nobody's.
    pub const NO_PAGE: Self = Self::Trouble(Trouble::NoPage);
    /// Refused or not there.
    pub const NOT_SHOWN: Self = Self::Trouble(Trouble::NotShown);

    /// The answer to a reader of pages.
    pub fn page(self, visit: &Visit) -> Response {
        match self {
            Self::SignIn => Redirect::to("/sign-in").into_response(),
            Self::Trouble(trouble) => {
                let status = StatusCode::from_u16(trouble.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut response = answer::html(status, page::error::page(&ErrorView { trouble }, &visit.frame(None)));
                // What was opened in a disaster is over with it: from here on the session alone says why.
                if let (Trouble::NoDisaster, Some(id)) = (trouble, visit.param("id"))
                    && let Some(gone) = cookie::set_under(cookie::EMERGENCY, "", &format!("/people/{id}"), 0)
                {
                    response.headers_mut().append(axum::http::header::SET_COOKIE, gone);
                }
                response
            }
        }
    }

    /// The answer to a program.
    pub fn json(self) -> Response {
        let (status, keys): (u16, [&str; 2]) = match self {
            Self::SignIn => (401, ["signin-needed", "signin-needed-do"]),
            Self::Trouble(trouble) => (trouble.status(), words(trouble)),
        };
        let text =
            |lang: Lang| format!("{}{}{}", lang.t(keys[0]), if lang == Lang::En { " " } else { "" }, lang.t(keys[1]));
        let error = BothWords { ja: text(Lang::Ja), en: text(Lang::En) };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer::private((status, Json(ApiError { error })).into_response())
    }
}

const fn words(trouble: Trouble) -> [&'static str; 2] {
    match trouble {
        Trouble::NotShown => ["error-not-shown", "error-not-shown-do"],
        Trouble::NoPage => ["error-no-page", "error-no-page-do"],
        Trouble::Busy => ["error-busy-api", "error-busy-do"],
        Trouble::BadInput => ["error-input-api", "error-input-api-do"],
        Trouble::StaleForm => ["error-stale-api", "error-stale-do"],
        Trouble::Suspended => ["error-suspended-what", "error-suspended-do"],
        Trouble::NoDisaster => ["error-no-disaster-what", "error-no-disaster-do"],
        Trouble::TooMuch => ["error-too-much-api", "error-too-much-do"],
        Trouble::ManyLinks => ["error-many-links", "error-many-links-do"],
        Trouble::NoFont => ["error-no-font-api", "error-no-font-do"],
        Trouble::Broken => ["error-broken-api", "error-broken-do"],
    }
}

/// The body of every answer of `/api` that is not a success.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ApiError {
    /// What happened and what to do, in both languages.
    #[schema(value_type = super::api::model::Both)]
    pub error: BothWords,
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            // INVARIANT: why nothing is open is never told; refused and absent are one.
            Refusal::NotOpen { .. } | Refusal::OutsideTable { .. } | Refusal::OutsideScope { .. } => Self::NOT_SHOWN,
            Refusal::Suspended { .. } => Trouble::Suspended.into(),
            Refusal::NoDisaster { .. } => Trouble::NoDisaster.into(),
            Refusal::Expired { .. } => Self::SignIn,
            Refusal::Seal(error) => error.into(),
            Refusal::Store(error) => error.into(),
            Refusal::Row(what) => broken(&what),
        }
    }
}

impl From<SealError> for Fault {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Commit(error) => error.into(),
            SealError::Store(error) => error.into(),
            error => broken(&error),
        }
    }
}

impl From<CommitError> for Fault {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) | CommitError::Busy => Trouble::Busy.into(),
            error => broken(&error),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        broken(&error)
    }
}

impl From<PeopleError> for Fault {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Commit(error) => error.into(),
            error => broken(&error),
        }
    }
}

impl From<LooksError> for Fault {
    fn from(error: LooksError) -> Self {
        match error {
            LooksError::Permit => Self::NOT_SHOWN,
            error => broken(&error),
        }
    }
}

impl From<RecordError> for Fault {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::NotOwn | RecordError::NotAdmitted | RecordError::OutOfScope | RecordError::Standing(_) => {
                Self::NOT_SHOWN
            }
            RecordError::Commit(error) => error.into(),
            RecordError::Seal(error) => error.into(),
            error => broken(&error),
        }
    }
}

impl From<LinkError> for Fault {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Closed | LinkError::Pin(_) | LinkError::Permit => Self::NOT_SHOWN,
            LinkError::Many => Trouble::ManyLinks.into(),
            LinkError::Large => Trouble::TooMuch.into(),
            LinkError::Refused(refusal) => refusal.into(),
            LinkError::Seal(error) => error.into(),
            LinkError::Store(error) => error.into(),
            LinkError::Commit(error) => error.into(),
            LinkError::Row => broken(&error),
        }
    }
}

/// A fault of ours: told to the operator, not to the reader.
pub(crate) fn broken(error: &dyn std::fmt::Display) -> Fault {
    tracing::error!(%error, "a page could not be made");
    Trouble::Broken.into()
}
