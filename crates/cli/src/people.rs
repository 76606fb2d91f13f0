//! `tsumugi people`: lets the first people of an organisation in. Those after them get their codes at the organisation's own
//! desk (`/desk/codes`).

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use tsumugi_kernel::{
    Clock as _, OrganizationId, OrganizationKind, PersonId, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_people::{By, Directory, Organization, Person, Post, Source, Validity};
use tsumugi_server::App;
use tsumugi_signin::gate::{Handed, Identity, Lost};

use crate::serve;
use tsumugi_cli::terminal;

/// Let the first people of an organisation in.
#[derive(Args)]
#[command(after_help = "\
Example, while no server runs on the folder:
  tsumugi people invite --dir data --person maeda --name '前田 彩' --role registrar \\
    --organization 1311000014 --organization-name 'みなと総合病院' --kind hospital

It prints a code of 20 digits, good once within two weeks. The person types it at /sign-in/code, makes a passkey and sets
up the second factor. Hand it over on paper, after seeing who it is. How people sign in stands in docs/signin.md.")]
pub struct People {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Put somebody on an organisation's roster and print a code for their first sign-in.
    Invite(Invite),
}

#[derive(Args)]
struct Invite {
    /// The data folder.
    #[arg(long)]
    dir: PathBuf,
    /// The person's id: 1 to 64 of A-Z a-z 0-9 - .
    #[arg(long)]
    person: String,
    /// The name, as citizens read it in the list of who looked. Needed for somebody new.
    #[arg(long)]
    name: Option<String>,
    /// The qualification in words, such as 看護師.
    #[arg(long)]
    qualification: Option<String>,
    /// The role of the post.
    #[arg(long)]
    role: String,
    /// The organisation's id: the ten-digit institution number where there is one.
    #[arg(long)]
    organization: String,
    /// Its name. Needed for one that is new.
    #[arg(long, requires = "kind")]
    organization_name: Option<String>,
    /// What it is: hospital, clinic, pharmacy, care-office, municipality …
    #[arg(long)]
    kind: Option<String>,
    /// Stop every passkey and the second factor of before: for whoever lost them.
    #[arg(long)]
    lost: bool,
}

impl People {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let Command::Invite(invite) = self.command;
        serve::runtime()?.block_on(invite.run())
    }
}

impl Invite {
    async fn run(self) -> anyhow::Result<()> {
        let person = PersonId::new(&self.person).context("--person")?;
        let organization = OrganizationId::new(&self.organization).context("--organization")?;
        let role = Role::from_code(&self.role).with_context(|| format!("--role {} is no role", self.role))?;
        let posts = !matches!(role, Role::Citizen | Role::Proxy | Role::System | Role::LinkHolder);
        ensure!(posts, "--role {role} is no post; citizens get their codes at a municipality's desk");
        let folder = serve::open(&self.dir, false, None)?;
        let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
        let gate = app.gate().context("in a development folder one signs in by choosing a person")?;
        let directory = &app.desk.directory;
        self.place(directory, &organization).await?;
        self.register(directory, &person, role).await?;
        let source = Source { organization: organization.clone(), by: By::Desk, reference: None };
        let today = SystemClock.now().civil().date();
        let held = directory.posts(&organization, &person).await?.held(today).contains(&role);
        if !held {
            let validity = Validity { from: Some(today), ..Validity::default() };
            directory.appoint(&organization, &person, &Post { role, validity, source }).await?;
        }
        let lost = if self.lost { Lost::All } else { Lost::Nothing };
        let code = gate.hand_by_operator(&Handed { person: &person, identity: Identity::Staff, lost }).await?;
        terminal::say(&format!("code for {person}: {}", code.grouped()));
        terminal::say(&format!("good once, until {}", code.until.civil().date()));
        Ok(())
    }

    async fn place(&self, directory: &Directory, id: &OrganizationId) -> anyhow::Result<()> {
        if directory.organization(id).await?.is_some() {
            return Ok(());
        }
        let name = self.organization_name.as_deref();
        let name = name.with_context(|| format!("{id} is new: say --organization-name and --kind"))?;
        let kind = self.kind.as_deref().unwrap_or_default();
        let kind = OrganizationKind::from_code(kind).with_context(|| format!("--kind {kind} is no kind"))?;
        Ok(directory.register(&[], &[Organization::new(id.clone(), name, kind)]).await?)
    }

    async fn register(&self, directory: &Directory, id: &PersonId, role: Role) -> anyhow::Result<()> {
        if directory.person(id).await?.is_some() {
            return Ok(());
        }
        let name = self.name.as_deref().with_context(|| format!("{id} is new: say --name"))?;
        let person =
            Person { qualification: self.qualification.clone(), roles: vec![role], ..Person::named(id.clone(), name) };
        Ok(directory.register(&[person], &[]).await?)
    }
}
