//! The handlers of pages and of `/api`: convert, call, convert.
//!
//! A page of a record asks the door once ([`record::open`]), reads through the lens, and is rendered only after its leaf
//! is durable: the frame that names a record comes out of [`record::Open::seal`] and from nowhere else.
//!
//! What must hold: refused and absent are one page; what is shown is told; every form is checked to be ours; who is
//! signed in is what the server put into the request's extensions, and nothing here reads a token.

mod allow;
mod answer;
mod api;
mod apps;
mod care;
mod carried;
mod cases;
mod come_in;
mod cookie;
mod corrections;
mod could;
mod csrf;
mod desk;
mod desk_codes;
mod disaster;
mod fault;
mod form;
mod glass;
mod home;
mod licence;
mod link;
mod log;
mod looks;
mod mandates;
mod notices;
mod office_cases;
mod openings;
mod own_papers;
mod paper;
mod papers;
mod person_to_be;
mod preview;
mod record;
mod review;
mod rules;
mod sections;
mod sent;
mod settings;
mod sharing;
mod sign_in;
mod staff;
mod statistics;
mod take;
mod town;
mod upload;
mod visit;
mod ways;
mod whatif;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use axum::{
    Router,
    extract::State,
    middleware,
    response::Response,
    routing::{get, post},
};
use tsumugi_kernel::{Clock, Entropy, Instant, MasterSecret};
use tsumugi_ledger::{LedgerError, Signer};
use tsumugi_record::rest::Desk;
use tsumugi_signin::{DevKey, Gate, Provider};
use tsumugi_witness::Circle;

pub use person_to_be::{BothWords, CitizenReference, PersonToBe};
pub use town::{Comparison, ComparisonRow, Filling, Verdict};

use crate::view::Statistics;
use csrf::FormKey;
use fault::Fault;
use visit::Visit;

/// A handler of a file to save from `async fn(&Site, &Visit) -> Result<Response, Fault>`; a fault is a page.
macro_rules! saved {
    ($make:path) => {
        get(|State(site): State<Site>, visit: Visit| async move {
            $make(&site, &visit).await.unwrap_or_else(|fault| fault.page(&visit))
        })
    };
}

/// The pages over one desk. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    desk: Desk,
    dev_key: Option<DevKey>,
    people: Vec<PersonToBe>,
    vkey: String,
    /// Signs emergency summaries.
    carried: Signer,
    forms: FormKey,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    comparison: RwLock<Arc<Comparison>>,
    filling: OnceLock<Filling>,
    statistics: RwLock<Option<Arc<Statistics>>>,
    provider: OnceLock<Provider>,
    gate: OnceLock<Gate>,
    circle: OnceLock<Arc<Circle>>,
    letters: OnceLock<()>,
    what_if: tokio::sync::Mutex<()>,
}

impl Site {
    /// The site. With `dev_key`, signing in is choosing one of `people`; without, it is what [`Site::guard`] says. `vkey` is
    /// the log's verifier key.
    ///
    /// # Errors
    /// [`LedgerError`] where the log's name cannot be the name of a key.
    pub fn new(
        desk: Desk,
        dev_key: Option<DevKey>,
        people: Vec<PersonToBe>,
        vkey: String,
        secret: &MasterSecret,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, LedgerError> {
        // A key of its own, so that what is signed in a hurry is never taken for a checkpoint.
        let name = format!("{}/emergency", vkey.split('+').next().unwrap_or_default());
        let carried = Signer::new(&name, *secret.derive("tsumugi/emergency-summary/1"))?;
        let forms = FormKey::new(secret);
        let (comparison, filling, statistics) = (RwLock::default(), OnceLock::new(), RwLock::default());
        let (provider, gate, circle) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Self(Arc::new(Inner {
            desk,
            dev_key,
            people,
            vkey,
            carried,
            forms,
            clock,
            entropy,
            comparison,
            filling,
            statistics,
            provider,
            gate,
            circle,
            letters: OnceLock::new(),
            what_if: tokio::sync::Mutex::default(),
        })))
    }

    pub(crate) fn carried(&self) -> &Signer {
        &self.0.carried
    }

    /// Shows this comparison on the page of the town in numbers, from now on.
    pub fn compare(&self, comparison: Comparison) {
        *self.0.comparison.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(comparison);
    }

    /// Shows how far the town is that is being filled. Said once; later calls change nothing.
    pub fn fill(&self, filling: Filling) {
        // A second filling of one site would be two truths on one page: the first stays.
        let _ = self.0.filling.set(filling);
    }

    /// Lets apps ask people here for access, by this authorization server. Said once; later calls change nothing.
    pub fn give(&self, provider: Provider) {
        // Two servers behind one page would be two truths: the first stays.
        let _ = self.0.provider.set(provider);
    }

    pub(crate) fn provider(&self) -> Option<&Provider> {
        self.0.provider.get()
    }

    /// Lets people sign in by this gate. Said once; later calls change nothing.
    pub fn guard(&self, gate: Gate) {
        // Two gates before one site would be two truths: the first stays.
        let _ = self.0.gate.set(gate);
    }

    pub(crate) fn gate(&self) -> Option<&Gate> {
        self.0.gate.get()
    }

    /// The key of the short tokens of an emergency: that of the development folder, or of the gate.
    pub(crate) fn emergency_key(&self) -> Option<&DevKey> {
        self.0.dev_key.as_ref().or_else(|| self.gate().map(Gate::emergency_key))
    }

    /// Names the log's witnesses. Said once; later calls change nothing.
    pub fn witness(&self, circle: Arc<Circle>) {
        // Two circles of one log would be two truths: the first stays.
        let _ = self.0.circle.set(circle);
    }

    /// Offers people letters about their notices: somebody sends what waits. Said once.
    pub fn offer_letters(&self) {
        let _ = self.0.letters.set(());
    }

    pub(crate) fn offers_letters(&self) -> bool {
        self.0.letters.get().is_some()
    }

    /// The log's witnesses, where some are named.
    pub(crate) fn circle(&self) -> Option<&Arc<Circle>> {
        self.0.circle.get().filter(|circle| !circle.is_empty())
    }

    /// Whoever holds it tries rules; others wait their turn.
    pub(crate) fn what_if_turn(&self) -> &tokio::sync::Mutex<()> {
        &self.0.what_if
    }

    pub(crate) fn comparison(&self) -> Arc<Comparison> {
        Arc::clone(&self.0.comparison.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn filling(&self) -> Option<&Filling> {
        self.0.filling.get()
    }

    /// Every route of pages and of `/api`. The server's middleware must have put the caller into the extensions.
    pub fn router(&self) -> Router {
        let mut router = Router::new()
            .route("/", get(home::start))
            .route("/home", get(home::start))
            .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
            .route("/sign-out", post(sign_in::sign_out))
            .route("/sign-in/passkey", post(come_in::passkey))
            .route("/sign-in/code", get(come_in::code_form).post(come_in::code))
            .route("/sign-in/as", get(come_in::go_on_form).post(come_in::go_on))
            .route("/sign-in/provider", get(come_in::to_provider))
            .route(tsumugi_signin::gate::BACK, get(come_in::from_provider))
            .route("/ways/provider", get(ways::to_provider))
            .route("/sign-in/second", post(come_in::second))
            .route("/ways", get(ways::list).post(ways::make))
            .route("/ways/remove", post(ways::remove))
            .route("/ways/second", post(ways::second))
            .route("/ways/end", post(ways::end))
            .route("/oauth/authorize", get(allow::authorize))
            .route("/oauth/consent", get(allow::ask).post(allow::decide))
            .route("/apps", page!(apps::list))
            .route("/apps/end", post(apps::end))
            .route("/settings", get(settings::settings))
            .route("/assets/{name}", get(settings::asset))
            // The icon stands in every page; a program that asks for the old one gets nothing, and no page of error.
            .route("/favicon.ico", get(|| async { axum::http::StatusCode::NO_CONTENT }))
            .route("/link", page!(link::form).post(link::open))
            .route("/link/{address}", post(link::manifest))
            .route("/disaster", page!(disaster::page))
            .route("/emergency/reader", get(carried::reader))
            .route("/emergency/key", get(carried::key))
            .route("/rules", page!(rules::rules))
            .route("/log", page!(log::state))
            .route("/log/policy", get(log::policy))
            .route("/log/checkpoint", get(log::checkpoint))
            .route("/town", page!(town::town))
            .route("/demo", page!(town::filling));
        for base in ["/me", "/people/{id}"] {
            router = router.merge(of_record(base));
        }
        let secured = middleware::map_response_with_state(self.clone(), over_tls);
        router.merge(at_work()).merge(api::router()).fallback(nothing).layer(secured).with_state(self.clone())
    }

    pub(crate) fn statistics(&self) -> Option<Arc<Statistics>> {
        self.0.statistics.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn keep_statistics(&self, counted: Arc<Statistics>) {
        *self.0.statistics.write().unwrap_or_else(PoisonError::into_inner) = Some(counted);
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    pub(crate) fn forms(&self) -> &FormKey {
        &self.0.forms
    }

    pub(crate) fn now(&self) -> Instant {
        self.0.clock.now()
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.0.entropy.as_ref()
    }

    /// Sixteen random bytes in hexadecimal.
    pub(crate) fn random(&self) -> String {
        hex(&self.0.entropy.bytes16())
    }
}

/// A handler of a page from `async fn(&Site, &Visit) -> Result<Markup, Fault>`.
macro_rules! page {
    ($make:path) => {
        get(|State(site): State<Site>, visit: Visit| async move {
            let page = $make(&site, &visit).await;
            answer::page(&visit, page)
        })
    };
}
use page;

/// The pages of one record, the reader's own or somebody's.
fn of_record(base: &str) -> Router<Site> {
    let at = |rest: &str| format!("{base}{rest}");
    Router::new()
        .route(base, page!(home::record))
        .route(&at("/notices"), page!(notices::list))
        .route(&at("/notices/read"), post(notices::mark))
        .route(&at("/notices/choice"), post(notices::choose))
        .route(&at("/notices/mail"), post(notices::mail))
        .route(&at("/notices/public"), post(notices::public))
        .route(&at("/looks"), page!(looks::list))
        .route(&at("/looks/csv"), saved!(looks::csv))
        .route(&at("/looks/json"), saved!(looks::json))
        .route(&at("/looks/{number}"), page!(looks::one))
        .route(&at("/looks/{number}/objection"), post(cases::object))
        .route(&at("/cases"), page!(cases::list))
        .route(&at("/cases/{case}"), page!(cases::one))
        .route(&at("/cases/{case}/reply"), post(cases::reply))
        .route(&at("/timeline"), page!(sections::timeline))
        .route(&at("/documents/{document}"), page!(corrections::document))
        .route(&at("/documents/{document}/correction"), post(corrections::wish))
        .route(&at("/entries/{entry}"), page!(corrections::document))
        .route(&at("/entries/{entry}/correction"), post(corrections::wish))
        .route(&at("/activities"), page!(sections::activities))
        .route(&at("/laboratory"), page!(sections::laboratory))
        .route(&at("/laboratory/{slug}"), page!(sections::test))
        .route(&at("/medicines"), page!(sections::medicines))
        .route(&at("/mandates"), page!(mandates::list).post(mandates::give))
        .route(&at("/mandates/{consent}/end"), post(mandates::end))
        .route(&at("/papers"), page!(own_papers::list))
        .route(&at("/papers/{number}/stop"), post(own_papers::stop))
        .route(&at("/sharing"), page!(sharing::list).post(sharing::set))
        .route(&at("/sharing/new"), page!(sharing::step))
        .route(&at("/sharing/who"), page!(could::page))
        .route(&at("/sharing/{consent}/lift"), post(sharing::lift))
        .route(&at("/take"), page!(take::page).post(take::take))
        .route(&at("/take/emergency"), post(carried::issue))
        .route(&at("/take/link"), post(link::make))
        .route(&at("/take/link/{link}/end"), post(link::end))
}

/// The pages of staff, clerks and supervisors beside a person's record.
fn at_work() -> Router<Site> {
    Router::new()
        .route("/office/sent", page!(sent::report))
        .route("/desk/matches", page!(desk::queue))
        .route("/desk/matches/{id}", page!(desk::pair))
        .route("/desk/matches/{id}/proposal", post(desk::propose))
        .route("/desk/matches/{id}/confirmation", post(desk::confirm))
        .route("/desk/merges", page!(desk::merges))
        .route("/desk/merges/{id}/undo", post(desk::undo))
        .route("/people/find", get(home::start).post(staff::find))
        .route("/people/{id}/care", get(care::form).post(care::record))
        .route("/people/{id}/break-glass", get(glass::form).post(glass::begin))
        .route("/people/{id}/break-glass/whole", post(glass::widen))
        .route("/people/{id}/break-glass/end", post(glass::end))
        .route("/disaster/find", page!(disaster::find_form).post(disaster::find))
        .route("/disaster/receipts", page!(carried::receipts).post(carried::hand_in))
        .route("/review/disaster", page!(openings::desk).post(openings::propose))
        .route("/review/disaster/{number}", post(openings::say))
        .route("/review", page!(review::queue))
        .route("/review/{id}", page!(review::case))
        .route("/review/{id}/name", post(review::name))
        .route("/review/{id}/judgement", post(review::judge))
        .route("/review/{id}/lift", post(review::lift))
        .route("/what-if", page!(whatif::form).post(whatif::run))
        .route("/office/cases", page!(office_cases::list))
        .route("/office/cases/{id}", page!(office_cases::one))
        .route("/office/cases/{id}/answer", post(office_cases::answer))
        .route("/desk/codes", page!(desk_codes::form).post(desk_codes::hand))
        .route("/desk/papers", page!(papers::queue).post(papers::take_down))
        .route("/desk/papers/new", page!(papers::form))
        .route("/desk/papers/form", page!(papers::blank))
        .route("/desk/papers/{number}", page!(papers::look).post(papers::say))
        .route("/papers/form", page!(papers::blank))
        .route("/ways/licence", get(licence::form).post(licence::take))
        .route("/ways/licence/text", get(licence::text))
        .route("/desk/licences", page!(licence::desk).post(licence::at_desk))
        .route("/desk/objections", page!(paper::form).post(paper::take_down))
        .route("/statistics", page!(statistics::page))
}

/// Where the server is reached over TLS, no cookie goes back without.
async fn over_tls(State(site): State<Site>, mut response: Response) -> Response {
    if site.gate().is_some_and(Gate::is_secure) {
        cookie::secure(response.headers_mut());
    }
    response
}

async fn nothing(visit: Visit) -> Response {
    if visit.path.starts_with("/api/") { Fault::NO_PAGE.json() } else { Fault::NO_PAGE.page(&visit) }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Site(…)")
    }
}
