//! Cases at the organisation that is called to account: what it is asked, one case, its answer.
//!
//! Pages call these; nothing here knows HTTP.
//!
//! What must hold:
//! - Lists name who looked, and never whom.
//! - Opening a case is a look: it leaves a leaf in the person's log. It tells who she is only where the look that is
//!   answered for had told it already, and nothing of her record.

use jiff::civil::Date;
use tsumugi_access::{
    Caller, Case, CaseError, CaseFault, CaseKind, Shown,
    case::{About, CaseWord, OfficePlace, Sanction, Saying, may_answer},
};
use tsumugi_kernel::{Instant, Purpose, Role};

use crate::{
    matches::{Listed, MatchError},
    rest::Desk,
    review::{CaseEntry, CasePerson, LIST_MOST, ReviewError},
};

/// A case as the organisation that answers reads it.
#[derive(Clone, Debug)]
pub struct OfficeView {
    /// The case.
    pub entry: CaseEntry,
    /// What was said, oldest first.
    pub words: Vec<CaseWord>,
    /// What the citizen named, where she opened it.
    pub about: Option<About>,
    /// When the look was.
    pub looked: Option<Instant>,
    /// For which purpose.
    pub purpose: Option<Purpose>,
    /// Who the person is, where the look had told it.
    pub person: Option<CasePerson>,
    /// By when an answer falls due, while one does.
    pub due: Option<Date>,
}

impl Desk {
    /// What the caller or the caller's organisation is asked: what waits, by deadline, or everything, newest first; after
    /// the case `after`, at most `most` (and [`LIST_MOST`]).
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn office_cases(
        &self,
        caller: &Caller,
        waiting: bool,
        after: Option<&str>,
        most: usize,
    ) -> Result<Listed<CaseEntry>, ReviewError> {
        if caller.role == Role::Citizen {
            return Err(ReviewError::Absent);
        }
        let most = most.clamp(1, LIST_MOST);
        let mut after = match after {
            Some(id) => Some(place(&self.asked_case(caller, id).await?, waiting)),
            None => None,
        };
        let mut found: Vec<Case> = Vec::new();
        // Of a household others than the caller may be asked as well: theirs are passed over.
        loop {
            let page = self.door.office_cases(&caller.organization, waiting, after, LIST_MOST + 1).await?;
            after = page.last().map(|case| place(case, waiting));
            found.extend(page.into_iter().filter(|case| may_answer(caller, case)));
            if after.is_none() || found.len() > most {
                break;
            }
        }
        let more = found.len() > most;
        found.truncate(most);
        Ok(self.case_entries(&found, more))
    }

    /// One case that the caller may answer. Leaves a leaf.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub async fn office_case(&self, caller: &Caller, id: &str) -> Result<OfficeView, ReviewError> {
        let case = self.asked_case(caller, id).await?;
        let permit = self.door.admit_answer(caller, &case).await?;
        // INVARIANT: nobody learns here who a look was at whom the look itself had not told.
        let told = match &case.about {
            Some(About::Look { told, .. }) => *told,
            Some(About::Fact { .. }) => true,
            None => false,
        };
        let shown = if told { self.subjects(&[case.citizen]).await.map_err(absent)? } else { Shown::none() };
        permit.seal(shown).await.map_err(CaseError::from)?;
        let person = if told { self.case_person(&case).await? } else { None };
        let entry = self.case_entry(&case);
        let (looked, purpose) = match (&case.about, case.kind) {
            (Some(About::Look { time, purpose, .. }), _) => (Some(*time), Purpose::from_code(purpose)),
            (None, CaseKind::BreakGlass | CaseKind::OddLook) => (Some(case.opened), Some(case.purpose)),
            _ => (None, None),
        };
        let due = (entry.turn == tsumugi_access::case::Turn::Organization).then_some(case.deadline);
        let Case { words, about, .. } = case;
        Ok(OfficeView { entry, words, about, looked, purpose, person, due })
    }

    /// The organisation's answer in a case that had `said` words when it was read.
    ///
    /// # Errors
    /// [`ReviewError`]; an answer that is not taken is [`CaseError::Fault`].
    pub async fn answer_case(
        &self,
        caller: &Caller,
        id: &str,
        said: usize,
        saying: Saying<'_>,
    ) -> Result<CaseEntry, ReviewError> {
        let mut read = self.asked_case(caller, id).await?;
        if said > read.words.len() || !saying.act.is_organizations() {
            return Err(CaseError::from(CaseFault::Overtaken).into());
        }
        read.words.truncate(said);
        let permit = self.door.admit_answer(caller, &self.asked_case(caller, id).await?).await?;
        let saying = Saying { sanction: Sanction::default(), ..saying };
        let (case, _) = self.door.say(permit, &read, saying).await?;
        Ok(self.case_entry(&case))
    }

    async fn asked_case(&self, caller: &Caller, id: &str) -> Result<Case, ReviewError> {
        let case = self.known_case(id).await?;
        if may_answer(caller, &case) { Ok(case) } else { Err(ReviewError::Absent) }
    }
}

const fn place(case: &Case, waiting: bool) -> OfficePlace {
    if waiting {
        OfficePlace::Waiting(case.deadline, case.number)
    } else {
        OfficePlace::Asked(case.opened, case.number)
    }
}

/// Who the person is could not be read.
fn absent(error: MatchError) -> ReviewError {
    match error {
        MatchError::People(error) => error.into(),
        _ => ReviewError::Absent,
    }
}
