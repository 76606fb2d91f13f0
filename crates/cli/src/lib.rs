//! What the binary and its tests share: bringing a town into a store, playing a story on it, checking files, running suites.

pub mod conformance;
pub mod formats;
pub mod gate;
pub mod http;
pub mod import;
pub mod packages;
pub mod play;
pub mod replay;
pub mod terminal;
pub mod town;
pub mod town_clock;
pub mod validate;
pub mod walk;
