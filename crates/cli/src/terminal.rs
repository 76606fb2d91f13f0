//! What the person at the terminal sees: results on standard output, everything else on standard error.

use std::io::{ErrorKind, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Prints a result.
///
/// Whoever reads may stop reading (`tsumugi … | head -1`): then there is nothing more to say, and that is no failure.
pub fn say(text: &str) {
    if let Err(error) = say_to(&mut std::io::stdout().lock(), text) {
        complain(&format!("tsumugi: the result cannot be written: {error}"));
    }
}

/// Writes a line; a reader that has gone is none to complain to.
fn say_to(out: &mut impl Write, text: &str) -> std::io::Result<()> {
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Prints what went wrong.
pub fn complain(text: &str) {
    // Where not even this can be written, there is nobody left to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A bar for work of known length; silent where standard error is no terminal.
pub fn progress(length: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
    bar.with_message(what).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A line that is written over and over while work of unknown length goes on; silent where standard error is no terminal.
pub fn line() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// Writes the operator's messages to standard error; `TSUMUGI_LOG` chooses how much (`warn` unless told).
pub fn start_log() {
    #[expect(clippy::disallowed_methods, reason = "the binary reads the environment and hands it on")]
    let wanted = std::env::var("TSUMUGI_LOG").unwrap_or_else(|_| "warn".into());
    let filter =
        tracing_subscriber::EnvFilter::try_new(&wanted).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stops_reading_is_no_failure() {
        assert!(say_to(&mut Broken(ErrorKind::BrokenPipe), "x").is_ok());
        assert!(say_to(&mut Broken(ErrorKind::StorageFull), "x").is_err(), "a full disk is one");
        let mut out = Vec::new();
        say_to(&mut out, "x").unwrap();
        assert_eq!(out, b"x\n");
    }
}
