//! `tsumugi token`: print a bearer token for a development folder. It works while a server runs on the folder, because
//! it needs the folder's secret only; people and organisations that are not known yet are registered when the token is
//! first used.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use tsumugi_kernel::{Clock, OrganizationId, PersonId, Purpose, Role, edge::SystemClock};
use tsumugi_server::Folder;
use tsumugi_signin::{Claims, DevKey, issue};

use tsumugi_cli::terminal;

/// Print a bearer token for a development folder.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi token --dir data --role physician --purpose TREAT --person okada --organization 1310000001
  tsumugi token --dir data --role citizen --purpose PATRQT --person haru --organization household --citizen Patient/a…

  curl -H \"Authorization: Bearer $(tsumugi token …)\" http://127.0.0.1:8080/fhir/R4/Observation?patient=…")]
pub struct Token {
    /// The data folder; it must have been made with --dev.
    #[arg(long)]
    dir: PathBuf,
    /// The role, for example physician, nurse, care-manager, citizen, proxy, system.
    #[arg(long)]
    role: String,
    /// The purpose of use (HL7 v3), for example TREAT, CAREMGT, PATRQT, FAMRQT, RECORDMGT.
    #[arg(long)]
    purpose: String,
    /// Who: 1 to 64 of A-Z a-z 0-9 - .
    #[arg(long)]
    person: String,
    /// For which organisation: its ten-digit number, or another id of the same form.
    #[arg(long)]
    organization: String,
    /// The only citizen that the token opens: a Patient id of this server.
    #[arg(long)]
    citizen: Option<String>,
    /// Minutes until it ends.
    #[arg(long, default_value_t = 60)]
    minutes: u32,
}

impl Token {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let secret = Folder::dev_secret(&self.dir)?;
        let Some(role) = Role::from_code(&self.role) else {
            bail!("--role {} is no role; use one of: {}", self.role, list(Role::ALL.iter().map(|role| role.code())));
        };
        let Some(purpose) = Purpose::from_code(&self.purpose) else {
            bail!(
                "--purpose {} is no purpose; use one of: {}",
                self.purpose,
                list(Purpose::ALL.iter().map(|p| p.code()))
            );
        };
        let person = PersonId::new(&self.person).context("--person")?;
        let organization = OrganizationId::new(&self.organization).context("--organization")?;
        let expires = SystemClock.now().plus_millis(i64::from(self.minutes) * 60_000);
        let citizen = self.citizen.map(|id| id.strip_prefix("Patient/").unwrap_or(&id).to_owned());
        let claims = Claims {
            citizen,
            automatic: role == Role::System,
            ..Claims::new(role, purpose, person, organization, expires)
        };
        terminal::say(&issue(&claims, &DevKey::new(&secret)));
        Ok(())
    }
}

fn list<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    codes.collect::<Vec<_>>().join(", ")
}
