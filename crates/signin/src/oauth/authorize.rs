//! Between app and person: the request that waits, what the person is told of it, and what becomes of their word.

use tsumugi_kernel::{Instant, Kind, Role};
use tsumugi_store::CommitError;

use super::{
    Form, OauthError, Provider, PurposeDetail, form::with_query, grant::Code, moment::Moment, request::AuthRequest,
};
use crate::{
    Client,
    keep::{Change, Kept, Tag},
    scopes::{One, Scopes},
};

/// How long a code is good.
const CODE_SECONDS: i64 = 60;
/// How long a used code is remembered, so that whoever brings it again ends what came of it.
const USED_SECONDS: i64 = 24 * 60 * 60;

/// What a browser's request comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// A person is to be asked, under this name of the request.
    Ask(String),
    /// The browser is sent back to the app with this address.
    Back(String),
    /// It cannot be said to whom to send the browser back: the person is told here.
    Here(OauthError),
}

/// What a person is told before they decide.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The app's name.
    pub app: String,
    /// Where the browser goes afterwards: scheme and host.
    pub goes_to: String,
    /// What is asked for.
    pub scopes: Scopes,
    /// For whom and for what the token will be; `None` with nobody signed in.
    pub detail: Option<PurposeDetail>,
    /// Whether a citizen must be named first.
    pub needs_citizen: bool,
}

/// Whoever is signed in.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Who, for whom, in which role, for what.
    pub detail: PurposeDetail,
    /// When they signed in.
    pub since: Instant,
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The app may, with this citizen where one had to be named.
    Allow(Option<String>),
    /// It may not.
    Refuse,
}

impl Provider {
    /// Takes the request that a browser brings.
    pub async fn begin(&self, form: &Form, is_signed_in: bool) -> Begun {
        match self.begun(form, is_signed_in).await {
            Ok(begun) => begun,
            Err(error) => Begun::Here(error),
        }
    }

    async fn begun(&self, form: &Form, is_signed_in: bool) -> Result<Begun, OauthError> {
        let at = self.moment().await?;
        let client = self.0.registry.find(form.need("client_id")?)?;
        let client = client.ok_or_else(|| OauthError::client("there is no such client here"))?;
        if let Some(id) = Self::name_of(form)? {
            let kept = self.kept(id, at).await?;
            if kept.value.client != client.id.as_str() {
                return Err(OauthError::request("the request was pushed by another client"));
            }
            return Ok(self.silent(&kept.value, is_signed_in).unwrap_or_else(|| Begun::Ask(id.to_owned())));
        }
        // From here on the browser can be sent back.
        let address = Self::address(&client, form)?;
        let state = form.get("state").map(str::to_owned);
        let request = if client.has_keys() {
            Err(OauthError::request(
                "this client has a key: it pushes its requests (PAR) and sends the browser with request_uri",
            ))
        } else {
            self.request(&client, address.clone(), form)
        };
        match request {
            Ok(request) => match self.silent(&request, is_signed_in) {
                Some(back) => Ok(back),
                None => Ok(Begun::Ask(self.wait(&request, at).await?)),
            },
            Err(error) => Ok(Begun::Back(self.back(&address, state.as_deref(), &Err(error)))),
        }
    }

    /// With `prompt=none` nobody may be shown anything; and without a person's word nothing is given.
    fn silent(&self, request: &AuthRequest, is_signed_in: bool) -> Option<Begun> {
        let code = if is_signed_in { "consent_required" } else { "login_required" };
        let error = Err(OauthError::named(code, "a person has to decide; ask without prompt=none"));
        request.silent.then(|| Begun::Back(self.back(&request.redirect_uri, request.state.as_deref(), &error)))
    }

    /// What the person is told of a request that waits.
    ///
    /// # Errors
    /// [`OauthError`]: there is none of that name any more, or it asks for what this person cannot give.
    pub async fn waiting(&self, id: &str, signed: Option<&Signed>) -> Result<Waiting, OauthError> {
        let at = self.moment().await?;
        let request = self.kept(id, at).await?.value;
        let client = self.app(&request)?;
        let scopes = Scopes::read(&request.scope);
        let detail = signed.map(|signed| self.detail(&client, &request, signed)).transpose()?;
        let needs_citizen = scopes.needs_patient() && detail.as_ref().is_some_and(|detail| detail.citizen.is_none());
        Ok(Waiting { app: client.name.clone(), goes_to: origin(&request.redirect_uri), scopes, detail, needs_citizen })
    }

    /// Takes the person's word; gives the address to which the browser goes.
    ///
    /// # Errors
    /// [`OauthError`]: the request is not there any more, or something has still to be said.
    pub async fn decide(&self, id: &str, signed: &Signed, decision: Decision) -> Result<String, OauthError> {
        let at = self.moment().await?;
        let kept = self.kept(id, at).await?;
        let request = &kept.value;
        let client = self.app(request)?;
        let mut change = Change::default();
        change.remove(Tag::Request, id, &kept);
        let answer = match decision {
            Decision::Refuse => Err(OauthError::denied("the person did not allow it")),
            Decision::Allow(citizen) => {
                let mut detail = self.detail(&client, request, signed)?;
                if Scopes::read(&request.scope).needs_patient() && detail.citizen.is_none() {
                    detail.citizen = Some(self.named(citizen)?);
                }
                let code = self.random();
                let kept = Code {
                    request: request.clone(),
                    detail,
                    grant: self.new_grant(at),
                    since: signed.since,
                    good_until: at.now.plus_millis(CODE_SECONDS * 1000),
                    used: false,
                };
                change.put_new(Tag::Code, &code, &kept, at.now.plus_millis(USED_SECONDS * 1000));
                Ok(code)
            }
        };
        match self.0.keep.commit(change, at.now).await {
            Ok(()) => Ok(self.back(&request.redirect_uri, request.state.as_deref(), &answer)),
            // Decided in another window.
            Err(CommitError::Conflict(_)) => Err(gone()),
            Err(error) => Err(error.into()),
        }
    }

    async fn kept(&self, id: &str, at: Moment) -> Result<Kept<AuthRequest>, OauthError> {
        let kept = self.0.keep.get::<AuthRequest>(Tag::Request, id).await?;
        kept.filter(|kept| at.now < kept.expires).ok_or_else(gone)
    }

    fn app(&self, request: &AuthRequest) -> Result<std::sync::Arc<Client>, OauthError> {
        let client = self.0.registry.find(&request.client)?;
        // Taken out or changed since: then its request is worth as little as a new one would be.
        client.filter(|client| client.redirect_uris.contains(&request.redirect_uri)).ok_or_else(gone)
    }

    fn detail(&self, client: &Client, request: &AuthRequest, signed: &Signed) -> Result<PurposeDetail, OauthError> {
        let detail = request.detail.within(&signed.detail, &self.0.sealer)?;
        let fits = client.organization.as_ref().is_none_or(|own| *own == detail.organization)
            && client.role.is_none_or(|own| own == detail.role)
            && client.purpose.is_none_or(|own| own == detail.purpose);
        if fits {
            Ok(detail)
        } else {
            Err(OauthError::denied("this app is registered for other people or another purpose"))
        }
    }

    /// The citizen whom a person named on the page.
    fn named(&self, citizen: Option<String>) -> Result<String, OauthError> {
        let id = citizen.as_deref().map(|id| id.trim()).map(|id| id.strip_prefix("Patient/").unwrap_or(id).to_owned());
        id.filter(|id| self.0.sealer.open(id).is_some_and(|key| key.kind == Kind::PATIENT))
            .ok_or_else(|| OauthError::details("name the citizen by the id of a Patient of this server"))
    }

    /// The app's address with a code, or with what went wrong; always with who answers (RFC 9207).
    fn back(&self, address: &str, state: Option<&str>, answer: &Result<String, OauthError>) -> String {
        let mut pairs = match answer {
            Ok(code) => vec![("code", code.as_str())],
            Err(error) => vec![("error", error.code), ("error_description", error.description.as_str())],
        };
        pairs.extend(state.map(|state| ("state", state)));
        pairs.push(("iss", self.issuer()));
        with_query(address, &pairs)
    }
}

impl Waiting {
    /// Whether the app may come back without the person: with refresh tokens.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.scopes.has(&One::OfflineAccess)
    }

    /// Hours for which it may; 0 where it may not.
    #[must_use]
    pub fn hours(&self) -> i64 {
        let role = self.detail.as_ref().map(|detail| detail.role).filter(|_| self.stays());
        role.map_or(0, |role| grant_millis(role) / (60 * 60 * 1000))
    }
}

/// How long a grant with refresh tokens lasts: a citizen's app three months, a professional's a day's work.
pub(super) fn grant_millis(role: Role) -> i64 {
    const HOUR: i64 = 60 * 60 * 1000;
    if matches!(role, Role::Citizen | Role::Proxy) { 90 * 24 * HOUR } else { 12 * HOUR }
}

fn gone() -> OauthError {
    OauthError::request("this request has ended or was decided; begin again in the app")
}

/// Scheme and host of an address, as a person is shown where they go.
fn origin(address: &str) -> String {
    let (scheme, rest) = address.split_once(':').unwrap_or((address, ""));
    match rest.strip_prefix("//") {
        Some(rest) => format!("{scheme}://{}", rest.split(['/', '?']).next().unwrap_or_default()),
        None => format!("{scheme}:"),
    }
}
