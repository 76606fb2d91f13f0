//! What is sent about one person, as it is told: each chapter of a life hands its facts here, and here they become
//! messages of an institution, in its own words about who the person is.
//!
//! What must hold: a message lies within the town's window and not after its last day; names of messages are unique;
//! the order of time is that of [`Outbox::finish`], not that of telling; whatever a source gets wrong, and whatever goes
//! wrong with a message, is noted for the [`Truth`](crate::truth::Truth).

use std::sync::LazyLock;

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
    parameters,
    people::{Citizen, Institution, Professional},
    population::Person,
    story::cast::{CITY_HALL, CLERK},
    town::{Facility, Sources, Town},
    truth::{
        Effect, Injected, Mistake, Notes, Used,
        mistakes::{knowledge, salt},
    },
};

struct Rates {
    late: u32,
    late_days: i64,
    doubled: u32,
    unit: u32,
}

static RATES: LazyLock<Rates> = LazyLock::new(|| Rates {
    late: parameters::share("fault.late"),
    late_days: parameters::value("fault.late.days"),
    doubled: parameters::share("fault.doubled"),
    unit: parameters::share("fault.unit"),
});

/// Units that are taken for each other: what was meant, what is written. The number stays.
const UNITS: [(&str, &str); 4] = [("mg/dL", "mmol/L"), ("mmol/L", "mg/dL"), ("g/dL", "g/L"), ("g/L", "g/dL")];

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
    notes: Notes,
}

impl<'a> Outbox<'a> {
    /// An empty outbox.
    #[must_use]
    pub fn new(town: &'a Town, person: &'a Person) -> Self {
        Self {
            town,
            person,
            ids: Dice::new(town.seed(), person.index, Stream::Ids),
            sent: Vec::new(),
            notes: Notes::default(),
        }
    }

    /// Whether what happens on `day` is told: within the town's window, and the person lives.
    #[must_use]
    pub fn wants(&self, day: Date) -> bool {
        self.town.tells(day) && self.person.lives_on(day)
    }

    /// The person as `place` knows them on `day`. All that is sent goes by this, never by the truth.
    #[must_use]
    pub fn known_to(&self, place: &Institution, day: Date) -> Citizen {
        match self.town.sources() {
            Sources::Careful => self.person.known_on(day),
            Sources::Usual => knowledge(self.town.seed(), self.person, place, day, |_, _| {}),
        }
    }

    /// As [`Outbox::known_to`], for something that is being sent: mistakes and identifiers are noted. `None` for a
    /// person whom the receiver could not take, where sources are careful.
    fn known_for(&mut self, place: &Institution, day: Date) -> Option<Citizen> {
        let known = match self.town.sources() {
            Sources::Careful => self.person.known_on(day),
            Sources::Usual => {
                let injected = &mut self.notes.injected;
                knowledge(self.town.seed(), self.person, place, day, |what, about| {
                    if !injected.iter().any(|one| one.what == what && one.institution == place.id) {
                        injected.push(Injected { what, institution: place.id.clone(), day, about });
                    }
                })
            }
        };
        if known.member_id.is_empty() && self.town.sources() == Sources::Careful {
            return None;
        }
        let (number, member_id) = (known.number_at(&place.id), known.member_id.clone());
        if !self
            .notes
            .used
            .iter()
            .any(|one| one.institution == place.id && one.number == number && one.member_id == member_id)
        {
            self.notes.used.push(Used { institution: place.id.clone(), number, member_id });
        }
        Some(known)
    }

    /// Whether `place` writes the value of `item` on `day` in a wrong unit: the unit that is written instead of `unit`.
    /// The number stays as it is. Noted when it is so.
    pub fn unit_slip(&mut self, place: &Institution, day: Date, item: &str, unit: &str) -> Option<&'static str> {
        let wrong = UNITS.iter().find(|(meant, _)| *meant == unit).map(|(_, wrong)| *wrong)?;
        if self.town.sources() == Sources::Careful {
            return None;
        }
        let key = salt(&place.id) ^ salt(item).rotate_left(7) ^ salt(&day.to_string()).rotate_left(13);
        if !Dice::new(self.town.seed() ^ key, self.person.index, Stream::Fault).rare(RATES.unit) {
            return None;
        }
        let about = Some(format!("{item}: {wrong} for {unit}"));
        self.notes.injected.push(Injected { what: Mistake::Unit, institution: place.id.clone(), day, about });
        Some(wrong)
    }

    /// Notes an effect of care that was planted.
    pub fn plant(&mut self, effect: Effect) {
        self.notes.effects.push(effect);
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
        let Some(known) = self.known_for(sender.place, sender.day) else { return Ok(()) };
        let author = self.author(&sender)?;
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
        let Some(known) = self.known_for(sender.place, sender.day) else { return Ok(()) };
        let author = self.author(&sender)?;
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
        let Some(known) = self.known_for(sender.place, sender.day) else { return Ok(()) };
        let author = self.author(&sender)?;
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

    /// The message told last goes out from a program of its sender's, in nobody's role: what a person measured themself is
    /// no insurer's word.
    pub fn by_a_program(&mut self) {
        if let Some(newest) = self.sent.last_mut() {
            (newest.role, newest.purpose) = (Role::System, Purpose::RecordManagement);
        }
    }

    /// Everything sent, in order of time.
    #[must_use]
    pub fn finish(self) -> Vec<Outgoing> {
        self.finish_with_truth().0
    }

    /// Everything sent, in order of time, and what was noted for the truth.
    #[must_use]
    pub fn finish_with_truth(mut self) -> (Vec<Outgoing>, Notes) {
        if self.town.sources() == Sources::Usual {
            self.faults();
        }
        self.sent.sort_by_key(|outgoing| outgoing.time);
        (self.sent, self.notes)
    }

    /// Messages that come late or twice.
    fn faults(&mut self) {
        let latest = moment(self.town.today(), 23, 59).map_or(i64::MAX, |end| end.0);
        let mut again = Vec::new();
        for one in &mut self.sent {
            let mut dice = Dice::new(self.town.seed() ^ salt(&one.name), self.person.index, Stream::Fault);
            let (late, doubled) = (dice.chance(RATES.late), dice.chance(RATES.doubled));
            let (days, after) = (dice.between(2, RATES.late_days.max(2)), dice.between(1, 72));
            let day = one.time.civil().date();
            let note = |what: Mistake| Injected {
                what,
                institution: one.sender.as_str().to_owned(),
                day,
                about: Some(one.name.clone()),
            };
            if late && one.time.0 + days * DAY_MILLISECONDS <= latest {
                self.notes.injected.push(note(Mistake::Late));
                one.time.0 += days * DAY_MILLISECONDS;
            }
            if doubled && one.time.0 + after * 3_600_000 <= latest {
                self.notes.injected.push(note(Mistake::Doubled));
                let mut copy = one.clone();
                copy.time.0 += after * 3_600_000;
                copy.name.push_str("-again");
                again.push(copy);
            }
        }
        self.sent.extend(again);
    }

    fn author<'b>(&self, sender: &Sender<'b>) -> Result<Author<'b>, SynthError> {
        let department = self.town.kind_of(&sender.place.id).and_then(Facility::department);
        Ok(Author {
            institution: sender.place,
            department: department.unwrap_or(INTERNAL),
            person: sender.person,
            time: moment(sender.day, sender.hour, 0)?,
            document: None,
        })
    }

    fn send(&mut self, sender: &Sender<'_>, what: &str, form: Form) -> Result<(), SynthError> {
        let name = format!("p{:07}-{what}-{}", self.person.index, sender.day);
        let time = moment(sender.day, sender.hour, 0)?;
        self.sent.push(Outgoing::new(sender.place, sender.person, sender.purpose, form, time, name)?);
        Ok(())
    }
}

/// Milliseconds of a day.
const DAY_MILLISECONDS: i64 = 86_400_000;
