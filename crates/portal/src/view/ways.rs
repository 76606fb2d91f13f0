//! Signing in outside development folders: with a passkey or a desk's code; as whom to go on; one's own ways in; the desk that
//! hands out codes.

use jiff::civil::Date;
use tsumugi_kernel::{Instant, Purpose, Role};
use tsumugi_signin::{
    gate::{Identity, What},
    hpki::Fault,
};

use super::{LicenceView, Who, Words};

/// What is wrong, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayFault {
    /// No script ran, so no passkey was asked.
    Script,
    /// No passkeys at this address.
    Address,
    /// It took too long, or was answered.
    Challenge,
    /// The passkey is not known here.
    Passkey,
    /// There may be two of it.
    Copied,
    /// It is known already.
    Known,
    /// As many as there may be.
    Many,
    /// The last one.
    Last,
    /// A digit is wrong.
    Mistyped,
    /// No such code.
    Code,
    /// Used.
    CodeUsed,
    /// Ended.
    CodeEnded,
    /// Wrong too often.
    Often,
    /// The second factor's number is wrong.
    Number,
    /// The second factor counts no more.
    Dead,
    /// The external provider gives no answer that counts.
    Provider,
    /// Nobody has said whose the certificate is.
    Stranger,
    /// Another certificate is kept.
    Renewed,
    /// A professional's certificate does not count.
    Licence(Fault),
}

/// The way in.
#[derive(Clone, Debug, Default)]
pub struct ComeInView {
    /// What is wrong.
    pub fault: Option<WayFault>,
    /// The challenge, and the id that passkeys are bound to; `None` at an address without passkeys.
    pub challenge: Option<(String, String)>,
    /// The app's request for which the visitor came.
    pub request: Option<String>,
    /// Whether the session before this page ended by itself.
    pub expired: bool,
    /// The external provider's name.
    pub provider: Option<String>,
}

/// The field for a desk's code.
#[derive(Clone, Debug, Default)]
pub struct CodeView {
    /// What is wrong.
    pub fault: Option<WayFault>,
    /// The app's request for which the visitor came.
    pub request: Option<String>,
}

/// As whom to go on.
#[derive(Clone, Debug)]
pub struct GoOnView {
    /// The choices.
    pub choices: Vec<GoOn>,
    /// Whether a second factor is asked for before what is at work.
    pub second: bool,
    /// Whether the person came in with a desk's code, with which nothing at work opens.
    pub by_code: bool,
    /// Whether there are posts, but no second factor to give.
    pub second_missing: bool,
    /// The roles that need a certificate, and why none counts.
    pub unlicensed: Vec<(Role, Fault)>,
    /// When a session ends that came of a desk's code.
    pub until: Option<Instant>,
    /// What is wrong.
    pub fault: Option<WayFault>,
    /// The app's request for which the visitor came.
    pub request: Option<String>,
}

/// One choice.
#[derive(Clone, Debug)]
pub struct GoOn {
    /// How the form names it.
    pub code: String,
    /// Name, role, organisation.
    pub who: Who,
    /// For what.
    pub purpose: Purpose,
}

/// One's own ways in.
#[derive(Clone, Debug)]
pub struct WaysView {
    /// Whose they are, by name.
    pub person: String,
    /// The passkeys.
    pub keys: Vec<KeyView>,
    /// What a browser needs to make one; `None` at an address without passkeys.
    pub new: Option<NewKeyView>,
    /// The second factor.
    pub second: SecondView,
    /// The licence of whoever works where one is asked for.
    pub licence: Option<Option<LicenceView>>,
    /// When a session ends that came of a desk's code.
    pub until: Option<Instant>,
    /// The external provider's name, and whether a certificate is kept.
    pub provider: Option<(String, bool)>,
    /// Sessions.
    pub sessions: Vec<SessionView>,
    /// What happened, the newest first.
    pub events: Vec<EventView>,
    /// What is wrong.
    pub fault: Option<WayFault>,
    /// What was just done.
    pub done: Option<WayDone>,
    /// Whether a role has still to be chosen: the page then leads on.
    pub goes_on: bool,
    /// The app's request for which the visitor came.
    pub request: Option<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayDone {
    /// A passkey was made.
    Made,
    /// One was removed.
    Removed,
    /// The second factor was set up.
    Second,
    /// A session was ended.
    Ended,
    /// A certificate of the external provider was said to be the person's.
    Linked,
}

/// One passkey.
#[derive(Clone, Debug)]
pub struct KeyView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Since which day.
    pub since: Date,
    /// When it was used last.
    pub used: Option<Date>,
    /// Whether it is kept on more devices than one.
    pub synced: bool,
    /// Whether it counts no more.
    pub stopped: bool,
}

/// What a browser needs to make a passkey.
#[derive(Clone, Debug)]
pub struct NewKeyView {
    /// The challenge.
    pub challenge: String,
    /// The id that passkeys are bound to.
    pub site: String,
    /// The person's name for authenticators.
    pub handle: String,
    /// Ids of the passkeys that are there, parted by spaces.
    pub known: String,
}

/// The second factor, as the person sees it.
#[derive(Clone, Debug)]
pub enum SecondView {
    /// It concerns nobody without a post.
    None,
    /// It is there.
    There,
    /// A desk of the organisation comes first.
    Desk,
    /// It can be set up: the secret, and its QR code as SVG.
    Offer {
        /// In Base32, for typing.
        secret: String,
        /// The QR code.
        svg: String,
    },
}

/// One session.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// Its name.
    pub name: String,
    /// Whether it is this one.
    pub is_this: bool,
    /// Since when.
    pub since: Instant,
    /// When it was used last.
    pub seen: Instant,
    /// For which organisation.
    pub organization: Option<Words>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct EventView {
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
    /// The passkey's name, or who handed a code out.
    pub name: Option<String>,
}

/// The desk that hands out codes.
#[derive(Clone, Debug, Default)]
pub struct DeskCodeView {
    /// Whether it is the municipality's, for citizens; else an organisation's, for its staff.
    pub citizens: bool,
    /// Whether licences are asked for, and confirmed beside.
    pub licences: bool,
    /// The number or id that was typed.
    pub number: String,
    /// The birth date that was typed.
    pub birth: String,
    /// The document that was picked.
    pub identity: Option<Identity>,
    /// Whether what was there before is stopped.
    pub lost: bool,
    /// What is wrong.
    pub faults: Vec<DeskCodeFault>,
}

/// What is wrong with the form of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskCodeFault {
    /// No number.
    Number,
    /// No birth date that is one.
    Birth,
    /// No document picked.
    Identity,
    /// Nobody who can be shown has this number and birth date.
    Nobody,
    /// The clerk's own.
    Own,
}

/// A code that was handed out, for printing.
#[derive(Clone, Debug)]
pub struct HandedView {
    /// In groups.
    pub code: String,
    /// The last day on which it is good.
    pub until: Date,
    /// Where it is typed.
    pub address: String,
    /// Whether it is for a member of staff.
    pub staff: bool,
}
