//! Search against shelves in memory: each rule by hand, and random queries against a naive evaluator.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops at what must not be, and says what it skips"
)]

mod chains;
mod costs;
mod data;
mod naive;
mod oracle;
mod parsing;
mod room;
mod rules;
mod subsets;
