//! `tsumugi demo`: the story and a small town, served, with whom to be.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::Args;
use tsumugi_cli::{import::Importer, play, terminal, town_clock::TownClock};
use tsumugi_kernel::{Clock, edge::SystemEntropy};
use tsumugi_server::{App, Folder, Listening, observe};
use tsumugi_synth::{Town, out, story};

use crate::serve::{ended, runtime};

/// Make a town with the story in it, serve it, and print the address and whom to be.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi demo
  tsumugi demo --port 9000 --dir /tmp/another-town --citizens 300

The second time, the town that is there is served at once. To begin anew, name another folder or remove this one.")]
pub struct Demo {
    /// The folder of the town.
    #[arg(long, default_value = ".demo")]
    dir: PathBuf,
    /// The port on the loopback interface; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Citizens besides those of the story.
    #[arg(long, default_value_t = 60)]
    citizens: u64,
    /// The seed of the town.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Marks a town that was made to its end.
const READY: &str = "town.ready";

impl Demo {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let runtime = runtime()?;
        let data = self.dir.join("data");
        if !self.dir.join(READY).is_file() {
            if data.exists() {
                std::fs::remove_dir_all(&data)
                    .with_context(|| format!("{} holds half a town and cannot be removed", data.display()))?;
            }
            terminal::say("tsumugi: making the town (once) …");
            runtime.block_on(self.make(&data))?;
            std::fs::write(self.dir.join(READY), "made to its end\n")?;
        }
        let folder = Folder::open(&data, true, &SystemEntropy)?;
        runtime.block_on(async {
            let listening = Listening::bind(self.port).await?;
            let address = listening.address();
            let clock: Arc<dyn Clock> = Arc::new(tsumugi_kernel::edge::SystemClock);
            let app = App::new(folder, clock, Arc::new(SystemEntropy))?.with_metrics(observe::start()?);
            let publishing = tokio::spawn(app.clone().keep_publishing());
            terminal::say(&format!("\n  つむぎ  http://{address}/\n\n{}", whom_to_be()?));
            terminal::say(&format!("  FHIR     http://{address}/fhir/R4/metadata\n  Stop     Ctrl-C\n"));
            listening.serve(app.router(), ended()).await;
            publishing.abort();
            app.publish().await?;
            Ok(())
        })
    }

    /// The story at its own moments, then the town.
    async fn make(&self, data: &std::path::Path) -> anyhow::Result<()> {
        let folder = Folder::open(data, true, &SystemEntropy)?;
        let clock = Arc::new(TownClock::default());
        let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))?;
        let today = jiff::civil::date(2026, 11, 22);
        let mut player =
            play::Player::new(&app.desk, Arc::clone(&clock), &app.vkey, play::STROKE, story::stroke(today)?)?;
        let bar = terminal::progress(player.len() as u64, "story");
        player.steps(|done| bar.set_position(done as u64)).await?;
        bar.finish_and_clear();
        let town = self.dir.join("town");
        if town.exists() {
            std::fs::remove_dir_all(&town)?;
        }
        let bar = terminal::progress(self.citizens, "citizens");
        out::write_out(&Town::new(self.seed, self.citizens, today), &town, |done| bar.set_position(done))?;
        bar.finish_and_clear();
        let counted = Importer::new(&app.desk, clock).rest_of_town(&town).await?;
        anyhow::ensure!(
            counted.refused == 0,
            "{} messages of the town were refused; each is named above",
            counted.refused
        );
        std::fs::copy(town.join("people.json"), data.join("people.json"))?;
        app.publish().await?;
        Ok(())
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
