//! Tokens a second: issued to a system with a key, and validated.

use std::sync::Arc;

use anyhow::Context as _;
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use tsumugi_kernel::{
    Clock as _, MasterSecret, OrganizationId, PersonId, Purpose, Role, Sealer,
    edge::{Stopwatch, SystemClock, SystemEntropy},
};
use tsumugi_ledger::Signer;
use tsumugi_people::Directory;
use tsumugi_signin::{
    Client, ClientKind, Provider, Registry,
    jose::encode,
    oauth::{Form, OauthError, Parts, Posted, TokenRefusal},
};
use tsumugi_store::{SqliteOptions, SqliteStore, Store};

use crate::bench::{Figures, measure::Place};

const ISSUER: &str = "https://record.example";
/// Requests under way at once.
const TASKS: usize = 64;
const ISSUED: usize = 8_000;
const VALIDATED: usize = 400_000;
/// Tasks that validate.
const CORES: usize = 2;

/// `token_issue_per_s`: a system's assertion checked, used up durably, and a token signed, as many at once as a busy
/// server has. `token_validate_per_s`: such a token checked, on two cores.
pub async fn run(figures: &mut Figures) -> anyhow::Result<()> {
    let place = Place::new("tokens");
    let options = SqliteOptions::new(Signer::new("tsumugi.example/bench", [3; 32]).context("the log's key")?);
    let store: Arc<dyn Store> = SqliteStore::create(&place.path().join("store"), options)?;
    let key = SigningKey::from_slice(&[1; 32])?;
    let registry = Registry::new(place.path().join("clients.json"));
    registry.add(system(&key)?)?;
    let secret = Arc::new(MasterSecret::new([9; 32]));
    let provider = Provider::new(Parts {
        issuer: ISSUER.into(),
        bound_only: false,
        sealer: Arc::new(Sealer::new(&secret)),
        secret,
        registry,
        directory: Directory::new(Arc::clone(&store)),
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    });
    let posted: Vec<Posted> = (0..ISSUED).map(|number| post(&key, number)).collect::<Result<_, _>>()?;
    let watch = Stopwatch::start();
    let mut tasks = tokio::task::JoinSet::new();
    for part in posted.chunks(ISSUED / TASKS) {
        let (provider, part) = (provider.clone(), part.to_vec());
        tasks.spawn(async move {
            let mut last = Value::Null;
            for posted in &part {
                last = provider.token(posted).await?;
            }
            Ok::<_, OauthError>(last)
        });
    }
    let mut tokens = Vec::new();
    while let Some(done) = tasks.join_next().await {
        tokens.push(done??["access_token"].as_str().context("an answer without a token")?.to_owned());
    }
    figures.insert("token_issue_per_s", ISSUED as f64 / watch.elapsed().as_secs_f64());
    let watch = Stopwatch::start();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..CORES {
        let (provider, tokens) = (provider.clone(), tokens.clone());
        tasks.spawn(async move {
            for number in 0..VALIDATED / CORES {
                provider.verify(&tokens[(number + task) % tokens.len()]).await?;
            }
            Ok::<_, TokenRefusal>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    figures.insert("token_validate_per_s", VALIDATED as f64 / watch.elapsed().as_secs_f64());
    Ok(())
}

fn system(key: &SigningKey) -> anyhow::Result<Client> {
    let point = key.verifying_key().to_sec1_point(false);
    let number = |bytes: Option<_>| bytes.map(|bytes: &p256::FieldBytes| encode(bytes.as_slice())).context("no point");
    let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "one", "x": number(point.x())?, "y": number(point.y())?});
    Ok(Client {
        id: PersonId::new("system")?,
        name: "System".into(),
        kind: ClientKind::System,
        redirect_uris: Vec::new(),
        scopes: "system/*.cruds".into(),
        jwks: Some(json!({"keys": [jwk]})),
        organization: Some(OrganizationId::new("1311000014")?),
        role: Some(Role::System),
        purpose: Some(Purpose::RecordManagement),
    })
}

/// What the system posts, signed beforehand: the clients' work is not measured.
fn post(key: &SigningKey, number: usize) -> anyhow::Result<Posted> {
    let exp = SystemClock.now().0 / 1000 + 240;
    let claims = json!({"iss": "system", "sub": "system", "aud": ISSUER, "exp": exp, "jti": number.to_string()});
    let header = json!({"alg": "ES256", "kid": "one"});
    let text = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature: Signature = key.sign(text.as_bytes());
    let form = format!(
        "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer\
         &client_assertion={text}.{}",
        encode(&signature.to_bytes())
    );
    Ok(Posted { form: Form::read(&form)?, proof: None, authorization: false })
}
