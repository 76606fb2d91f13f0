//! What a token's scopes leave of what the door gives: kinds of resources, and what may be done with them.
//!
//! A scope opens nothing. Role, purpose, care relation and the citizen's restrictions decide; a scope takes away from
//! that, so that an app for blood pressure sees blood pressures, whoever holds it.

use tsumugi_kernel::Kind;

use crate::Action;

/// What may be done with resources of a kind: create, read, update, delete, search (SMART App Launch 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Deeds(u8);

impl Deeds {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Create.
    pub const CREATE: Self = Self(1);
    /// Read one, or one of its versions.
    pub const READ: Self = Self(2);
    /// Update.
    pub const UPDATE: Self = Self(4);
    /// Delete.
    pub const DELETE: Self = Self(8);
    /// Search.
    pub const SEARCH: Self = Self(16);

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of the others is among these.
    #[must_use]
    pub const fn any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Whether all of the others are among these.
    #[must_use]
    pub const fn all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

/// What a token is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scope {
    every: Deeds,
    kinds: Vec<(Kind, Deeds)>,
    desk: bool,
}

impl Scope {
    /// Lets `deeds` be done with resources of a kind; with those of every kind for `None`.
    pub fn allow(&mut self, kind: Option<Kind>, deeds: Deeds) {
        match kind {
            None => self.every = self.every.and(deeds),
            Some(kind) => match self.kinds.iter_mut().find(|(own, _)| *own == kind) {
                Some((_, own)) => *own = own.and(deeds),
                None => self.kinds.push((kind, deeds)),
            },
        }
    }

    /// Lets what is no interaction with a resource be done: pages, matching, identifying, restrictions, the log.
    pub const fn allow_desk(&mut self) {
        self.desk = true;
    }

    /// What may be done with resources of a kind.
    #[must_use]
    pub fn deeds(&self, kind: Kind) -> Deeds {
        let own = self.kinds.iter().find(|(own, _)| *own == kind).map_or(Deeds::NONE, |(_, deeds)| *deeds);
        self.every.and(own)
    }

    /// Whether the action is one that this may be asked for at all, whatever the kind.
    #[must_use]
    pub fn admits(&self, action: Action) -> bool {
        let somewhere = |deeds: Deeds| self.every.any(deeds) || self.kinds.iter().any(|(_, own)| own.any(deeds));
        match action {
            Action::Read | Action::History | Action::Original => somewhere(Deeds::READ),
            Action::Search => somewhere(Deeds::SEARCH),
            Action::Everything => somewhere(Deeds::READ.and(Deeds::SEARCH)),
            Action::Submit | Action::Create => somewhere(Deeds::CREATE.and(Deeds::UPDATE)),
            Action::Update => somewhere(Deeds::UPDATE.and(Deeds::CREATE)),
            Action::Delete => somewhere(Deeds::DELETE),
            // Consents are written with the standing in hand; what of them, the writing itself asks.
            Action::Standing => {
                self.desk || Kind::from_name("Consent").is_some_and(|kind| self.deeds(kind).any(WRITING))
            }
            Action::AccessLog => {
                let looks = Kind::from_name("AuditEvent").map_or(Deeds::NONE, |kind| self.deeds(kind));
                self.desk || looks.any(LOOKING)
            }
            Action::Page
            | Action::Identify
            | Action::Match
            | Action::Merge
            | Action::Unmerge
            | Action::Review
            | Action::Object
            | Action::Answer
            | Action::Take
            | Action::Link
            | Action::Offline => self.desk,
        }
    }

    /// What must be allowed of a kind for it to be seen in this action. In a write that is what the writer meets on the
    /// way: the fact to be replaced, the one that a condition finds.
    #[must_use]
    pub(crate) const fn needed(action: Action) -> Deeds {
        match action {
            Action::Read | Action::History | Action::Original => Deeds::READ,
            Action::Search => Deeds::SEARCH,
            Action::Submit | Action::Create | Action::Update | Action::Delete | Action::Standing => {
                LOOKING.and(WRITING)
            }
            _ => LOOKING,
        }
    }
}

const LOOKING: Deeds = Deeds::READ.and(Deeds::SEARCH);
const WRITING: Deeds = Deeds::CREATE.and(Deeds::UPDATE).and(Deeds::DELETE);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_what_it_names_and_nothing_else() {
        let mut scope = Scope::default();
        let kind = |name| Kind::from_name(name).unwrap();
        assert!(Action::ALL.iter().all(|action| !scope.admits(*action)), "an empty scope is no scope");
        scope.allow(Some(Kind::OBSERVATION), Deeds::READ);
        scope.allow(Some(Kind::OBSERVATION), Deeds::SEARCH);
        assert!(scope.deeds(Kind::OBSERVATION).all(LOOKING));
        assert_eq!(scope.deeds(kind("Condition")), Deeds::NONE);
        let admitted: Vec<&str> = Action::ALL.iter().filter(|it| scope.admits(**it)).map(|it| it.code()).collect();
        assert_eq!(admitted, ["read", "search", "everything", "history", "original"]);
        scope.allow(None, Deeds::CREATE);
        assert!(scope.deeds(kind("Condition")).all(Deeds::CREATE));
        assert!(!scope.deeds(Kind::OBSERVATION).any(Deeds::UPDATE));
        assert!(scope.admits(Action::Standing) && !scope.admits(Action::Match));
        scope.allow_desk();
        assert!(scope.admits(Action::Match));
    }
}
