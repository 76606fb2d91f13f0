//! Medicines.

use super::{Origin, Words};

/// Medicines in use and earlier ones.
#[derive(Clone, Debug, Default)]
pub struct MedicinesView {
    /// In use, newest first.
    pub current: Vec<Medicine>,
    /// No longer in use, newest first.
    pub earlier: Vec<Medicine>,
}

/// One medicine.
#[derive(Clone, Debug)]
pub struct Medicine {
    /// The name as prescribed.
    pub name: Words,
    /// What it is for, in plain words, where somebody said so.
    pub meaning: Option<Words>,
    /// How to take it, for example `1日2回 朝夕食後 1回1錠`.
    pub dose: Option<Words>,
    /// For how long, for example `28日分`.
    pub supply: Option<Words>,
    /// When and by whom prescribed or dispensed.
    pub origin: Origin,
    /// The id of the entry's own page; empty where it has none.
    pub entry: String,
}
