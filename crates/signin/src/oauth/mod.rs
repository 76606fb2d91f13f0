//! The authorization server: OAuth 2.1 and OpenID Connect for people's apps, SMART Backend Services for systems.
//!
//! One file for each thing that a client asks for. Everything here is a function of a form, a header or two and the
//! clock; the server and the portal put HTTP and pages around it.
//!
//! What must hold: a code is good once, for a minute, for the client that began, with the verifier that it kept; a
//! refresh token is good once; whichever comes a second time ends everything that came of the first. A token says one
//! person, organisation, role and purpose (`authorization_details` of type `tsumugi_purpose`), and at most one citizen. It
//! lives for minutes. No answer depends on whether somebody else's secret was nearly right.

mod access;
mod apps;
mod assertion;
mod authorize;
mod detail;
pub mod discovery;
mod dpop;
mod error;
mod form;
mod grant;
pub(crate) mod limit;
pub(crate) mod moment;
mod par;
mod request;
mod status;
mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tsumugi_kernel::{Clock, Entropy, Instant, MasterSecret, Sealer};
use tsumugi_people::{Directory, cache::Cache};
use tsumugi_store::Store;

pub use access::{AccessClaims, Bearer, Presented, TokenRefusal};
pub use apps::AppGrant;
pub use authorize::{Begun, Decision, Signed, Waiting};
pub use detail::PurposeDetail;
pub use dpop::DpopFault;
pub use error::OauthError;
pub(crate) use form::with_query;
pub use form::{Form, Posted};

use crate::{Registry, keep::Keep, keys::SigningKeys};
use dpop::Proofs;
use limit::Limits;
use moment::Watch;

/// Verified tokens remembered, so that a signature is checked once in a token's life. Each is about a kilobyte.
const REMEMBERED: usize = 50_000;

/// The authorization server of a deployment. Cheap to clone.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    bound_only: bool,
    keys: SigningKeys,
    refresh_key: zeroize::Zeroizing<[u8; 32]>,
    registry: Registry,
    keep: Keep,
    directory: Directory,
    sealer: Arc<Sealer>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    watch: Watch,
    revoked: Mutex<HashMap<String, Instant>>,
    verified: Cache<[u8; 32], Arc<AccessClaims>>,
    proofs: Proofs,
    limits: Limits,
    licences: std::sync::OnceLock<crate::hpki::Licences>,
}

/// What a provider is made of.
pub struct Parts {
    /// The address under which everybody reaches this server: `https://record.example`, without a slash at the end.
    pub issuer: String,
    /// Whether systems get tokens that are bound to a key, and no others: outside development.
    pub bound_only: bool,
    /// The deployment's secret.
    pub secret: Arc<MasterSecret>,
    /// The clients.
    pub registry: Registry,
    /// The store.
    pub store: Arc<dyn Store>,
    /// Who is who.
    pub directory: Directory,
    /// The sealer of ids.
    pub sealer: Arc<Sealer>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Provider {
    /// The provider of a deployment.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let now = parts.clock.now();
        Self(Arc::new(Inner {
            issuer: parts.issuer,
            bound_only: parts.bound_only,
            keys: SigningKeys::new(Arc::clone(&parts.secret), now),
            refresh_key: parts.secret.derive("tsumugi/signin/refresh/1"),
            registry: parts.registry,
            keep: Keep::new(parts.store),
            directory: parts.directory,
            sealer: parts.sealer,
            entropy: parts.entropy,
            clock: parts.clock,
            watch: Watch::default(),
            revoked: Mutex::new(HashMap::new()),
            verified: Cache::new(REMEMBERED),
            proofs: Proofs::since(now),
            limits: Limits::default(),
            licences: std::sync::OnceLock::new(),
        }))
    }

    /// The address under which everybody reaches this server.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// For what tokens of here are: the FHIR interface.
    #[must_use]
    pub fn audience(&self) -> String {
        format!("{}/fhir/R4", self.0.issuer)
    }

    /// The keys that tokens are signed with (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        self.0.keys.jwks(self.0.clock.now())
    }

    pub(crate) fn licences(&self) -> &std::sync::OnceLock<crate::hpki::Licences> {
        &self.0.licences
    }

    pub(crate) fn keep(&self) -> &Keep {
        &self.0.keep
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.0.entropy.as_ref()
    }

    /// Thirty-two random bytes as text.
    pub(crate) fn random(&self) -> String {
        let mut bytes = [0; 32];
        self.0.entropy.fill(&mut bytes);
        crate::jose::encode(&bytes)
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.0.issuer)
    }
}
