//! `tsumugi token`: print a bearer token for a development folder. It works while a server runs on the folder, because
//! it needs the folder's secret only; people and organisations that are not known yet are registered when the token is
//! first used.
//!
//! What must hold: a token that could open nothing is not printed.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Args;
use tsumugi_access::roles;
use tsumugi_kernel::{
    Clock, Instant, Kind, MasterSecret, OrganizationId, PersonId, Purpose, Role, Sealer, edge::SystemClock,
};
use tsumugi_server::Folder;
use tsumugi_signin::{Claims, DevKey, issue};

use tsumugi_cli::terminal;

/// Longest life of a token, in minutes: a day's work.
const MOST_MINUTES: i64 = tsumugi_signin::TOKEN_MILLIS / 60_000;

/// Print a bearer token for a development folder.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi token --dir data --role physician --purpose TREAT --person okada --organization 1310000001
  tsumugi token --dir data --role citizen --purpose PATRQT --person haru --organization household --citizen Patient/a…
  tsumugi token --dir data --role physician --purpose BTG --person okada --organization 1310000001 --citizen Patient/a… \
    --reason 'unconscious, no relative to ask'

  curl -H \"Authorization: Bearer $(tsumugi token …)\" http://127.0.0.1:8080/fhir/R4/Observation?patient=…

A citizen's token names whose record is theirs (--citizen): the id of one of their Patient resources on this server, as
the answer to a document that was sent gives it.")]
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
    /// Why, in words that the citizen and a reviewer will read: for an emergency (ETREAT) or to break the glass (BTG).
    #[arg(long)]
    reason: Option<String>,
    /// With BTG: not the smallest view alone, which comes first.
    #[arg(long, requires = "reason")]
    whole: bool,
    /// Minutes until it ends, at most 720.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=MOST_MINUTES))]
    minutes: u32,
}

impl Token {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let secret = Folder::dev_secret(&self.dir)?;
        let claims = self.claims(&secret, SystemClock.now())?;
        terminal::say(&issue(&claims, &DevKey::new(&secret)));
        Ok(())
    }

    /// What the token says, if it can open anything.
    fn claims(&self, secret: &MasterSecret, now: Instant) -> anyhow::Result<Claims> {
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
        may_ask(role, purpose)?;
        let person = PersonId::new(&self.person).context("--person")?;
        let organization = OrganizationId::new(&self.organization).context("--organization")?;
        let citizen = self.citizen.as_deref().map(|id| id.strip_prefix("Patient/").unwrap_or(id).to_owned());
        if let Some(id) = &citizen {
            ensure!(
                Sealer::new(secret).open(id).is_some_and(|key| key.kind == Kind::PATIENT),
                "--citizen is no Patient id of {}; give the id of a Patient as this server's answers name it",
                self.dir.display()
            );
        }
        ensure!(
            role != Role::Citizen || citizen.is_some(),
            "a citizen's token must say whose record is theirs: add --citizen with the id of one of their Patient \
             resources on this server (the answer to a document that was sent names it)"
        );
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
        ensure!(
            purpose != Purpose::BreakGlass || (reason.is_some() && citizen.is_some()),
            "breaking the glass needs a reason and is for one citizen: add --reason and --citizen"
        );
        let expires = now.plus_millis(i64::from(self.minutes) * 60_000);
        Ok(Claims {
            citizen,
            reason,
            whole: self.whole && purpose == Purpose::BreakGlass,
            automatic: role == Role::System,
            ..Claims::new(role, purpose, person, organization, expires)
        })
    }
}

/// Whether the table of roles and purposes has a place for both; the next step otherwise.
fn may_ask(role: Role, purpose: Purpose) -> anyhow::Result<()> {
    if !roles::asks(role, purpose).is_empty() {
        return Ok(());
    }
    let purposes: Vec<&str> =
        Purpose::ALL.iter().filter(|other| !roles::asks(role, **other).is_empty()).map(|other| other.code()).collect();
    ensure!(!purposes.is_empty(), "the role {role} can ask for nothing yet, whatever the purpose; use another --role");
    bail!("the role {role} never asks with the purpose {purpose}; use --purpose {}", purposes.join(" or "))
}

fn list<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    codes.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use tsumugi_kernel::{CitizenId, FactKey};

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        token: Token,
    }

    /// What is said to a command line; the role when a token is given.
    fn said(rest: &str) -> Result<Role, String> {
        let line = format!("token --dir d --person p --organization o {rest}");
        let line = Line::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())?;
        let secret = MasterSecret::new([7; 32]);
        line.token.claims(&secret, Instant(0)).map(|claims| claims.role).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_token_that_could_open_nothing_is_refused_with_the_next_step() {
        let sealer = Sealer::new(&MasterSecret::new([7; 32]));
        let patient = sealer.seal(FactKey { citizen: CitizenId(1), kind: Kind::PATIENT, number: 1 });
        let other = sealer.seal(FactKey { citizen: CitizenId(1), kind: Kind::OBSERVATION, number: 1 });
        assert_eq!(said("--role physician --purpose TREAT"), Ok(Role::Physician));
        assert_eq!(said(&format!("--role citizen --purpose PATRQT --citizen Patient/{patient}")), Ok(Role::Citizen));
        let broken = format!("--role nurse --purpose BTG --reason unconscious --whole --citizen {patient}");
        assert_eq!(said(&broken), Ok(Role::Nurse));
        for (line, words) in [
            ("--role citizen --purpose PATRQT".to_owned(), "add --citizen"),
            (format!("--role citizen --purpose PATRQT --citizen {other}"), "is no Patient id"),
            ("--role nurse --purpose TREAT --citizen a0".to_owned(), "is no Patient id"),
            ("--role nurse --purpose PATRQT".to_owned(), "use --purpose TREAT or ETREAT or BTG or CAREMGT"),
            ("--role researcher --purpose HRESCH".to_owned(), "can ask for nothing yet"),
            ("--role nurse --purpose TREAT --minutes 0".to_owned(), "--minutes"),
            ("--role nurse --purpose TREAT --minutes 721".to_owned(), "--minutes"),
            ("--role king --purpose TREAT".to_owned(), "is no role"),
            (format!("--role nurse --purpose BTG --citizen {patient}"), "add --reason"),
            ("--role nurse --purpose BTG --reason unconscious".to_owned(), "add --reason and --citizen"),
            (format!("--role nurse --purpose BTG --whole --citizen {patient}"), "--reason"),
        ] {
            let told = said(&line).unwrap_err();
            assert!(told.contains(words), "{line}: {told}");
        }
    }
}
