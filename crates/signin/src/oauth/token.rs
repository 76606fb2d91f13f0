//! The token endpoint: a code, a refresh token, or a system's own word becomes an access token.

use serde_json::{Value, json};
use tsumugi_kernel::{Instant, PersonId, Role};
use tsumugi_people::Person;

use super::{
    OauthError, Posted, Provider, PurposeDetail,
    access::{APP_SECONDS, SYSTEM_SECONDS},
    authorize::grant_millis,
    detail::{AskedDetail, TYPE},
    discovery,
    grant::{Code, Grant},
    limit::Counted,
    moment::Moment,
};
use crate::{
    Client, ClientKind,
    keep::Kept,
    scopes::{One, Scopes},
};

/// How long an id token may be looked at.
const ID_SECONDS: i64 = 10 * 60;

/// What an answer is made of.
struct Given<'a> {
    grant: &'a str,
    client: &'a Client,
    detail: &'a PurposeDetail,
    scopes: &'a Scopes,
    jkt: Option<&'a str>,
    seconds: i64,
}

impl Provider {
    /// Answers a request for a token.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn token(&self, posted: &Posted) -> Result<Value, OauthError> {
        let at = self.moment().await?;
        let client = self.client(posted, discovery::TOKEN, at).await?;
        let name = client.id.as_str();
        let jkt = match &posted.proof {
            Some(proof) => {
                let proved = self.prove_at(proof, discovery::TOKEN);
                Some(proved.map_err(|fault| OauthError::proof(fault.to_string()))?)
            }
            None => None,
        };
        let answered = match posted.form.need("grant_type")? {
            "authorization_code" => self.by_code(posted, &client, jkt.as_deref(), at).await,
            "refresh_token" => self.by_refresh(posted, &client, jkt.as_deref(), at).await,
            "client_credentials" => self.by_system(posted, &client, jkt.as_deref(), at).await,
            _ => Err(OauthError::grant_type()),
        };
        let wrong = answered.as_ref().is_err_and(|error| error.code == "invalid_grant");
        self.counted(answered, wrong.then_some(Counted::Grant), name, at.now)
    }

    async fn by_code(
        &self,
        posted: &Posted,
        client: &Client,
        jkt: Option<&str>,
        at: Moment,
    ) -> Result<Value, OauthError> {
        let form = &posted.form;
        let text = form.need("code")?;
        let kept = self.code(text, client, form.need("redirect_uri")?, form.need("code_verifier")?, at).await?;
        let code = &kept.value;
        if code.request.jkt.as_deref().is_some_and(|bound| jkt != Some(bound)) {
            return Err(OauthError::proof("the code is bound to another key than that of the proof"));
        }
        let scopes = Scopes::read(&code.request.scope);
        let stays = scopes.has(&One::OfflineAccess);
        let grant = Grant {
            client: client.id.to_string(),
            detail: code.detail.clone(),
            scope: code.request.scope.clone(),
            jkt: jkt.map(str::to_owned),
            generation: 0,
        };
        let until = at.now.plus_millis(grant_millis(code.detail.role));
        self.redeem(text, &kept, stays.then_some((&grant, until)), at).await?;
        let given =
            Given { grant: &code.grant, client, detail: &code.detail, scopes: &scopes, jkt, seconds: APP_SECONDS };
        let mut answer = self.given(&given, at)?;
        if stays {
            answer["refresh_token"] = self.refresh_token(&code.grant, 0).into();
        }
        if scopes.has(&One::OpenId) {
            answer["id_token"] = self.id_token(code, &scopes, at)?.into();
        }
        Ok(answer)
    }

    async fn by_refresh(
        &self,
        posted: &Posted,
        client: &Client,
        jkt: Option<&str>,
        at: Moment,
    ) -> Result<Value, OauthError> {
        let (name, kept) = self.granted(posted.form.need("refresh_token")?, client, at).await?;
        let grant: &Kept<Grant> = &kept;
        if grant.value.jkt.as_deref() != jkt {
            return Err(OauthError::proof(
                "the refresh token is bound to a key: send a proof of that key, and of no other",
            ));
        }
        let all = Scopes::read(&grant.value.scope).within(&client.allowed());
        let scopes = match posted.form.get("scope") {
            None => all,
            Some(text) => Scopes::read(text).within(&all),
        };
        if scopes.is_empty() {
            return Err(OauthError::scope("nothing of these scopes was granted"));
        }
        let next = self.rotate(&name, grant, at).await?;
        let detail = &grant.value.detail;
        let given = Given { grant: &name, client, detail, scopes: &scopes, jkt, seconds: APP_SECONDS };
        let mut answer = self.given(&given, at)?;
        answer["refresh_token"] = next.into();
        Ok(answer)
    }

    async fn by_system(
        &self,
        posted: &Posted,
        client: &Client,
        jkt: Option<&str>,
        at: Moment,
    ) -> Result<Value, OauthError> {
        if client.kind != ClientKind::System {
            return Err(OauthError::unauthorized("client_credentials is for systems; an app lets a person sign in"));
        }
        if jkt.is_none() && self.0.bound_only {
            return Err(OauthError::proof(
                "a system's token is bound to a key: send a proof in the header DPoP (RFC 9449)",
            ));
        }
        let allowed = client.allowed();
        let scopes =
            posted.form.get("scope").map_or_else(|| allowed.clone(), |text| Scopes::read(text).within(&allowed));
        if scopes.is_empty() {
            return Err(OauthError::scope("no scope of those asked for is registered for this system"));
        }
        let own = self.standing(client).await?;
        let detail = AskedDetail::read(posted.form.get("authorization_details"))?.within(&own, &self.0.sealer)?;
        if detail.purpose != own.purpose {
            return Err(OauthError::details("a system has the purpose that it is registered for, and no other"));
        }
        let grant = self.new_grant(at);
        self.given(&Given { grant: &grant, client, detail: &detail, scopes: &scopes, jkt, seconds: SYSTEM_SECONDS }, at)
    }

    /// For whom, as what and for what a system asks; it stands in the directory under its name, as the citizen reads it.
    async fn standing(&self, client: &Client) -> Result<PurposeDetail, OauthError> {
        let all = client.organization.clone().zip(client.role).zip(client.purpose);
        let ((organization, role), purpose) = all.ok_or_else(|| {
            tracing::error!("a system is registered without its standing");
            OauthError::broken()
        })?;
        let id: &PersonId = &client.id;
        if self.0.directory.person(id).await?.is_none() {
            let named = Person {
                roles: vec![role],
                organization: Some(organization.clone()),
                ..Person::named(id.clone(), client.name.clone())
            };
            self.0.directory.register(&[named], &[]).await?;
        }
        Ok(PurposeDetail { kind: TYPE.into(), person: id.clone(), organization, role, purpose, citizen: None })
    }

    fn given(&self, given: &Given<'_>, at: Moment) -> Result<Value, OauthError> {
        let Given { grant, client, detail, scopes, jkt, seconds } = given;
        let token = self.access(grant, client.id.as_str(), detail, scopes, *jkt, (at, *seconds))?;
        let mut answer = json!({
            "access_token": token,
            "token_type": if jkt.is_some() { "DPoP" } else { "Bearer" },
            "expires_in": seconds,
            "scope": scopes.to_string(),
            "authorization_details": [detail],
        });
        if scopes.needs_patient()
            && let Some(citizen) = &detail.citizen
        {
            answer["patient"] = citizen.as_str().into();
        }
        Ok(answer)
    }

    /// Who signed in, for the app (OpenID Connect).
    fn id_token(&self, code: &Code, scopes: &Scopes, at: Moment) -> Result<String, OauthError> {
        let iat = seconds(at.now);
        let mut claims = json!({
            "iss": self.issuer(),
            "sub": code.detail.person,
            "aud": code.request.client,
            "iat": iat,
            "exp": iat + ID_SECONDS,
            "auth_time": seconds(code.since),
        });
        if let Some(nonce) = &code.request.nonce {
            claims["nonce"] = nonce.as_str().into();
        }
        if scopes.has(&One::FhirUser)
            && let Some(user) = self.fhir_user(&code.detail)
        {
            claims["fhirUser"] = user.into();
        }
        self.0.keys.sign(&claims, "JWT", at.now).ok_or_else(OauthError::broken)
    }

    /// The resource that stands for whoever signed in: a citizen's own `Patient`, a professional's `Practitioner` of the
    /// directory. For others there is none, and none is made up.
    fn fhir_user(&self, detail: &PurposeDetail) -> Option<String> {
        match (detail.role, &detail.citizen) {
            (Role::Citizen, Some(citizen)) => Some(format!("{}/Patient/{citizen}", self.audience())),
            (
                Role::Physician
                | Role::Dentist
                | Role::Nurse
                | Role::Pharmacist
                | Role::Therapist
                | Role::CareManager
                | Role::CareWorker
                | Role::Crew,
                _,
            ) => Some(format!("{}/Practitioner/{}", self.audience(), detail.person)),
            _ => None,
        }
    }
}

const fn seconds(moment: Instant) -> i64 {
    moment.0.div_euclid(1000)
}
