//! What the person at the terminal sees: results on standard output, everything else on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Prints a result.
#[expect(clippy::print_stdout, reason = "the one place where the binary writes its results")]
pub fn say(text: &str) {
    println!("{text}");
}

/// Prints what went wrong.
#[expect(clippy::print_stderr, reason = "the one place where the binary writes its complaints")]
pub fn complain(text: &str) {
    eprintln!("{text}");
}

/// A bar for work of known length; silent where standard error is no terminal.
pub fn progress(length: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
    bar.with_message(what).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Writes the operator's messages to standard error; `TSUMUGI_LOG` chooses how much (`warn` unless told).
pub fn start_log() {
    #[expect(clippy::disallowed_methods, reason = "the binary reads the environment and hands it on")]
    let wanted = std::env::var("TSUMUGI_LOG").unwrap_or_else(|_| "warn".into());
    let filter =
        tracing_subscriber::EnvFilter::try_new(&wanted).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
