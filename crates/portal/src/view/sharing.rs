//! Who may see the record: what is restricted, who is related, who acts for the person; and the four steps of a new
//! restriction.

use jiff::civil::Date;
use tsumugi_access::{Against, Hides, RelationKind};
use tsumugi_kernel::{OrganizationKind, RecordCategory};

use super::{OnPaper, Words};

/// The page of who may see the record.
#[derive(Clone, Debug, Default)]
pub struct SharingView {
    /// What was just done.
    pub done: Option<SharingDone>,
    /// Institutions and offices that care for the person now.
    pub related: Vec<RelatedRow>,
    /// What is restricted now.
    pub restrictions: Vec<RestrictionRow>,
    /// How many people may act for the person now.
    pub mandates: usize,
}

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharingDone {
    /// A restriction was set.
    Set,
    /// A restriction was lifted.
    Lifted,
}

/// An institution or office that cares for the person.
#[derive(Clone, Debug)]
pub struct RelatedRow {
    /// Its name.
    pub name: Words,
    /// Why.
    pub kind: RelationKind,
    /// Since which day.
    pub since: Date,
    /// Until which day, where it is known.
    pub until: Option<Date>,
}

/// A restriction that holds.
#[derive(Clone, Debug)]
pub struct RestrictionRow {
    /// What it says.
    pub said: Restricted,
    /// The address of the form that lifts it.
    pub lift: String,
    /// Its number, by which a paper names it.
    pub code: String,
    /// Where it was handed in on paper.
    pub on_paper: Option<OnPaper>,
}

/// A restriction in words' parts.
#[derive(Clone, Debug)]
pub struct Restricted {
    /// What is hidden.
    pub hides: Hides,
    /// The name of the source, or of what a single thing is called.
    pub what: Option<Words>,
    /// From whom.
    pub against: Against,
    /// Their name.
    pub whom: Option<Words>,
    /// The last day, if there is one.
    pub until: Option<Date>,
    /// Whether an emergency may see it.
    pub emergency: bool,
}

/// One of the four steps of a new restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What is hidden.
    What,
    /// From whom.
    Whom,
    /// How long, and whether an emergency may see it.
    Long,
    /// Whether that is what was meant.
    Check,
}

impl Step {
    /// Every step in order.
    pub const ALL: [Self; 4] = [Self::What, Self::Whom, Self::Long, Self::Check];

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// One step with what was answered so far.
#[derive(Clone, Debug)]
pub struct RestrictView {
    /// The step.
    pub step: Step,
    /// What was answered, as sent: carried from step to step.
    pub answers: Vec<(String, String)>,
    /// What is wrong with the answer.
    pub fault: Option<RestrictFault>,
    /// Visits and documents to choose from, newest first: value and words.
    pub things: Vec<Choice>,
    /// Sources of the record: value and words.
    pub sources: Vec<Choice>,
    /// People and institutions to choose from: value and words.
    pub whom: Vec<Choice>,
    /// What was decided, for the last step.
    pub said: Option<Restricted>,
    /// What others would see, for the last step.
    pub previews: Vec<Preview>,
    /// Whether it hides what keeps a treatment safe.
    pub risky: bool,
    /// Whether there are documents, whose own words may retell what is hidden.
    pub has_documents: bool,
    /// Against a second sending.
    pub idempotency: String,
    /// Whether it is typed from a paper: then nothing of the record is there to choose from.
    pub on_paper: bool,
}

impl RestrictView {
    /// The first answer under a name.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&str> {
        self.answers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether this was answered under a name that may have several.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.answers.iter().any(|(own, answer)| own == name && answer == value)
    }
}

/// One thing to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What it says.
    pub words: Words,
}

/// What somebody would see.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Who.
    pub who: Words,
    /// By category: how much they would see, and how much is hidden from them by this restriction. `None` where they see
    /// nothing of the record as it is.
    pub counts: Option<Vec<(RecordCategory, u32, u32)>>,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestrictFault {
    /// Nothing was chosen.
    NothingChosen,
    /// No category was ticked.
    NoCategory,
    /// Neither the first nor the last day was given, or they are the wrong way round.
    Days,
    /// The last day has passed, or is missing.
    Until,
    /// It was not said whether an emergency may see it.
    Emergency,
    /// What was chosen is not there any more.
    Gone,
    /// The same holds already.
    Already,
}

/// The categories that a person may restrict one by one. Who they are, and what they restrict, are no such things; what a
/// law gives to an authority is not theirs to restrict.
pub const RESTRICTABLE: [RecordCategory; 20] = [
    RecordCategory::Condition,
    RecordCategory::Medication,
    RecordCategory::Allergy,
    RecordCategory::Contraindication,
    RecordCategory::Laboratory,
    RecordCategory::Infection,
    RecordCategory::MentalHealth,
    RecordCategory::Genome,
    RecordCategory::Encounter,
    RecordCategory::Procedure,
    RecordCategory::Vaccination,
    RecordCategory::Vital,
    RecordCategory::Checkup,
    RecordCategory::Referral,
    RecordCategory::Discharge,
    RecordCategory::PatientSummary,
    RecordCategory::Care,
    RecordCategory::Precaution,
    RecordCategory::Claims,
    RecordCategory::Other,
];

/// The kinds of organisation that a person may name as a whole.
pub const KINDS: [OrganizationKind; 6] = [
    OrganizationKind::Hospital,
    OrganizationKind::Clinic,
    OrganizationKind::Pharmacy,
    OrganizationKind::CareOffice,
    OrganizationKind::Municipality,
    OrganizationKind::Insurer,
];
