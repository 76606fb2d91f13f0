//! An external OpenID provider as a way in (OpenID Connect Core 1.0, code with PKCE, `private_key_jwt`): the service of the My
//! Number card is one such.
//!
//! The provider says that somebody holds a certificate, by its serial; who that is here is said once by whoever is signed in from
//! home, and kept. What must hold: an answer is for the browser that asked, once; nothing of the token is believed but by
//! the provider's keys, our id, our nonce and the clock; another serial than the one that is kept needs the desk.

use std::{future::Future, pin::Pin, sync::Arc};

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tsumugi_kernel::{Instant, PersonId};

use super::{By, Gate, GateError, Session, Side, Use, What, challenge::keyed};
use crate::{
    jose::{Jws, PublicKey, decode, encode},
    keep::Tag,
};

/// Where the browser comes back to.
pub const BACK: &str = "/sign-in/provider/back";
/// How far clocks may differ, in seconds.
const SKEW_SECONDS: i64 = 60;
/// How long our word to the provider's token endpoint is good, in seconds.
const ASSERTION_SECONDS: i64 = 60;
/// Longest serial, in characters.
const SERIAL_MOST: usize = 256;
/// What was said of a serial never ends by itself.
const NEVER: Instant = Instant(i64::MAX);

/// A provider, as the operator describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its issuer, letter by letter as in its tokens.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our private key there: EC P-256, as JWK with `kid`.
    pub key: Value,
    /// Where the browser goes.
    pub authorization_endpoint: String,
    /// Where a code becomes tokens, as the provider calls it: it stands in our word to it.
    pub token_endpoint: String,
    /// Where this server reaches the token endpoint: `http://`, by a forwarder with TLS on this machine. Without it, the same.
    #[serde(default)]
    pub token_address: Option<String>,
    /// Where this server reads the provider's keys: the same.
    pub keys_address: String,
    /// The claim with the certificate's serial.
    pub claim: String,
    /// What is asked for besides `openid`.
    #[serde(default)]
    pub scope: String,
    /// Its name, in Japanese.
    pub name_ja: String,
    /// Its name, in English.
    pub name_en: String,
}

/// An answer under way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send + 'a>>;

/// Whoever asks the provider over the network: within a bounded time, for a bounded answer of status 200.
pub trait Ask: Send + Sync {
    /// Sends a form, or reads where there is none.
    fn ask<'a>(&'a self, address: &'a str, form: Option<String>) -> Answering<'a>;
}

/// The provider with whoever asks it.
pub(super) struct Provided {
    pub upstream: Upstream,
    signing: SigningKey,
    kid: String,
    ask: Arc<dyn Ask>,
}

impl Provided {
    /// Takes a description.
    pub fn new(upstream: Upstream, ask: Arc<dyn Ask>) -> Result<Self, String> {
        let text = |name: &str| upstream.key.get(name).and_then(Value::as_str);
        let seed = text("d").and_then(decode).filter(|_| text("kty") == Some("EC") && text("crv") == Some("P-256"));
        let signing = seed.and_then(|seed| SigningKey::from_slice(&seed).ok());
        let (Some(signing), Some(kid)) = (signing, text("kid")) else {
            return Err("\"key\" is no private EC P-256 key as JWK with a kid".into());
        };
        if !upstream.authorization_endpoint.starts_with("https://")
            && !upstream.authorization_endpoint.starts_with("http://localhost")
        {
            return Err("\"authorization_endpoint\" begins with https://".into());
        }
        if upstream.claim.is_empty() || upstream.issuer.is_empty() || upstream.client_id.is_empty() {
            return Err("\"claim\", \"issuer\" and \"client_id\" are needed".into());
        }
        let kid = kid.to_owned();
        Ok(Self { upstream, signing, kid, ask })
    }

    /// Our word to the token endpoint (RFC 7523).
    fn assertion(&self, jti: &str, now: Instant) -> String {
        let seconds = now.0.div_euclid(1000);
        let (id, header) = (&self.upstream.client_id, json!({"alg": "ES256", "typ": "JWT", "kid": self.kid}));
        let claims = json!({
            "iss": id, "sub": id, "aud": self.upstream.token_endpoint, "jti": jti, "iat": seconds,
            "exp": seconds + ASSERTION_SECONDS,
        });
        let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature: Signature = self.signing.sign(text.as_bytes());
        format!("{text}.{}", encode(&signature.to_bytes()))
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct IdToken {
    iss: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    nonce: String,
    #[serde(flatten)]
    more: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// For what the browser was sent to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// To sign in.
    In,
    /// To say whose the certificate is.
    Link,
}

impl Sent {
    const fn challenge(self) -> Use {
        match self {
            Self::In => Use::Provider,
            Self::Link => Use::ProviderLink,
        }
    }
}

impl Gate {
    fn provided(&self) -> Result<&Provided, GateError> {
        self.0.provided.get().ok_or(GateError::NotOpen)
    }

    /// The names of the provider, in Japanese and English, where there is one.
    #[must_use]
    pub fn provider_names(&self) -> Option<(&str, &str)> {
        let upstream = &self.0.provided.get()?.upstream;
        Some((&upstream.name_ja, &upstream.name_en))
    }

    /// Lets people come in by an external provider. Said once.
    ///
    /// # Errors
    /// What is wrong with the description.
    pub fn provide(&self, upstream: Upstream, ask: Arc<dyn Ask>) -> Result<(), String> {
        let provided = Provided::new(upstream, ask)?;
        // Two providers behind one button would be two truths: the first stays.
        let _ = self.0.provided.set(provided);
        Ok(())
    }

    /// The address to which the browser is sent. Nothing is kept: nonce and verifier come of the state.
    ///
    /// # Errors
    /// [`GateError::NotOpen`] without a provider.
    pub async fn to_provider(&self, sent: Sent, cookie: &str) -> Result<String, GateError> {
        let upstream = &self.provided()?.upstream;
        let state = self.challenge(sent.challenge(), cookie).await?;
        let (nonce, verifier) = (self.of_state(b'n', &state), self.of_state(b'v', &state));
        let challenge = encode(&Sha256::digest(verifier));
        let scope = format!("openid {}", upstream.scope);
        let back = self.back();
        let pairs = [
            ("response_type", "code"),
            ("client_id", upstream.client_id.as_str()),
            ("redirect_uri", back.as_str()),
            ("scope", scope.trim()),
            ("state", state.as_str()),
            ("nonce", nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        Ok(crate::oauth::with_query(&upstream.authorization_endpoint, &pairs))
    }

    fn back(&self) -> String {
        format!("{}{BACK}", self.0.provider.issuer())
    }

    fn of_state(&self, kind: u8, state: &str) -> String {
        use hmac::Mac as _;
        let mut mac = keyed(&self.0.challenge_key);
        mac.update(&[kind]);
        mac.update(state.as_bytes());
        encode(&mac.finalize().into_bytes())
    }

    /// The serial that the provider vouches for, and the state, to be used up.
    async fn vouched(
        &self,
        sent: Sent,
        cookie: &str,
        (state, code): (&str, &str),
    ) -> Result<(String, super::challenge::Open), GateError> {
        let (provided, at) = (self.provided()?, self.moment().await?);
        let open = self.open(state, sent.challenge(), cookie, at)?;
        // A state that was used is told before the provider is asked; the commit says it again.
        if self.0.provider.keep().get::<()>(Tag::Challenge, state).await?.is_some() || code.is_empty() {
            return Err(GateError::Challenge);
        }
        let upstream = &provided.upstream;
        let (verifier, assertion) = (self.of_state(b'v', state), provided.assertion(&self.0.provider.random(), at.now));
        let back = self.back();
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back.as_str()),
            ("code_verifier", verifier.as_str()),
            ("client_id", upstream.client_id.as_str()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        let form = crate::oauth::with_query("", &pairs).trim_start_matches('?').to_owned();
        let address = upstream.token_address.as_deref().unwrap_or(&upstream.token_endpoint);
        let answer = provided.ask.ask(address, Some(form)).await.ok_or(GateError::Provider)?;
        let tokens: Tokens = serde_json::from_slice(&answer).map_err(|_| GateError::Provider)?;
        let keys = provided.ask.ask(&upstream.keys_address, None).await.ok_or(GateError::Provider)?;
        let keys: Value = serde_json::from_slice(&keys).map_err(|_| GateError::Provider)?;
        let nonce = self.of_state(b'n', state);
        let serial = serial(upstream, &tokens.id_token, &keys, &nonce, at.now).ok_or(GateError::Provider)?;
        Ok((self.name_of_serial(upstream, &serial), open))
    }

    /// Under what a serial is kept: not itself, since it names a person elsewhere.
    fn name_of_serial(&self, upstream: &Upstream, serial: &str) -> String {
        self.of_state(b'u', &format!("{}\n{serial}", upstream.issuer))
    }

    /// Signs in whoever the provider sent back; gives the new session's cookie.
    ///
    /// # Errors
    /// [`GateError::Stranger`] where nobody has said whose the certificate is.
    pub async fn from_provider(&self, cookie: &str, answer: (&str, &str)) -> Result<String, GateError> {
        let (name, open) = self.vouched(Sent::In, cookie, answer).await?;
        let at = self.moment().await?;
        let kept = self.0.provider.keep().get::<PersonId>(Tag::Certificate, &name).await?;
        let person = kept.ok_or(GateError::Stranger)?.value;
        self.change(&person, at, |account, change| {
            if account.certificate.as_ref() != Some(&name) {
                return Err(GateError::Stranger);
            }
            open.answer(change);
            account.note(Self::event(at.now, What::ByProvider, None));
            Ok(self.begin(change, &Session::new(&person, By::Provider, None, Side::Home, at)))
        })
        .await
    }

    /// Says that the certificate of whoever the provider sent back is the session's person's.
    ///
    /// # Errors
    /// [`GateError::NotOpen`] from work; [`GateError::Renewed`] where another certificate is kept and nobody at a desk has just
    /// seen who it is; [`GateError::Known`] where it is somebody's.
    pub async fn link_provider(&self, session: &Session, cookie: &str, answer: (&str, &str)) -> Result<(), GateError> {
        if session.side != Side::Home {
            return Err(GateError::NotOpen);
        }
        let (name, open) = self.vouched(Sent::Link, cookie, answer).await?;
        let at = self.moment().await?;
        let keep = self.0.provider.keep();
        let (account, _) = self.account(&session.person).await?;
        // It may be hers from before a desk stopped everything: then it is taken up again.
        let there = keep.get::<PersonId>(Tag::Certificate, &name).await?;
        if there.as_ref().is_some_and(|kept| kept.value != session.person)
            || account.certificate.as_ref() == Some(&name)
        {
            return Err(GateError::Known);
        }
        let before = match &account.certificate {
            Some(before) if session.by == By::Code => {
                keep.get::<PersonId>(Tag::Certificate, before).await?.map(|kept| (before.clone(), kept))
            }
            Some(_) => return Err(GateError::Renewed),
            None => None,
        };
        self.change(&session.person, at, |account, change| {
            if account.certificate.as_ref() != before.as_ref().map(|(name, _)| name) {
                return Err(GateError::Challenge);
            }
            if let Some((name, kept)) = &before {
                change.remove(Tag::Certificate, name, kept);
            }
            open.answer(change);
            account.certificate = Some(name.clone());
            account.note(Self::event(at.now, What::Linked, None));
            if there.is_none() {
                change.put_new(Tag::Certificate, &name, &session.person, NEVER);
            }
            Ok(())
        })
        .await
    }

    /// Whether a certificate is kept for a person.
    ///
    /// # Errors
    /// [`GateError`].
    pub async fn has_certificate(&self, person: &PersonId) -> Result<bool, GateError> {
        Ok(self.account(person).await?.0.certificate.is_some())
    }
}

/// The serial in an id token, if everything of the token holds (OpenID Connect Core 1.0 section 3.1.3.7).
fn serial(upstream: &Upstream, token: &str, keys: &Value, nonce: &str, now: Instant) -> Option<String> {
    let jws = Jws::read(token).ok()?;
    let keys = keys.get("keys")?.as_array()?;
    let mut own = keys.iter().take(32).filter_map(|jwk| PublicKey::of_provider(jwk).ok());
    let key = own.find(|key| key.kid().is_some() && key.kid() == jws.header.kid.as_deref())?;
    let claims: IdToken = jws.claims_of_any_type(&key).ok()?;
    let seconds = now.0.div_euclid(1000);
    let is_for_us = match &claims.aud {
        Audience::One(one) => *one == upstream.client_id,
        // One of several might have got the token for itself.
        Audience::Many(many) => matches!(many.as_slice(), [one] if *one == upstream.client_id),
    };
    let holds = claims.iss == upstream.issuer
        && is_for_us
        && seconds < claims.exp + SKEW_SECONDS
        && claims.iat <= seconds + SKEW_SECONDS
        && bool::from(claims.nonce.as_bytes().ct_eq(nonce.as_bytes()));
    let serial = claims.more.get(&upstream.claim)?.as_str()?;
    (holds && !serial.is_empty() && serial.chars().count() <= SERIAL_MOST).then(|| serial.to_owned())
}
