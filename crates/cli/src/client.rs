//! `tsumugi client`: register apps and systems in a data folder, list them, take them out. A server that runs on the
//! folder sees the change with the next request.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use tsumugi_kernel::{OrganizationId, PersonId, Purpose, Role};
use tsumugi_server::folder;
use tsumugi_signin::{Client as Registered, ClientKind, Registry};

use tsumugi_cli::terminal;

/// Largest file of keys, in bytes.
const MOST_KEYS_BYTES: u64 = 64 * 1024;

/// Register apps and systems that may ask for tokens.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi client add --dir data --id blood-pressure --name '血圧手帳' --redirect https://app.example/back \\
    --scopes 'launch/patient patient/Observation.rs openid fhirUser offline_access'
  tsumugi client add --dir data --system --id minato-hospital --name 'みなと病院 連携システム' --keys jwks.json \\
    --organization 1311000014 --role system --purpose RECORDMGT --scopes 'system/*.cruds'
  tsumugi client list --dir data
  tsumugi client remove --dir data --id blood-pressure

How a client then gets its tokens stands in docs/signin.md.")]
pub struct Client {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Register a client.
    Add(Box<Add>),
    /// Name every client.
    List {
        /// The data folder.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Take a client out: its tokens count no more.
    Remove {
        /// The data folder.
        #[arg(long)]
        dir: PathBuf,
        /// Its id.
        #[arg(long)]
        id: String,
    },
}

#[derive(Args)]
struct Add {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// Its id: 1 to 64 of A-Z a-z 0-9 - .
    #[arg(long)]
    id: String,
    /// Its name, as people read it before they allow anything, and citizens in the list of who looked.
    #[arg(long)]
    name: String,
    /// A system on its own, not an app of people.
    #[arg(long, requires_all = ["keys", "organization", "role", "purpose"], conflicts_with = "redirect")]
    system: bool,
    /// Where an app is sent back to, letter by letter; may be given more than once.
    #[arg(long)]
    redirect: Vec<String>,
    /// What it may ask for.
    #[arg(long)]
    scopes: String,
    /// A file with its public keys (a JWK set).
    #[arg(long)]
    keys: Option<PathBuf>,
    /// For which organisation a system acts; whose people alone may use an app.
    #[arg(long)]
    organization: Option<String>,
    /// In which role; in which alone an app may be used.
    #[arg(long)]
    role: Option<String>,
    /// For which purpose of use; for which alone an app may be used.
    #[arg(long)]
    purpose: Option<String>,
}

impl Client {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Add(add) => {
                let (dir, client) = (add.dir.clone(), add.client()?);
                let words = format!("{} may ask for: {}", client.id, client.allowed());
                registry(&dir)?.add(client)?;
                terminal::say(&words);
            }
            Command::List { dir } => {
                for client in registry(&dir)?.all()? {
                    let kind = if client.kind == ClientKind::System { "system" } else { "app" };
                    terminal::say(&format!("{}\t{kind}\t{}\t{}", client.id, client.name, client.allowed()));
                }
            }
            Command::Remove { dir, id } => {
                registry(&dir)?.remove(&id)?;
                terminal::say(&format!("{id} is taken out; its tokens count no more"));
            }
        }
        Ok(())
    }
}

impl Add {
    fn client(self) -> anyhow::Result<Registered> {
        let role =
            self.role.as_deref().map(|code| Role::from_code(code).with_context(|| format!("--role {code} is no role")));
        let purpose = self.purpose.as_deref();
        let purpose =
            purpose.map(|code| Purpose::from_code(code).with_context(|| format!("--purpose {code} is no purpose")));
        let organization =
            self.organization.as_deref().map(OrganizationId::new).transpose().context("--organization")?;
        let client = Registered {
            id: PersonId::new(&self.id).context("--id")?,
            name: self.name,
            kind: if self.system { ClientKind::System } else { ClientKind::App },
            redirect_uris: self.redirect,
            jwks: self.keys.as_deref().map(keys).transpose()?,
            scopes: self.scopes,
            organization,
            role: role.transpose()?,
            purpose: purpose.transpose()?,
        };
        let unknown: Vec<&str> = client
            .scopes
            .split_whitespace()
            .filter(|name| !client.allowed().to_string().split(' ').any(|own| own == *name))
            .collect();
        ensure!(
            unknown.is_empty(),
            "these scopes are not served for {}: {}",
            if self.system { "a system" } else { "an app" },
            unknown.join(" ")
        );
        client.check()?;
        Ok(client)
    }
}

/// A JWK set, or one JWK alone.
fn keys(path: &Path) -> anyhow::Result<serde_json::Value> {
    let place = || path.display().to_string();
    let length = std::fs::metadata(path).with_context(place)?.len();
    ensure!(length <= MOST_KEYS_BYTES, "{} is too large for a set of public keys", place());
    let read: serde_json::Value = serde_json::from_slice(&std::fs::read(path).with_context(place)?)
        .with_context(|| format!("{} is no JSON", place()))?;
    match read.get("keys") {
        Some(_) => Ok(read),
        None if read.get("kty").is_some() => Ok(serde_json::json!({"keys": [read]})),
        None => bail!("{} is no JWK set: an object with \"keys\", each a public key as JWK", place()),
    }
}

fn registry(dir: &Path) -> anyhow::Result<Registry> {
    ensure!(
        folder::is_folder(dir),
        "{0} is no data folder. For a trial, make one with `tsumugi serve --dev --dir {0}`; else name the right folder",
        dir.display()
    );
    Ok(Registry::new(dir.join(folder::CLIENTS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        client: Client,
    }

    fn run(words: &[&str]) -> Result<(), String> {
        let line = Line::try_parse_from([&["client"], words].concat()).map_err(|error| error.to_string())?;
        line.client.run().map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_client_is_added_listed_and_taken_out() {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("data");
        let text = dir.to_str().unwrap();
        let add =
            ["add", "--dir", text, "--id", "app", "--name", "血圧手帳", "--scopes", "patient/Observation.rs openid"];
        let with = |more: &[&'static str]| run(&[add.as_slice(), more].concat());
        assert!(with(&["--redirect", "https://app.example/"]).unwrap_err().contains("is no data folder"));
        drop(tsumugi_server::Folder::open(&dir, true, &tsumugi_kernel::edge::SystemEntropy).unwrap());
        assert!(with(&["--redirect", "http://app.example/"]).unwrap_err().contains("no address to be sent back to"));
        assert!(with(&[]).unwrap_err().contains("no address to be sent back to"));
        assert!(with(&["--system"]).unwrap_err().contains("--keys"));
        assert!(with(&["--redirect", "https://app.example/", "--role", "king"]).unwrap_err().contains("is no role"));
        with(&["--redirect", "https://app.example/"]).unwrap();
        assert!(with(&["--redirect", "https://app.example/"]).unwrap_err().contains("already"));
        let registry = Registry::new(dir.join(folder::CLIENTS));
        assert_eq!(registry.find("app").unwrap().unwrap().name, "血圧手帳");
        run(&["list", "--dir", text]).unwrap();
        run(&["remove", "--dir", text, "--id", "app"]).unwrap();
        assert!(run(&["remove", "--dir", text, "--id", "app"]).unwrap_err().contains("no client"));
        assert!(registry.find("app").unwrap().is_none(), "seen without a start");
    }

    #[test]
    fn a_systems_keys_are_read_and_private_ones_refused() {
        let place = tempfile::tempdir().unwrap();
        let (dir, file) = (place.path().join("data"), place.path().join("jwks.json"));
        drop(tsumugi_server::Folder::open(&dir, true, &tsumugi_kernel::edge::SystemEntropy).unwrap());
        let words = [
            "add",
            "--dir",
            dir.to_str().unwrap(),
            "--system",
            "--id",
            "hospital",
            "--name",
            "みなと病院",
            "--keys",
            file.to_str().unwrap(),
            "--organization",
            "1311000014",
            "--role",
            "system",
            "--purpose",
            "RECORDMGT",
            "--scopes",
            "system/*.rs",
        ];
        let public = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}"#;
        for (text, told) in [
            ("no json".to_owned(), "is no JSON"),
            ("{}".to_owned(), "is no JWK set"),
            (public.replace("\"kid\"", "\"d\":\"AA\",\"kid\""), "private part"),
            (public.replace(",\"kid\":\"a\"", ""), "kid"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = run(&words).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        std::fs::write(&file, public).unwrap();
        run(&words).unwrap();
        let mut app_scopes = words;
        app_scopes[17] = "user/*.rs";
        app_scopes[5] = "second";
        assert!(run(&app_scopes).unwrap_err().contains("not served for a system"));
    }
}
