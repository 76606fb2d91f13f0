//! Who may act for the person, and naming somebody.

use jiff::civil::Date;
use tsumugi_kernel::RecordCategory;

use super::{Choice, OnPaper, Words};

/// The page of who may act for the person.
#[derive(Clone, Debug)]
pub struct MandatesView {
    /// What was just done.
    pub done: Option<MandateDone>,
    /// Who may act now.
    pub mandates: Vec<MandateRow>,
    /// The form for naming somebody; none for a proxy, who passes nothing on.
    pub form: Option<MandateForm>,
    /// The reader's own number, to tell somebody who wants to name them; none for a proxy.
    pub number: Option<String>,
    /// For whom the reader may act.
    pub wards: Vec<Words>,
}

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MandateDone {
    /// Somebody was named.
    Given,
    /// Somebody may no longer act.
    Ended,
}

/// Somebody who may act.
#[derive(Clone, Debug)]
pub struct MandateRow {
    /// Their name.
    pub name: Words,
    /// What they are to the person.
    pub relation: Words,
    /// For which categories; none for all.
    pub categories: Option<Vec<RecordCategory>>,
    /// The last day, if there is one.
    pub until: Option<Date>,
    /// The address of the form that ends it.
    pub end: String,
    /// Where it was handed in on paper.
    pub on_paper: Option<OnPaper>,
}

/// The form, with what was typed.
#[derive(Clone, Debug, Default)]
pub struct MandateForm {
    /// What was typed, by field.
    pub answers: Vec<(String, String)>,
    /// What is wrong with it.
    pub faults: Vec<MandateFault>,
    /// Offices that care for the person, to choose from instead of naming a person.
    pub offices: Vec<Choice>,
    /// Against a second sending.
    pub idempotency: String,
    /// The last day that may be given.
    pub latest: Option<Date>,
}

impl MandateForm {
    /// What was typed in a field.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&str> {
        self.answers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether this was ticked.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.answers.iter().any(|(own, answer)| own == name && answer == value)
    }
}

/// What is wrong with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MandateFault {
    /// There is nobody with this number and name; which of the two is wrong is not told.
    Nobody,
    /// The person named themself.
    Oneself,
    /// The same person acts for the same already, until then.
    Already,
    /// What they are to the person is missing, or too long.
    Relation,
    /// It was not said what they may see, or no category was ticked.
    Extent,
    /// The last day is missing, past, or too far away.
    Until,
}
