//! Papers at a desk, as facts: what is taken down, and what a second clerk confirms, is a `Consent` on the person's shelf,
//! written like any other (`decisions/0032-paper.md`).
//!
//! What holds at once is one commit: the `Consent`, the paper, the leaf. What waits stands on no shelf. What is confirmed is
//! one commit again: the `Consent`, the second clerk's word, the leaf.
//!
//! What must hold: no clerk is told what stands on the shelf. Which restrictions a paper lifts is looked up here and told to
//! nobody; only that a number on the paper is none of hers is said, because it was mistyped.

use bytes::Bytes;
use tsumugi_access::{
    Action, Caller, Change, Holder, Mandate, Paper, PaperError, PaperFault, PaperSays, PaperState, Permit, Request,
    Restriction, Shown, StandingFault,
    paper::{Handed, Lifting, PaperTyped, Second},
};
use tsumugi_fhir::{
    json::{Document, Limits, Node},
    outcome,
    values::Packed,
};
use tsumugi_fhir_validate::Mode;
use tsumugi_kernel::{CitizenId, FactKey, Flags, Kind, RecordCategory};
use tsumugi_store::CommitError;

use crate::{Fact, Record, RecordError, Writing, consent, consent::Signed, learn, references::References, rest::Desk};

/// Characters of a setting's number on a print.
const CODE_CHARACTERS: usize = 8;

/// What somebody hands in.
#[derive(Clone, Debug)]
pub enum PaperWish {
    /// Somebody is to act for her.
    Mandate(Mandate),
    /// Something is to be hidden.
    Restriction(Restriction),
    /// What is hidden is to be shown again: the setting with this number on the print, or all.
    Lift(Option<String>),
    /// Somebody is to act for her no more.
    EndMandates {
        /// Who.
        holder: Holder,
        /// The name.
        name: String,
    },
}

/// A paper that was taken down.
#[derive(Clone, Debug)]
pub struct TakenDown {
    /// The paper.
    pub paper: Paper,
    /// The number by which a restriction is named on paper later.
    pub code: Option<String>,
}

/// Why a paper was not taken or confirmed.
#[derive(Debug, thiserror::Error)]
pub enum DeskPaperError {
    /// It is not taken.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The record could not do it.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The number on the paper names no setting of hers.
    #[error("the paper names a setting that there is not")]
    NoSetting,
    /// Nobody with a `Patient` has this number.
    #[error("there is no such person here")]
    Nobody,
}

impl From<PaperFault> for DeskPaperError {
    fn from(fault: PaperFault) -> Self {
        Self::Paper(fault.into())
    }
}

/// The short number of a `Consent`, by which a print and a paper name it: the first characters of its id, which tell nobody
/// else anything.
#[must_use]
pub fn setting_code(id: &str) -> String {
    let code = id.chars().skip(1).take(CODE_CHARACTERS);
    code.enumerate().flat_map(|(at, c)| (at == CODE_CHARACTERS / 2).then_some('-').into_iter().chain([c])).collect()
}

/// The number as typed: without signs between, in small letters.
fn typed_code(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Desk {
    /// Takes a paper down for the citizen whom its number names. The same form again gives the paper that it made.
    ///
    /// # Errors
    /// [`DeskPaperError`]; after an unknown outcome of the commit, send the same form again.
    pub async fn take_paper_down(
        &self,
        caller: &Caller,
        citizen: CitizenId,
        (form, typed): (String, PaperTyped),
        wish: PaperWish,
    ) -> Result<TakenDown, DeskPaperError> {
        if let Some(paper) = self.door.paper_of_form(caller, &form).await? {
            return Ok(self.taken(paper));
        }
        let patient = self.patient_of(citizen).await?.ok_or(DeskPaperError::Nobody)?;
        let request = Request { caller, action: Action::Standing, citizen };
        let permit = self.door.admit(request).await.map_err(PaperError::from)?;
        let says = match self.says(&permit, &patient, wish).await {
            Ok(says) => says,
            Err(error) => {
                // The door was opened, so that is told.
                permit.seal(Shown::none()).await.map_err(PaperError::from)?;
                return Err(error);
            }
        };
        let handed = Handed { form: form.clone(), typed, says };
        let done = if handed.says.widens() {
            self.door.take_paper_down(permit, handed).await.map(|(paper, _)| paper).map_err(Into::into)
        } else {
            self.hold(permit, &patient, handed).await
        };
        match done {
            // The same form at the same moment: the other one was first.
            Err(DeskPaperError::Paper(PaperError::Fault(PaperFault::Twice))) => {
                let first = self.door.paper_of_form(caller, &form).await?;
                Ok(self.taken(first.ok_or(PaperFault::Overtaken)?))
            }
            done => Ok(self.taken(done?)),
        }
    }

    /// Confirms a paper as a second clerk, as they have read it: what it says holds from the commit on.
    ///
    /// # Errors
    /// [`DeskPaperError`]; after an unknown outcome of the commit, look at the paper again.
    pub async fn confirm_paper(&self, caller: &Caller, number: u64, read: usize) -> Result<Paper, DeskPaperError> {
        let (permit, paper) = match self.door.second_paper(caller, number, read).await? {
            Second::Now(permit, paper) => (*permit, *paper),
            Second::Before(paper) => return Ok(*paper),
        };
        let Some(patient) = self.patient_of(paper.citizen).await? else {
            permit.seal(Shown::none()).await.map_err(PaperError::from)?;
            return Err(DeskPaperError::Nobody);
        };
        let at = self.record.now();
        let signed = |display| Signed { patient: &patient, citizen: paper.citizen, at, display };
        let mut writing = self.record.write(permit);
        let gathered = match &paper.says {
            PaperSays::Mandate(said) => {
                let period = tsumugi_access::standing::Period::new(at.max(said.period.from), said.period.until);
                let given = Mandate { period, ..said.clone() };
                let json = consent::mandate(&given, signed(&said.holder_name));
                self.record.put_consent(&mut writing, paper_key(&paper), None, json)
            }
            PaperSays::Lift { restrictions, .. } => {
                self.lift(&mut writing, restrictions, &consent::withdrawn(signed(""))).await
            }
            PaperSays::Restriction(_) | PaperSays::EndMandates { .. } => Err(RecordError::NotAdmitted),
        };
        if let Err(error) = gathered {
            writing.give_up().seal(Shown::none()).await.map_err(PaperError::from)?;
            return Err(error.into());
        }
        self.committed(writing, paper).await
    }

    /// Commits what a paper says with the paper itself.
    async fn committed(&self, writing: Writing<'_>, paper: Paper) -> Result<Paper, DeskPaperError> {
        match writing.commit(&self.door).await {
            Ok(_) => Ok(paper),
            Err(RecordError::Commit(CommitError::Conflict(_))) => {
                let held = paper.state(self.record.now()) == PaperState::Held;
                Err(if held { PaperFault::Twice } else { PaperFault::Overtaken }.into())
            }
            // Whoever is barred in person lifts no bar: to them it is as if they had taken it down.
            Err(RecordError::Standing(StandingFault::OwnRestriction | StandingFault::OwnMandate)) => {
                Err(PaperFault::Oneself.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes what narrows: it holds at once.
    async fn hold(&self, permit: Permit, patient: &str, handed: Handed) -> Result<Paper, DeskPaperError> {
        let write = match self.door.paper_taken(&permit, handed).await {
            Ok(write) => write,
            Err(error) => {
                permit.seal(Shown::none()).await.map_err(PaperError::from)?;
                return Err(error.into());
            }
        };
        let (paper, at) = (write.paper, self.record.now());
        let signed = |display| Signed { patient, citizen: paper.citizen, at, display };
        let ends = match &paper.says {
            PaperSays::EndMandates { holder, .. } => self.mandates_of(&permit, holder).await?,
            _ => Vec::new(),
        };
        let mut writing = self.record.write(permit);
        writing.rows(write.rows, write.expect);
        match &paper.says {
            PaperSays::Restriction(restriction) => {
                let display = self.called(&restriction.against).await?;
                let json = consent::restriction(restriction, signed(&display), self.record.sealer());
                self.record.put_consent(&mut writing, paper_key(&paper), None, json)?;
            }
            _ => {
                for fact in &ends {
                    let json = consent::withdrawn(signed(""));
                    self.record.put_consent(&mut writing, Some(fact.key()), Some(fact), json)?;
                }
            }
        }
        self.committed(writing, paper).await
    }

    /// What a wish says, given what stands on the shelf.
    async fn says(&self, permit: &Permit, patient: &str, wish: PaperWish) -> Result<PaperSays, DeskPaperError> {
        Ok(match wish {
            PaperWish::Restriction(restriction) => PaperSays::Restriction(restriction),
            PaperWish::EndMandates { holder, name } => PaperSays::EndMandates { holder, name },
            // As the `Consent` will be understood: a mother's mandate ends when the child comes of age.
            PaperWish::Mandate(mandate) => {
                let signed =
                    Signed { patient, citizen: permit.citizen(), at: self.record.now(), display: &mandate.holder_name };
                let document = parsed(consent::mandate(&mandate, signed).into())?;
                let mut said = self.record.said(document.root());
                match (said.pop(), said.is_empty()) {
                    (Some(Change::Give(said)), true) => PaperSays::Mandate(said),
                    _ => return Err(RecordError::Unreadable("a paper's mandate").into()),
                }
            }
            PaperWish::Lift(code) => {
                let written = code.map(|code| code.trim().to_owned());
                let code = written.as_deref().map(typed_code);
                let (mut lifted, now) = (Vec::new(), self.record.now());
                for fact in self.consents(permit).await? {
                    let id = self.record.sealer().seal(fact.key());
                    let meant = code.as_ref().is_none_or(|code| typed_code(&setting_code(&id)) == *code);
                    let restricts = |change: &Change| matches!(change, Change::Restrict(one) if one.period.holds(now));
                    let holds = self.record.said(parsed(fact.body()?)?.root()).iter().any(restricts);
                    if meant && holds {
                        let FactKey { citizen: shelf, number: consent, .. } = fact.key();
                        let restriction = learn::entry_id(fact.key(), fact.version());
                        lifted.push(Lifting { restriction, shelf, consent });
                    }
                }
                if code.is_some() && lifted.is_empty() {
                    return Err(DeskPaperError::NoSetting);
                }
                PaperSays::Lift { code: written, restrictions: lifted }
            }
        })
    }

    /// Ends the restrictions that are still as they were when the paper was taken down.
    async fn lift(&self, writing: &mut Writing<'_>, lifted: &[Lifting], json: &[u8]) -> Result<(), RecordError> {
        for fact in self.consents(writing.permit()).await? {
            let key = fact.key();
            let meant = |one: &Lifting| {
                (one.shelf, one.consent) == (key.citizen, key.number)
                    && one.restriction == learn::entry_id(key, fact.version())
            };
            if lifted.iter().any(meant) {
                self.record.put_consent(writing, Some(key), Some(&fact), json.to_vec())?;
            }
        }
        Ok(())
    }

    /// Mandates that hold and name somebody.
    async fn mandates_of(&self, permit: &Permit, holder: &Holder) -> Result<Vec<Fact>, RecordError> {
        let (mut found, now) = (Vec::new(), self.record.now());
        for fact in self.consents(permit).await? {
            let names = |change: &Change| matches!(change, Change::Give(known) if known.holder == *holder && known.period.until.is_none_or(|until| until > now));
            if self.record.said(parsed(fact.body()?)?.root()).iter().any(names) {
                found.push(fact);
            }
        }
        Ok(found)
    }

    /// The fact that a print names by its short number, and who wrote it, for a clerk who takes down that it is to be
    /// corrected: nothing of it is read. What its source withholds from the person is on no print of hers.
    ///
    /// # Errors
    /// [`RecordError`] when the store cannot read.
    pub async fn fact_on_print(&self, permit: &Permit, code: &str) -> Result<Option<(FactKey, String)>, RecordError> {
        let code = typed_code(code);
        for stored in self.record.scan(permit, None, self.record.present()).await? {
            let values = Packed::read(&stored.values).ok_or(RecordError::Unreadable("search values"))?;
            let hers = !values.flags().has(Flags::UNINFORMED) && values.category() != RecordCategory::Mandate;
            let id = self.record.sealer().seal(stored.key);
            if hers && typed_code(&setting_code(&id)) == code {
                return Ok(Some((stored.key, values.source().to_owned())));
            }
        }
        Ok(None)
    }

    async fn consents(&self, permit: &Permit) -> Result<Vec<Fact>, RecordError> {
        let found = self.record.shelf(permit, Kind::from_name("Consent"), self.record.present()).await?;
        Ok(found.into_iter().filter(|fact| !fact.is_gone()).collect())
    }

    /// How whoever is meant is called, for whoever reads the `Consent`.
    async fn called(&self, against: &tsumugi_access::Against) -> Result<String, PaperError> {
        use tsumugi_access::Against;
        let known = match against {
            Against::Person(person) => self.directory.person(person).await?.map(|known| known.name.clone()),
            Against::Organization(place) => self.directory.organization(place).await?.map(|known| known.name.clone()),
            Against::Everyone | Against::OrganizationKind(_) => None,
        };
        Ok(known.unwrap_or_default())
    }

    async fn patient_of(&self, citizen: CitizenId) -> Result<Option<String>, PaperError> {
        let row = self.directory.citizen(citizen).await?;
        let number = row.and_then(|row| row.patients.first().copied());
        Ok(number.map(|number| self.record.sealer().seal(FactKey { citizen, kind: Kind::PATIENT, number })))
    }

    fn taken(&self, paper: Paper) -> TakenDown {
        let restricts = matches!(paper.says, PaperSays::Restriction(_));
        let key = paper_key(&paper).filter(|_| restricts);
        TakenDown { code: key.map(|key| setting_code(&self.record.sealer().seal(key))), paper }
    }
}

/// The `Consent` that says a paper.
#[must_use]
pub fn paper_key(paper: &Paper) -> Option<FactKey> {
    Some(FactKey { citizen: paper.citizen, kind: Kind::from_name("Consent")?, number: paper.consent? })
}

impl Record {
    fn said(&self, consent: Node<'_>) -> Vec<Change> {
        consent::understand(consent, String::new(), &self.sealer, self.now()).unwrap_or_default()
    }

    /// Puts a `Consent` of a paper on the shelf.
    fn put_consent(
        &self,
        writing: &mut Writing<'_>,
        key: Option<FactKey>,
        before: Option<&Fact>,
        json: Vec<u8>,
    ) -> Result<(), RecordError> {
        let key = key.ok_or(RecordError::Unreadable("a paper's consent"))?;
        let bytes = Bytes::from(json);
        let document = parsed(bytes.clone())?;
        if outcome::refused(&self.check(document.root(), Mode::Resource, &[])) {
            return Err(RecordError::Unreadable("a paper's consent"));
        }
        let origin = writing.original(bytes);
        writing.put(key, before, document.root(), origin, &References::default())?;
        Ok(())
    }
}

fn parsed(bytes: Bytes) -> Result<Document, RecordError> {
    Document::parse(bytes, &Limits::default()).map_err(|_| RecordError::Unreadable("a fact's body"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settings_number_is_read_as_it_is_written_by_hand() {
        let code = setting_code("a7k2m9q4xzzzzzzzzzzzzzzzzzz");
        assert_eq!(code, "7k2m-9q4x");
        assert_eq!(typed_code(" 7K2M 9Q4X"), typed_code(&code));
    }
}
