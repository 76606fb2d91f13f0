//! Bounds. Everything that comes in, waits or goes out is bounded; each bound says what it is for.

/// Largest request body, in bytes, after decompression: one send of the sharing service is at most 10 MB
/// (電子カルテ情報共有サービス), with room for JSON's overhead.
pub const BODY_BYTES: usize = 16 * 1024 * 1024;
/// Deepest nesting of JSON accepted. FHIR R4's deepest official example is below 40.
pub const JSON_DEPTH: usize = 128;
/// Most entries in one bundle.
pub const BUNDLE_ENTRIES: usize = 5_000;
/// Facts on one page of a search when the caller names no `_count`.
pub const PAGE_DEFAULT: usize = 50;
/// Most facts on one page of a search.
pub const PAGE_MOST: usize = 1_000;
/// Batches that may wait for the writer; past it the answer is "busy", before anything is written.
pub const WRITE_QUEUE: usize = 1_024;
/// Longest time a request's head or body may take to arrive, in seconds.
pub const SLOW_SENDER_SECONDS: u64 = 20;
/// Longest URL with its query, in bytes.
pub const URL_BYTES: usize = 8 * 1024;
/// Most findings listed in one OperationOutcome; the rest are counted.
pub const FINDINGS: usize = 200;
/// Longest line of a LIFE file, in bytes: the longest form, all in full-width letters and quotes, stays below 25 KiB.
pub const LIFE_LINE_BYTES: usize = 64 * 1024;
/// Most cells of one line of a LIFE file; the widest form of 2021 has 221 columns.
pub const LIFE_CELLS: usize = 1_024;
/// How much of a LIFE file is looked at to tell its encoding, in bytes.
pub const LIFE_SAMPLE_BYTES: usize = 64 * 1024;
/// Most external numbers of LIFE files that are compared with one another; past it, a finding says so.
pub const LIFE_NUMBERS: usize = 2_000_000;
/// Most different findings kept about one LIFE file; the rest are counted.
pub const LIFE_FINDINGS: usize = 2_000;
