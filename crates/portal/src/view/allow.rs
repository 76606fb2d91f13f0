//! Whether an app may have a token: asked of the person, before anything is given.

use jiff::civil::Date;
use tsumugi_access::Deeds;
use tsumugi_kernel::{Kind, Purpose};

/// What a person is told of an app's request.
#[derive(Clone, Debug)]
pub struct AllowView {
    /// The request's name, sent back as `request`.
    pub request: String,
    /// The app's name.
    pub app: String,
    /// Where the browser goes afterwards: scheme and host.
    pub goes_to: String,
    /// For what the app will ask.
    pub purpose: Purpose,
    /// Kinds of facts, `None` for all, and what may be done with them.
    pub may: Vec<(Option<Kind>, Deeds)>,
    /// Whether it also acts at desks: restrictions, matching, the log.
    pub desk: bool,
    /// Whether it is told who signed in.
    pub identity: bool,
    /// Days for which it may come back without the person; 0 where it may not, and then minutes are all.
    pub hours: i64,
    /// Whose record it opens.
    pub whose: Whose,
    /// Whether the id that was typed is none.
    pub wrong_citizen: bool,
}

/// Whose record an app opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The person's own.
    Own,
    /// One person's, already named by the app.
    Named,
    /// One person's, to be named on the page.
    ToName,
    /// All that are open to the person.
    Open,
}

/// Why nothing can be asked.
#[derive(Clone, Debug)]
pub struct NoRequestView {
    /// What is wrong, for whoever makes the app.
    pub detail: String,
    /// Whether beginning again in the app helps.
    pub again: bool,
}

/// The apps that may come back without the person.
#[derive(Clone, Debug, Default)]
pub struct AppsView {
    /// The apps, newest first.
    pub apps: Vec<AppRow>,
    /// Whether one was just ended.
    pub ended: bool,
}

/// One app.
#[derive(Clone, Debug)]
pub struct AppRow {
    /// Sent as `app` by `POST /apps/end`.
    pub name: String,
    /// The app's name.
    pub app: String,
    /// Kinds of facts, `None` for all, and what may be done with them.
    pub may: Vec<(Option<Kind>, Deeds)>,
    /// Since which day.
    pub since: Date,
    /// Until which day.
    pub until: Date,
}
