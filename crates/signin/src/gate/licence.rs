//! A professional shows the licence: a certificate (HPKI), with a signature by its key over a text that is for one session.
//!
//! What must hold: the text names the person, the deployment and a challenge that counts once; a certificate is one person's;
//! it is checked anew, with its chain and the newest lists, at every request in a role that needs one; a name that is not the
//! roster's is nobody's until a registrar has confirmed it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tsumugi_access::Caller;
use tsumugi_kernel::{Instant, PersonId, Purpose, Role};

use super::{Gate, GateError, Session, Use, What, account::Account};
use crate::{
    Provider,
    hpki::{Certificate, Fault, Licences, Qualification, Signed, Table, Trust},
    jose::encode,
    keep::{Change, Kept, Tag},
    oauth::limit::Counted,
};

/// What a text to be signed begins with: nothing else that anybody signs does.
const TEXT: &str = "Tsumugi-licence";
/// What was said of a certificate never ends by itself.
const NEVER: Instant = Instant(i64::MAX);

/// A licence, as kept in a person's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Licence {
    /// Under what its certificates are kept.
    certificate: String,
    qualifications: Vec<String>,
    issuer: String,
    serial: String,
    until: Instant,
    name: String,
    since: Instant,
    /// Whether the name on it is the roster's.
    agrees: bool,
    /// Who confirmed that it is theirs, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed: Option<String>,
}

/// Whose a certificate is, with those that lead to an anchor.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Chain {
    person: PersonId,
    certificates: Vec<String>,
}

/// A licence as its owner and a registrar see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceRow {
    /// The qualifications that it states.
    pub qualifications: Vec<&'static Qualification>,
    /// Who issued it.
    pub issuer: String,
    /// Its serial, in hexadecimal.
    pub serial: String,
    /// Until when it is valid.
    pub until: Instant,
    /// The name on it.
    pub name: String,
    /// Since when it is kept.
    pub since: Instant,
    /// Who confirmed whose it is, where the name is not the roster's.
    pub confirmed: Option<String>,
    /// Why it does not count now.
    pub fault: Option<Fault>,
}

/// A raw signature, as the agent of a card's software sends it.
#[derive(Clone, Copy, Debug)]
pub struct RawLicence<'a> {
    /// The text that was signed.
    pub text: &'a str,
    /// The certificate and those above it, in DER.
    pub certificates: &'a [Vec<u8>],
    /// The signature.
    pub signature: &'a [u8],
}

impl std::convert::From<Fault> for GateError {
    fn from(fault: Fault) -> Self {
        Self::Licence(fault)
    }
}

impl Provider {
    /// Demands certificates of professionals, as the operator's folder says. Said once.
    pub fn demand(&self, licences: Licences) {
        // Two folders would be two truths: the first stays.
        let _ = self.licences().set(licences);
    }

    fn trust(&self) -> Option<std::sync::Arc<Trust>> {
        self.licences().get()?.trust()
    }

    /// The qualification with which a person may act in a role now; `None` where the role needs no certificate.
    ///
    /// # Errors
    /// [`GateError::Licence`], or what stops the reading.
    pub(crate) async fn licence(
        &self,
        person: &PersonId,
        role: Role,
        now: Instant,
    ) -> Result<Option<&'static Qualification>, GateError> {
        let Some(trust) = self.trust().filter(|trust| trust.demands(role)) else { return Ok(None) };
        let account = self.keep().get::<Account>(Tag::Account, person.as_str()).await?;
        let licence = account.and_then(|account| account.value.licence).ok_or(Fault::Missing)?;
        let stated = self.counts(&trust, person, &licence, now).await?;
        let fits = stated.into_iter().find(|stated| stated.roles.contains(&role));
        Ok(Some(fits.ok_or(Fault::Role)?))
    }

    /// The qualifications of a licence that counts now.
    async fn counts(
        &self,
        trust: &Trust,
        person: &PersonId,
        licence: &Licence,
        now: Instant,
    ) -> Result<Vec<&'static Qualification>, GateError> {
        let kept = self.keep().get::<Chain>(Tag::Licence, &licence.certificate).await?;
        let kept = kept.filter(|kept| kept.value.person == *person).ok_or(Fault::Missing)?;
        let mut chain = Vec::new();
        for one in &kept.value.certificates {
            let der = STANDARD.decode(one).map_err(|_| GateError::Broken("a kept certificate is damaged".into()))?;
            chain.push(Certificate::read(&der)?);
        }
        let stated = trust.check(&chain, now)?;
        if licence.agrees || licence.confirmed.is_some() { Ok(stated) } else { Err(Fault::Name.into()) }
    }
}

impl Gate {
    /// Whether professionals show certificates here.
    #[must_use]
    pub fn asks_licences(&self) -> bool {
        self.0.provider.trust().is_some()
    }

    /// The text that a person signs with their certificate's key, good for five minutes; and its challenge.
    ///
    /// # Errors
    /// [`GateError::NotOpen`] for whoever works nowhere, or where nobody asks; [`GateError::Second`] before the second factor.
    pub async fn offer_licence(&self, session: &Session) -> Result<(String, String), GateError> {
        let works = !self.0.provider.directory().workplaces(&session.person).await?.is_empty();
        if !self.asks_licences() || !works {
            return Err(GateError::NotOpen);
        }
        if session.second.is_none() {
            return Err(GateError::Second);
        }
        let challenge = self.challenge(Use::Licence, &session.name).await?;
        Ok((self.licence_text(&session.person, &challenge), challenge))
    }

    /// The text for a challenge.
    #[must_use]
    pub fn licence_text(&self, person: &PersonId, challenge: &str) -> String {
        format!("{TEXT} {} {person} {challenge}", self.0.provider.issuer())
    }

    /// Takes a signed message (CMS) over the text of a challenge.
    ///
    /// # Errors
    /// [`GateError::Challenge`], [`GateError::Licence`], or what stopped the commit.
    pub async fn show_licence(&self, session: &Session, challenge: &str, file: &[u8]) -> Result<(), GateError> {
        if session.second.is_none() {
            return Err(GateError::Second);
        }
        let open = self.open(challenge, Use::Licence, &session.name, self.moment().await?)?;
        let text = self.licence_text(&session.person, challenge);
        self.take_licence(&session.person, &text, open, Signed::read(file)?).await
    }

    /// Takes a raw signature over the text, from the agent of a card's software: the text says for whom it is, and the
    /// challenge in it in which of their sessions it was asked for.
    ///
    /// # Errors
    /// As [`Gate::show_licence`].
    pub async fn show_raw_licence(&self, raw: RawLicence<'_>) -> Result<(), GateError> {
        let at = self.moment().await?;
        let Some((person, challenge, open)) = self.asked_for(raw.text, at).await? else {
            if !self.0.limits.allows(Counted::Licence, "", at.now) {
                return Err(GateError::Often);
            }
            self.0.limits.count(Counted::Licence, "", at.now);
            return Err(GateError::Challenge);
        };
        let mut certificates = Vec::new();
        for der in raw.certificates.iter().take(8) {
            certificates.push(Certificate::read(der)?);
        }
        let text = self.licence_text(&person, &challenge);
        self.take_licence(&person, &text, open, Signed::raw(certificates, raw.signature.to_vec())?).await
    }

    async fn asked_for(
        &self,
        text: &str,
        at: crate::oauth::moment::Moment,
    ) -> Result<Option<(PersonId, String, super::challenge::Open)>, GateError> {
        let parts: Vec<&str> = text.trim_end().split(' ').take(5).collect();
        let [TEXT, issuer, person, challenge] = parts.as_slice() else { return Ok(None) };
        let Ok(person) = PersonId::new(person) else { return Ok(None) };
        if *issuer != self.0.provider.issuer() {
            return Ok(None);
        }
        for kept in self.of(&person, at).await? {
            let session = kept.value;
            if session.second.is_some()
                && let Ok(open) = self.open(challenge, Use::Licence, &session.name, at)
            {
                return Ok(Some((person, (*challenge).to_owned(), open)));
            }
        }
        Ok(None)
    }

    async fn take_licence(
        &self,
        person: &PersonId,
        text: &str,
        open: super::challenge::Open,
        signed: Signed,
    ) -> Result<(), GateError> {
        let (at, provider) = (self.moment().await?, &self.0.provider);
        let trust = provider.trust().ok_or(GateError::NotOpen)?;
        signed.is_over(text)?;
        let stated = trust.check(&signed.certificates, at.now)?;
        let own = signed.certificates.first().ok_or(Fault::Form)?;
        let name = encode(&Sha256::digest(own.identity()));
        let kept: Option<Kept<Chain>> = provider.keep().get(Tag::Licence, &name).await?;
        if kept.as_ref().is_some_and(|kept| kept.value.person != *person) {
            return Err(Fault::Taken.into());
        }
        let known = provider.directory().person(person).await?.ok_or(GateError::Ended)?;
        let certificates = signed.certificates.iter().map(|one| STANDARD.encode(one.der())).collect();
        let chain = Chain { person: person.clone(), certificates };
        let names = own.names();
        let licence = Licence {
            certificate: name.clone(),
            qualifications: stated.iter().map(|stated| stated.code.clone()).collect(),
            issuer: own.issuer_name().to_owned(),
            serial: own.serial(),
            until: own.ends(),
            since: at.now,
            agrees: names.iter().any(|name| folded(name) == folded(&known.name)),
            name: names.into_iter().next().unwrap_or_default(),
            confirmed: None,
        };
        let shown: Vec<&str> = stated.iter().map(|stated| stated.ja.as_str()).collect();
        self.change(person, at, |account, change| {
            // What was confirmed of a certificate stays so while it is the same.
            let before = account.licence.take().filter(|before| before.certificate == licence.certificate);
            account.licence = Some(Licence { confirmed: before.and_then(|one| one.confirmed), ..licence.clone() });
            account.note(Self::event(at.now, What::LicenceShown, Some(&shown.join("・"))));
            open.answer(change);
            keep_chain(change, &name, kept.as_ref(), &chain);
            Ok(())
        })
        .await
    }

    /// A person's licence, and whether it counts now.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn licence(&self, person: &PersonId) -> Result<Option<LicenceRow>, GateError> {
        let Some(licence) = self.account(person).await?.0.licence else { return Ok(None) };
        let now = self.moment().await?.now;
        let fault = match self.0.provider.trust() {
            None => None,
            Some(trust) => match self.0.provider.counts(&trust, person, &licence, now).await {
                Ok(_) => None,
                Err(GateError::Licence(fault)) => Some(fault),
                Err(error) => return Err(error),
            },
        };
        Ok(Some(LicenceRow {
            qualifications: licence.qualifications.iter().filter_map(|code| Table::own().named(code)).collect(),
            issuer: licence.issuer,
            serial: licence.serial,
            until: licence.until,
            name: licence.name,
            since: licence.since,
            confirmed: licence.confirmed,
            fault,
        }))
    }

    /// The licence of somebody on the organisation's roster, for its registrar.
    ///
    /// # Errors
    /// [`GateError::NotOpen`] for anybody else; [`GateError::Own`] for one's own.
    pub async fn licence_of_staff(&self, clerk: &Caller, person: &PersonId) -> Result<Option<LicenceRow>, GateError> {
        self.may_confirm(clerk, person).await?;
        self.licence(person).await
    }

    /// A registrar confirms that a certificate is somebody's on the roster, though the name on it is another: by the licence on
    /// paper and a document.
    ///
    /// # Errors
    /// As [`Gate::licence_of_staff`]; [`Fault::Missing`] where another certificate, or none, is kept meanwhile.
    pub async fn confirm_licence(&self, clerk: &Caller, person: &PersonId, serial: &str) -> Result<(), GateError> {
        self.may_confirm(clerk, person).await?;
        let at = self.moment().await?;
        let whose = format!("{}（{}）", clerk.person_name, clerk.organization_name);
        self.change(person, at, |account, _| {
            let licence = account.licence.as_mut().filter(|licence| licence.serial == serial).ok_or(Fault::Missing)?;
            licence.confirmed = Some(whose.clone());
            account.note(Self::event(at.now, What::LicenceConfirmed, Some(&whose)));
            Ok(())
        })
        .await
    }

    async fn may_confirm(&self, clerk: &Caller, person: &PersonId) -> Result<(), GateError> {
        let today = self.moment().await?.now.civil().date();
        let posts = self.0.provider.directory().posts(&clerk.organization, person).await?;
        let desk = (clerk.role, clerk.purpose) == (Role::Registrar, Purpose::RecordManagement) && !clerk.automatic;
        if !desk || posts.held(today).is_empty() {
            return Err(GateError::NotOpen);
        }
        self.not_to_themself(clerk, person).await
    }
}

fn keep_chain(change: &mut Change, name: &str, kept: Option<&Kept<Chain>>, chain: &Chain) {
    match kept {
        Some(kept) => change.replace(Tag::Licence, name, kept, chain, NEVER),
        None => change.put_new(Tag::Licence, name, chain, NEVER),
    }
}

/// A name without spaces, in half width: as it is compared. Anything else that differs is for a person to judge.
fn folded(name: &str) -> String {
    let half = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    name.chars().filter(|c| !c.is_whitespace()).map(half).flat_map(char::to_uppercase).collect()
}
