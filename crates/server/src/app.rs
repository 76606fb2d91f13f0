//! The application: one store, one door, one record, and the chapters' routes over them.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Extension, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::{compression::CompressionLayer, decompression::RequestDecompressionLayer};
use tsumugi_access::{Caller, Door, policy::PolicyFault};
use tsumugi_kernel::{Clock, Entropy, Sealer, limits};
use tsumugi_portal::web::{Comparison, Filling, PersonToBe, Site};
use tsumugi_record::{
    Record,
    rest::{self, Ask, Desk, Fault},
};
use tsumugi_signin::{
    DevKey, Gate, Provider, Registry, gate,
    hpki::{FolderFault, Licences},
    oauth::{Bearer, Parts, Presented, TokenRefusal},
};
use tsumugi_store::{Store, StoreError};
use tsumugi_witness::{Circle, CircleError};

use crate::{
    Folder, auth,
    browser::{self, Origins},
    folder::CLIENTS,
    intake,
    mail::Post,
    oauth, observe,
    rate::Rates,
    upstream, witnesses,
};

/// The external provider by which people may come in.
const PROVIDER: &str = "provider.json";
/// The relay for letters, where the operator names one.
const MAIL: &str = "mail.json";
/// Where a development folder has its letters.
const LETTERS: &str = "letters";
/// The folder with whom to believe about professionals' certificates.
const LICENCES: &str = "hpki";
/// The list of people to be, in a development folder.
const PEOPLE: &str = "people.json";
/// The town beside Japan's figures, where its maker wrote it.
const COMPARISON: &str = "comparison.json";

/// Why the application could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A policy is not of its form.
    #[error("a policy cannot be read: {0}")]
    Policy(#[from] PolicyFault),
    /// The list of witnesses cannot be used.
    #[error("the witnesses cannot be used: {0}")]
    Witnesses(#[from] CircleError),
    /// The description of the external provider cannot be used.
    #[error("{path} cannot be used: {detail}")]
    Provider {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
    /// The description of the mail relay cannot be used.
    #[error("{path} cannot be used: {detail}")]
    Mail {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
    /// The folder of professionals' certificates cannot be used.
    #[error("certificates of professionals: {0}")]
    Licences(#[from] FolderFault),
    /// The log's name cannot be the name of a key.
    #[error("the log's name cannot be used for the key of emergency summaries: {0}")]
    Name(#[from] tsumugi_ledger::LedgerError),
    /// A file that came with the town cannot be read.
    #[error("{path} cannot be read: {detail}; import the town again, or remove the file")]
    Town {
        /// The file.
        path: String,
        /// What is wrong.
        detail: String,
    },
}

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What the FHIR interface calls.
    pub desk: Desk,
    /// The key that checkpoints are checked with, as `name+hash+key`.
    pub vkey: String,
    /// The authorization server.
    pub provider: Provider,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    site: Site,
    circle: Arc<Circle>,
    dev_key: Option<DevKey>,
    gate: Option<Gate>,
    post: Option<Post>,
    rates: Arc<Rates>,
    metrics: Option<PrometheusHandle>,
    origins: Origins,
}

impl App {
    /// Puts the application together over an open folder.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn new(folder: Folder, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, AppError> {
        let post = post(&folder)?;
        let sealer = Arc::new(Sealer::new(&folder.secret));
        let door = Door::new(
            Arc::clone(&folder.store),
            folder.policies,
            &folder.secret,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )?;
        // One directory, and so one cache of it, for the door and everybody else.
        let directory = door.directory().clone();
        let record = Record::new(Arc::clone(&folder.store), Arc::clone(&sealer), Arc::clone(&clock))
            .with_definitions(folder.definitions);
        let desk = Desk { record, door, directory };
        let dev_key = folder.dev.then(|| DevKey::new(&folder.secret));
        let people: Vec<PersonToBe> =
            if folder.dev { of_town(&folder.path.join(PEOPLE))?.unwrap_or_default() } else { Vec::new() };
        let site = Site::new(
            desk.clone(),
            dev_key.clone(),
            people,
            folder.vkey.clone(),
            &folder.secret,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )?;
        if let Some(comparison) = of_town::<Comparison>(&folder.path.join(COMPARISON))? {
            site.compare(comparison);
        }
        let log = Arc::new(witnesses::RecordLog(desk.record.clone()));
        let circle = Arc::new(Circle::of_folder(&folder.path, &folder.vkey, log, Arc::clone(&clock))?);
        site.witness(Arc::clone(&circle));
        if post.is_some() {
            site.offer_letters();
        }
        let origins = if folder.dev { Origins::Any } else { Origins::Named(Vec::new()) };
        let provider = Provider::new(Parts {
            issuer: folder.issuer,
            bound_only: !folder.dev,
            secret: Arc::clone(&folder.secret),
            registry: Registry::new(folder.path.join(CLIENTS)),
            store: Arc::clone(&folder.store),
            directory: desk.directory.clone(),
            sealer,
            clock: Arc::clone(&clock),
            entropy,
        });
        site.give(provider.clone());
        let gate = (!folder.dev).then(|| Gate::new(provider.clone(), &folder.secret));
        if let Some(gate) = &gate {
            provide(gate, &folder.path.join(PROVIDER))?;
            provider.demand(Licences::open(folder.path.join(LICENCES))?);
            site.guard(gate.clone());
        }
        let (vkey, store, metrics) = (folder.vkey, folder.store, None);
        Ok(Self {
            desk,
            vkey,
            provider,
            store,
            clock,
            site,
            circle,
            dev_key,
            gate,
            post,
            rates: Arc::default(),
            metrics,
            origins,
        })
    }

    /// How people sign in; `None` in a development folder, where they choose whom to be.
    #[must_use]
    pub const fn gate(&self) -> Option<&Gate> {
        self.gate.as_ref()
    }

    /// Serves `/metrics` from this handle.
    #[must_use]
    pub fn with_metrics(self, handle: PrometheusHandle) -> Self {
        Self { metrics: Some(handle), ..self }
    }

    /// Shows on the first page how far the town is that is being filled.
    #[must_use]
    pub fn with_filling(self, filling: Filling) -> Self {
        self.site.fill(filling);
        self
    }

    /// Shows this comparison of the town with Japan's figures from now on.
    pub fn compare(&self, comparison: Comparison) {
        self.site.compare(comparison);
    }

    /// Lets browser apps of these origins ask the FHIR interface, and no others. Without a call of this nobody's may,
    /// but in a development folder everybody's.
    #[must_use]
    pub fn with_origins(self, origins: Vec<HeaderValue>) -> Self {
        Self { origins: Origins::Named(origins), ..self }
    }

    /// Every route.
    pub fn router(&self) -> Router {
        let below = rest::router().merge(tsumugi_exchange_documents::router());
        let below = below.fallback(no_such_route).method_not_allowed_fallback(not_allowed);
        // Many clients write the base with a slash at its end, and none of them expects a page below /fhir.
        let around = Router::new().route("/fhir/R4/", rest::base().fallback(not_allowed));
        let around = around.route("/fhir/{*rest}", any(no_such_route));
        let fhir = around
            .nest("/fhir/R4", below)
            .with_state(self.desk.clone())
            .layer(middleware::from_fn(rest::negotiate))
            .layer(Extension(oauth::uris(&self.provider)))
            .layer(CompressionLayer::new());
        let own =
            oauth::router().route("/healthz", get(health)).route("/metrics", get(metrics)).with_state(self.clone());
        Router::new()
            .merge(fhir)
            .merge(self.site.router())
            .merge(own)
            .layer(middleware::from_fn(intake::intake))
            .layer(RequestDecompressionLayer::new())
            .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
            .layer(middleware::from_fn_with_state(self.clone(), auth::auth))
            .layer(browser::layer(&self.origins))
            .layer(middleware::from_fn(observe::observe))
    }

    /// Whether a text has the form of a development token, and the folder is one for development.
    pub(crate) fn is_development(&self, token: &str) -> bool {
        self.dev_key.is_some() && token.starts_with("tsumugi-dev.")
    }

    /// The caller of a token of the authorization server.
    pub(crate) async fn bearer(&self, presented: Presented<'_>) -> Result<Bearer, TokenRefusal> {
        self.provider.caller(presented).await
    }

    /// Counts a request of this caller; whether it is one too many. In a development folder none is.
    pub(crate) fn is_too_much(&self, caller: &Caller) -> bool {
        self.dev_key.is_none() && self.rates.too_many(caller, self.clock.now())
    }

    /// Whether a request may come with a token that is bound to no key: any in development, elsewhere a read.
    pub(crate) fn takes_unbound(&self, request: &axum::extract::Request) -> bool {
        self.dev_key.is_some() || !auth::writes(request.method(), request.uri().path())
    }

    /// The caller of a development token, if it is one of this folder's; where a short token of an emergency counts under it, the
    /// caller of that.
    pub async fn caller(&self, token: &str, emergency: Option<&str>) -> Option<Caller> {
        let key = self.dev_key.as_ref()?;
        let now = self.clock.now();
        let session = tsumugi_signin::verify(token, key, now).ok()?;
        let narrower = emergency.and_then(|token| tsumugi_signin::under(&session, token, key, now));
        let claims = narrower.unwrap_or(session);
        match tsumugi_signin::caller(&claims, &self.desk.directory, self.desk.record.sealer(), now).await {
            Ok(caller) => Some(caller),
            Err(error) => {
                tracing::warn!(%error, "a token's caller cannot be made");
                None
            }
        }
    }

    /// The session of a page's cookie, and its caller once a role is chosen; in development the caller alone.
    pub(crate) async fn signed_in(
        &self,
        cookie: &str,
        emergency: Option<&str>,
    ) -> (Option<gate::Session>, Option<Caller>) {
        let Some(gate) = &self.gate else { return (None, self.caller(cookie, emergency).await) };
        match gate.caller(cookie, emergency).await {
            Ok(Some((session, caller))) => (Some(session), caller),
            Ok(None) => (None, None),
            Err(error) => {
                tracing::warn!(%error, "a session cannot be read");
                (None, None)
            }
        }
    }

    /// Brings every leaf under a checkpoint; called at the end and from time to time.
    ///
    /// # Errors
    /// If the store cannot write.
    pub async fn publish(&self) -> Result<(), StoreError> {
        self.store.publish().await.map(|_| ())
    }

    /// Screens the looks that came ([`tsumugi_access::screen`]), again and again, until the task is dropped, and sends letters
    /// about them ([`tsumugi_access::mail`]). A look is screened within a quarter of a second; what fails is done again a
    /// second later. Neither waits for the other.
    pub async fn keep_screening(self) {
        tokio::join!(self.screen_again_and_again(), self.tell_again_and_again());
    }

    /// Sends letters about what was screened, where letters can be sent.
    async fn tell_again_and_again(&self) {
        if let Some(post) = &self.post {
            post.keep_sending(&self.desk.door, self.clock.as_ref()).await;
        }
    }

    async fn screen_again_and_again(&self) {
        loop {
            let wait = match self.desk.door.screen().await {
                Ok(done) if done.more => 0,
                Ok(_) => 250,
                Err(error) => {
                    tracing::error!(%error, "looks could not be screened");
                    1_000
                }
            };
            tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
        }
    }

    /// Publishes once a second while there is something new, and offers what is new to the witnesses, until the task is
    /// dropped. Neither waits for the other.
    pub async fn keep_publishing(self) {
        tokio::join!(self.publish_again_and_again(), witnesses::keep_offering(&self.desk.record, &self.circle));
    }

    async fn publish_again_and_again(&self) {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let status = self.store.status();
            if status.leaves > status.published
                && let Err(error) = self.publish().await
            {
                tracing::error!(%error, "no checkpoint could be published");
            }
        }
    }
}

/// Where letters are handed in: `mail.json`, or the files of a development folder.
fn post(folder: &Folder) -> Result<Option<Post>, AppError> {
    let file = folder.path.join(MAIL);
    let letters = folder.dev.then(|| folder.path.join(LETTERS));
    let failed = |detail| AppError::Mail { path: file.display().to_string(), detail };
    Post::of_file(&file, letters, &folder.issuer).map_err(failed)
}

/// Lets people come in by the external provider, where the operator names one.
fn provide(gate: &Gate, path: &std::path::Path) -> Result<(), AppError> {
    let failed = |detail: String| AppError::Provider { path: path.display().to_string(), detail };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error.to_string())),
    };
    let named = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
    gate.provide(named, Arc::new(upstream::Forwarded)).map_err(failed)
}

/// A file that came with the town; `None` where there is none.
fn of_town<T: serde::de::DeserializeOwned>(path: &std::path::Path) -> Result<Option<T>, AppError> {
    let failed = |detail: String| AppError::Town { path: path.display().to_string(), detail };
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| failed(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error.to_string())),
    }
}

async fn health(State(app): State<App>) -> Response {
    observe::health(app.store.as_ref()).await
}

async fn metrics(State(app): State<App>) -> Response {
    let text = app.metrics.as_ref().map(|handle| observe::render(handle, app.store.as_ref())).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

async fn no_such_route(ask: Result<Ask, Fault>) -> Fault {
    match ask {
        Ok(ask) => Fault::absent(ask.lang),
        Err(fault) => fault,
    }
}

/// The router adds `Allow` with the methods that the URL takes; for `OPTIONS` that is the whole answer.
async fn not_allowed(method: Method, caller: Option<Extension<Caller>>, headers: axum::http::HeaderMap) -> Response {
    let lang = tsumugi_record::rest::language(&headers);
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    if caller.is_none() {
        return Fault::unknown_caller(lang).into_response();
    }
    Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        lang,
        tsumugi_fhir::outcome::IssueType::NotSupported,
        "このURLでは、この操作はできません。/fhir/R4/metadata にある操作を使ってください。",
        "This URL does not take this method. Use what /fhir/R4/metadata lists.",
    )
    .into_response()
}
