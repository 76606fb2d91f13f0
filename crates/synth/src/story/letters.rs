//! What the small stories share: letters of an institution about one person, each with its moment and its name.

use jiff::civil::Date;
use tsumugi_kernel::{OrganizationKind, Purpose, Role};

use crate::{
    dice::{Dice, Stream},
    form::party::{Author, INTERNAL},
    json::Json,
    outgoing::{Form, Outgoing, SynthError, moment},
    people::{Institution, Professional},
};

/// Collects what is sent in one story.
pub(super) struct Letters {
    ids: Dice,
    sent: Vec<Outgoing>,
}

/// Who of where sends, and when.
#[derive(Clone, Copy)]
pub(super) struct From<'a> {
    /// The institution.
    pub place: &'a Institution,
    /// Who of its staff.
    pub person: &'a Professional,
    /// The day.
    pub day: Date,
    /// Hour and minute, Japan's time.
    pub at: (i8, i8),
}

impl<'a> From<'a> {
    /// The physician of `place`; `None` where nobody works there.
    pub fn physician(place: &'a Institution, day: Date, at: (i8, i8)) -> Option<Self> {
        place.who(Role::Physician).map(|person| Self { place, person, day, at })
    }

    fn author(&self) -> Result<Author<'a>, SynthError> {
        let time = moment(self.day, self.at.0, self.at.1)?;
        Ok(Author { institution: self.place, department: INTERNAL, person: self.person, time, document: None })
    }

    fn purpose(&self) -> Purpose {
        match self.place.kind {
            OrganizationKind::Municipality => Purpose::RecordManagement,
            OrganizationKind::CareOffice => Purpose::CareManagement,
            OrganizationKind::Household => Purpose::PatientRequest,
            _ => Purpose::Treat,
        }
    }
}

impl Letters {
    /// No letters yet; `story` is a number of its own for each story, from which ids are made.
    pub fn new(story: u64) -> Self {
        Self { ids: Dice::new(0, story, Stream::Ids), sent: Vec::new() }
    }

    /// A JP-CLINS bundle for `Bundle/$submit`.
    pub fn submit(
        &mut self,
        from: Option<From<'_>>,
        name: &str,
        make: impl FnOnce(&Author<'_>, &mut Dice) -> Json,
    ) -> Result<(), SynthError> {
        let Some(from) = from else { return Ok(()) };
        let author = from.author()?;
        let bytes = make(&author, &mut self.ids).write().into_bytes();
        self.send(&from, name, Form::Submit(bytes))
    }

    /// One resource.
    pub fn create(
        &mut self,
        from: Option<From<'_>>,
        name: &str,
        make: impl FnOnce(&Author<'_>) -> Json,
    ) -> Result<(), SynthError> {
        let Some(from) = from else { return Ok(()) };
        let author = from.author()?;
        let bytes = make(&author).write().into_bytes();
        self.send(&from, name, Form::Create(bytes))
    }

    /// The letter told last goes out from a register of its sender's, in nobody's role.
    pub fn by_register(&mut self) {
        if let Some(newest) = self.sent.last_mut() {
            (newest.role, newest.purpose) = (Role::System, Purpose::RecordManagement);
        }
    }

    /// All letters.
    pub fn finish(self) -> Vec<Outgoing> {
        self.sent
    }

    fn send(&mut self, from: &From<'_>, name: &str, form: Form) -> Result<(), SynthError> {
        let time = moment(from.day, from.at.0, from.at.1)?;
        self.sent.push(Outgoing::new(from.place, from.person, from.purpose(), form, time, name)?);
        Ok(())
    }
}
