//! What of a shelf a permit shows: one cheap question per fact, asked inside every scan.

use std::sync::Arc;

use tsumugi_kernel::{Flags, Kind, OrganizationId, RecordCategory};

use crate::{Action, Against, CategoryMask, Deeds, Scope, Standing};

/// What the lens looks at in a fact. All of it is computed when the fact is put on the shelf.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    /// The kind of resource.
    pub kind: Kind,
    /// The fact's number.
    pub number: u64,
    /// What it is about.
    pub category: RecordCategory,
    /// 未告知, 未提供, 長期保存.
    pub flags: Flags,
    /// The day that it is about, in Japan, as days since 1970-01-01.
    pub day: Option<i32>,
    /// The id of the organisation that put it there.
    pub source: &'a str,
}

/// How much of where a person lives and is reached is told to the holder of a permit (DV等支援措置).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whereabouts {
    /// All that is known: the person is not protected, or the holder is herself, or has the duty.
    #[default]
    Told,
    /// No address, but whom to call: in an emergency.
    CallsOnly,
    /// Nothing: as if no source had ever told it.
    Held,
}

/// What a permit shows.
///
/// A fact is shown if a matched rule shows its category, the citizen has not restricted it for this caller, and its
/// flags do not withhold it. What an organisation put there itself stays visible to it, as far as a rule shows the
/// organisation its own facts, unless the citizen has barred the very person who asks: the organisation has the
/// original in its own files anyway, and it must be able to correct it.
#[derive(Clone, Debug)]
pub struct Lens {
    pub(crate) organization: OrganizationId,
    /// Shown, subject to restrictions.
    pub(crate) open: CategoryMask,
    /// Shown whatever the citizen restricts: duties that a law names.
    pub(crate) lawful: CategoryMask,
    /// Shown if the caller's organisation is the source.
    pub(crate) own: CategoryMask,
    /// Whether 未告知 facts are shown: to professionals, never to the citizen or a proxy.
    pub(crate) uninformed: bool,
    /// Whether the caller acts for the citizen.
    pub(crate) proxy: bool,
    /// The day of the look in Japan, as days since 1970-01-01.
    pub(crate) today: i32,
    /// Whether the permit is for changing who may see what: then what was said about that may be said anew, whoever
    /// recorded it.
    pub(crate) governs: bool,
    /// Whether the caller's organisation cares for the person now.
    pub(crate) cares: bool,
    /// What the caller's token is narrowed to, and what is asked for.
    pub(crate) scope: Option<(Arc<Scope>, Action)>,
    /// How much of where the person lives and is reached is told.
    pub(crate) whereabouts: Whereabouts,
    /// The standing whose restrictions are meant: shared, because a citizen may have many.
    pub(crate) standing: Arc<Standing>,
    /// Indexes of the restrictions that apply to this caller.
    pub(crate) bars: Vec<usize>,
}

impl Lens {
    /// Whether the fact is shown: the token's scopes leave it, and it is open.
    #[must_use]
    pub fn shows(&self, fact: &Traits<'_>) -> bool {
        let left = |(scope, action): &(Arc<Scope>, Action)| scope.deeds(fact.kind).any(Scope::needed(*action));
        self.scope.as_ref().is_none_or(left) && self.opens(fact)
    }

    /// Whether the fact is open to the caller, whatever the token is narrowed to. What is open and yet not shown is no
    /// secret: an app for blood pressure may read to whom a blood pressure belongs.
    #[must_use]
    pub fn opens(&self, fact: &Traits<'_>) -> bool {
        let own = fact.source == self.organization.as_str();
        if !self.uninformed && (fact.flags.has(Flags::UNINFORMED) || self.awaits_explanation(fact)) {
            return false;
        }
        if fact.flags.has(Flags::SELF_ONLY) && self.proxy {
            return false;
        }
        if fact.flags.has(Flags::UNDELIVERED) && !own {
            return false;
        }
        if self.lawful.has(fact.category) {
            return true;
        }
        let open = self.open.has(fact.category) || (own && self.own.has(fact.category));
        open && !self.bars.iter().any(|bar| {
            let restriction = &self.standing.restrictions[*bar];
            // One that bars the very person bars them from their organisation's own facts, too.
            (!own || matches!(restriction.against, Against::Person(_))) && restriction.hides.covers(fact)
        })
    }

    /// How much of where the person lives and is reached may be told of this fact. What an organisation put there itself it
    /// may read again: it has it in its own files.
    #[must_use]
    pub fn whereabouts(&self, fact: &Traits<'_>) -> Whereabouts {
        if fact.source == self.organization.as_str() { Whereabouts::Told } else { self.whereabouts }
    }

    /// Whether the caller is told who the person is, even where every `Patient` is hidden: whoever cares for somebody has
    /// their name in their own files, and must be able to write down what they do. The citizen can bar a single person
    /// from that, too.
    #[must_use]
    pub fn knows_who(&self) -> bool {
        self.cares
            && !self.bars.iter().any(|bar| matches!(self.standing.restrictions[*bar].against, Against::Person(_)))
    }

    /// Whether a result still waits for its explanation. One without a day waits until its source says otherwise.
    fn awaits_explanation(&self, fact: &Traits<'_>) -> bool {
        fact.flags.has(Flags::EXPLAIN)
            && fact.day.is_none_or(|day| day.saturating_add(Flags::EXPLAIN_DAYS) >= self.today)
    }

    /// Whether a fact of this category may be put on the shelf with this permit. Restrictions do not matter here: the
    /// exit is regulated, not the entry.
    #[must_use]
    pub const fn admits(&self, category: RecordCategory) -> bool {
        self.open.has(category) || self.lawful.has(category) || self.own.has(category)
    }

    /// Whether the caller's token lets this be done with resources of a kind. It says nothing of whether the door does.
    #[must_use]
    pub fn in_scope(&self, kind: Kind, deed: Deeds) -> bool {
        self.scope.as_ref().is_none_or(|(scope, _)| scope.deeds(kind).all(deed))
    }

    /// Whether the caller may replace or take away this fact: it is shown, and the caller's organisation put it there. A
    /// restriction or mandate is the citizen's, wherever it was recorded.
    #[must_use]
    pub fn may_change(&self, fact: &Traits<'_>) -> bool {
        let own = fact.source == self.organization.as_str();
        (own || (self.governs && fact.category == RecordCategory::Mandate)) && self.shows(fact)
    }

    /// The categories of which anything can be shown, for pages that say what a rule opens.
    #[must_use]
    pub const fn categories(&self) -> CategoryMask {
        self.open.union(self.lawful).union(self.own)
    }

    /// Whether 未告知 facts are shown.
    #[must_use]
    pub const fn shows_uninformed(&self) -> bool {
        self.uninformed
    }
}
