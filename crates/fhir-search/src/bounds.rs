//! Bounds of one search: what it may ask, how far it may go, how much it may cost.

/// Most pairs in one search.
pub const PAIRS: usize = 100;
/// Most alternatives in one search, over all pairs.
pub const ALTERNATIVES: usize = 1_000;
/// Most references that one chain or nested `_has` may follow.
pub const HOPS: usize = 5;
/// Most conditions that a search becomes when each chain is spelled out for every kind that it may lead to.
pub const CONDITIONS: usize = 1_000;
/// Most keys to sort by.
pub const SORT_KEYS: usize = 10;
/// Most `_include` and `_revinclude` in one search.
pub const INCLUDES: usize = 50;
/// Most resources that come in addition to the matches of one page.
pub const INCLUDED: usize = 2_000;
/// Most rounds of `:iterate`.
pub const ROUNDS: usize = 10;
/// Most work of one search: one for each expression evaluated and for each kilobyte of a body parsed. An expression is
/// one to a few microseconds, so that a search ends within about a second.
pub const WORK: u64 = 400_000;
