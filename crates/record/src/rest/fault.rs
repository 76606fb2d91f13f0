//! What went wrong, as a status and an `OperationOutcome`.
//!
//! Refused and not found are one text: whoever may not see a thing does not learn that it is there. Errors of the crates
//! below know nothing of HTTP; each gets its status here, once.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tsumugi_access::{Refusal, SealError, StandingFault};
use tsumugi_fhir::{
    json::SyntaxError,
    outcome::{Finding, IssueType, Lang, Severity},
};
use tsumugi_store::{CommitError, StoreError};

use super::answer::{json, outcome};
use crate::RecordError;

/// What a handler cannot answer with a resource.
#[derive(Debug)]
pub struct Fault {
    status: StatusCode,
    lang: Lang,
    findings: Vec<Finding>,
}

impl Fault {
    /// A fault with one finding.
    #[must_use]
    pub fn new(status: StatusCode, lang: Lang, code: IssueType, ja: &str, en: &str) -> Self {
        Self { status, lang, findings: vec![Finding::new(Severity::Error, code, "", ja, en)] }
    }

    /// A fault with findings.
    #[must_use]
    pub fn findings(status: StatusCode, lang: Lang, findings: Vec<Finding>) -> Self {
        Self { status, lang, findings }
    }

    /// No token, or one that is not known here.
    #[must_use]
    pub fn unknown_caller(lang: Lang) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            lang,
            IssueType::Login,
            "だれからの依頼か分かりません。Authorization: Bearer に有効なトークンを付けて、もう一度送ってください。",
            "It is not known who asks. Send the request again with a valid token in Authorization: Bearer.",
        )
    }

    /// Not found, or not open for this purpose: one text for both.
    #[must_use]
    pub fn absent(lang: Lang) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            lang,
            IssueType::NotFound,
            "見つからないか、この目的では開けません。担当の登録をたしかめてください。",
            "Not found, or not open for this purpose. Check that you are registered as in charge.",
        )
    }

    /// A kind that FHIR R4 does not have.
    #[must_use]
    pub fn unknown_kind(lang: Lang) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            lang,
            IssueType::NotSupported,
            "URLのリソース種別がFHIR R4にありません。/fhir/R4/metadata にある種別を使ってください。",
            "The URL names no FHIR R4 resource type. Use one listed at /fhir/R4/metadata.",
        )
    }

    /// A body that is no JSON.
    #[must_use]
    pub fn syntax(lang: Lang, error: &SyntaxError) -> Self {
        Self::findings(StatusCode::BAD_REQUEST, lang, vec![error.finding()])
    }

    /// The version asked for in `If-Match` is not the newest.
    #[must_use]
    pub fn changed(lang: Lang) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            lang,
            IssueType::Conflict,
            "If-Match の版は最新ではありません。何も保存していません。最新の版を読み、変更をもう一度あててください。",
            "If-Match does not name the newest version. Nothing was saved. Read the newest version and apply the change again.",
        )
    }

    /// The same fault under another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same fault with one finding more, which comes first, under another status.
    #[must_use]
    pub fn and(mut self, finding: Finding, status: StatusCode) -> Self {
        self.findings.insert(0, finding);
        Self { status, ..self }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What was found.
    #[must_use]
    pub fn found(&self) -> &[Finding] {
        &self.findings
    }

    /// The `OperationOutcome` as JSON.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        outcome(&self.findings, self.lang)
    }

    /// Gives a refusal its answer: 404 in the words of absence, 403 where the cause lies wholly in the caller.
    #[must_use]
    pub fn refused(lang: Lang, refusal: &Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::NotOpen { .. } => return Self::absent(lang),
            Refusal::OutsideTable { .. }
            | Refusal::OutsideScope { .. }
            | Refusal::Suspended { .. }
            | Refusal::NoDisaster { .. } => (StatusCode::FORBIDDEN, IssueType::Forbidden),
            Refusal::Expired { .. } => (StatusCode::UNAUTHORIZED, IssueType::Expired),
            Refusal::Seal(error) => return Self::seal(lang, error),
            Refusal::Store(error) => return Self::store(lang, error),
            Refusal::Row(what) => return Self::record(lang, &RecordError::Unreadable(what)),
        };
        let words = refusal.words();
        Self::new(status, lang, code, &words.ja, &words.en)
    }

    /// Gives a leaf that could not be left its answer: nothing is shown then.
    #[must_use]
    pub fn seal(lang: Lang, error: &SealError) -> Self {
        match error {
            SealError::Commit(error) => Self::commit(lang, error),
            SealError::Store(error) => Self::store(lang, error),
            SealError::Leaf(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                lang,
                IssueType::TooCostly,
                "一度に見るものが多すぎます。_count を小さくしてください。",
                "Too much is shown at once. Use a smaller _count.",
            ),
            SealError::Unplaced => {
                tracing::error!("the store named no place for a leaf");
                Self::broken(lang)
            }
            SealError::Glass => {
                tracing::error!("a write was tried with a permit that breaks the glass");
                Self::broken(lang)
            }
        }
    }

    /// Gives a record's failure its answer.
    #[must_use]
    pub fn record(lang: Lang, error: &RecordError) -> Self {
        match error {
            RecordError::Store(error) => Self::store(lang, error),
            RecordError::Commit(error) => Self::commit(lang, error),
            RecordError::Seal(error) => Self::seal(lang, error),
            RecordError::NotOwn => Self::new(
                StatusCode::FORBIDDEN,
                lang,
                IssueType::Forbidden,
                "この記録を変えられるのは、送った機関だけです。何も保存していません。訂正は、送った機関に依頼してください。",
                "Only the organisation that sent this fact can change it. Nothing was saved. Ask them for a correction.",
            ),
            RecordError::OutOfScope => Self::new(
                StatusCode::FORBIDDEN,
                lang,
                IssueType::Forbidden,
                "このアプリのトークンの範囲（scope）では、この種別の記録を書けません。何も保存していません。必要な範囲でトークンを取り直してください。",
                "The token's scopes do not let a resource of this type be written so. Nothing was saved. Get a token with the scope that it needs.",
            ),
            RecordError::NotAdmitted => Self::new(
                StatusCode::FORBIDDEN,
                lang,
                IssueType::Forbidden,
                "この役割と目的では、この種類の記録を書けません。何も保存していません。サインインの役割と目的をたしかめてください。",
                "Facts of this kind cannot be written in this role and for this purpose. Nothing was saved. Check the role and purpose of the sign-in.",
            ),
            RecordError::Standing(fault @ StandingFault::TwoClerks) => Self::new(
                StatusCode::FORBIDDEN,
                lang,
                IssueType::BusinessRule,
                "ほかの人に見せる範囲を広げる届出（代理、見せない設定の取りやめ、閲覧の同意）は、窓口の職員一人では記録できません。何も保存していません。市区町村の窓口の「紙の届出」（/desk/papers）で受け付け、別の職員が紙を確かめてください。ご本人は、自分の画面から届け出られます。",
                &format!("{fault}. Nothing was saved."),
            ),
            RecordError::Standing(fault @ StandingFault::NotRegistered) => Self::new(
                StatusCode::FORBIDDEN,
                lang,
                IssueType::BusinessRule,
                "登録のシステムが記録できるのは、親権者と後見人（actor.roleに続柄）だけです。何も保存していません。ほかの届出は、ご本人の画面か、市区町村の窓口の「紙の届出」（/desk/papers）で受け付けてください。",
                &format!("{fault}. Nothing was saved."),
            ),
            RecordError::Standing(fault) => Self::new(
                StatusCode::FORBIDDEN,
                lang,
                IssueType::BusinessRule,
                "担当や代理の登録は、この送り手からは受け付けられません。何も保存していません。市区町村か送った医療機関から登録してください。",
                &format!("{fault}. Nothing was saved."),
            ),
            RecordError::Search(error) => match error.finding() {
                Some(finding) => Self::findings(StatusCode::UNPROCESSABLE_ENTITY, lang, vec![finding]),
                None => Self::record(lang, &RecordError::Unreadable("a fact's body")),
            },
            RecordError::Cursor => Self::new(
                StatusCode::BAD_REQUEST,
                lang,
                IssueType::Value,
                "_page の値が、このサーバーの返したものではありません。最初のページからやり直し、next のリンクをそのまま使ってください。",
                "The value of _page is not one that this server gave. Start again at the first page and follow its next link as it is.",
            ),
            RecordError::SecondShelf => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                lang,
                IssueType::BusinessRule,
                "一度に書けるのは一人の記録だけです。何も保存していません。人ごとに分けて送ってください。",
                "One request writes to one person's record. Nothing was saved. Send one request per person.",
            ),
            RecordError::Unreadable(what) => {
                tracing::error!(what, "a stored value cannot be read back");
                Self::broken(lang)
            }
        }
    }

    /// Gives a store's failure to read its answer; the detail goes to the operator only.
    #[must_use]
    pub fn store(lang: Lang, error: &StoreError) -> Self {
        tracing::error!(%error, "the store cannot read");
        Self::broken(lang)
    }

    /// Gives a store's failure to write its answer.
    #[must_use]
    pub fn commit(lang: Lang, error: &CommitError) -> Self {
        match error {
            CommitError::Conflict(_) => Self::new(
                StatusCode::CONFLICT,
                lang,
                IssueType::Conflict,
                "同じ記録がちょうど今、書きかえられました。何も保存していません。もう一度送ってください。",
                "The same record was changed just now. Nothing was saved. Send it again.",
            ),
            CommitError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                lang,
                IssueType::Throttled,
                "混み合っています。まだ何も保存していません。1分後にもう一度送ってください。",
                "The server is busy. Nothing was saved. Send it again in a minute.",
            ),
            CommitError::Batch(_) | CommitError::Refused(_) => {
                tracing::error!(%error, "the store refused a write");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    lang,
                    IssueType::Transient,
                    "いまは保存できません。何も保存していません。運用の担当者に知らせ、あとでもう一度送ってください。",
                    "Saving is not possible now. Nothing was saved. Tell the operator and send it again later.",
                )
            }
            CommitError::Unknown(_) => {
                tracing::error!(%error, "the outcome of a write is unknown");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    lang,
                    IssueType::Transient,
                    "保存できたかどうか分かりません。$submit の文書と、自分で決めた id への PUT は、同じものをもう一度送ってください。二重にはなりません。ほかは、まず読み出してたしかめてください。",
                    "It is not known whether it was saved. Send a document to $submit, or a PUT under an id of your own, again as it was: it will not be doubled. For anything else read it back first.",
                )
            }
        }
    }

    fn broken(lang: Lang) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            lang,
            IssueType::Exception,
            "サーバーで読み出しに失敗しました。運用の担当者に知らせてください。",
            "The server failed to read. Tell the operator.",
        )
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = json(self.status, self.body());
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}
