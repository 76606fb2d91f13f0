//! What a token is for: `authorization_details` (RFC 9396) of our one type, `tsumugi_purpose`.
//!
//! Asked for, it may name less than it is granted: what is left out is taken from whoever is signed in, or from the
//! registration of a system. What it names must be that, or narrower: nobody becomes somebody else by asking.

use serde::{Deserialize, Serialize};
use tsumugi_access::roles;
use tsumugi_kernel::{Kind, OrganizationId, PersonId, Purpose, Role, Sealer};

use super::OauthError;

/// The type's name.
pub const TYPE: &str = "tsumugi_purpose";

/// A purpose, as granted: it stands in tokens and in the answer that gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeDetail {
    /// `tsumugi_purpose`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who.
    pub person: PersonId,
    /// For which organisation.
    pub organization: OrganizationId,
    /// In which role.
    pub role: Role,
    /// For what.
    pub purpose: Purpose,
    /// The id of a `Patient` of the only citizen that it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen: Option<String>,
}

/// A purpose, as asked for.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedDetail {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    citizen: Option<String>,
}

impl AskedDetail {
    /// Reads the parameter: a list with one purpose.
    pub(super) fn read(text: Option<&str>) -> Result<Self, OauthError> {
        let Some(text) = text else { return Ok(Self { kind: TYPE.into(), ..Self::default() }) };
        let bad = || {
            OauthError::details(format!(
                "authorization_details is a list with one object of type {TYPE}, with any of person, organization, role, \
                 purpose, citizen"
            ))
        };
        let mut list: Vec<Self> = serde_json::from_str(text).map_err(|_| bad())?;
        match (list.pop(), list.is_empty()) {
            (Some(one), true) if one.kind == TYPE => Ok(one),
            _ => Err(bad()),
        }
    }

    /// What is granted of it to whoever holds `own`.
    pub(super) fn within(&self, own: &PurposeDetail, sealer: &Sealer) -> Result<PurposeDetail, OauthError> {
        let is = |asked: Option<bool>, what: &str| match asked {
            Some(false) => {
                Err(OauthError::details(format!("the {what} that is asked for is not that of whoever signed in")))
            }
            _ => Ok(()),
        };
        is(self.person.as_ref().map(|asked| *asked == own.person), "person")?;
        is(self.organization.as_ref().map(|asked| *asked == own.organization), "organization")?;
        is(self.role.map(|asked| asked == own.role), "role")?;
        let purpose = self.purpose.unwrap_or(own.purpose);
        // A reason is typed, or a person found by name, at the moment of need and on a page; no app asks beforehand.
        if purpose.is_emergency() && purpose != own.purpose {
            return Err(OauthError::details("an emergency is not asked for by an app; it begins on the page"));
        }
        if roles::asks(own.role, purpose).is_empty() {
            return Err(OauthError::details(format!("the role {} never asks with the purpose {purpose}", own.role)));
        }
        let asked = self.citizen.as_deref().map(|id| id.strip_prefix("Patient/").unwrap_or(id));
        let citizen = match (own.citizen.as_deref(), asked) {
            (own, None) => own.map(str::to_owned),
            (None, Some(id)) if sealer.open(id).is_some_and(|key| key.kind == Kind::PATIENT) => Some(id.to_owned()),
            (Some(own), Some(id)) if own == id => Some(id.to_owned()),
            _ => {
                return Err(OauthError::details(
                    "the citizen that is asked for is not open to whoever signed in, or is no Patient id of this server",
                ));
            }
        };
        Ok(PurposeDetail { purpose, citizen, ..own.clone() })
    }
}
