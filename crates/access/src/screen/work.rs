//! The work: leaves since the last time, in their order, and looks whose waiting has ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use tsumugi_kernel::{CitizenId, Instant, OrganizationId, PersonId, Purpose, Role};
use tsumugi_ledger::{Label, LedgerError, LookPart, Part, leaf::LeafView, look::Decision};
use tsumugi_people::{PeopleError, Person, Quarter};
use tsumugi_store::{Batch, CommitError, Expectation, Row, StoreError, StoredLeaf, Table};

use super::{
    memory::{self, Kept, Waiting},
    rules::{ODD, Signal, WAIT_DAYS, sum},
    signals::{self, Ties},
};
use crate::{
    Action, Door, Permit, Receipt, Refusal, SealError, Shown,
    case::{self, CaseError, Odd, Party, supervises},
    disaster, leaf, looks,
};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Most leaves of one commit.
const LEAVES_MOST: u64 = 512;
/// Most waiting looks of one commit.
const WAITING_MOST: usize = 512;
/// Citizens read at once when a leaf's person is not known to this process any more.
const CITIZENS_MOST: usize = 4_096;

/// Why nothing was screened.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// A leaf is not what the log says.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Who is in whose care could not be read.
    #[error(transparent)]
    Standing(#[from] Refusal),
    /// A case could not be read.
    #[error(transparent)]
    Case(#[from] Box<CaseError>),
    /// The store did not take what was found.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// No leaf could be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A row of the screening cannot be read.
    #[error("what the screening keeps cannot be read; the program may be older than the store")]
    Row,
    /// Only the person herself and a supervisor say that many know her.
    #[error("only the person herself and a supervisor say that many know her")]
    NotHers,
}

/// What one call has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screened {
    /// Leaves read.
    pub leaves: u64,
    /// Waiting looks that were asked about again.
    pub waited: u64,
    /// Looks that were odd.
    pub odd: u64,
    /// Whether there is more to do at once.
    pub more: bool,
}

/// What a call gathers for its commit, and has read for it.
#[derive(Default)]
struct Gathered {
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    habits: HashMap<Vec<u8>, Kept>,
    cases: case::Gathered,
    odd: u64,
    /// Whether a look of long ago is to be asked about again at once: the log was screened late.
    late: bool,
    /// The look before, for one that left a leaf in the chains of several shelves.
    before: Option<(CitizenId, LookPart)>,
}

impl Door {
    /// Screens the leaves that came since the last time, a bounded number of them, and the looks whose waiting has ended.
    /// Call it again while there is more. Two at once do the work once: one of them conflicts and begins anew.
    ///
    /// # Errors
    /// [`ScreenError`]; nothing of the call counts then, and the next one does it again.
    pub async fn screen(&self) -> Result<Screened, ScreenError> {
        let store = self.0.store.as_ref();
        let before = store.row(Table::Screen, &memory::cursor_key()).await?.map(|bytes| bytes.to_vec());
        let from = match &before {
            Some(bytes) => memory::number(bytes).ok_or(ScreenError::Row)?,
            None => 0,
        };
        let leaves = store.log(from, from + LEAVES_MOST).await?;
        let now = self.0.clock.now();
        let due = store.rows(Table::Screen, b"w", None, WAITING_MOST).await?;
        let due: Vec<_> =
            due.into_iter().take_while(|(key, _)| memory::due(key).is_some_and(|due| due <= now)).collect();
        let mut done = Screened {
            leaves: leaves.len() as u64,
            waited: due.len() as u64,
            more: leaves.len() as u64 == LEAVES_MOST || due.len() == WAITING_MOST,
            odd: 0,
        };
        if leaves.is_empty() && due.is_empty() {
            return Ok(done);
        }
        let mut gathered = Gathered::default();
        let whose = self.whose(&leaves).await?;
        for stored in &leaves {
            let leaf = LeafView::new(&stored.bytes)?;
            // A leaf of a shelf that is in no directory is nobody's whom a look could be odd about.
            if let Some(citizen) = whose.get(&leaf.label) {
                let plain = self.0.keys.open(Part::Citizen, &leaf.label, leaf.body)?;
                self.one(&mut gathered, *citizen, stored.index, LookPart::from_bytes(&plain)?).await?;
            }
        }
        for (key, value) in due {
            let waiting: Waiting = serde_json::from_slice(&value).map_err(|_| ScreenError::Row)?;
            self.again(&mut gathered, &waiting).await?;
            gathered.rows.insert(key.to_vec(), None);
        }
        done.odd = gathered.odd;
        done.more |= gathered.late;
        self.keep(gathered, before, from + done.leaves).await?;
        Ok(done)
    }

    /// One commit: what follows from the leaves, and how far the log is screened.
    async fn keep(&self, gathered: Gathered, before: Option<Vec<u8>>, cursor: u64) -> Result<(), ScreenError> {
        let Gathered { mut rows, habits, cases, .. } = gathered;
        rows.extend(habits.iter().map(|(key, kept)| (key.clone(), Some(memory::bytes(kept)))));
        rows.insert(memory::cursor_key(), Some(cursor.to_be_bytes().to_vec()));
        let (case_rows, mut expect) = cases.finish();
        let rows: Vec<Row> = rows.into_iter().map(|(key, value)| memory::row(key, value)).chain(case_rows).collect();
        expect.push(Expectation::Row(Table::Screen, memory::cursor_key(), before));
        self.0.store.commit(Batch { rows, expect, ..Batch::default() }).await?;
        Ok(())
    }

    /// Whose chains leaves stand in. A label does not tell; this process knows those of the shelves it was asked for
    /// lately. After a restart the directory is gone through.
    pub(crate) async fn whose(&self, leaves: &[StoredLeaf]) -> Result<HashMap<Label, CitizenId>, ScreenError> {
        let (mut known, mut unknown) = (HashMap::new(), HashSet::new());
        for stored in leaves {
            let label = LeafView::new(&stored.bytes)?.label;
            match self.0.labels.get(&label) {
                Ok(citizen) => {
                    known.insert(label, citizen);
                }
                Err(_) => {
                    unknown.insert(label);
                }
            }
        }
        let mut after = None;
        while !unknown.is_empty() {
            let page = self.0.directory.citizen_ids(after, CITIZENS_MOST).await?;
            for citizen in &page {
                let label = leaf::label(&self.0, *citizen);
                if unknown.remove(&label) {
                    known.insert(label, *citizen);
                }
            }
            after = page.last().copied();
            if page.len() < CITIZENS_MOST {
                break;
            }
        }
        Ok(known)
    }

    async fn one(
        &self,
        gathered: &mut Gathered,
        citizen: CitizenId,
        index: u64,
        part: LookPart,
    ) -> Result<(), ScreenError> {
        let (Ok(person), Ok(organization)) =
            (PersonId::new(&part.person.id), OrganizationId::new(&part.organization.id))
        else {
            return Ok(());
        };
        let (Some(role), Some(purpose)) = (Role::from_code(&part.role), Purpose::from_code(&part.purpose)) else {
            return Ok(());
        };
        let at = Instant(part.time);
        if is_care(&part, role) {
            let key = memory::cared_key(citizen, &organization);
            gathered.rows.insert(key, Some(memory::moment(at).to_vec()));
        }
        if !signals::is_screened(&part, role, purpose) {
            return Ok(());
        }
        let shelves = self.0.directory.shelves(citizen).await?;
        let one = shelves.all().iter().copied().min().unwrap_or(citizen);
        let same = gathered.before.replace((one, part.clone()));
        if same.is_some_and(|(before, same)| before == one && looks::is_one(&same, &part)) {
            return Ok(());
        }
        self.count(gathered, &part).await?;
        let key = memory::habit_key(&person, &organization);
        if !gathered.habits.contains_key(&key) {
            let kept = self.0.store.row(Table::Screen, &key).await?;
            let kept = kept.map_or(Ok(Kept::default()), |bytes| serde_json::from_slice(&bytes));
            gathered.habits.insert(key.clone(), kept.map_err(|_| ScreenError::Row)?);
        }
        let habit = gathered.habits.get_mut(&key).map(|kept| kept.take(one, at)).unwrap_or_default();
        let standing = self.standing_over(&shelves).await?;
        let ties = self.ties(gathered, &shelves, (&person, &part.person.name), &organization, at).await?;
        let found = signals::signals((role, purpose, &organization), at, &standing, &ties, &habit);
        let looker = Party {
            person: Some(person),
            name: part.person.name,
            qualification: part.person.qualification,
            role,
            organization,
            organization_name: part.organization.name,
        };
        let look = Waiting { citizen, looker, purpose, at, signals: found };
        if sum(&look.signals) >= ODD {
            return self.odd(gathered, look).await;
        }
        let unexplained = look.signals.iter().any(|one| matches!(one, Signal::NoRelation | Signal::RelationEnded));
        // Of a refused look nothing was seen, so that no care needs to follow it.
        if unexplained && part.decision == Decision::Shown {
            let due = at.plus_millis((WAIT_DAYS + 1) * DAY_MILLIS);
            gathered.late |= due <= self.0.clock.now();
            gathered.rows.insert(memory::waiting_key(due, index), Some(memory::bytes(&look)));
        }
        Ok(())
    }

    /// Counts a look under its opening of the disaster mode.
    async fn count(&self, gathered: &mut Gathered, part: &LookPart) -> Result<(), ScreenError> {
        let Some(opening) = disaster::counted(part) else { return Ok(()) };
        let key = memory::opening_key(opening);
        let before = match gathered.rows.get(&key) {
            Some(value) => value.clone(),
            None => self.0.store.row(Table::Screen, &key).await?.map(|bytes| bytes.to_vec()),
        };
        let before = before.map_or(Some(0), |bytes| memory::number(&bytes)).ok_or(ScreenError::Row)?;
        gathered.rows.insert(key, Some((before + 1).to_be_bytes().to_vec()));
        Ok(())
    }

    /// Asks about a look again whose waiting has ended.
    async fn again(&self, gathered: &mut Gathered, waiting: &Waiting) -> Result<(), ScreenError> {
        let shelves = self.0.directory.shelves(waiting.citizen).await?;
        let organization = &waiting.looker.organization;
        let cared = self.cared(gathered, shelves.all(), organization).await?;
        // Written on the day before counts as well: a night's stay, told in the morning.
        let followed = cared.is_some_and(|cared| cared.0 >= waiting.at.0 - DAY_MILLIS);
        let standing = self.standing_over(&shelves).await?;
        let end = waiting.at.plus_millis((WAIT_DAYS + 1) * DAY_MILLIS);
        let related = standing.relations.iter().any(|relation| {
            relation.organization == *organization
                && relation.period.from <= end
                && relation.period.until.is_none_or(|until| until > waiting.at)
        });
        if followed || related {
            return Ok(());
        }
        let mut look = waiting.clone();
        look.signals.push(Signal::NoCareFollowed);
        look.signals.sort_unstable();
        if sum(&look.signals) >= ODD { self.odd(gathered, look).await } else { Ok(()) }
    }

    async fn odd(&self, gathered: &mut Gathered, look: Waiting) -> Result<(), ScreenError> {
        gathered.odd += 1;
        metrics::counter!("screening_odd_looks").increment(1);
        let Waiting { citizen, looker, purpose, at, signals } = look;
        let odd = Odd { citizen, looker, purpose, at, reasons: signals, found: self.0.clock.now().max(at) };
        Ok(gathered.cases.take(self.0.store.as_ref(), odd).await.map_err(Box::new)?)
    }

    async fn cared(
        &self,
        gathered: &Gathered,
        shelves: &[CitizenId],
        organization: &OrganizationId,
    ) -> Result<Option<Instant>, ScreenError> {
        let mut newest = None;
        for shelf in shelves {
            let key = memory::cared_key(*shelf, organization);
            let value = match gathered.rows.get(&key) {
                Some(value) => value.clone(),
                None => self.0.store.row(Table::Screen, &key).await?.map(|bytes| bytes.to_vec()),
            };
            if let Some(value) = value {
                let millis = memory::number(&value).and_then(|millis| i64::try_from(millis).ok());
                newest = newest.max(Some(Instant(millis.ok_or(ScreenError::Row)?)));
            }
        }
        Ok(newest)
    }

    async fn ties(
        &self,
        gathered: &Gathered,
        shelves: &tsumugi_people::Shelves,
        (person, name): (&PersonId, &str),
        organization: &OrganizationId,
        at: Instant,
    ) -> Result<Ties, ScreenError> {
        let (directory, store, day) = (&self.0.directory, self.0.store.as_ref(), at.civil().date());
        let looker = directory.person(person).await?;
        let quarters = self.quarters(looker.as_deref(), organization).await?;
        let cared = self.cared(gathered, shelves.all(), organization).await?;
        let mut ties = Ties { cared, ..Ties::default() };
        for shelf in shelves.all() {
            ties.public_person |= store.row(Table::Screen, &memory::public_key(*shelf)).await?.is_some();
            ties.case |= case::is_about(store, *shelf).await? || gathered.cases.are_about(*shelf);
            ties.colleague |= directory.works_at(*shelf, organization).await?;
            let Some(row) = directory.citizen(*shelf).await? else { continue };
            let kana = looker.as_deref().and_then(|looker| looker.kana.as_deref());
            ties.family_name |= row.shares_family_name(name, kana);
            ties.neighbour |= quarters.iter().any(|quarter| row.lives_in(*quarter, day));
        }
        Ok(ties)
    }

    /// The quarter of a looker's workplace. Where the looker lives is their own record, and is not asked.
    async fn quarters(
        &self,
        looker: Option<&Person>,
        organization: &OrganizationId,
    ) -> Result<Vec<Quarter>, ScreenError> {
        let mut places = vec![organization.clone()];
        places.extend(looker.and_then(|looker| looker.organization.clone()).filter(|usual| usual != organization));
        let mut quarters = Vec::new();
        for place in places {
            let known = self.0.directory.organization(&place).await?;
            quarters.extend(known.and_then(|place| place.address.as_deref().and_then(Quarter::of)));
        }
        Ok(quarters)
    }

    /// Says whether many know a person, so that looks at the record are screened more closely: in one commit with the
    /// permit's leaf. The permit must be her own for the log, or a supervisor's for [`Action::Review`].
    ///
    /// # Errors
    /// [`ScreenError`].
    pub async fn mark_public(&self, permit: Permit, public: bool) -> Result<Receipt, ScreenError> {
        let herself = permit.action() == Action::AccessLog && permit.caller().role == Role::Citizen;
        if !herself && (permit.action() != Action::Review || !supervises(permit.caller())) {
            permit.seal(Shown::none()).await?;
            return Err(ScreenError::NotHers);
        }
        // Over all of her shelves: said once, taken back once.
        let keys: Vec<_> = permit.shelves.all().iter().map(|shelf| memory::public_key(*shelf)).collect();
        let leaves = permit.into_leaves(&Shown::none()).await?;
        let rows = keys.into_iter().map(|key| memory::row(key, public.then(Vec::new))).collect();
        let committed = self.0.store.commit(Batch { rows, leaves, ..Batch::default() }).await?;
        Ok(committed.leaves.first().copied().map(Receipt::from).ok_or(SealError::Unplaced)?)
    }
}

impl Permit {
    /// Whether looks at the record are screened as those at somebody whom many know: told to the person herself.
    ///
    /// # Errors
    /// [`ScreenError`].
    pub async fn is_public(&self) -> Result<bool, ScreenError> {
        if self.action() != Action::AccessLog || self.caller().role != Role::Citizen {
            return Err(ScreenError::NotHers);
        }
        for shelf in self.shelves.all() {
            if self.door.store.row(Table::Screen, &memory::public_key(*shelf)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a leaf tells that somebody's care was written down.
fn is_care(part: &LookPart, role: Role) -> bool {
    let written = [Action::Submit, Action::Create, Action::Update].iter().any(|action| action.code() == part.action);
    part.decision == Decision::Written && written && !matches!(role, Role::Citizen | Role::Proxy)
}
