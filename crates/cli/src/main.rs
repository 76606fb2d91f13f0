//! `tsumugi`: the one binary. Each subcommand is a file of its own; this one only reads the command line.

mod bench;
mod client;
mod demo;
mod init;
mod members;
mod people;
mod policy;
mod serve;
mod synth;
mod token;
mod verify;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tsumugi_cli::{conformance, formats, import, replay, terminal, validate};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tsumugi (紬): a person's health facts, spun into one record held by that person.
#[derive(Parser)]
#[command(
    name = "tsumugi",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Exit status: 0 done; 1 it failed, and the message says what, where and what next; 2 the command line was wrong;
3 a proof does not hold (verify), or a log signed two histories (witness compare). verify, validate, formats and conformance say their own.

Try it:
  tsumugi demo                                   make a town, serve it, and say whom to be
  tsumugi serve --dev --dir data --port 8080     an empty development server
  tsumugi verify looks-proof.json                check that nobody left a look out"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a town with the story in it, serve it, and print the address and whom to be.
    Demo(demo::Demo),
    /// Make an empty folder ready for real use.
    Init(init::Init),
    /// Serve a data folder.
    Serve(serve::Serve),
    /// Put FHIR documents, collections or a whole synthetic town into a data folder.
    Import(import::Import),
    /// Take a members' file (CSV) of an insurer or municipality into a data folder.
    Members(members::Members),
    /// Make a synthetic town as files.
    Synth(synth::Synth),
    /// Send a living town to a running server, by the town's own clock.
    Replay(replay::Replay),
    /// Register apps and systems that may ask for tokens.
    Client(client::Client),
    /// Let the first people of an organisation in.
    People(people::People),
    /// Print a bearer token for a development folder.
    Token(token::Token),
    /// Check files against FHIR R4 and the profiles that they claim.
    Validate(validate::Validate),
    /// Check, convert and clean files of Japan's exchange formats (LIFE).
    Formats(formats::Formats),
    /// Run the official suites that stand below a folder.
    Conformance(conformance::Conformance),
    /// Check a proof of completeness that a citizen has saved.
    Verify(verify::Verify),
    /// Try rules of who may see what before they bind.
    Policy(policy::Policy),
    /// Be a witness of a log: sign what continues what was signed.
    Witness(witness::Witness),
    /// Measure this build on this machine.
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    terminal::start_log();
    let done = match arguments.command {
        Command::Demo(demo) => demo.run(),
        Command::Init(init) => init.run(),
        Command::Serve(serve) => serve.run(),
        Command::People(people) => people.run(),
        Command::Import(import) => import.run(),
        Command::Members(members) => members.run(),
        Command::Synth(synth) => synth.run(),
        Command::Replay(replay) => {
            serve::runtime().and_then(|runtime| runtime.block_on(replay.run(serve::ended())).map(|_| ()))
        }
        Command::Client(client) => client.run(),
        Command::Token(token) => token.run(),
        Command::Validate(validate) => return validate.run(),
        Command::Formats(formats) => return formats.run(),
        Command::Conformance(conformance) => return conformance.run(),
        Command::Verify(verify) => return verify.run(),
        Command::Policy(policy) => policy.run(),
        Command::Witness(witness) => match witness.run() {
            Ok(status) => return ExitCode::from(status),
            Err(error) => Err(error),
        },
        Command::Bench(bench) => bench.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&format!("tsumugi: {error:#}"));
            ExitCode::from(1)
        }
    }
}
