//! What is sent about one person, as it is told: each chapter of a life hands its facts here, and here they become
//! messages of an institution, in its own words about who the person is.
//!
//! What must hold: a message lies within the town's window and not after its last day; names of messages are unique;
//! the order of time is that of [`Outbox::finish`], not that of telling.

use jiff::civil::Date;
use tsumugi_kernel::{OrganizationId, PersonId, Purpose, Role};

use crate::{
    dice::{Dice, Stream},
    form::{
        care::Subject,
        party::{Author, INTERNAL},
    },
    json::Json,
    outgoing::{Form, Outgoing, SynthError, moment},
    people::{Citizen, Institution, Professional},
    population::Person,
    story::cast::{CITY_HALL, CLERK},
    town::Town,
};

/// Who sends, and when.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The institution.
    pub place: &'a Institution,
    /// Who of its staff.
    pub person: &'a Professional,
    /// Why.
    pub purpose: Purpose,
    /// The day.
    pub day: Date,
    /// The hour (Japan's time).
    pub hour: i8,
}

impl<'a> Sender<'a> {
    /// The first of `place` with `role`, who treats; `None` when nobody works there.
    #[must_use]
    pub fn treating(place: &'a Institution, role: Role, day: Date) -> Option<Self> {
        place.who(role).map(|person| Self { place, person, purpose: Purpose::Treat, day, hour: 17 })
    }

    /// The first of `place` with `role`, who cares; `None` when nobody works there.
    #[must_use]
    pub fn caring(place: &'a Institution, role: Role, day: Date) -> Option<Self> {
        place.who(role).map(|person| Self { place, person, purpose: Purpose::CareManagement, day, hour: 15 })
    }
}

/// The messages about one person.
pub struct Outbox<'a> {
    /// The town.
    pub town: &'a Town,
    /// The person.
    pub person: &'a Person,
    ids: Dice,
    sent: Vec<Outgoing>,
}

impl<'a> Outbox<'a> {
    /// An empty outbox.
    #[must_use]
    pub fn new(town: &'a Town, person: &'a Person) -> Self {
        Self { town, person, ids: Dice::new(town.seed(), person.index, Stream::Ids), sent: Vec::new() }
    }

    /// Whether what happens on `day` is told: within the town's window, and the person lives.
    #[must_use]
    pub fn wants(&self, day: Date) -> bool {
        self.town.tells(day) && self.person.lives_on(day)
    }

    /// The person as `place` knows them on `day`. All that is sent goes by this, never by the truth.
    #[must_use]
    pub fn known_to(&self, _place: &Institution, day: Date) -> Citizen {
        self.person.known_on(day)
    }

    /// A serial number of a document: unique for its kind, person and day.
    #[must_use]
    pub fn serial(&self, what: &str, day: Date) -> String {
        format!("{what}-{:07}-{}", self.person.index, day.strftime("%Y%m%d"))
    }

    /// A JP-CLINS bundle for `Bundle/$submit`.
    ///
    /// # Errors
    /// [`SynthError`] when an id or a date does not fit; a fault of this crate.
    pub fn submit(
        &mut self,
        sender: Sender<'_>,
        what: &str,
        make: impl FnOnce(&Author<'_>, &Citizen, &mut Dice) -> Json,
    ) -> Result<(), SynthError> {
        let known = self.known_to(sender.place, sender.day);
        let author = author(&sender)?;
        let bytes = make(&author, &known, &mut self.ids).write().into_bytes();
        self.send(&sender, what, Form::Submit(bytes))
    }

    /// One resource whose subject is named by the insured number.
    ///
    /// # Errors
    /// As [`Outbox::submit`].
    pub fn create(
        &mut self,
        sender: Sender<'_>,
        what: &str,
        make: impl FnOnce(&Author<'_>, &Subject<'_>) -> Json,
    ) -> Result<(), SynthError> {
        let known = self.known_to(sender.place, sender.day);
        let author = author(&sender)?;
        let bytes = make(&author, &Subject(&known)).write().into_bytes();
        self.send(&sender, what, Form::Create(bytes))
    }

    /// Several resources about the person in one transaction; each is created, its subject named by the insured
    /// number. `make` may make references between them by the `urn:uuid`s that it draws from the dice: each resource
    /// comes with its `fullUrl`.
    ///
    /// # Errors
    /// As [`Outbox::submit`].
    pub fn transaction(
        &mut self,
        sender: Sender<'_>,
        what: &str,
        make: impl FnOnce(&Author<'_>, &Subject<'_>, &mut Dice) -> Vec<(String, Json)>,
    ) -> Result<(), SynthError> {
        let known = self.known_to(sender.place, sender.day);
        let author = author(&sender)?;
        let entries = make(&author, &Subject(&known), &mut self.ids);
        if entries.is_empty() {
            return Ok(());
        }
        let bytes = crate::form::bundle::transaction(&author, entries).write().into_bytes();
        self.send(&sender, what, Form::Transaction(bytes))
    }

    /// The message told last goes out from the city's desk: an office does not put itself in charge.
    ///
    /// # Errors
    /// [`SynthError::Id`] when an id does not fit.
    pub fn by_the_city(&mut self) -> Result<(), SynthError> {
        if let Some(newest) = self.sent.last_mut() {
            newest.sender = OrganizationId::new(CITY_HALL)?;
            newest.person = PersonId::new(CLERK)?;
            (newest.role, newest.purpose) = (Role::Municipality, Purpose::RecordManagement);
        }
        Ok(())
    }

    /// Everything sent, in order of time.
    #[must_use]
    pub fn finish(mut self) -> Vec<Outgoing> {
        self.sent.sort_by_key(|outgoing| outgoing.time);
        self.sent
    }

    fn send(&mut self, sender: &Sender<'_>, what: &str, form: Form) -> Result<(), SynthError> {
        let name = format!("p{:07}-{what}-{}", self.person.index, sender.day);
        let time = moment(sender.day, sender.hour, 0)?;
        self.sent.push(Outgoing::new(sender.place, sender.person, sender.purpose, form, time, name)?);
        Ok(())
    }
}

fn author<'a>(sender: &Sender<'a>) -> Result<Author<'a>, SynthError> {
    Ok(Author {
        institution: sender.place,
        department: INTERNAL,
        person: sender.person,
        time: moment(sender.day, sender.hour, 0)?,
        document: None,
    })
}
