//! `tsumugi demo`: the stories, served within seconds, with whom to be; and a town around them that fills meanwhile.

mod fill;
mod traffic;

use std::{
    fs::{File, TryLockError},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use tsumugi_cli::{import::Importer, play, terminal, town_clock::TownClock};
use tsumugi_kernel::{Clock, Instant, clock::japan, edge::SystemEntropy};
use tsumugi_portal::web::Filling;
use tsumugi_server::{App, Folder, observe};
use tsumugi_synth::{Town, out::Message, story};

use crate::serve::{bind, ended, runtime};
use traffic::Traffic;

/// Make the stories, serve them, print the address and whom to be, and fill a town around them meanwhile.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi demo
  tsumugi demo --port 9000 --dir /tmp/another-town --citizens 300

The town fills in the background; stopped before it is full, it goes on the next time. To begin anew, name another folder
or remove this one.")]
pub struct Demo {
    /// The folder of the town: a demo's, or a new or empty one.
    #[arg(long, default_value = ".demo")]
    dir: PathBuf,
    /// The port on the loopback interface; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Citizens besides those of the stories, when the town is made [default: 10000].
    #[arg(long)]
    citizens: Option<u64>,
    /// The seed of the town, when it is made [default: 1].
    #[arg(long)]
    seed: Option<u64>,
}

const CITIZENS: u64 = 10_000;
const SEED: u64 = 1;
/// The day on which the town is seen.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);
/// Marks a folder whose stories were made to their end; what it holds is which town fills around them.
const READY: &str = "town.ready";
/// Marks the folder as a demo's and is locked while one uses it; what it holds is the address.
const LOCK: &str = "demo.lock";

impl Demo {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        runtime()?.block_on(async {
            may_use(&self.dir)?;
            // The port is known to be ours before anything is made.
            let listening = bind_or_say_who(&self.dir, self.port).await?;
            let mut lock = claim(&self.dir)?;
            let address = listening.address();
            let data = self.dir.join("data");
            let (app, clock, town) = self.open(&data, format!("http://{address}")).await?;
            let (traffic, filling) = (Traffic::default(), Filling::default());
            let app = app.with_metrics(observe::start()?).with_filling(filling.clone());
            let publishing = tokio::spawn(app.clone().keep_publishing());
            let screening = tokio::spawn(app.clone().keep_screening());
            let importer = Importer::new(&app.desk, clock);
            let town = Town::new(town.seed, town.citizens, TODAY);
            let filled = tokio::spawn({
                let (traffic, data, app) = (traffic.clone(), data.clone(), app.clone());
                async move {
                    if let Err(error) = fill::compare(&app, &town, &data).await {
                        terminal::complain(&format!("tsumugi: the town cannot be compared: {error:#}"));
                    }
                    fill::fill(importer, town, &data, traffic, filling).await;
                }
            });
            lock.set_len(0)?;
            write!(lock, "http://{address}/")?;
            terminal::say(&format!("\n  つむぎ  http://{address}/\n\n{}", whom_to_be()?));
            terminal::say(&format!(
                "  Town     fills meanwhile: http://{address}/demo\n  FHIR     http://{address}/fhir/R4/metadata\n  \
                 log key: {}\n  Stop     Ctrl-C\n",
                app.vkey
            ));
            listening.serve(traffic.watch(app.router()), ended()).await;
            traffic.stop();
            filled.await.context("filling was not brought to its end")?;
            screening.abort();
            publishing.abort();
            app.publish().await?;
            lock.set_len(0)?;
            Ok(())
        })
    }

    /// The application over the stories, which are made where they are not there, and the town to fill around them.
    async fn open(&self, data: &Path, issuer: String) -> anyhow::Result<(App, Arc<TownClock>, Around)> {
        let clock = Arc::new(TownClock::default());
        let ready = self.dir.join(READY);
        let is_there = ready.is_file();
        if is_there && (self.citizens.is_some() || self.seed.is_some()) {
            terminal::complain(&format!(
                "tsumugi: the town in {} is there already: --citizens and --seed change nothing. For another town, name \
                 another --dir or remove this folder",
                self.dir.display()
            ));
        }
        if !is_there && data.exists() {
            std::fs::remove_dir_all(data)
                .with_context(|| format!("{} holds half a story and cannot be removed", data.display()))?;
        }
        let mut folder = Folder::open(data, true, &SystemEntropy)?;
        folder.issuer = issuer;
        std::fs::write(data.join("people.json"), serde_json::to_vec_pretty(&story::people_to_be()?)?)?;
        let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))?;
        let around = if is_there {
            let bytes = std::fs::read(&ready)?;
            serde_json::from_slice(&bytes).with_context(|| {
                format!("{} is of an older program; name another --dir, or remove the folder", ready.display())
            })?
        } else {
            terminal::say("tsumugi: making the stories (once) …");
            stories(&app, &clock).await?;
            let around = Around { seed: self.seed.unwrap_or(SEED), citizens: self.citizens.unwrap_or(CITIZENS) };
            std::fs::write(&ready, serde_json::to_vec(&around)?)?;
            around
        };
        app.desk.door.note_policies().await?;
        Ok((app, clock, around))
    }
}

/// The town that fills around the stories.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Around {
    seed: u64,
    citizens: u64,
}

/// The story of the stroke with its looks, then the neighbours', each message at its own moment.
async fn stories(app: &App, clock: &Arc<TownClock>) -> anyhow::Result<()> {
    // By these rules the story's people looked, from its first day on.
    let before = TODAY.saturating_sub(jiff::Span::new().years(2)).to_zoned(japan())?.timestamp();
    TownClock::at(Instant(before.as_millisecond()), app.desk.door.note_policies()).await?;
    let sent = story::stroke(TODAY)?;
    let mut player = play::Player::new(&app.desk, Arc::clone(clock), &app.vkey, play::STROKE, sent)?;
    let bar = terminal::progress(player.len() as u64, "story");
    player.steps(|done| bar.set_position(done as u64)).await?;
    bar.finish_and_clear();
    let importer = Importer::new(&app.desk, Arc::clone(clock));
    for outgoing in story::neighbours(TODAY)? {
        if let tsumugi_synth::Form::Directory(directory) = &outgoing.form {
            importer.directory(directory).await?;
        } else if let Some(message) = Message::of(&outgoing, None, None) {
            let refusal = importer.send(&message.envelope, message.body.into()).await?;
            anyhow::ensure!(refusal.is_none(), "{} of the stories was refused", message.envelope.name);
        }
    }
    app.publish().await?;
    Ok(())
}

/// Whether a folder is a demo's, or free to become one. Nothing in it is touched.
fn may_use(dir: &Path) -> anyhow::Result<()> {
    let is_demos = dir.join(READY).is_file() || dir.join(LOCK).is_file();
    let is_free = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => bail!("{} cannot be used: {error}; name another --dir", dir.display()),
    };
    if is_demos || is_free {
        return Ok(());
    }
    bail!("{} is not empty and was not made by a demo; nothing in it was touched. Name another --dir", dir.display())
}

/// The port. Where it is taken because this very town is already served, that is what is said.
async fn bind_or_say_who(dir: &Path, port: u16) -> anyhow::Result<tsumugi_server::Listening> {
    match bind(port).await {
        Ok(listening) => Ok(listening),
        Err(taken) if dir.join(LOCK).is_file() => {
            claim(dir)?;
            Err(taken)
        }
        Err(taken) => Err(taken),
    }
}

/// The lock of a demo's folder, which is made where it is not there.
fn claim(dir: &Path) -> anyhow::Result<File> {
    std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let path = dir.join(LOCK);
    let file = File::options().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            // An address from a demo that ended suddenly is nobody's any more.
            file.set_len(0)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let address = std::fs::read_to_string(&path).unwrap_or_default();
            match address.trim() {
                "" => bail!("{} is open in another demo, which is still making its town", dir.display()),
                address => {
                    bail!("{} is already served by another demo: open {address}, or stop that one first", dir.display())
                }
            }
        }
        Err(TryLockError::Error(error)) => bail!("{} cannot be locked: {error}", path.display()),
    }
}

/// The people to be, as printed.
fn whom_to_be() -> anyhow::Result<String> {
    let mut text = String::from("  Whom to be (choose on the first page):\n");
    for person in story::people_to_be()? {
        text.push_str(&format!(
            "    {}  {}\n        {}\n        {}\n",
            person.name, person.who.ja, person.try_this.ja, person.try_this.en
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(dir: &Path, port: u16) -> String {
        let demo = Demo { dir: dir.to_owned(), port, citizens: Some(0), seed: None };
        format!("{:#}", demo.run().unwrap_err())
    }

    #[test]
    fn somebody_elses_folder_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("notes.txt"), "mine").unwrap();
        let told = demo(place.path(), 0);
        assert!(told.contains("was not made by a demo"), "{told}");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_port_in_use_is_found_before_anything_is_made() {
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("town");
        let told = demo(&dir, taken.local_addr().unwrap().port());
        assert_eq!(told.matches("os error").count(), 1, "{told}");
        assert!(!dir.exists());
    }

    #[test]
    fn a_town_that_is_served_already_is_named_with_its_address() {
        let place = tempfile::tempdir().unwrap();
        let mut lock = claim(place.path()).unwrap();
        assert!(demo(place.path(), 0).contains("still making its town"));
        write!(lock, "http://127.0.0.1:8080/").unwrap();
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        for port in [0, taken.local_addr().unwrap().port()] {
            let told = demo(place.path(), port);
            assert!(told.contains("already served by another demo: open http://127.0.0.1:8080/"), "{told}");
        }
        drop(lock);
        claim(place.path()).unwrap();
    }
}
