//! What is asked for.

use tsumugi_kernel::CitizenId;

use crate::Caller;

/// A request to the door: who, what, whose.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// What for.
    pub action: Action,
    /// Whose shelf.
    pub citizen: CitizenId,
}

/// What somebody wants to do on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// One fact by its id.
    Read,
    /// Facts by their values.
    Search,
    /// All of it: `$everything`.
    Everything,
    /// A file or a link to take along: the summary, everything, or a part.
    Take,
    /// What a link shows to whoever holds it. No request: only an open link leaves it in a leaf.
    Link,
    /// What a summary told that was read without a network. No request: only its receipt leaves it in a leaf.
    Offline,
    /// Earlier versions.
    History,
    /// A page for people: timeline, chart.
    Page,
    /// Whose a number of a register is: an insured number on a day, an individual number.
    Identify,
    /// The bytes as they were sent.
    Original,
    /// A document or collection.
    Submit,
    /// A new fact.
    Create,
    /// A new version of a fact.
    Update,
    /// A tombstone.
    Delete,
    /// Who looked.
    AccessLog,
    /// Relations, mandates, restrictions and consents: who may see what.
    Standing,
    /// Whether two citizens are one: looking at who they are, and saying so.
    Match,
    /// Making two persons one.
    Merge,
    /// Making them two again.
    Unmerge,
    /// Judging a look.
    Review,
    /// The citizen calls somebody to account, or goes on with it.
    Object,
    /// Whoever was called to account answers.
    Answer,
}

/// Actions as the policies tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionGroup {
    /// Looking at facts.
    View,
    /// Putting facts on the shelf.
    Write,
    /// Looking at who looked, and judging it.
    Log,
    /// Changing who may see what.
    Standing,
    /// Deciding whether two citizens are one.
    Matching,
    /// Calling somebody to account on the citizen's side.
    Object,
    /// Answering for a look or a fact.
    Answer,
}

impl Action {
    /// Every action.
    pub const ALL: &'static [Self] = &[
        Self::Read,
        Self::Search,
        Self::Everything,
        Self::Take,
        Self::Link,
        Self::Offline,
        Self::History,
        Self::Page,
        Self::Identify,
        Self::Original,
        Self::Submit,
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::AccessLog,
        Self::Standing,
        Self::Match,
        Self::Merge,
        Self::Unmerge,
        Self::Review,
        Self::Object,
        Self::Answer,
    ];

    /// The code as written in leaves.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Search => "search",
            Self::Everything => "everything",
            Self::Take => "take",
            Self::Link => "link",
            Self::Offline => "offline",
            Self::History => "history",
            Self::Page => "page",
            Self::Identify => "identify",
            Self::Original => "original",
            Self::Submit => "submit",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::AccessLog => "access-log",
            Self::Standing => "standing",
            Self::Match => "match",
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Review => "review",
            Self::Object => "object",
            Self::Answer => "answer",
        }
    }

    /// The group that the policies know.
    #[must_use]
    pub const fn group(self) -> ActionGroup {
        match self {
            Self::Read
            | Self::Search
            | Self::Everything
            | Self::Take
            | Self::Link
            | Self::Offline
            | Self::History
            | Self::Page
            | Self::Identify
            | Self::Original => ActionGroup::View,
            Self::Submit | Self::Create | Self::Update | Self::Delete => ActionGroup::Write,
            Self::AccessLog | Self::Review => ActionGroup::Log,
            Self::Standing => ActionGroup::Standing,
            Self::Match | Self::Merge | Self::Unmerge => ActionGroup::Matching,
            Self::Object => ActionGroup::Object,
            Self::Answer => ActionGroup::Answer,
        }
    }
}

impl ActionGroup {
    /// Every group, in the order of its number.
    pub const ALL: &'static [Self] =
        &[Self::View, Self::Write, Self::Log, Self::Standing, Self::Matching, Self::Object, Self::Answer];

    /// The code as written in policies.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Write => "write",
            Self::Log => "log",
            Self::Standing => "standing",
            Self::Matching => "matching",
            Self::Object => "object",
            Self::Answer => "answer",
        }
    }
}
