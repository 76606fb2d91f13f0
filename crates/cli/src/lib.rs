//! What the binary and its tests share: bringing a town into a store, and playing a story on it.

pub mod gate;
pub mod import;
pub mod play;
pub mod terminal;
pub mod town_clock;
