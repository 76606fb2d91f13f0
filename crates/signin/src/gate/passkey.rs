//! Passkeys (WebAuthn level 2): making one, signing in with one, looking them over, removing one.
//!
//! What must hold: the person was there and the authenticator knew them; a challenge is answered once; a counter that does
//! not go up stops the passkey; the last way in is not removed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::{Instant, PersonId};

use super::{
    By, Gate, GateError, Session, Side, Use, What,
    authenticator::{self, Ceremony},
    session,
};
use crate::{
    jose::{decode, encode},
    keep::{Change, Kept, Tag},
    oauth::limit::Counted,
};

/// Most passkeys of one person.
const MOST: usize = 16;
/// Longest name of a passkey, in characters.
pub const NAME_MOST: usize = 40;
/// A passkey's row never ends by itself.
const NEVER: Instant = Instant(i64::MAX);

/// A passkey, as kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Passkey {
    pub id: String,
    jwk: Value,
    counter: u32,
    pub name: String,
    since: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<Instant>,
    synced: bool,
    /// Whether it counts no more: there may be two of it, or it was lost.
    #[serde(default)]
    pub stopped: bool,
    /// From which desk whoever made it came.
    pub side: Side,
}

/// What a browser needs to make a passkey.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The challenge.
    pub challenge: String,
    /// The id that passkeys are bound to.
    pub site: String,
    /// The person's name for authenticators, in base64url.
    pub handle: String,
    /// The ids of passkeys that are there.
    pub known: Vec<String>,
}

/// A passkey that a browser made: everything in base64url.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    /// `clientDataJSON`.
    pub client: &'a str,
    /// `attestationObject`.
    pub attestation: &'a str,
    /// How its owner calls it.
    pub name: &'a str,
}

/// A passkey's answer: everything in base64url.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The passkey's id.
    pub id: &'a str,
    /// `clientDataJSON`.
    pub client: &'a str,
    /// `authenticatorData`.
    pub data: &'a str,
    /// `signature`.
    pub signature: &'a str,
    /// `userHandle`; empty where the authenticator gives none.
    pub handle: &'a str,
}

/// A passkey as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: Instant,
    /// When it was used last.
    pub used: Option<Instant>,
    /// Whether it is kept on more devices than one.
    pub synced: bool,
    /// Whether it counts no more.
    pub stopped: bool,
}

impl Gate {
    /// What a browser needs to make a passkey for whoever has this session.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn new_key(&self, session: &Session, cookie: &str) -> Result<NewKey, GateError> {
        let site = self.site()?.id.clone();
        let at = self.moment().await?;
        let (mut account, _) = self.account(&session.person).await?;
        if account.handle.is_empty() {
            // Its name is kept before an authenticator learns it.
            account.handle = self.change(&session.person, at, |account, _| Ok(account.handle.clone())).await?;
        }
        let known = account.keys.into_iter().map(|key| key.id).collect();
        Ok(NewKey { challenge: self.challenge(Use::Enrol, cookie).await?, site, handle: account.handle, known })
    }

    /// Takes a passkey that a browser made.
    ///
    /// # Errors
    /// [`GateError`]; nothing was kept but where it is [`GateError::Busy`], when nothing is known.
    pub async fn enrol(&self, session: &Session, cookie: &str, made: &Made<'_>) -> Result<(), GateError> {
        let (site, at) = (self.site()?, self.moment().await?);
        let client = decode(made.client).ok_or(GateError::Passkey)?;
        let challenge = authenticator::challenge(&client, Ceremony::Create, site)?;
        let open = self.open(&challenge, Use::Enrol, cookie, at)?;
        let attestation = decode(made.attestation).ok_or(GateError::Passkey)?;
        let said = authenticator::said(authenticator::attested(&attestation)?, site)?;
        let (id, jwk) = said.credential.ok_or(GateError::Passkey)?;
        let id = encode(&id);
        if self.0.provider.keep().get::<PersonId>(Tag::Credential, &id).await?.is_some() {
            return Err(GateError::Known);
        }
        let name: String = made.name.trim().chars().filter(|c| !c.is_control()).take(NAME_MOST).collect();
        self.change(&session.person, at, |account, change| {
            if account.keys.len() >= MOST {
                return Err(GateError::Many);
            }
            account.keys.push(Passkey {
                id: id.clone(),
                jwk: jwk.clone(),
                counter: said.counter,
                name: name.clone(),
                since: at.now,
                used: None,
                synced: said.synced,
                stopped: false,
                side: session.side,
            });
            account.note(Self::event(at.now, What::KeyMade, Some(&name)));
            open.answer(change);
            change.put_new(Tag::Credential, &id, &session.person, NEVER);
            Ok(())
        })
        .await
    }

    /// Signs in with a passkey's answer; gives the new session's cookie.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn sign_in(&self, cookie: &str, answer: &Answer<'_>) -> Result<String, GateError> {
        let at = self.moment().await?;
        let found = self.answered(cookie, answer).await;
        // Whoever is right is not kept waiting by whoever is wrong under the same passkey's name.
        if let Err(GateError::Passkey | GateError::Challenge) = found {
            if !self.0.limits.allows(Counted::Passkey, answer.id, at.now) {
                return Err(GateError::Often);
            }
            self.0.limits.count(Counted::Passkey, answer.id, at.now);
        }
        let (person, counter, open, stands) = found?;
        let now = at.now;
        let sign = |account: &mut super::account::Account, change: &mut Change, sessions: &[Kept<Session>]| {
            let key = account.keys.iter_mut().find(|key| key.id == answer.id && !key.stopped);
            let key = key.ok_or(GateError::Passkey)?;
            open.answer(change);
            let (name, side) = (key.name.clone(), key.side);
            // An authenticator that counts counts up; one that stands still or goes back is one of two.
            if stands_still(counter, key.counter) {
                key.stopped = true;
                account.note(Self::event(now, What::Copied, Some(&name)));
                end_of_key(change, sessions, answer.id, None);
                return Ok(None);
            }
            (key.counter, key.used) = (counter, Some(now));
            account.note(Self::event(now, What::SignedIn, Some(&name)));
            Ok(Some(self.begin(change, &Session::new(&person, By::Passkey, Some(answer.id), side, at))))
        };
        self.change_with(&person, at, stands, sign).await?.ok_or(GateError::Copied)
    }

    /// Whose the answer is, the counter, the challenge, and whether the counter did not go up, if everything of it holds.
    async fn answered(
        &self,
        cookie: &str,
        answer: &Answer<'_>,
    ) -> Result<(PersonId, u32, super::challenge::Open, bool), GateError> {
        let (site, at) = (self.site()?, self.moment().await?);
        let read = |text: &str| decode(text).ok_or(GateError::Passkey);
        let (client, data, signature) = (read(answer.client)?, read(answer.data)?, read(answer.signature)?);
        let challenge = authenticator::challenge(&client, Ceremony::Get, site)?;
        let open = self.open(&challenge, Use::SignIn, cookie, at)?;
        let said = authenticator::said(&data, site)?;
        let person = self.0.provider.keep().get::<PersonId>(Tag::Credential, answer.id).await?;
        let person = person.ok_or(GateError::Passkey)?.value;
        let (account, _) = self.account(&person).await?;
        let key = account.keys.iter().find(|key| key.id == answer.id && !key.stopped).ok_or(GateError::Passkey)?;
        let is_named =
            answer.handle.is_empty() || bool::from(answer.handle.as_bytes().ct_eq(account.handle.as_bytes()));
        if !is_named || !authenticator::is_signed(&key.jwk, &data, &client, &signature) {
            return Err(GateError::Passkey);
        }
        if self.0.provider.keep().get::<()>(Tag::Challenge, &challenge).await?.is_some() {
            return Err(GateError::Challenge);
        }
        let stands = stands_still(said.counter, key.counter);
        Ok((person, said.counter, open, stands))
    }

    /// A person's passkeys, in the order in which they were made.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn keys(&self, person: &PersonId) -> Result<Vec<KeyRow>, GateError> {
        let keys = self.account(person).await?.0.keys.into_iter();
        Ok(keys
            .map(|key| KeyRow {
                id: key.id,
                name: key.name,
                since: key.since,
                used: key.used,
                synced: key.synced,
                stopped: key.stopped,
            })
            .collect())
    }

    /// Removes one of the session's person's passkeys, and ends the other sessions that it began.
    ///
    /// # Errors
    /// [`GateError::Last`] for the last that counts; [`GateError::Passkey`] if it is not theirs.
    pub async fn remove_key(&self, session: &Session, id: &str) -> Result<(), GateError> {
        let at = self.moment().await?;
        let kept = self.0.provider.keep().get::<PersonId>(Tag::Credential, id).await?;
        let kept = kept.filter(|kept| kept.value == session.person).ok_or(GateError::Passkey)?;
        self.change_with(&session.person, at, true, |account, change, sessions| {
            let place = account.keys.iter().position(|key| key.id == id).ok_or(GateError::Passkey)?;
            let key = account.keys.remove(place);
            if !account.has_way_in() {
                return Err(GateError::Last);
            }
            account.note(Self::event(at.now, What::KeyRemoved, Some(&key.name)));
            change.remove(Tag::Credential, id, &kept);
            end_of_key(change, sessions, id, Some(&session.name));
            Ok(())
        })
        .await
    }
}

fn stands_still(counter: u32, known: u32) -> bool {
    (counter != 0 || known != 0) && counter <= known
}

/// Ends the sessions that a passkey began, but for one.
fn end_of_key(change: &mut Change, sessions: &[Kept<Session>], id: &str, but: Option<&str>) {
    for kept in sessions {
        if kept.value.key.as_deref() == Some(id) && Some(kept.value.name.as_str()) != but {
            session::end(change, kept);
        }
    }
}
