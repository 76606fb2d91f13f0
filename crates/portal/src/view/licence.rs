//! A professional's licence by certificate: as its owner shows it, and as a registrar confirms whose it is.

use tsumugi_kernel::Instant;
use tsumugi_signin::hpki::Fault;

use super::WayFault;

/// A licence that is kept.
#[derive(Clone, Debug)]
pub struct LicenceView {
    /// Its qualifications, in Japanese and English.
    pub qualifications: Vec<(String, String)>,
    /// Who issued it.
    pub issuer: String,
    /// Its serial.
    pub serial: String,
    /// Until when it is valid.
    pub until: Instant,
    /// The name on it.
    pub name: String,
    /// Who confirmed whose it is.
    pub confirmed: Option<String>,
    /// Why it does not count now.
    pub fault: Option<Fault>,
}

/// The page on which a licence is shown.
#[derive(Clone, Debug)]
pub struct ShowLicenceView {
    /// What is kept.
    pub licence: Option<LicenceView>,
    /// The text to be signed and its challenge; `None` before the second factor.
    pub ask: Option<(String, String)>,
    /// What is wrong with what was sent.
    pub fault: Option<WayFault>,
    /// Whether it was just taken.
    pub done: bool,
}

/// The desk at which a registrar confirms whose a certificate is.
#[derive(Clone, Debug, Default)]
pub struct StaffLicenceView {
    /// The id that was typed.
    pub number: String,
    /// The person's name on the roster and their licence, once they are found.
    pub found: Option<(String, Option<LicenceView>)>,
    /// What is wrong.
    pub fault: Option<StaffLicenceFault>,
    /// Whether it was just confirmed.
    pub done: bool,
}

/// What is wrong at the registrar's desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffLicenceFault {
    /// Nobody on the roster has this id.
    Nobody,
    /// It is the registrar's own.
    Own,
    /// Another certificate is kept meanwhile.
    Changed,
}
