//! Tokens a second, issued to a system with a key and a proof, and validated: `cargo run --release -p tsumugi-signin
//! --example tokens`. One line of JSON, with the names that the numbers have elsewhere.

use std::{error::Error, sync::Arc};

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
    oauth::{Form, Parts, Posted},
};
use tsumugi_store::{SqliteOptions, SqliteStore, Store};

const ISSUER: &str = "https://record.example";
const TASKS: usize = 64;
const ISSUED: usize = 8_000;
const VALIDATED: usize = 400_000;

fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let options = SqliteOptions::new(Signer::new("measure", [1; 32])?);
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
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
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
                Ok::<_, tsumugi_signin::oauth::OauthError>(last)
            });
        }
        let mut tokens = Vec::new();
        while let Some(done) = tasks.join_next().await {
            tokens.push(done??["access_token"].as_str().unwrap_or_default().to_owned());
        }
        let issued = ISSUED as f64 / watch.elapsed().as_secs_f64();

        let watch = Stopwatch::start();
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..2 {
            let (provider, tokens) = (provider.clone(), tokens.clone());
            tasks.spawn(async move {
                for number in 0..VALIDATED / 2 {
                    provider.verify(&tokens[(number + task) % tokens.len()]).await?;
                }
                Ok::<_, tsumugi_signin::oauth::TokenRefusal>(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        let validated = VALIDATED as f64 / watch.elapsed().as_secs_f64();
        let line = json!({"token_issue_per_s": issued.round(), "token_validate_per_s": validated.round()});
        use std::io::Write as _;
        writeln!(std::io::stdout(), "{line}")?;
        Ok(())
    })
}

fn system(key: &SigningKey) -> Result<Client, Box<dyn Error>> {
    let point = key.verifying_key().to_sec1_point(false);
    let number = |bytes: Option<_>| bytes.map(|bytes: &p256::FieldBytes| encode(bytes.as_slice())).ok_or("no point");
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
fn post(key: &SigningKey, number: usize) -> Result<Posted, Box<dyn Error>> {
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
