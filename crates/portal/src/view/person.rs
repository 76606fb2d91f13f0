//! A person as the ward and the care office see them.

use jiff::civil::Date;

use super::{Measurement, Origin, Words};

/// What staff see first of a person in their care.
#[derive(Clone, Debug, Default)]
pub struct PersonView {
    /// The present or last stay: since when, and why.
    pub stay: Option<Statement>,
    /// What to heed, by topic.
    pub precautions: Vec<Precaution>,
    /// Allergies and medicines that must not be given.
    pub allergies: Vec<Statement>,
    /// The newest measurement of daily activities.
    pub activities: Option<Measurement>,
    /// Single abilities in words, for example food: by oneself.
    pub abilities: Vec<Ability>,
    /// Illnesses.
    pub conditions: Vec<Statement>,
    /// Who supports the person, and what the person wishes.
    pub support: Vec<Statement>,
    /// The newest care notes.
    pub notes: Vec<Statement>,
    /// How many medicines are in use.
    pub medicines: u32,
    /// The newest laboratory result.
    pub newest_laboratory: Option<Date>,
    /// Whether the reader may write activities and notes: shows the way to the form.
    pub may_record: bool,
    /// Looking with a typed reason: offered or begun.
    pub glass: Option<super::Glass>,
    /// Something was just written.
    pub receipt: Option<super::Receipt>,
}

/// One topic of what to heed.
#[derive(Clone, Debug)]
pub struct Precaution {
    /// The topic.
    pub topic: PrecautionTopic,
    /// Statements, newest first.
    pub statements: Vec<Statement>,
}

/// Topics of precautions, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrecautionTopic {
    /// Swallowing (嚥下).
    Swallowing,
    /// Moving (移動).
    Moving,
    /// Taking medicines (服薬).
    Medicine,
}

impl PrecautionTopic {
    /// Every topic, in the order of the page.
    pub const ALL: &'static [Self] = &[Self::Swallowing, Self::Moving, Self::Medicine];
}

/// Something said about the person.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The words.
    pub text: Words,
    /// When and by whom.
    pub origin: Option<Origin>,
}

/// An ability in words.
#[derive(Clone, Debug)]
pub struct Ability {
    /// What: eating, toilet, walking.
    pub what: Words,
    /// How: by oneself, watched over.
    pub how: Words,
}
