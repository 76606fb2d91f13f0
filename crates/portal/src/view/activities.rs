//! Daily activities: the Barthel index over time (Mahoney and Barthel, Maryland State Medical Journal 1965).

use jiff::civil::Date;

use super::{Origin, Words};

/// Measurements and care notes of a citizen.
#[derive(Clone, Debug, Default)]
pub struct ActivitiesView {
    /// Measurements, oldest first.
    pub measurements: Vec<Measurement>,
    /// Care workers' notes, newest first.
    pub notes: Vec<CareNote>,
}

/// One measurement of the Barthel index.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// The day in Japan.
    pub day: Date,
    /// The total, 0 to 100.
    pub total: u8,
    /// Points per activity in the order of [`ACTIVITIES`]; `None` where an item was not given.
    pub items: [Option<u8>; 10],
    /// Who measured.
    pub by: Option<Words>,
}

/// A care worker's note.
#[derive(Clone, Debug)]
pub struct CareNote {
    /// When and by whom.
    pub origin: Origin,
    /// The note.
    pub text: Words,
}

/// One of the ten activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The component code after `barthel-`, for example `feeding`; the form's field name.
    pub code: &'static str,
    /// The points that can be given, most first.
    pub points: &'static [u8],
}

/// The ten activities in the order of the index, with the points each can have.
pub const ACTIVITIES: [Activity; 10] = [
    Activity { code: "feeding", points: &[10, 5, 0] },
    Activity { code: "transfer", points: &[15, 10, 5, 0] },
    Activity { code: "grooming", points: &[5, 0] },
    Activity { code: "toilet-use", points: &[10, 5, 0] },
    Activity { code: "bathing", points: &[5, 0] },
    Activity { code: "mobility", points: &[15, 10, 5, 0] },
    Activity { code: "stairs", points: &[10, 5, 0] },
    Activity { code: "dressing", points: &[10, 5, 0] },
    Activity { code: "bowels", points: &[10, 5, 0] },
    Activity { code: "bladder", points: &[10, 5, 0] },
];
