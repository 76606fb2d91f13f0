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
