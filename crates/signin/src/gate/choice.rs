//! As whom a person goes on after signing in: at home, or at a post of a roster; and the caller that comes of it.

use tsumugi_access::{Caller, roles};
use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_people::Organization;

use super::{By, Gate, GateError, Session, Side, session::Chosen};
use crate::{
    Claims, caller,
    hpki::{Fault, Qualification},
    under, verify,
};

/// The organisation that stands for every household.
const HOME: &str = "home";

/// As whom somebody may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// For which organisation.
    pub organization: OrganizationId,
    /// Its name; `None` at home.
    pub organization_name: Option<String>,
    /// In which role.
    pub role: Role,
    /// For what.
    pub purpose: Purpose,
    /// Whether a second factor must be given first.
    pub needs_second: bool,
    /// Why nobody may go on so: no certificate counts for the role.
    pub licence: Option<Fault>,
}

impl Choice {
    /// How a form names it.
    #[must_use]
    pub fn code(&self) -> String {
        format!("{} {} {}", self.organization, self.role, self.purpose)
    }
}

impl Gate {
    /// As whom the person of a session may go on, at home first.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn choices(&self, session: &Session) -> Result<Vec<Choice>, GateError> {
        let at = self.moment().await?;
        let directory = self.0.provider.directory();
        let person = directory.person(&session.person).await?.ok_or(GateError::Ended)?;
        let mut all = Vec::new();
        let home = OrganizationId::new(HOME).map_err(|error| GateError::Broken(error.to_string()))?;
        if session.side == Side::Home {
            let own = |role, purpose| Choice {
                organization: home.clone(),
                organization_name: None,
                role,
                purpose,
                needs_second: false,
                licence: None,
            };
            all.extend(person.citizen.map(|_| own(Role::Citizen, Purpose::PatientRequest)));
            // Whoever acts for somebody else is known by more than paper.
            all.extend((session.by != By::Code).then(|| own(Role::Proxy, Purpose::FamilyRequest)));
        }
        // What an external provider vouches for is who somebody is at home.
        if session.by != By::Passkey {
            return Ok(all);
        }
        for (organization, posts) in directory.workplaces(&session.person).await? {
            let Some(place) = directory.organization(&organization).await? else { continue };
            for role in posts.held(at.now.civil().date()) {
                let licence = match self.0.provider.licence(&session.person, role, at.now).await {
                    Ok(_) => None,
                    Err(GateError::Licence(fault)) => Some(fault),
                    Err(error) => return Err(error),
                };
                for purpose in Purpose::ALL.iter().copied().filter(|purpose| is_offered(role, *purpose)) {
                    all.push(Choice {
                        organization: organization.clone(),
                        organization_name: Some(place.name.clone()),
                        role,
                        purpose,
                        needs_second: session.second.is_none(),
                        licence,
                    });
                }
            }
        }
        Ok(all)
    }

    /// Goes on as somebody; gives the cookie of the session that goes on.
    ///
    /// # Errors
    /// [`GateError::NotOpen`] if it is not among the choices; [`GateError::Second`] where the second factor comes first.
    pub async fn choose(&self, session: &Session, code: &str) -> Result<String, GateError> {
        let at = self.moment().await?;
        let choice = self.choices(session).await?.into_iter().find(|choice| choice.code() == code);
        let choice = choice.ok_or(GateError::NotOpen)?;
        if choice.needs_second {
            return Err(GateError::Second);
        }
        if let Some(fault) = choice.licence {
            return Err(fault.into());
        }
        let directory = self.0.provider.directory();
        if choice.organization_name.is_none() && directory.organization(&choice.organization).await?.is_none() {
            let home = Organization::new(choice.organization.clone(), "自宅", OrganizationKind::Household);
            directory.register(&[], &[home]).await?;
        }
        let next = self.prepared(session, at).await?;
        let chosen = Chosen { organization: choice.organization, role: choice.role, purpose: choice.purpose };
        let mut change = crate::keep::Change::default();
        let cookie = next.put(self, &mut change, |session| session.chosen = Some(chosen));
        match self.0.provider.keep().commit(change, at.now).await {
            // It ended, or its use was noted, at this very moment.
            Err(tsumugi_store::CommitError::Conflict(_)) => Err(GateError::Busy),
            done => Ok(done.map(|()| cookie)?),
        }
    }

    /// The session of a cookie, and the caller that it makes once a role is chosen; where a short token of a typed reason counts
    /// under it, the caller of that. `None` where no session holds.
    ///
    /// # Errors
    /// What stops the reading.
    pub async fn caller(
        &self,
        cookie: &str,
        emergency: Option<&str>,
    ) -> Result<Option<(Session, Option<Caller>)>, GateError> {
        let session = match self.session(cookie).await {
            Ok(session) => session,
            Err(GateError::Ended) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(chosen) = &session.chosen else { return Ok(Some((session, None))) };
        let at = self.moment().await?;
        let provider = &self.0.provider;
        let at_work = !matches!(chosen.role, Role::Citizen | Role::Proxy);
        // A post that has ended is asked for at every request, also where an organisation keeps no roster yet.
        if at_work {
            let posts = provider.directory().posts(&chosen.organization, &session.person).await?;
            if !posts.held(at.now.civil().date()).contains(&chosen.role) {
                return Ok(Some((session, None)));
            }
        }
        // So is the certificate, where the role needs one.
        let shown = match provider.licence(&session.person, chosen.role, at.now).await {
            Ok(shown) => shown,
            Err(GateError::Licence(_)) => return Ok(Some((session, None))),
            Err(error) => return Err(error),
        };
        let own = claims(&session, chosen);
        let key = self.emergency_key();
        let narrower = emergency.filter(|token| verify(token, key, at.now).is_ok());
        let claims = narrower.and_then(|token| under(&own, token, key, at.now)).unwrap_or(own);
        match caller(&claims, provider.directory(), provider.sealer(), at.now).await {
            Ok(mut caller) => {
                caller.qualification = shown.map(shown_as).or(caller.qualification);
                Ok(Some((session, Some(caller))))
            }
            Err(crate::SigninError::People(error)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "a session's caller cannot be made");
                Ok(Some((session, None)))
            }
        }
    }

    /// Whether a person is one of those who sign in here.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn knows(&self, person: &PersonId) -> Result<bool, GateError> {
        Ok(self.0.provider.directory().person(person).await?.is_some())
    }
}

/// How a qualification stands in the log that was shown by certificate.
pub(crate) fn shown_as(shown: &Qualification) -> String {
    format!("{}（資格証明書で確認）", shown.ja)
}

fn claims(session: &Session, chosen: &Chosen) -> Claims {
    Claims::new(chosen.role, chosen.purpose, session.person.clone(), chosen.organization.clone(), session.ends)
}

/// What is chosen beforehand: everything that the role asks for, but breaking the glass, whose reason is typed at the moment.
fn is_offered(role: Role, purpose: Purpose) -> bool {
    let person = !matches!(role, Role::Citizen | Role::Proxy | Role::System | Role::LinkHolder);
    person && purpose != Purpose::BreakGlass && !roles::asks(role, purpose).is_empty()
}
