//! `tsumugi serve`: open a data folder and serve it until told to stop.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::Args;
use tsumugi_access::PolicyProfile;
use tsumugi_kernel::edge::{SystemClock, SystemEntropy};
use tsumugi_server::{App, Folder, Listening, observe};

use tsumugi_cli::{packages, terminal};

/// Serve a data folder on this machine.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi serve --dev --dir data --port 8080       an empty folder becomes a development folder
  tsumugi serve --dir /srv/tsumugi --port 8080     a folder that exists; anything else is refused
  tsumugi serve --dev --dir data --policies jp-2026   today's rules: viewing needs the person's consent")]
pub struct Serve {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// The port on the loopback interface; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// For development: makes an empty folder ready, lets one sign in by choosing a person. Never with real people's data.
    #[arg(long)]
    dev: bool,
    /// Which rules apply from now on: special-law or jp-2026.
    #[arg(long)]
    policies: Option<String>,
    /// An origin (https://app.example) whose browser apps may ask the FHIR interface; may be given more than once. Without
    /// it none may, but with --dev every one may.
    #[arg(long)]
    origin: Vec<String>,
    /// The address under which everybody reaches this server (https://record.example); it stands in every token. Without
    /// it, the address on this machine.
    #[arg(long)]
    address: Option<String>,
    /// A folder of FHIR packages (.tgz), such as JP Core and JP-CLINS: their profiles are checked on every write, their
    /// search parameters served.
    #[arg(long)]
    packages: Option<PathBuf>,
}

impl Serve {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let definitions = packages::loaded(self.packages.as_deref())?;
        runtime()?.block_on(async {
            // The port first: where it cannot be had, no folder is made.
            let listening = bind(self.port).await?;
            let mut folder = open(&self.dir, self.dev, self.policies.as_deref())?;
            folder.definitions = definitions;
            let address = listening.address();
            folder.issuer = match &self.address {
                Some(text) => issuer(text)?,
                None => format!("http://{address}"),
            };
            let mut app =
                App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy))?.with_metrics(observe::start()?);
            if !self.origin.is_empty() {
                app = app.with_origins(origins(&self.origin)?);
            }
            app.desk.door.note_policies().await?;
            let publishing = tokio::spawn(app.clone().keep_publishing());
            let screening = tokio::spawn(app.clone().keep_screening());
            terminal::say(&format!(
                "tsumugi: serving {} at http://{address}/ (FHIR at http://{address}/fhir/R4)",
                self.dir.display()
            ));
            terminal::say(&format!("log key: {}", app.vkey));
            if app.gate().is_some_and(|gate| gate.site().is_err()) {
                terminal::say(
                    "people cannot sign in: browsers give no passkeys at a bare number; start with --address",
                );
            }
            listening.serve(app.router(), ended()).await;
            screening.abort();
            publishing.abort();
            app.publish().await?;
            terminal::say("tsumugi: stopped; everything acknowledged is on disk");
            Ok(())
        })
    }
}

/// An address that tokens can name: https, or http on this machine.
fn issuer(text: &str) -> anyhow::Result<String> {
    let local = ["http://127.0.0.1", "http://localhost"];
    let fits = text.strip_prefix("https://").is_some_and(|host| !host.is_empty())
        || local
            .iter()
            .any(|local| text.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    let plain = !text.ends_with('/') && !text.contains(['?', '#', ' ']);
    anyhow::ensure!(
        fits && plain,
        "--address {text} cannot stand in tokens; write it as https://record.example, without a slash at its end (http \
         only for 127.0.0.1 and localhost)"
    );
    Ok(text.to_owned())
}

/// Origins as browsers write them: scheme, host and port, nothing after.
fn origins(texts: &[String]) -> anyhow::Result<Vec<axum::http::HeaderValue>> {
    let read = |text: &String| {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        anyhow::ensure!(
            !host.is_empty() && !host.contains('/'),
            "--origin {text} is no origin; write it as https://app.example, without a path"
        );
        axum::http::HeaderValue::from_str(text).with_context(|| format!("--origin {text} cannot be sent in a header"))
    };
    texts.iter().map(read).collect()
}

/// The port on the loopback interface.
pub async fn bind(port: u16) -> anyhow::Result<Listening> {
    // The message says the cause itself; as a chain it would be said twice.
    Listening::bind(port).await.map_err(|error| anyhow::anyhow!("{error}"))
}

/// Opens a data folder with the system's clock and randomness.
pub fn open(dir: &std::path::Path, dev: bool, policies: Option<&str>) -> anyhow::Result<Folder> {
    let is_empty = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty && !dev {
        anyhow::bail!(
            "{0} is empty. Make it ready with `tsumugi init --dir {0}`, for a trial with `tsumugi serve --dev --dir {0}`; else \
             name the right folder",
            dir.display()
        );
    }
    if let Some(name) = policies {
        let profile = PolicyProfile::from_code(name)
            .with_context(|| format!("--policies {name} is no profile; use special-law or jp-2026"))?;
        // Opened once so that an empty folder is made first.
        drop(Folder::open(dir, dev, &SystemEntropy)?);
        Folder::choose_policies(dir, profile)?;
    }
    Ok(Folder::open(dir, dev, &SystemEntropy)?)
}

/// The runtime: one worker per core.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime cannot start")
}

/// Done when the process is told to stop.
pub async fn ended() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_is_called_empty_and_stays_so() {
        let place = tempfile::tempdir().unwrap();
        let told = open(place.path(), false, None).err().unwrap().to_string();
        assert!(told.contains("is empty") && !told.contains("is not there"), "{told}");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_address_in_tokens_is_one_that_nobody_can_listen_in_on() {
        for good in ["https://record.example", "http://127.0.0.1:8080", "http://localhost"] {
            assert_eq!(issuer(good).unwrap(), good);
        }
        for bad in [
            "http://record.example",
            "https://",
            "https://record.example/",
            "record.example",
            "http://localhost.example",
        ] {
            assert!(issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_port_in_use_leaves_no_folder_behind_and_is_said_once() {
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let place = tempfile::tempdir().unwrap();
        let serve = Serve {
            dir: place.path().join("data"),
            port: taken.local_addr().unwrap().port(),
            dev: true,
            policies: None,
            address: None,
            origin: Vec::new(),
            packages: None,
        };
        let told = format!("{:#}", serve.run().unwrap_err());
        assert_eq!(told.matches("os error").count(), 1, "{told}");
        assert!(!place.path().join("data").exists());
    }
}
