//! View models: what a page shows, already decided. One file per page; here is what they share.
//!
//! What must hold: a view never says how much was held back. Texts that come from records keep their own language,
//! so that a page in another language can mark them.

mod activities;
mod allow;
mod care_form;
mod carried;
mod could;
mod disaster;
mod document;
mod emergency;
mod error;
mod glass;
mod home;
mod laboratory;
mod licence;
mod log;
mod looks;
mod mandates;
mod matches;
mod medicines;
mod notices;
mod papers;
mod person;
mod review;
mod rules;
mod sent;
mod sharing;
mod sign_in;
mod staff;
mod statistics;
mod take;
mod timeline;
mod town;
mod ways;
mod whatif;

use jiff::civil::Date;
use tsumugi_kernel::{Instant, Role};

use crate::Lang;

pub use activities::{ACTIVITIES, ActivitiesView, Activity, CareNote, Measurement};
pub use allow::{AllowView, AppRow, AppsView, NoRequestView, Whose};
pub use care_form::{CareFormView, FieldFault, Receipt};
pub use carried::{CarriedView, ReceiptFault, ReceiptForm, ReceiptView};
pub use could::{CouldAt, CouldRow, CouldTold, CouldView, CouldWho};
pub use disaster::{
    DisasterNews, DisasterView, IdentifyFault, IdentifyView, OpeningDesk, OpeningForm, OpeningRow, OpeningWord,
    OpeningsView, SearchRow,
};
pub use document::{CaseNote, CorrectionForm, DocumentSection, DocumentView};
pub use emergency::EmergencyView;
pub use error::{ErrorView, Trouble};
pub use glass::{Glass, GlassFault, GlassKind, GlassView, GlassWhy};
pub use home::{HomeView, News};
pub use laboratory::{ClinicianNote, LaboratoryListView, LaboratoryView, Level, Range, TestRow, TestValue};
pub use licence::{LicenceView, ShowLicenceView, StaffLicenceFault, StaffLicenceView};
pub use log::{LogQuorum, LogSeen, LogView, LogWitness, LogWitnessState};
pub use looks::{
    Decision, LookBy, LookFilter, LookGroup, LookRow, LookView, LooksView, OnBehalf, Proof, ProofFile, ProofWitnesses,
    RuleWords, ShownKind,
};
pub use mandates::{MandateDone, MandateFault, MandateForm, MandateRow, MandatesView};
pub use matches::{
    MatchDone, MatchFault, MatchPairView, MatchPerson, MatchQueueView, MatchReason, MatchSaid, MatchTurn, MatchVerdict,
    MergeRow, MergesView, WaitingPair,
};
pub use medicines::{Medicine, MedicinesView};
pub use notices::{
    LetterFault, LettersView, MailAddress, MailState, Notice, NoticeDone, NoticeWhy, NoticeWish, NoticesView,
};
pub use papers::{
    OnPaper, OwnPapersView, PaperDone, PaperFormFault, PaperFormView, PaperLookView, PaperRow, PaperSaid,
    PaperSlipView, PaperWhat, PaperWordRow, PapersView,
};
pub use person::{Ability, PersonView, Precaution, PrecautionTopic, Statement};
pub use review::{
    CaseFormFault, CasePersonView, CaseSaid, CaseStand, CasesView, LookCase, ObjectionForm, OfficeCaseView,
    OfficeCasesView, OwnCaseView, PaperFault, PaperView, ReviewCaseView, ReviewQueueView, WaitingCase,
};
pub use rules::{Asker, AskerRow, RuleRow, RulesView};
pub use sent::{SentRule, SentView, SentWeek};
pub use sharing::{
    Choice, KINDS, Preview, RESTRICTABLE, RelatedRow, RestrictFault, RestrictView, Restricted, RestrictionRow,
    SharingDone, SharingView, Step,
};
pub use sign_in::{Candidate, SignInView};
pub use staff::{FoundPerson, ProxyHomeView, SearchTrouble, StaffHomeView};
pub use statistics::{Count, MonthRow, Statistics};
pub use take::{
    LinkHolderFault, LinkHolderView, LinkRow, MadeLinkView, SealedView, TakeFault, TakeForm, TakeView, TakenPart,
    TakenRow, TakenView,
};
pub use timeline::{Entry, Period, TimelineView, Topic, Year};
pub use town::{FillingState, FillingView, TownRow, TownVerdict, TownView};
pub use ways::{
    CodeView, ComeInView, DeskCodeFault, DeskCodeView, EventView, GoOn, GoOnView, HandedView, KeyView, NewKeyView,
    SecondView, SessionView, WayDone, WayFault, WaysView,
};
pub use whatif::{Tried, WHAT_IF_DAYS, WhatIfFault, WhatIfView};

/// A text from a record or a directory, in the language it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The text as the reader sees it.
    pub text: String,
    /// Its language.
    pub lang: Lang,
}

impl Words {
    /// Japanese words.
    #[must_use]
    pub fn ja(text: impl Into<String>) -> Self {
        Self { text: text.into(), lang: Lang::Ja }
    }

    /// English words.
    #[must_use]
    pub fn en(text: impl Into<String>) -> Self {
        Self { text: text.into(), lang: Lang::En }
    }
}

/// A person's name with its reading where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name as registered; `髙` stays `髙`.
    pub text: String,
    /// The reading in kana, printed above the name at its first mention.
    pub kana: Option<String>,
}

impl Name {
    /// A name without a known reading.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), kana: None }
    }

    /// A name with its reading.
    #[must_use]
    pub fn read(text: impl Into<String>, kana: impl Into<String>) -> Self {
        Self { text: text.into(), kana: Some(kana.into()) }
    }
}

/// A professional or a system, and where they belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The name.
    pub name: Name,
    /// The role; its plain words stand where no qualification is known.
    pub role: Role,
    /// The qualification as registered, for example `救急救命士`.
    pub qualification: Option<Words>,
    /// The organisation's name.
    pub organization: Option<Words>,
}

/// Administrative sex as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 女.
    Female,
    /// 男.
    Male,
    /// その他.
    Other,
    /// 不明.
    Unknown,
}

/// Which page of a long list this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pager {
    /// This page, from 1.
    pub page: u32,
    /// The last page; at least 1.
    pub pages: u32,
}

/// A statement's origin: when it was said and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The day in Japan.
    pub day: Date,
    /// Who or which organisation said it.
    pub by: Option<Words>,
}

/// A moment on the page, with the clock's precision.
pub type Moment = Instant;
