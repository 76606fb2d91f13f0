//! Scopes of SMART App Launch 2 (<https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html>).
//!
//! `patient/Observation.rs`, `user/*.cruds`, `system/*.rs`, with those of version 1 (`.read`, `.write`, `.*`) read as what
//! they mean there; `launch/patient`, `openid`, `fhirUser`, `offline_access`, and our own `tsumugi/desk`. A scope with a
//! query (`?category=…`) is not granted: a promise that the server does not keep would be worse than none.

use tsumugi_access::{Deeds, Scope};
use tsumugi_kernel::Kind;

/// Most scopes in one request.
const MOST: usize = 64;

/// The scope for what is no interaction with a resource: matching, identifying, deciding who may see what.
pub const DESK: &str = "tsumugi/desk";

/// Whose records a scope for resources is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The one citizen to whom the token is bound.
    Patient,
    /// Whatever is open to the person.
    User,
    /// Whatever is open to the system.
    System,
}

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum One {
    /// Resources of a kind, or of every kind.
    Resource(Whose, Option<Kind>, Deeds),
    /// A citizen is to be chosen.
    LaunchPatient,
    /// Who signed in is to be told.
    OpenId,
    /// As which resource.
    FhirUser,
    /// Refresh tokens.
    OfflineAccess,
    /// What is no interaction with a resource.
    Desk,
}

impl One {
    /// Reads one scope; nothing where it is none that is served here.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "launch/patient" => Self::LaunchPatient,
            "openid" => Self::OpenId,
            "fhirUser" | "profile" => Self::FhirUser,
            "offline_access" => Self::OfflineAccess,
            DESK => Self::Desk,
            _ => {
                let (whose, rest) = text.split_once('/')?;
                let whose = match whose {
                    "patient" => Whose::Patient,
                    "user" => Whose::User,
                    "system" => Whose::System,
                    _ => return None,
                };
                let (kind, deeds) = rest.split_once('.')?;
                let kind = if kind == "*" { None } else { Some(Kind::from_name(kind)?) };
                Self::Resource(whose, kind, deeds_of(deeds)?)
            }
        })
    }
}

/// The letters in the order that the standard demands, or a word of version 1.
fn deeds_of(text: &str) -> Option<Deeds> {
    const LETTERS: [(char, Deeds); 5] =
        [('c', Deeds::CREATE), ('r', Deeds::READ), ('u', Deeds::UPDATE), ('d', Deeds::DELETE), ('s', Deeds::SEARCH)];
    match text {
        "read" => return Some(Deeds::READ.and(Deeds::SEARCH)),
        "write" => return Some(Deeds::CREATE.and(Deeds::UPDATE).and(Deeds::DELETE)),
        "*" => return deeds_of("cruds"),
        _ => {}
    }
    let mut rest = text;
    let mut deeds = Deeds::NONE;
    for (letter, deed) in LETTERS {
        if let Some(after) = rest.strip_prefix(letter) {
            (rest, deeds) = (after, deeds.and(deed));
        }
    }
    (rest.is_empty() && deeds != Deeds::NONE).then_some(deeds)
}

/// The scopes of a request, a client or a token, in the order in which they were named, each once.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scopes(Vec<(String, One)>);

impl Scopes {
    /// Reads scopes separated by spaces; those that are not served here are left out.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut scopes: Vec<(String, One)> = Vec::new();
        for name in text.split_ascii_whitespace().take(MOST) {
            if let Some(one) = One::read(name)
                && scopes.iter().all(|(own, _)| own != name)
            {
                scopes.push((name.to_owned(), one));
            }
        }
        Self(scopes)
    }

    /// What of these is wholly among the others: what a client may ask for, what a refresh may keep.
    #[must_use]
    pub fn within(&self, allowed: &Self) -> Self {
        Self(self.0.iter().filter(|(_, one)| allowed.covers(one)).cloned().collect())
    }

    fn covers(&self, one: &One) -> bool {
        let One::Resource(whose, kind, deeds) = one else { return self.has(one) };
        let covering = self.0.iter().filter_map(|(_, own)| match own {
            One::Resource(own_whose, own_kind, own)
                if own_whose == whose && (own_kind.is_none() || own_kind == kind) =>
            {
                Some(*own)
            }
            _ => None,
        });
        covering.fold(Deeds::NONE, Deeds::and).all(*deeds)
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, one: &One) -> bool {
        self.0.iter().any(|(_, own)| own == one)
    }

    /// Whether one is about the records of the one citizen to whom the token is bound.
    #[must_use]
    pub fn needs_patient(&self) -> bool {
        self.0.iter().any(|(_, one)| matches!(one, One::LaunchPatient | One::Resource(Whose::Patient, ..)))
    }

    /// Those for a person's app, or those for a system: each has its own.
    #[must_use]
    pub fn of(&self, system: bool) -> Self {
        let fits = |one: &One| match one {
            One::Resource(whose, ..) => (*whose == Whose::System) == system,
            One::Desk => true,
            _ => !system,
        };
        Self(self.0.iter().filter(|(_, one)| fits(one)).cloned().collect())
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &One> {
        self.0.iter().map(|(_, one)| one)
    }

    /// What they leave of what the door gives.
    #[must_use]
    pub fn narrowing(&self) -> Scope {
        let mut scope = Scope::default();
        for one in self.iter() {
            match one {
                One::Resource(_, kind, deeds) => scope.allow(*kind, *deeds),
                One::Desk => scope.allow_desk(),
                One::LaunchPatient | One::OpenId | One::FhirUser | One::OfflineAccess => {}
            }
        }
        scope
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_of_both_versions_are_read_and_others_left_out() {
        let text = "patient/Observation.rs patient/*.read user/Condition.cruds openid fhirUser x patient/King.r \
                    patient/Observation.sr patient/Observation.rs?category=laboratory patient/Observation. openid";
        let scopes = Scopes::read(text);
        assert_eq!(scopes.to_string(), "patient/Observation.rs patient/*.read user/Condition.cruds openid fhirUser");
        assert_eq!(One::read("patient/*.read"), One::read("patient/*.rs"));
        assert_eq!(One::read("user/*.*"), One::read("user/*.cruds"));
        assert!(scopes.needs_patient());
    }

    #[test]
    fn what_is_granted_is_within_what_is_allowed() {
        let within = |asked: &str, allowed: &str| Scopes::read(asked).within(&Scopes::read(allowed)).to_string();
        assert_eq!(within("patient/Observation.rs openid", "patient/*.rs"), "patient/Observation.rs");
        assert_eq!(within("patient/*.rs", "patient/Observation.rs"), "", "not more than is allowed");
        assert_eq!(within("patient/Observation.cruds", "patient/*.rs"), "");
        assert_eq!(within("patient/Observation.rs", "patient/Observation.r patient/*.s"), "patient/Observation.rs");
        assert_eq!(within("user/Observation.rs", "patient/*.rs"), "");
        assert_eq!(
            Scopes::read("system/*.rs user/*.rs openid tsumugi/desk").of(true).to_string(),
            "system/*.rs tsumugi/desk"
        );
    }
}
