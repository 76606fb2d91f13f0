//! The functions of FHIRPath and of FHIR R4: names and numbers of arguments.

/// A function, by family: each family is evaluated in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Set(Set),
    Text(Text),
    Math(Math),
    Convert(Convert),
    Fhir(Fhir),
    Date(Date),
}

/// Functions of whole collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Empty,
    Exists,
    All,
    AllTrue,
    AnyTrue,
    AllFalse,
    AnyFalse,
    SubsetOf,
    SupersetOf,
    Count,
    Distinct,
    IsDistinct,
    Where,
    Select,
    Repeat,
    Aggregate,
    Sort,
    Single,
    First,
    Last,
    Tail,
    Skip,
    Take,
    Intersect,
    Exclude,
    Union,
    Combine,
    Children,
    Descendants,
    Not,
    Iif,
    Trace,
    Type,
    Is,
    As,
    OfType,
}

/// Functions of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    IndexOf,
    LastIndexOf,
    Substring,
    StartsWith,
    EndsWith,
    Contains,
    Upper,
    Lower,
    Replace,
    Matches,
    MatchesFull,
    ReplaceMatches,
    Length,
    ToChars,
    Encode,
    Decode,
    Escape,
    Unescape,
    Trim,
    Split,
    Join,
}

/// Functions of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Math {
    Abs,
    Ceiling,
    Exp,
    Floor,
    Ln,
    Log,
    Power,
    Round,
    Sqrt,
    Truncate,
    LowBoundary,
    HighBoundary,
    Precision,
    Comparable,
}

/// Conversions; the flag says that the question is only whether it converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Convert {
    pub(crate) to: super::ast::System,
    pub(crate) asks: bool,
}

/// FHIR's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fhir {
    Extension,
    HasValue,
    GetValue,
    Resolve,
    MemberOf,
    Subsumes,
    SubsumedBy,
    ConformsTo,
    HtmlChecks,
    CheckModifiers,
    ElementDefinition,
    Slice,
}

/// The clock, and parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Date {
    Now,
    Today,
    TimeOfDay,
}

/// Name, fewest and most arguments.
type Row = (&'static str, Function, usize, usize);

const fn set(name: &'static str, function: Set, least: usize, most: usize) -> Row {
    (name, Function::Set(function), least, most)
}

const fn text(name: &'static str, function: Text, least: usize, most: usize) -> Row {
    (name, Function::Text(function), least, most)
}

const fn math(name: &'static str, function: Math, least: usize, most: usize) -> Row {
    (name, Function::Math(function), least, most)
}

const fn fhir(name: &'static str, function: Fhir, least: usize, most: usize) -> Row {
    (name, Function::Fhir(function), least, most)
}

/// Most arguments of functions that take a list.
const MANY: usize = 32;

const TABLE: &[Row] = &[
    set("empty", Set::Empty, 0, 0),
    set("exists", Set::Exists, 0, 1),
    set("all", Set::All, 1, 1),
    set("allTrue", Set::AllTrue, 0, 0),
    set("anyTrue", Set::AnyTrue, 0, 0),
    set("allFalse", Set::AllFalse, 0, 0),
    set("anyFalse", Set::AnyFalse, 0, 0),
    set("subsetOf", Set::SubsetOf, 1, 1),
    set("supersetOf", Set::SupersetOf, 1, 1),
    set("count", Set::Count, 0, 0),
    set("distinct", Set::Distinct, 0, 0),
    set("isDistinct", Set::IsDistinct, 0, 0),
    set("where", Set::Where, 1, 1),
    set("select", Set::Select, 1, 1),
    set("repeat", Set::Repeat, 1, 1),
    set("aggregate", Set::Aggregate, 1, 2),
    set("sort", Set::Sort, 0, MANY),
    set("single", Set::Single, 0, 0),
    set("first", Set::First, 0, 0),
    set("last", Set::Last, 0, 0),
    set("tail", Set::Tail, 0, 0),
    set("skip", Set::Skip, 1, 1),
    set("take", Set::Take, 1, 1),
    set("intersect", Set::Intersect, 1, 1),
    set("exclude", Set::Exclude, 1, 1),
    set("union", Set::Union, 1, 1),
    set("combine", Set::Combine, 1, 1),
    set("children", Set::Children, 0, 0),
    set("descendants", Set::Descendants, 0, 0),
    set("not", Set::Not, 0, 0),
    set("iif", Set::Iif, 2, 3),
    set("trace", Set::Trace, 1, 2),
    set("type", Set::Type, 0, 0),
    set("is", Set::Is, 1, 1),
    set("as", Set::As, 1, 1),
    set("ofType", Set::OfType, 1, 1),
    text("indexOf", Text::IndexOf, 1, 1),
    text("lastIndexOf", Text::LastIndexOf, 1, 1),
    text("substring", Text::Substring, 1, 2),
    text("startsWith", Text::StartsWith, 1, 1),
    text("endsWith", Text::EndsWith, 1, 1),
    text("contains", Text::Contains, 1, 1),
    text("upper", Text::Upper, 0, 0),
    text("lower", Text::Lower, 0, 0),
    text("replace", Text::Replace, 2, 2),
    text("matches", Text::Matches, 1, 1),
    text("matchesFull", Text::MatchesFull, 1, 1),
    text("replaceMatches", Text::ReplaceMatches, 2, 2),
    text("length", Text::Length, 0, 0),
    text("toChars", Text::ToChars, 0, 0),
    text("encode", Text::Encode, 1, 1),
    text("decode", Text::Decode, 1, 1),
    text("escape", Text::Escape, 1, 1),
    text("unescape", Text::Unescape, 1, 1),
    text("trim", Text::Trim, 0, 0),
    text("split", Text::Split, 1, 1),
    text("join", Text::Join, 0, 1),
    math("abs", Math::Abs, 0, 0),
    math("ceiling", Math::Ceiling, 0, 0),
    math("exp", Math::Exp, 0, 0),
    math("floor", Math::Floor, 0, 0),
    math("ln", Math::Ln, 0, 0),
    math("log", Math::Log, 1, 1),
    math("power", Math::Power, 1, 1),
    math("round", Math::Round, 0, 1),
    math("sqrt", Math::Sqrt, 0, 0),
    math("truncate", Math::Truncate, 0, 0),
    math("lowBoundary", Math::LowBoundary, 0, 1),
    math("highBoundary", Math::HighBoundary, 0, 1),
    math("precision", Math::Precision, 0, 0),
    math("comparable", Math::Comparable, 1, 1),
    fhir("extension", Fhir::Extension, 1, 1),
    fhir("hasValue", Fhir::HasValue, 0, 0),
    fhir("getValue", Fhir::GetValue, 0, 0),
    fhir("resolve", Fhir::Resolve, 0, 0),
    fhir("memberOf", Fhir::MemberOf, 1, 1),
    fhir("subsumes", Fhir::Subsumes, 1, 1),
    fhir("subsumedBy", Fhir::SubsumedBy, 1, 1),
    fhir("conformsTo", Fhir::ConformsTo, 1, 1),
    fhir("htmlChecks", Fhir::HtmlChecks, 0, 0),
    fhir("checkModifiers", Fhir::CheckModifiers, 0, MANY),
    fhir("elementDefinition", Fhir::ElementDefinition, 0, 0),
    fhir("slice", Fhir::Slice, 2, 2),
    ("now", Function::Date(Date::Now), 0, 0),
    ("today", Function::Date(Date::Today), 0, 0),
    ("timeOfDay", Function::Date(Date::TimeOfDay), 0, 0),
];

/// The function of a name, with its fewest and most arguments.
pub(crate) fn find(name: &str) -> Option<(Function, usize, usize)> {
    use super::ast::System;
    if let Some((_, function, least, most)) = TABLE.iter().find(|row| row.0 == name) {
        return Some((*function, *least, *most));
    }
    let (asks, system) = match name.strip_prefix("convertsTo") {
        Some(system) => (true, system),
        None => (false, name.strip_prefix("to")?),
    };
    let to = System::from_name(system)?;
    Some((Function::Convert(Convert { to, asks }), 0, usize::from(to == System::Quantity)))
}
