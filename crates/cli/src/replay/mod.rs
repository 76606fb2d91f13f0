//! `tsumugi replay`: a living town, sent to a running server by its own clock.
//!
//! From the town's day on, what its institutions send is sent as time goes by: many letters on a Monday morning, few at
//! night ([`rhythm`]). An hour of the town takes an hour divided by the rate. A server that is busy is left alone for as
//! long as it asks ([`courier`]); what was answered is written down ([`state`]), so that the next start goes on there.
//!
//! What must hold: what waits is bounded; letters about one household keep their order; a letter that the server refused is
//! counted and named, and never sent again by itself.

pub mod courier;
pub mod rhythm;
pub mod state;
pub mod week;

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, ensure};
use clap::Args;
use jiff::{ToSpan, civil::Date};
use tsumugi_kernel::{Clock, Instant, edge::SystemClock};
use tsumugi_server::Folder;
use tsumugi_signin::DevKey;
use tsumugi_synth::Town;

use crate::terminal;
use courier::{Couriers, Place, Tokens};
use state::State;

/// Send a living town to a running server, by the town's own clock.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tsumugi replay --dir data --to http://127.0.0.1:8080 --citizens 10000 --seed 1 --rate 60
                                            an hour of the town in a minute, with tokens of the development folder
  tsumugi replay --token \"$TOKEN\" --to http://127.0.0.1:8080 --days 7

The town must be the one that is there: the same seed, citizens and day. Stop it with Ctrl-C; the next start goes on where
it was. Exit status: 0 it came to its end or was stopped; 1 it could not go on.")]
pub struct Replay {
    /// The server: http://HOST:PORT.
    #[arg(long)]
    to: String,
    /// The development folder of that server, whose key makes the senders' tokens.
    #[arg(long, required_unless_present = "token")]
    dir: Option<PathBuf>,
    /// One token for everything instead: of a system that may send for every institution.
    #[arg(long, conflicts_with = "dir")]
    token: Option<String>,
    /// Citizens of the town.
    #[arg(long, default_value_t = 10_000)]
    citizens: u64,
    /// Its seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day up to which the town is there already; sending begins with the next.
    #[arg(long, default_value = "2026-11-22")]
    today: Date,
    /// How many days are sent.
    #[arg(long, default_value_t = 28, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// How much faster than the clock on the wall: 60 is an hour in a minute.
    #[arg(long, default_value_t = 60.0)]
    rate: f64,
    /// Connections.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    connections: u16,
    /// Where it is written down how far it is.
    #[arg(long, default_value = "replay.state")]
    state: PathBuf,
}

impl Replay {
    /// Runs the command until the last day is sent, or `ended` is done.
    ///
    /// # Errors
    /// If the server cannot be reached, or the state cannot be written.
    pub async fn run(self, ended: impl Future<Output = ()>) -> anyhow::Result<Sent> {
        ensure!(self.rate.is_finite() && self.rate > 0.0, "--rate {} is no rate; 60 is an hour in a minute", self.rate);
        let tokens = match (&self.dir, self.token) {
            (Some(dir), _) => Tokens::Made(Box::new(DevKey::new(&Folder::dev_secret(dir)?))),
            (None, Some(token)) => Tokens::Given(token),
            (None, None) => anyhow::bail!("name --dir or --token"),
        };
        let place = Place::read(&self.to)?;
        let last = self.today.checked_add(i64::from(self.days).days())?;
        let town = Town::new(self.seed, self.citizens, self.today);
        let state = State::open(&self.state, &town)?;
        let couriers =
            Couriers::new(place, Arc::new(tokens), usize::from(self.connections), state, Arc::new(SystemClock));
        let pace = Pace { rate: self.rate, clock: &SystemClock };
        let sent = send(&town, last, couriers, &pace, ended).await?;
        terminal::say(&format!(
            "tsumugi: {} sent, {} refused, {} left out (a citizen's own letters need her sign-in); {}",
            sent.taken,
            sent.refused,
            sent.left_out,
            if sent.whole { "the last day is sent" } else { "stopped; the next start goes on here" }
        ));
        Ok(sent)
    }
}

/// What a replay sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Taken in by the server.
    pub taken: u64,
    /// Refused by it.
    pub refused: u64,
    /// Not sent, because nobody but the citizen may.
    pub left_out: u64,
    /// Whether the last day is sent.
    pub whole: bool,
}

/// From the clock on the wall to the town's.
struct Pace<'a> {
    rate: f64,
    clock: &'a dyn Clock,
}

impl Pace<'_> {
    /// How long until the town's clock, which stood at `start` when the wall's was `begun`, comes to `moment`.
    fn wait(&self, start: Instant, begun: Instant, moment: Instant) -> std::time::Duration {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of some years are far below 2^52")]
        let due = (moment.0 - start.0) as f64 / self.rate;
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        let left = due - (self.clock.now().0 - begun.0) as f64;
        std::time::Duration::from_millis(if left > 0.0 { left as u64 } else { 0 })
    }
}

/// Sends week after week until `last`, or until `ended` is done.
async fn send(
    town: &Town,
    last: Date,
    mut couriers: Couriers,
    pace: &Pace<'_>,
    ended: impl Future<Output = ()>,
) -> anyhow::Result<Sent> {
    let mut ended = std::pin::pin!(ended);
    let later = week::later(town, last)?;
    // Where the last start came to; the first begins with the morning after the town's day.
    let start = couriers.through().max(week::midnight(town.today().tomorrow()?)?);
    let begun = pace.clock.now();
    let mut day = start.civil().date();
    while day <= last {
        let until = day.checked_add(6.days())?.min(last);
        let letters =
            week::letters(later.clone(), town.today(), day, until).await.context("the town cannot be made")?;
        for letter in letters {
            if letter.moment < start || couriers.was_answered(&letter.message.envelope.name) {
                continue;
            }
            tokio::select! {
                () = &mut ended => return couriers.finish(false).await,
                () = tokio::time::sleep(pace.wait(start, begun, letter.moment)) => {}
            }
            // The queue is bounded: where the server is slow, the town waits.
            tokio::select! {
                () = &mut ended => return couriers.finish(false).await,
                handed = couriers.hand(letter) => handed?,
            }
        }
        day = until.tomorrow()?;
        couriers.week_ended(week::midnight(day)?).await?;
    }
    couriers.finish(true).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_kernel::clock::ManualClock;

    #[test]
    fn an_hour_of_the_town_takes_a_minute_at_sixty() {
        let clock = ManualClock::at(Instant(10_000));
        let pace = Pace { rate: 60.0, clock: &clock };
        let (start, hour) = (Instant(0), Instant(3_600_000));
        assert_eq!(pace.wait(start, Instant(10_000), hour).as_secs(), 60);
        clock.set(Instant(50_000));
        assert_eq!(pace.wait(start, Instant(10_000), hour).as_secs(), 20);
        clock.set(Instant(500_000));
        assert_eq!(pace.wait(start, Instant(10_000), hour).as_secs(), 0, "what is late goes at once");
    }
}
