//! One line understood: what happens to whom. A line has every finding at once, so that one correction suffices.

use jiff::civil::Date;
use tsumugi_kernel::OrganizationId;
use unicode_normalization::UnicodeNormalization as _;

use super::{Column, Finding, Rule, read_day};
use crate::{
    IdentifierStanding as Standing, Incoming, InstitutionNumber, Member, MyNumber, NumberFault, Sex, Validity,
    insurance::{Act, Kind, Loss, Relation},
    protect::Address,
};

/// What a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A coverage begins, is corrected, ends or never was.
    Cover(Cover),
    /// A care office is in charge, or no more.
    Care(CareCharge),
}

/// A line about a coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// What is said of it.
    pub act: Act,
    /// Whether somebody not yet known may be registered by it.
    pub registers: bool,
    /// 本人 or 家族.
    pub relation: Option<Relation>,
    /// The days.
    pub validity: Validity,
    /// Why it ended.
    pub loss: Option<Loss>,
    /// For 医療扶助: no ticket is registered.
    pub unregistered: bool,
    /// The address.
    pub address: Option<Address>,
    /// Whether the address must not be told; `None` where the file does not say.
    pub protected: Option<bool>,
}

/// A line about the care office in charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareCharge {
    /// The office.
    pub office: OrganizationId,
    /// Whether it begins; else it ends.
    pub begins: bool,
    /// The first day, or the day after the last.
    pub day: Date,
    /// The day after the last, where a beginning says it.
    pub until: Option<Date>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Under which number.
    pub member: Member,
    /// The person as described, the number among the identifiers.
    pub person: Incoming,
    /// What happens.
    pub event: Event,
}

/// Cells of one line, with its findings so far.
pub(super) struct Cells<'a> {
    pub get: &'a dyn Fn(Column) -> &'a str,
    pub findings: Vec<Finding>,
}

impl<'a> Cells<'a> {
    fn text(&self, column: Column) -> &'a str {
        (self.get)(column).trim()
    }

    fn wrong(&mut self, column: Column, rule: Rule) {
        self.findings.push(Finding::at(column, rule));
    }

    fn needed(&mut self, column: Column) -> &'a str {
        let text = self.text(column);
        if text.is_empty() {
            self.wrong(column, Rule::Needed);
        }
        text
    }

    fn day(&mut self, column: Column) -> Option<Date> {
        let text = self.text(column);
        let day = read_day(text);
        if day.is_none() && !text.is_empty() {
            self.wrong(column, Rule::Date);
        }
        day
    }

    /// One of a column's codes; nothing where the cell is empty.
    fn code<T: Copy>(&mut self, column: Column, codes: &[(&str, T)]) -> Option<T> {
        let text: String = self.text(column).nfkc().collect();
        if text.is_empty() {
            return None;
        }
        let found = codes.iter().find(|(code, _)| *code == text).map(|(_, value)| *value);
        if found.is_none() {
            self.wrong(column, Rule::Code);
        }
        found
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Register,
    Change,
    End,
    Withdraw,
    CareBegins,
    CareEnds,
}

const EVENTS: [(&str, What); 12] = [
    ("register", What::Register),
    ("登録", What::Register),
    ("change", What::Change),
    ("変更", What::Change),
    ("end", What::End),
    ("終了", What::End),
    ("withdraw", What::Withdraw),
    ("取消", What::Withdraw),
    ("care-begin", What::CareBegins),
    ("担当開始", What::CareBegins),
    ("care-end", What::CareEnds),
    ("担当終了", What::CareEnds),
];
const KINDS: [(&str, Kind); 6] = [
    ("medical", Kind::Medical),
    ("医療保険", Kind::Medical),
    ("public-assistance", Kind::PublicAssistance),
    ("医療扶助", Kind::PublicAssistance),
    ("care", Kind::Care),
    ("介護保険", Kind::Care),
];
const RELATIONS: [(&str, Relation); 6] = [
    ("insured", Relation::Insured),
    ("本人", Relation::Insured),
    ("1", Relation::Insured),
    ("dependant", Relation::Dependant),
    ("家族", Relation::Dependant),
    ("2", Relation::Dependant),
];
const SEXES: [(&str, Sex); 10] = [
    ("male", Sex::Male),
    ("男", Sex::Male),
    ("1", Sex::Male),
    ("female", Sex::Female),
    ("女", Sex::Female),
    ("2", Sex::Female),
    ("other", Sex::Other),
    ("その他", Sex::Other),
    ("unknown", Sex::Unknown),
    ("不明", Sex::Unknown),
];
const LOSSES: [(&str, Loss); 4] =
    [("01", Loss::Death), ("02", Loss::PublicAssistance), ("03", Loss::OtherInsurance), ("99", Loss::Other)];
const YES_NO: [(&str, bool); 4] = [("1", true), ("有", true), ("0", false), ("無", false)];

/// Understands a line, or says everything that is wrong with it.
pub(super) fn read(mut cells: Cells<'_>) -> Result<Row, Vec<Finding>> {
    for column in Column::ALL {
        let text = cells.text(*column);
        if text.chars().count() > super::CELL_CHARS {
            cells.wrong(*column, Rule::Length);
        } else if text.contains('\u{fffd}') {
            cells.wrong(*column, Rule::Character);
        } else if MyNumber::read(text).is_ok() {
            cells.wrong(*column, Rule::MyNumber);
        }
    }
    cells.needed(Column::Event);
    cells.needed(Column::Kind);
    let what = cells.code(Column::Event, &EVENTS);
    let kind = cells.code(Column::Kind, &KINDS);
    let member = kind.and_then(|kind| member(&mut cells, kind));
    let event = match what {
        Some(What::CareBegins | What::CareEnds) => {
            if kind.is_some_and(|kind| kind != Kind::Care) {
                cells.wrong(Column::Kind, Rule::Code);
            }
            care(&mut cells, what == Some(What::CareBegins)).map(Event::Care)
        }
        Some(what) => Some(Event::Cover(cover(&mut cells, what, kind))),
        None => None,
    };
    let person = person(&mut cells, what == Some(What::Register));
    match (member, event) {
        (Some(member), Some(event)) if cells.findings.is_empty() => {
            let person = Incoming { identifiers: vec![member.identifier()], ..person };
            Ok(Row { member, person, event })
        }
        _ => {
            cells.findings.sort_unstable();
            cells.findings.dedup();
            Err(cells.findings)
        }
    }
}

fn member(cells: &mut Cells<'_>, kind: Kind) -> Option<Member> {
    let insurer = cells.needed(Column::Insurer);
    let number = cells.needed(Column::Number);
    let width = if kind == Kind::Care { 6 } else { 8 };
    if insurer.is_empty() || number.is_empty() {
        return None;
    }
    let medical = kind == Kind::Medical;
    let (symbol, branch) = (cells.text(Column::Symbol), cells.text(Column::Branch));
    for (column, text) in [(Column::Symbol, symbol), (Column::Branch, branch)] {
        if !medical && !text.is_empty() {
            cells.wrong(column, Rule::Form);
        }
    }
    let part = |text: &str| if medical { text.to_owned() } else { String::new() };
    let (symbol, branch) = (part(symbol), part(branch));
    let member = Member { kind, insurer: format!("{insurer:0>width$}"), symbol, number: number.to_owned(), branch };
    let column = match member.identifier().fault() {
        None if number.contains(':') => Column::Number,
        // Without 枝番 the number names a household, and a line is about one person.
        None if !matches!(member.identifier().standing(), Standing::Personal(_)) => {
            cells.wrong(Column::Branch, Rule::Needed);
            return None;
        }
        None => return Some(member),
        Some(NumberFault::MemberInsurer) => Column::Insurer,
        Some(NumberFault::MemberBranch) => Column::Branch,
        Some(NumberFault::MemberSpace) if member.symbol.contains(char::is_whitespace) => Column::Symbol,
        Some(_) if member.symbol.contains(':') => Column::Symbol,
        Some(_) if member.insurer.len() != width || !member.insurer.bytes().all(|b| b.is_ascii_digit()) => {
            Column::Insurer
        }
        Some(_) => Column::Number,
    };
    cells.wrong(column, Rule::Form);
    None
}

fn cover(cells: &mut Cells<'_>, what: What, kind: Option<Kind>) -> Cover {
    let (act, needed): (Act, &[Column]) = match what {
        What::End => (Act::End, &[Column::Until]),
        What::Withdraw => (Act::Withdraw, &[Column::From]),
        _ => (Act::State, &[Column::From]),
    };
    for column in needed {
        cells.needed(*column);
    }
    let mut validity = Validity::new(cells.day(Column::From), cells.day(Column::Until));
    if validity.is_empty() {
        cells.wrong(Column::Until, Rule::Period);
    }
    if act == Act::End {
        validity.from = None;
    }
    let ticket = cells.code(Column::Ticket, &YES_NO);
    let address = address(cells);
    Cover {
        act,
        registers: what == What::Register,
        relation: cells.code(Column::Relation, &RELATIONS),
        validity,
        loss: cells.code(Column::Loss, &LOSSES),
        unregistered: kind == Some(Kind::PublicAssistance) && ticket == Some(false),
        address,
        protected: cells.code(Column::Protected, &YES_NO),
    }
}

fn address(cells: &mut Cells<'_>) -> Option<Address> {
    let code: String = cells.text(Column::PostalCode).nfkc().filter(|c| !matches!(c, '-' | '−' | '‐' | '〒')).collect();
    if !code.is_empty() && (code.len() != 7 || !code.bytes().all(|b| b.is_ascii_digit())) {
        cells.wrong(Column::PostalCode, Rule::Form);
    }
    let text = cells.text(Column::Address);
    let postal_code = (!code.is_empty()).then_some(code);
    (!text.is_empty()).then(|| Address { postal_code, text: text.to_owned() })
}

fn care(cells: &mut Cells<'_>, begins: bool) -> Option<CareCharge> {
    let office = cells.needed(Column::Office);
    let checked = InstitutionNumber::read(office).is_ok();
    if !checked && !office.is_empty() {
        cells.wrong(Column::Office, Rule::Institution);
    }
    let column = if begins { Column::From } else { Column::Until };
    cells.needed(column);
    let (from, until) = (cells.day(Column::From), cells.day(Column::Until));
    if Validity::new(from, until).is_empty() {
        cells.wrong(Column::Until, Rule::Period);
    }
    let day = if begins { from } else { until }?;
    let office = OrganizationId::new(office).ok().filter(|_| checked)?;
    Some(CareCharge { office, begins, day, until: until.filter(|_| begins) })
}

/// The person; a line that registers must say who it is.
fn person(cells: &mut Cells<'_>, registers: bool) -> Incoming {
    if registers {
        for column in [Column::Name, Column::BirthDate, Column::Sex] {
            cells.needed(column);
        }
    }
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Incoming {
        name: text(cells.text(Column::Name)),
        kana: text(cells.text(Column::Kana)),
        birth_date: cells.day(Column::BirthDate).map(|day| day.to_string()),
        sex: cells.code(Column::Sex, &SEXES),
        ..Incoming::default()
    }
}
