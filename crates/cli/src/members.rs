//! `tsumugi members`: a members' file of an insurer or municipality, into a data folder that no server has open.
//!
//! Every line goes through the door with its leaf, as over HTTP. The result is printed as the result file, in the order of
//! the lines; a count of refused lines is the exit status's reason.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use clap::Args;
use tsumugi_access::Caller;
use tsumugi_exchange_members::take_in;
use tsumugi_kernel::{
    Clock as _, OrganizationId, OrganizationKind, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_people::{
    Organization, Person,
    bulk::{FILE_BYTES, result_csv},
};
use tsumugi_server::{App, Folder};

use tsumugi_cli::terminal;

/// Who a run of the command is, in logs and lists.
const NAME: &str = "資格の届出 (tsumugi members)";
/// How long the caller of one run lasts: longer than any file takes.
const RUN_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Take a members' file (CSV) of an insurer or municipality into a data folder that no server has open.
#[derive(Args)]
#[command(after_help = "\
The layout is in docs/members.md. Lines that are good go in although others are not; the same file again changes nothing.

Examples:
  tsumugi members --dir data --insurer insurer-39490014 members.csv
  tsumugi members --dir data --municipality tsumugi-city --under 494906 --under 12490018 residents.csv

Exit status: 0 every line went in; 1 at least one was refused, or the file could not be read.")]
pub struct Members {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// The insurer that sends; an id that ends with its insurer number needs no --under.
    #[arg(long, required_unless_present = "municipality", conflicts_with = "municipality")]
    insurer: Option<String>,
    /// The municipality that sends.
    #[arg(long)]
    municipality: Option<String>,
    /// An insurer number under which the sender acts (8 digits; 6 for care insurance). It is remembered.
    #[arg(long)]
    under: Vec<String>,
    /// The name of the sender, where the folder does not know it.
    #[arg(long)]
    name: Option<String>,
    /// Where the result file goes; printed where it is not given.
    #[arg(long)]
    result: Option<PathBuf>,
    /// The file.
    file: PathBuf,
}

impl Members {
    /// Runs the command.
    ///
    /// # Errors
    /// If the folder or the file cannot be read, or a line was refused.
    pub fn run(self) -> anyhow::Result<()> {
        let size = std::fs::metadata(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        if size.len() > FILE_BYTES as u64 {
            bail!("{} has more than {FILE_BYTES} bytes; send it in parts", self.file.display());
        }
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let dev = Folder::is_dev(&self.dir)?;
        let folder = Folder::open(&self.dir, dev, &SystemEntropy)?;
        let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let caller = self.caller(&app).await?;
            let taken = take_in(&app.desk, &caller, &bytes).await?;
            app.publish().await?;
            let file = result_csv(&taken.lines);
            match &self.result {
                Some(path) => std::fs::write(path, file).with_context(|| format!("{}", path.display()))?,
                None => terminal::say(file.trim_end()),
            }
            let done = taken.result;
            terminal::complain(&format!(
                "tsumugi: {} lines: {} registered, {} changed, {} ended, {} unchanged, {} refused{}",
                done.lines,
                done.registered,
                done.changed,
                done.ended,
                done.unchanged,
                done.refused,
                if taken.again { "; the file had been taken in before, nothing was done now" } else { "" }
            ));
            if done.refused > 0 {
                bail!("{} of {} lines were refused; the result file says why", done.refused, done.lines);
            }
            Ok(())
        })
    }

    /// The sender's clerk; whoever is not known is registered, because whoever runs this owns the folder.
    async fn caller(&self, app: &App) -> anyhow::Result<Caller> {
        let directory = &app.desk.directory;
        let (id, kind, role, purpose) = match (&self.insurer, &self.municipality) {
            (Some(id), _) => (id, OrganizationKind::Insurer, Role::Insurer, Purpose::Coverage),
            (None, Some(id)) => (id, OrganizationKind::Municipality, Role::Municipality, Purpose::RecordManagement),
            (None, None) => bail!("name the sender with --insurer or --municipality"),
        };
        let id = OrganizationId::new(id).context("the sender's id")?;
        let known = directory.organization(&id).await?;
        let organization = match known {
            Some(organization) => (*organization).clone(),
            None => {
                let name = self.name.clone().unwrap_or_else(|| id.to_string());
                let organization = Organization::new(id, name, kind);
                directory.register(&[], std::slice::from_ref(&organization)).await?;
                organization
            }
        };
        if organization.kind != kind {
            bail!("{} is registered as {}, not as {kind}", organization.id, organization.kind);
        }
        if !self.under.is_empty() {
            directory.act_under(&organization.id, &self.under).await?;
        }
        let person = PersonId::new("tsumugi-members").context("the command's own id")?;
        if directory.person(&person).await?.is_none() {
            directory.register(&[Person::named(person.clone(), NAME)], &[]).await?;
        }
        let person = (person, NAME.to_owned());
        Ok(Caller::new(person, &organization, role, purpose, SystemClock.now().plus_millis(RUN_MILLIS)))
    }
}
