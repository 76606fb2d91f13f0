//! Carrying letters to a server: a few connections, each with a short queue; patient with a server that is busy.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};
use tsumugi_kernel::{Clock, Instant, Role};
use tsumugi_signin::{Claims, DevKey, TOKEN_MILLIS, issue};
use tsumugi_synth::out::{Envelope, Message};

use super::{Sent, state::State, week::Letter};
use crate::{
    http::{Client, header},
    terminal,
};

/// Letters that wait for one connection.
const WAITING: usize = 16;
/// How often a server that does not answer at all is asked before it counts as gone.
const TRIES: u32 = 6;
/// Longest wait that a busy server may ask for, in seconds.
const MOST_WAIT: u64 = 300;

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    host: String,
    port: u16,
}

impl Place {
    /// The place of `http://HOST:PORT`.
    ///
    /// # Errors
    /// If the text is no such address.
    pub fn read(url: &str) -> anyhow::Result<Self> {
        let wrong = || format!("--to {url} is no address; write it as http://HOST:PORT, without a path");
        let rest = url.strip_prefix("http://").with_context(wrong)?.trim_end_matches('/');
        if rest.is_empty() || rest.contains(['/', '@', '?', '#']) {
            bail!(wrong());
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().with_context(wrong)?),
            None => (rest, 80),
        };
        Ok(Self { host: host.trim_matches(['[', ']']).to_owned(), port })
    }
}

/// Who the senders are to the server.
pub enum Tokens {
    /// Each its own, made by the key of a development folder.
    Made(Box<DevKey>),
    /// One for all.
    Given(String),
}

impl Tokens {
    /// The token of a letter's sender; `None` where only a citizen's own sign-in would do.
    fn of(&self, envelope: &Envelope, now: Instant) -> Option<String> {
        match self {
            Self::Given(token) => Some(token.clone()),
            Self::Made(_) if envelope.role == Role::Citizen => None,
            Self::Made(key) => {
                let (person, sender) = (envelope.person.clone(), envelope.sender.clone());
                let expires = now.plus_millis(TOKEN_MILLIS / 12);
                Some(issue(&Claims::new(envelope.role, envelope.purpose, person, sender, expires), key))
            }
        }
    }
}

/// What the connections share.
struct Shared {
    place: Place,
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    stopped: AtomicBool,
    taken: AtomicU64,
    refused: AtomicU64,
    left_out: AtomicU64,
    busy: AtomicU64,
}

/// A letter with its place among those that may wait.
type Waiting = (Letter, OwnedSemaphorePermit);

/// The connections.
pub struct Couriers {
    shared: Arc<Shared>,
    queues: Vec<mpsc::Sender<Waiting>>,
    tasks: JoinSet<anyhow::Result<()>>,
    places: Arc<Semaphore>,
    all: u32,
    line: ProgressBar,
}

impl Couriers {
    /// So many connections to `place`.
    #[must_use]
    pub fn new(place: Place, tokens: Arc<Tokens>, connections: usize, state: State, clock: Arc<dyn Clock>) -> Self {
        let count = AtomicU64::default;
        let shared = Arc::new(Shared {
            place,
            tokens,
            clock,
            state: Mutex::new(state),
            stopped: AtomicBool::new(false),
            taken: count(),
            refused: count(),
            left_out: count(),
            busy: count(),
        });
        let (mut tasks, mut queues) = (JoinSet::new(), Vec::new());
        for _ in 0..connections.max(1) {
            let (sender, receiver) = mpsc::channel(WAITING);
            queues.push(sender);
            tasks.spawn(carry(Arc::clone(&shared), receiver));
        }
        let all = u32::try_from(queues.len() * WAITING).unwrap_or(u32::MAX);
        let places = Arc::new(Semaphore::new(all as usize));
        Self { shared, queues, tasks, places, all, line: terminal::line() }
    }

    /// Everything that leaves before this moment was answered in an earlier run.
    #[must_use]
    pub fn through(&self) -> Instant {
        self.shared.state().through()
    }

    /// Whether a letter was answered in an earlier run.
    #[must_use]
    pub fn was_answered(&self, name: &str) -> bool {
        self.shared.state().was_answered(name)
    }

    /// Hands over a letter; waits while too many wait.
    ///
    /// # Errors
    /// If the server is gone, or the state cannot be written.
    pub async fn hand(&mut self, letter: Letter) -> anyhow::Result<()> {
        let place = Arc::clone(&self.places).acquire_owned().await.context("the couriers are gone")?;
        // Those of one household go by one connection, and so in their order.
        let household = letter.message.envelope.household.unwrap_or(0);
        let queue = usize::try_from(household).unwrap_or(0) % self.queues.len();
        self.show(letter.moment);
        if self.queues[queue].send((letter, place)).await.is_err() {
            self.failure().await?;
        }
        Ok(())
    }

    /// Waits until all that was handed over is answered, and remembers that everything before `moment` was.
    ///
    /// # Errors
    /// As [`Couriers::hand`].
    pub async fn week_ended(&mut self, moment: Instant) -> anyhow::Result<()> {
        let places = Arc::clone(&self.places);
        let idle = tokio::select! {
            idle = places.acquire_many(self.all) => idle.is_ok(),
            failed = self.tasks.join_next() => {
                failed.context("no connection is left")???;
                false
            }
        };
        anyhow::ensure!(idle, "the couriers are gone");
        self.shared.state().come_to(moment)
    }

    /// Ends: letters that wait are left for the next start.
    ///
    /// # Errors
    /// As [`Couriers::hand`].
    pub async fn finish(mut self, whole: bool) -> anyhow::Result<Sent> {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.queues.clear();
        let failed = self.failure().await;
        self.line.finish_and_clear();
        failed?;
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Ok(Sent {
            taken: count(&self.shared.taken),
            refused: count(&self.shared.refused),
            left_out: count(&self.shared.left_out),
            whole,
        })
    }

    /// Waits for the connections' ends; the first failure.
    async fn failure(&mut self) -> anyhow::Result<()> {
        self.queues.clear();
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended.context("a connection was not brought to its end").and_then(|done| done);
            outcome = outcome.and(ended);
        }
        outcome
    }

    fn show(&self, moment: Instant) {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let waiting = self.all as usize - self.places.available_permits();
        self.line.set_message(format!(
            "{}  sent {}, refused {}, waiting {waiting}, busy {}",
            moment.civil().strftime("%Y-%m-%d %H:%M"),
            count(&self.shared.taken),
            count(&self.shared.refused),
            count(&self.shared.busy)
        ));
        self.line.tick();
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

/// One connection: letter after letter.
async fn carry(shared: Arc<Shared>, mut letters: mpsc::Receiver<Waiting>) -> anyhow::Result<()> {
    let mut client = None;
    while let Some((letter, place)) = letters.recv().await {
        if shared.is_stopped() {
            continue;
        }
        let Message { envelope, body } = letter.message;
        match shared.tokens.of(&envelope, shared.clock.now()) {
            None => {
                shared.left_out.fetch_add(1, Ordering::Relaxed);
                shared.state().answered(envelope.name)?;
            }
            Some(token) => {
                let request = request(&shared.place, &envelope, &token, &body)?;
                if let Some(status) = deliver(&shared, &mut client, &request).await? {
                    if (200..300).contains(&status) {
                        shared.taken.fetch_add(1, Ordering::Relaxed);
                    } else {
                        shared.refused.fetch_add(1, Ordering::Relaxed);
                        terminal::complain(&format!("{}: refused with {status}", envelope.name));
                    }
                    shared.state().answered(envelope.name)?;
                }
            }
        }
        drop(place);
    }
    Ok(())
}

/// Sends until there is an answer other than *busy*: its status. `None` when it is stopped before.
async fn deliver(shared: &Shared, client: &mut Option<Client>, request: &[u8]) -> anyhow::Result<Option<u16>> {
    let mut tries = 0;
    loop {
        let wait = match ask(shared, client, request).await {
            Ok((429 | 503, wait)) => {
                shared.busy.fetch_add(1, Ordering::Relaxed);
                Duration::from_secs(wait.unwrap_or(1).min(MOST_WAIT))
            }
            Ok((status, _)) => return Ok(Some(status)),
            Err(error) => {
                *client = None;
                tries += 1;
                if tries >= TRIES {
                    return Err(error.context("the server is gone; start again when it is back, and it goes on here"));
                }
                Duration::from_millis(100 << tries)
            }
        };
        if !pause(shared, wait).await {
            return Ok(None);
        }
    }
}

/// Waits, in short steps, so that a stop is heard. False when stopped.
async fn pause(shared: &Shared, wait: Duration) -> bool {
    const STEP: Duration = Duration::from_millis(100);
    let mut left = wait;
    while !left.is_zero() {
        if shared.is_stopped() {
            return false;
        }
        let step = left.min(STEP);
        tokio::time::sleep(step).await;
        left -= step;
    }
    true
}

/// Status, and how many seconds the server asks to wait.
async fn ask(shared: &Shared, client: &mut Option<Client>, request: &[u8]) -> anyhow::Result<(u16, Option<u64>)> {
    if client.is_none() {
        *client = Some(Client::to(&shared.place.host, shared.place.port).await?);
    }
    let Some(client) = client else { bail!("no connection") };
    let answer = client.ask(request).await?;
    Ok((answer.status, header(answer.head, "retry-after").and_then(|value| value.trim().parse().ok())))
}

fn request(place: &Place, envelope: &Envelope, token: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let path = match envelope.form.as_str() {
        "submit" => "/fhir/R4/Bundle/$submit".to_owned(),
        "transaction" => "/fhir/R4".to_owned(),
        _ => {
            let resource: serde_json::Value = serde_json::from_slice(body)?;
            format!("/fhir/R4/{}", resource["resourceType"].as_str().context("a letter without resourceType")?)
        }
    };
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: {}:{}\r\nauthorization: Bearer {token}\r\ncontent-type: application/fhir+json\r\n\
         content-length: {}\r\n\r\n",
        place.host,
        place.port,
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_host_and_port() {
        let read = |url: &str| Place::read(url).map(|place| (place.host, place.port)).ok();
        assert_eq!(read("http://127.0.0.1:8080"), Some(("127.0.0.1".into(), 8080)));
        assert_eq!(read("http://town.example/"), Some(("town.example".into(), 80)));
        assert_eq!(read("http://[::1]:9000"), Some(("::1".into(), 9000)));
        for wrong in ["https://town.example", "town.example:80", "http://", "http://a/b", "http://a:x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
