//! What other rules would have changed, for the supervising body.

use tsumugi_access::{PolicyProfile, whatif::WhatIf};
use tsumugi_kernel::Purpose;

/// The page.
#[derive(Clone, Debug)]
pub struct WhatIfView {
    /// The profile in force.
    pub here: PolicyProfile,
    /// Its files: each of a purpose, and the one that always holds.
    pub files: Vec<(String, Option<Purpose>)>,
    /// The file that is being changed, with its text as typed.
    pub text: Option<(String, String)>,
    /// Decisions of how many days.
    pub days: u16,
    /// Most decisions that are asked again.
    pub most: u64,
    /// Why it was not tried.
    pub fault: Option<WhatIfFault>,
    /// What was tried, and what it would have changed.
    pub result: Option<(Tried, WhatIf)>,
}

/// Why rules were not tried.
#[derive(Clone, Debug)]
pub enum WhatIfFault {
    /// The text is not a rule of its form: what is wrong, in the words of whoever reads it.
    Text(String),
    /// Another trial is under way.
    Busy,
}

/// What was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// A profile.
    Profile(PolicyProfile),
    /// The rules in force with one file changed.
    File(Option<Purpose>),
}

/// The days to choose from.
pub const WHAT_IF_DAYS: [u16; 4] = [1, 7, 30, 90];
