//! Whom a visitor of a development folder may be: the entries of `people.json`, as the town writes them.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Purpose, Role};

use crate::Lang;
use crate::view::{Candidate, Name, Who, Words};

/// The same words in Japanese and English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BothWords {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl BothWords {
    /// The words in one language.
    #[must_use]
    pub fn of(&self, lang: Lang) -> Words {
        match lang {
            Lang::Ja | Lang::Easy => Words::ja(self.ja.as_str()),
            Lang::En => Words::en(self.en.as_str()),
        }
    }
}

/// The citizen whose record it is about, by an identifier: the town does not know a server's ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitizenReference {
    /// Identifier system.
    pub system: String,
    /// Identifier value.
    pub value: String,
    /// Name, for the page.
    pub name: String,
}

/// One person to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonToBe {
    /// Id in the directory.
    pub id: PersonId,
    /// Name.
    pub name: String,
    /// Qualification, if any.
    pub qualification: Option<String>,
    /// Role of the session.
    pub role: Role,
    /// Purpose of the session.
    pub purpose: Purpose,
    /// Organisation: id.
    pub organization: OrganizationId,
    /// Organisation: name.
    pub organization_name: String,
    /// Organisation: kind.
    pub organization_kind: OrganizationKind,
    /// Whose record it is about.
    pub citizen: Option<CitizenReference>,
    /// Whose records it is about besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<CitizenReference>,
    /// Who the person is, in a few words.
    pub who: BothWords,
    /// What to try.
    pub try_this: BothWords,
}

impl PersonToBe {
    /// The card on the page of choosing.
    #[must_use]
    pub fn candidate(&self, lang: Lang) -> Candidate {
        let home = self.organization_kind == OrganizationKind::Household;
        Candidate {
            person: self.id.clone(),
            who: Who {
                name: Name::plain(self.name.as_str()),
                role: self.role,
                qualification: self.qualification.as_deref().map(Words::ja),
                organization: (!home).then(|| Words::ja(self.organization_name.as_str())),
            },
            purpose: self.purpose,
            try_this: vec![self.who.of(lang), self.try_this.of(lang)],
        }
    }
}
