//! One line of a members' file, decided and written: one citizen, one commit, one leaf.

use jiff::{ToSpan as _, civil::Date};
use tsumugi_access::{
    Action, Caller, Change, Permit, Refusal, Relation, RelationKind, Request, Shown, standing::Period,
};
use tsumugi_kernel::{CitizenId, Instant, clock};
use tsumugi_people::{
    By, Organization, PeopleError, Resolution, Said, Source, Statement,
    bulk::{CareCharge, Column, Cover, Event, Finding, Outcome, Row, Rule},
    insurance::{Act, HistoryWrite},
    protect::Entry,
};
use tsumugi_record::{CommitError, RecordError, rest::Desk};

/// How often a line that met another write is decided again.
const ATTEMPTS: usize = 16;

/// Who sends the file.
pub(crate) struct Sender<'a> {
    pub desk: &'a Desk,
    pub caller: &'a Caller,
    pub organization: Organization,
    /// The file's name: its hash.
    pub file: String,
}

/// Why a line does not go in now.
enum Stop {
    /// Somebody else wrote what it stood on: decide again.
    Met,
    /// It is refused.
    Refused(Finding),
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Refused(finding)
    }
}

impl From<PeopleError> for Stop {
    fn from(error: PeopleError) -> Self {
        let rule = if matches!(error, PeopleError::Full) { Rule::Full } else { Rule::Later };
        Finding::line(rule).into()
    }
}

impl From<RecordError> for Stop {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Commit(CommitError::Conflict(_)) => Self::Met,
            RecordError::Standing(_) => Finding::line(Rule::NotOpen).into(),
            _ => Finding::line(Rule::Later).into(),
        }
    }
}

impl Sender<'_> {
    /// Takes one line in.
    pub async fn line(&self, line: u64, row: &Row) -> Result<Outcome, Finding> {
        for _ in 0..ATTEMPTS {
            let tried = match &row.event {
                Event::Cover(cover) => self.cover(line, row, cover).await,
                Event::Care(care) => self.care(row, care).await,
            };
            match tried {
                Err(Stop::Met) => {}
                Err(Stop::Refused(finding)) => return Err(finding),
                Ok(outcome) => return Ok(outcome),
            }
        }
        Err(Finding::line(Rule::Later))
    }

    async fn cover(&self, line: u64, row: &Row, cover: &Cover) -> Result<Outcome, Stop> {
        let day = match cover.act {
            // The last day on which the number is still the person's.
            Act::End => cover.validity.until.map(|until| until.saturating_sub(1.day())),
            Act::State | Act::Withdraw => cover.validity.from,
        };
        let day = day.ok_or(Finding::line(Rule::Period))?;
        let mut resolution = self.person(row, day, cover.registers).await?;
        let source = self.source(Some(line));
        let statement = Statement {
            act: cover.act,
            member: row.member.clone(),
            relation: cover.relation,
            validity: cover.validity,
            loss: cover.loss,
            unregistered: cover.unregistered,
            by_payer: true,
            source: source.clone(),
            told: self.desk.record.now(),
        };
        let insured = self.desk.directory.insure(resolution.citizen, statement).await?;
        self.tell(&mut resolution, row, cover, insured.as_ref(), source)?;
        let touched = insured.is_some() || !resolution.rows.is_empty();
        let permit = self.admit(resolution.citizen, Action::Submit).await?;
        if !touched {
            return seal(permit).await;
        }
        let outcome = match (resolution.new, cover.act) {
            (true, _) => Outcome::Registered,
            (false, Act::State) => Outcome::Changed,
            (false, Act::End | Act::Withdraw) => Outcome::Ended,
        };
        let mut writing = self.desk.record.write(permit);
        writing.rows(resolution.rows, resolution.expect);
        if let Some(HistoryWrite { rows, expect, .. }) = insured {
            writing.rows(rows, expect);
        }
        writing.event("member.changed", resolution.citizen.0.to_be_bytes().to_vec());
        writing.commit(&self.desk.door).await?;
        Ok(outcome)
    }

    /// What the line says of the person and the number, into the directory's rows.
    fn tell(
        &self,
        resolution: &mut Resolution,
        row: &Row,
        cover: &Cover,
        insured: Option<&HistoryWrite>,
        source: Source,
    ) -> Result<(), Stop> {
        let identifier = row.member.identifier();
        if cover.act != Act::Withdraw {
            let told = self.desk.record.now();
            let said = Said { identifier: identifier.clone(), validity: cover.validity, source: source.clone(), told };
            resolution.say(&[said])?;
        }
        // The payer's history says for which days the number is the person's, an end taken back included.
        if let Some(days) = insured.and_then(|insured| insured.after.days_of(&row.member)) {
            resolution.hold(&identifier, days)?;
        }
        let day = cover.validity.from.unwrap_or_else(|| self.today());
        let correct = (cover.act == Act::State && !cover.registers).then(|| row.person.clone());
        resolution.register(Entry { correct, address: cover.address.clone(), protected: cover.protected, day, source });
        Ok(())
    }

    async fn care(&self, row: &Row, care: &CareCharge) -> Result<Outcome, Stop> {
        let day = if care.begins { care.day } else { care.day.saturating_sub(1.day()) };
        let citizen = self.person(row, day, false).await?.citizen;
        let permit = self.admit(citizen, Action::Standing).await?;
        let standing = self.desk.door.standing_of(&permit).await.map_err(|_| Finding::line(Rule::Later))?;
        let ours =
            |relation: &&Relation| relation.kind == RelationKind::CareInCharge && relation.organization == care.office;
        let relations: Vec<&Relation> = standing.relations.iter().filter(ours).collect();
        let at = midnight(care.day);
        let (kind, organization) = (RelationKind::CareInCharge, care.office.clone());
        let (change, outcome) = if care.begins {
            let period = Period::new(at, care.until.map(midnight));
            if relations.iter().any(|relation| relation.period == period) {
                return seal(permit).await;
            }
            (Change::Relate(Relation { kind, organization, period }), Outcome::Changed)
        } else {
            if relations.is_empty() {
                seal(permit).await?;
                return Err(Finding::at(Column::Office, Rule::Unknown).into());
            }
            if relations.iter().all(|relation| relation.period.until.is_some_and(|until| until <= at)) {
                return seal(permit).await;
            }
            (Change::Part { kind, organization, at }, Outcome::Ended)
        };
        let mut writing = self.desk.record.write(permit);
        writing.change(change);
        writing.commit(&self.desk.door).await?;
        Ok(outcome)
    }

    /// Whom the line is about. Under a number of another payer nobody is even looked up.
    async fn person(&self, row: &Row, day: Date, registers: bool) -> Result<Resolution, Stop> {
        let directory = &self.desk.directory;
        if !directory.acts_under(&self.organization, &row.member.insurer).await? {
            return Err(Finding::at(Column::Insurer, Rule::NotOwn).into());
        }
        let resolution = directory.resolve_on(&row.person, day, self.desk.record.now()).await?;
        if resolution.new && !registers {
            let known = directory.find_on(&row.member.identifier(), day).await?;
            let rule = if known.is_some() { Rule::Contradicts } else { Rule::Unknown };
            return Err(Finding::at(Column::Number, rule).into());
        }
        Ok(resolution)
    }

    async fn admit(&self, citizen: CitizenId, action: Action) -> Result<Permit, Stop> {
        let admitted = self.desk.door.admit(Request { caller: self.caller, action, citizen }).await;
        admitted.map_err(|refusal| match refusal {
            Refusal::NotOpen { .. }
            | Refusal::OutsideTable { .. }
            | Refusal::OutsideScope { .. }
            | Refusal::Expired { .. }
            | Refusal::NoDisaster { .. }
            | Refusal::Suspended { .. } => Finding::line(Rule::NotOpen).into(),
            Refusal::Seal(_) | Refusal::Store(_) | Refusal::Row(_) => Finding::line(Rule::Later).into(),
        })
    }

    fn source(&self, line: Option<u64>) -> Source {
        let reference = line.map_or_else(|| self.file.clone(), |line| format!("{}:{line}", self.file));
        Source { organization: self.organization.id.clone(), by: By::File, reference: Some(reference) }
    }

    fn today(&self) -> Date {
        self.desk.record.now().civil().date()
    }
}

/// Nothing changes, and the look leaves its leaf.
async fn seal(permit: Permit) -> Result<Outcome, Stop> {
    permit.seal(Shown::none()).await.map_err(|_| Stop::from(Finding::line(Rule::Later)))?;
    Ok(Outcome::Unchanged)
}

/// The beginning of a day in Japan.
fn midnight(day: Date) -> Instant {
    // Only days beyond the calendar's ends have no moment; those are refused as dates.
    let moment = day.to_zoned(clock::japan()).map(|zoned| zoned.timestamp().as_millisecond());
    Instant(moment.unwrap_or(i64::MAX))
}
