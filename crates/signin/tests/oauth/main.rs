//! The authorization server over a store of each kind: how tokens come about, and every attack that must fail.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

mod code;
mod faults;
mod house;
mod present;
mod systems;
