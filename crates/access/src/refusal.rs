//! How the door says no.
//!
//! INVARIANT: what is refused about a citizen is told in the words of "not there", whatever the cause: a restriction,
//! a missing relation and an absent fact must not be told apart. Only causes that lie wholly in the caller (the role,
//! an ended token, a suspension) have words of their own.

use tsumugi_kernel::{Instant, Purpose, Role};

use crate::{ActionGroup, Receipt, SealError};

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl Words {
    pub(crate) fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ja: ja.into(), en: en.into() }
    }
}

/// Why a request was not admitted. Where a receipt is named, the refusal's leaf is durable.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nothing is open here for this purpose. The same words as for what is not there.
    #[error("nothing is open here for this purpose")]
    NotOpen {
        /// The refusal's leaf.
        receipt: Receipt,
    },
    /// The role may not ask for this purpose at all.
    #[error("the role {role} may not ask for this for the purpose {purpose}")]
    OutsideTable {
        /// The caller's role.
        role: Role,
        /// The caller's purpose.
        purpose: Purpose,
        /// What was asked.
        group: ActionGroup,
        /// The refusal's leaf.
        receipt: Receipt,
    },
    /// The token's scopes have no place for it.
    #[error("the token's scopes do not let this be asked for")]
    OutsideScope {
        /// What was asked.
        group: ActionGroup,
        /// The refusal's leaf.
        receipt: Receipt,
    },
    /// The token has ended.
    #[error("the sign-in has ended")]
    Expired {
        /// The refusal's leaf.
        receipt: Receipt,
    },
    /// The supervising body has suspended the caller.
    #[error("the supervising body has suspended this person")]
    Suspended {
        /// Until when; not given where a supervisor lifts it.
        until: Option<Instant>,
        /// The refusal's leaf.
        receipt: Receipt,
    },
    /// The disaster mode is not open where the caller works, or not any more.
    #[error("no disaster mode is open where the caller's organisation is")]
    NoDisaster {
        /// The refusal's leaf.
        receipt: Receipt,
    },
    /// The leaf could not be written, so nothing may be answered; not even a no.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] tsumugi_store::StoreError),
    /// A row that the decision needs cannot be read.
    #[error("a row that the decision needs cannot be read: {0}")]
    Row(&'static str),
}

impl Refusal {
    /// What to tell the caller. For a citizen's data these are the words of [`absent`].
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::NotOpen { .. } => absent(),
            Self::OutsideTable { role, purpose, group, .. } => Words::new(
                format!(
                    "役割「{role}」は、目的「{purpose}」でこの操作（{}）を求めることができません。サインインの役割と目的を確かめてください。",
                    group.code()
                ),
                format!(
                    "The role {role} may not ask for this ({}) for the purpose {purpose}. Check the role and purpose of the sign-in.",
                    group.code()
                ),
            ),
            Self::OutsideScope { group, .. } => Words::new(
                format!(
                    "このアプリのトークンの範囲（scope）には、この操作（{}）が入っていません。必要な範囲でトークンを取り直してください。",
                    group.code()
                ),
                format!(
                    "The token's scopes do not let this ({}) be asked for. Get a token with the scope that it needs.",
                    group.code()
                ),
            ),
            Self::Expired { .. } => Words::new(
                "サインインの期限が切れました。もう一度サインインしてください。",
                "The sign-in has ended. Sign in again.",
            ),
            Self::Suspended { until, .. } => suspended(*until),
            Self::NoDisaster { .. } => Words::new(
                "災害時モードは、あなたの機関のある地域では、いま開かれていません。開かれている地域と期間は /disaster にあります。ふだんの目的でサインインしてください。",
                "The disaster mode is not open where your organisation is. /disaster lists where and until when it is. Sign in for your usual purpose.",
            ),
            Self::Seal(_) | Self::Store(_) | Self::Row(_) => Words::new(
                "いまは記録を残せないため、お答えできません。少し待って、もう一度お試しください。",
                "No record of this can be kept right now, so no answer can be given. Wait a little and try again.",
            ),
        }
    }

    /// The receipt of the refusal's leaf, if one could be left.
    #[must_use]
    pub const fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::NotOpen { receipt }
            | Self::OutsideTable { receipt, .. }
            | Self::OutsideScope { receipt, .. }
            | Self::Expired { receipt }
            | Self::Suspended { receipt, .. }
            | Self::NoDisaster { receipt } => Some(receipt),
            Self::Seal(_) | Self::Store(_) | Self::Row(_) => None,
        }
    }
}

/// The words for somebody whom the supervising body has suspended.
fn suspended(until: Option<Instant>) -> Words {
    let (ja, en) = match until {
        Some(until) => {
            let (day, time) = (until.civil().date(), until.civil().time());
            let (hour, minute) = (time.hour(), time.minute());
            (
                format!("{}年{}月{}日{hour}時{minute:02}分まで", day.year(), day.month(), day.day()),
                format!("until {day} {hour:02}:{minute:02}"),
            )
        }
        None => ("解かれるまで".to_owned(), "until it is lifted".to_owned()),
    };
    Words::new(
        format!(
            "監督機関の決定により、{ja}、あなたは記録を見ることも書くこともできません。緊急のときは、ほかの職員に頼んでください。"
        ),
        format!(
            "By a decision of the supervising body you may neither see nor write records {en}. In an emergency, ask a colleague."
        ),
    )
}

/// The words for what is not there, and for what is not open: one text for both.
#[must_use]
pub fn absent() -> Words {
    Words::new(
        "該当する情報はありません。または、この目的では開くことができません。",
        "There is no such information, or it is not open for this purpose.",
    )
}
