//! The insurance history of a person: coverages joined over all insurers, with who said so and when.
//!
//! Every statement is kept in the order in which it was told; what holds is computed from them, so that a late
//! correction shows both what is so and what was known before ([`History::as_told`]). A later statement about the same
//! number replaces the earlier ones that it overlaps; an end ends the newest; a withdrawal takes away.
//!
//! This is what 履歴照会・回答 asks: all numbers of a person, and whose a number was on a day ([`crate::eligibility`]).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_store::{Expectation, Row, Table};

use crate::{
    Directory, Identifier, PeopleError, Source, Validity,
    identifier::{CARE_MEMBER, MEMBER, PUBLIC_PAYER_MEMBER},
};

const VERSION: u8 = 1;
/// Most statements of one person: a life of yearly renewals at several insurers, several times over.
const STATEMENTS_MOST: usize = 2_048;
/// Most people looked at for one number: a household, and those who had the number before.
pub(crate) const PEOPLE_MOST: usize = 64;

/// What kind of cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 医療保険, that of the old-old included.
    Medical,
    /// 医療扶助 (生活保護).
    PublicAssistance,
    /// 介護保険. It stands beside the others.
    Care,
}

/// An insured number in its parts. A part that is not used is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Member {
    /// What kind of cover.
    pub kind: Kind,
    /// 保険者番号 or 公費負担者番号: eight digits; six for care insurance.
    pub insurer: String,
    /// 記号.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// 番号 or 受給者番号.
    pub number: String,
    /// 枝番.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub branch: String,
}

impl Member {
    /// The parts of an identifier, if it is an insured number of a right form.
    #[must_use]
    pub fn of(identifier: &Identifier) -> Option<Self> {
        if identifier.fault().is_some() {
            return None;
        }
        let parts: Vec<&str> = identifier.value.split(':').collect();
        let (kind, parts) = if identifier.system.eq_ignore_ascii_case(MEMBER) {
            (Kind::Medical, [parts.first()?, parts.get(1)?, parts.get(2)?, parts.get(3)?])
        } else if identifier.system.eq_ignore_ascii_case(PUBLIC_PAYER_MEMBER) {
            (Kind::PublicAssistance, [parts.first()?, &"", parts.get(2)?, &""])
        } else if identifier.system == CARE_MEMBER {
            (Kind::Care, [parts.first()?, &"", parts.get(1)?, &""])
        } else {
            return None;
        };
        let [insurer, symbol, number, branch] = parts.map(|part| (*part).to_owned());
        Some(Self { kind, insurer, symbol, number, branch })
    }

    /// The number as an identifier.
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        let Self { kind, insurer, symbol, number, branch } = self;
        match kind {
            Kind::Medical => Identifier::new(MEMBER, format!("{insurer}:{symbol}:{number}:{branch}")),
            Kind::PublicAssistance => Identifier::new(PUBLIC_PAYER_MEMBER, format!("{insurer}::{number}:")),
            Kind::Care => Identifier::new(CARE_MEMBER, format!("{insurer}:{number}")),
        }
    }

    /// Whether this is the number that is asked for: without a branch number everybody of the household is.
    #[must_use]
    pub fn answers(&self, asked: &Self) -> bool {
        let same = (self.kind, &self.insurer, &self.symbol, &self.number)
            == (asked.kind, &asked.insurer, &asked.symbol, &asked.number);
        same && (asked.branch.is_empty() || asked.branch == self.branch)
    }

    fn index(&self) -> Vec<u8> {
        let kind = match self.kind {
            Kind::Medical => 'm',
            Kind::PublicAssistance => 'p',
            Kind::Care => 'k',
        };
        format!("n{kind}{}:{}:{}\0", self.insurer, self.symbol, self.number).into_bytes()
    }
}

/// 本人・家族の別.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// 本人.
    Insured,
    /// 家族 (被扶養者).
    Dependant,
}

/// 資格喪失の事由, as the online qualification check codes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Loss {
    /// 死亡.
    #[serde(rename = "01")]
    Death,
    /// 生活保護の開始.
    #[serde(rename = "02")]
    PublicAssistance,
    /// 他の保険への加入.
    #[serde(rename = "03")]
    OtherInsurance,
    /// その他.
    #[serde(rename = "99")]
    Other,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// This is so.
    State,
    /// It ended; only `until` and the reason are said.
    End,
    /// It never was so.
    Withdraw,
}

/// One statement about one person's coverage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What it does.
    pub act: Act,
    /// The number.
    pub member: Member,
    /// 本人 or 家族.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// 資格取得日 and 資格喪失日.
    #[serde(flatten)]
    pub validity: Validity,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Loss>,
    /// For 医療扶助: no ticket is registered, so the person is entitled but this institution is not yet named (未登録).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unregistered: bool,
    /// Whether the payer itself says so; otherwise an institution saw it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_payer: bool,
    /// Who.
    pub source: Source,
    /// When it was told here.
    pub told: Instant,
}

/// How much a coverage can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// An institution saw a card or paper.
    Seen,
    /// The payer said so.
    Payer,
}

/// A coverage that holds by all that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The number.
    pub member: Member,
    /// 本人 or 家族.
    pub relation: Option<Relation>,
    /// The days.
    pub validity: Validity,
    /// Why it ended.
    pub loss: Option<Loss>,
    /// For 医療扶助: no ticket is registered.
    pub unregistered: bool,
    /// How far to rely on it.
    pub confidence: Confidence,
    /// Who said the newest of it, and when.
    pub source: Source,
    /// When that was told.
    pub told: Instant,
    /// Whether it replaced something told before.
    pub corrected: bool,
}

/// Everything told about a person's coverages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    v: u8,
    statements: Vec<Statement>,
}

impl Default for History {
    fn default() -> Self {
        Self { v: VERSION, statements: Vec::new() }
    }
}

impl History {
    /// All statements, in the order in which they were told.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The coverages that hold by all that was told, by their first day.
    #[must_use]
    pub fn coverages(&self) -> Vec<Coverage> {
        fold(&self.statements)
    }

    /// The coverages as they were known at a moment.
    #[must_use]
    pub fn as_told(&self, at: Instant) -> Vec<Coverage> {
        fold(self.statements.iter().filter(|statement| statement.told <= at))
    }

    /// From the first to the last day of which a number is told, whatever is between; `None` if it is not told at all.
    #[must_use]
    pub fn days_of(&self, member: &Member) -> Option<Validity> {
        let of_number = self.coverages().into_iter().filter(|coverage| coverage.member == *member);
        of_number.map(|coverage| coverage.validity).reduce(|a, b| {
            let until = a.until.zip(b.until).map(|(a, b)| a.max(b));
            Validity::new(a.from.zip(b.from).map(|(a, b)| a.min(b)), until)
        })
    }

    /// Adds a statement; says whether what holds is changed by it. One that changes nothing is not kept.
    ///
    /// # Errors
    /// [`PeopleError::Full`] beyond the bound.
    pub fn add(&mut self, statement: Statement) -> Result<bool, PeopleError> {
        let holds = |coverages: Vec<Coverage>| -> Vec<_> {
            let key = |c: Coverage| (c.member, c.relation, c.validity, c.loss.map(|l| l as u8), c.unregistered);
            let confident = coverages.into_iter().map(|coverage| (coverage.confidence, key(coverage)));
            confident.collect()
        };
        let before = holds(self.coverages());
        self.statements.push(statement);
        if holds(self.coverages()) == before {
            self.statements.pop();
            return Ok(false);
        }
        if self.statements.len() > STATEMENTS_MOST {
            self.statements.pop();
            return Err(PeopleError::Full);
        }
        Ok(true)
    }

    fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        let row = serde_json::from_slice::<Self>(bytes).ok().filter(|history| history.v == VERSION);
        row.ok_or(PeopleError::Row { table: "coverage" })
    }
}

fn fold<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Vec<Coverage> {
    let mut all: Vec<Coverage> = Vec::new();
    for statement in statements {
        let meant = |coverage: &Coverage| {
            coverage.member == statement.member
                && (coverage.validity.overlaps(&statement.validity)
                    || coverage.validity.from == statement.validity.from)
        };
        match statement.act {
            Act::State => {
                let before = all.len();
                all.retain(|coverage| !meant(coverage));
                let corrected = all.len() < before;
                all.push(Coverage { corrected, ..coverage(statement) });
            }
            Act::Withdraw => all.retain(|coverage| !meant(coverage)),
            Act::End => {
                let Some(end) = statement.validity.until else { continue };
                let newest = all
                    .iter_mut()
                    .filter(|c| c.member == statement.member && c.validity.from.is_none_or(|from| from < end))
                    .max_by_key(|c| c.validity.from);
                match newest {
                    Some(coverage) => {
                        coverage.corrected |= coverage.validity.until.is_some_and(|until| until != end);
                        coverage.validity.until = Some(end);
                        coverage.loss = statement.loss.or(coverage.loss);
                        (coverage.source, coverage.told) = (statement.source.clone(), statement.told);
                    }
                    None => all.push(coverage(statement)),
                }
            }
        }
    }
    all.sort_by(|a, b| (a.validity, &a.member).cmp(&(b.validity, &b.member)));
    all
}

fn coverage(statement: &Statement) -> Coverage {
    Coverage {
        member: statement.member.clone(),
        relation: statement.relation,
        validity: statement.validity,
        loss: statement.loss,
        unregistered: statement.unregistered,
        confidence: if statement.by_payer { Confidence::Payer } else { Confidence::Seen },
        source: statement.source.clone(),
        told: statement.told,
        corrected: false,
    }
}

/// Days between two coverages on which nobody pays: care insurance, which stands beside the others, does not count.
#[must_use]
pub fn gaps(coverages: &[Coverage]) -> Vec<Validity> {
    let mut periods: Vec<Validity> = paying(coverages).map(|coverage| coverage.validity).collect();
    periods.sort();
    let mut gaps = Vec::new();
    let mut covered: Option<Option<Date>> = None;
    for period in periods {
        if let (Some(Some(until)), Some(from)) = (covered, period.from)
            && until < from
        {
            gaps.push(Validity::new(Some(until), Some(from)));
        }
        covered = Some(match (covered, period.until) {
            (None, until) => until,
            (Some(Some(before)), Some(until)) => Some(before.max(until)),
            _ => None,
        });
    }
    gaps
}

/// Days on which two coverages both hold, with the places of both in `coverages`: one of them is told wrongly.
#[must_use]
pub fn overlaps(coverages: &[Coverage]) -> Vec<(usize, usize, Validity)> {
    let pays = |coverage: &Coverage| coverage.member.kind != Kind::Care;
    let mut found = Vec::new();
    for (a, first) in coverages.iter().enumerate().filter(|(_, coverage)| pays(coverage)) {
        for (b, second) in coverages.iter().enumerate().skip(a + 1).filter(|(_, coverage)| pays(coverage)) {
            if let Some(both) = first.validity.meet(&second.validity) {
                found.push((a, b, both));
            }
        }
    }
    found
}

fn paying(coverages: &[Coverage]) -> impl Iterator<Item = &Coverage> {
    coverages.iter().filter(|coverage| coverage.member.kind != Kind::Care && !coverage.validity.is_empty())
}

/// What the caller's commit must write and expect for a statement to be kept.
#[derive(Clone, Debug)]
pub struct HistoryWrite {
    /// Rows.
    pub rows: Vec<Row>,
    /// Expectations: on a conflict, begin again.
    pub expect: Vec<Expectation>,
    /// The history as it will be.
    pub after: History,
}

impl Directory {
    /// A person's history; empty if nothing was told. For the municipality, the insurer and the person: go through the
    /// door first.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn history(&self, citizen: CitizenId) -> Result<History, PeopleError> {
        let row = self.store.row(Table::Coverage, &history_key(citizen)).await?;
        Ok(row.map(|row| History::decode(&row)).transpose()?.unwrap_or_default())
    }

    /// Prepares a statement for the caller's commit; `None` if it changes nothing.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged; [`PeopleError::Full`] beyond the bound.
    pub async fn insure(&self, citizen: CitizenId, statement: Statement) -> Result<Option<HistoryWrite>, PeopleError> {
        let key = history_key(citizen);
        let before = self.store.row(Table::Coverage, &key).await?;
        let mut history = before.as_deref().map(History::decode).transpose()?.unwrap_or_default();
        let index = [statement.member.index().as_slice(), &citizen.0.to_be_bytes()].concat();
        if !history.add(statement)? {
            return Ok(None);
        }
        // Strings, dates and lists always serialise.
        let value = serde_json::to_vec(&history).unwrap_or_default();
        let expect = Expectation::Row(Table::Coverage, key.clone(), before.map(|row| row.to_vec()));
        let row = |key, value| Row { table: Table::Coverage, key, value: Some(value) };
        Ok(Some(HistoryWrite {
            rows: vec![row(key, value), row(index, vec![VERSION])],
            expect: vec![expect],
            after: history,
        }))
    }

    /// Everybody of whom a statement was told under a number, whatever the branch number.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn insured_under(&self, member: &Member) -> Result<Vec<CitizenId>, PeopleError> {
        let prefix = member.index();
        let rows = self.store.rows(Table::Coverage, &prefix, None, PEOPLE_MOST).await?;
        let id = |key: &[u8]| key.get(prefix.len()..)?.try_into().ok().map(|id| CitizenId(u64::from_be_bytes(id)));
        rows.iter().map(|(key, _)| id(key).ok_or(PeopleError::Row { table: "coverage" })).collect()
    }
}

fn history_key(citizen: CitizenId) -> Vec<u8> {
    [b"h", citizen.0.to_be_bytes().as_slice()].concat()
}
