//! The prepared tree.
//!
//! Chains (`a.b.c`, `a or b or c`) are lists, so that the tree is only as deep as brackets and arguments are nested.

use regex::Regex;
use rust_decimal::Decimal;
use tsumugi_fhir_definitions::TypeId;

use super::functions::Function;
use crate::item::Class;
use crate::value::{Quantity, Temporal};

/// An expression.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// `{}`.
    Empty,
    Literal(Literal),
    /// `$this`, and the focus where a path starts with a function.
    This,
    Index,
    Total,
    Variable(Variable),
    Path(Box<Path>),
    Chain(Box<Chain>),
    Minus(Box<Expr>),
    Plus(Box<Expr>),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Boolean(bool),
    Text(Box<str>),
    Integer(i32),
    Decimal(Decimal),
    Date(Temporal),
    DateTime(Temporal),
    Time(Temporal),
    Quantity(Box<Quantity>),
}

/// What `%name` stands for; constants of the specification become literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Context,
    Resource,
    RootResource,
    /// One that the caller gives.
    Given(Box<str>),
}

/// A start and the steps from it.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) start: Expr,
    pub(crate) links: Vec<Link>,
}

/// One step.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    Field(Field),
    Call(Call),
    /// `[…]`, and the byte at which it stands.
    At(Expr, usize),
}

/// A name.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: Box<str>,
    pub(crate) offset: usize,
    /// Where the name starts a path it may be the type of the focus: `Patient.name`.
    pub(crate) starts: bool,
    /// The type of that name.
    pub(crate) named: Option<TypeId>,
    /// What the name means for the types that are expected here; others are looked up when met.
    pub(crate) plans: Box<[Plan]>,
}

/// What a name means on one type.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) of: TypeId,
    pub(crate) keys: Box<[Key]>,
}

/// One JSON key and the type of its value.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) key: Box<str>,
    pub(crate) ty: TypeId,
    pub(crate) class: Class,
}

/// A function with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) ty: Option<TypeSpec>,
    /// The regular expression, where it is a constant.
    pub(crate) regex: Option<Box<Regex>>,
    pub(crate) offset: usize,
}

/// Operators of one precedence, from left to right.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) first: Expr,
    pub(crate) rest: Vec<Operation>,
}

/// An operator and what stands right of it.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Binary(Binary, Expr),
    Is(TypeSpec),
    As(TypeSpec),
}

/// The binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Union,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Equivalent,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

/// A type as written, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeSpec {
    pub(crate) namespace: Option<Box<str>>,
    pub(crate) name: Box<str>,
    pub(crate) offset: usize,
    pub(crate) fhir: Option<TypeId>,
    pub(crate) system: Option<System>,
    /// Whether `fhir` was looked up.
    pub(crate) resolved: bool,
}

/// FHIRPath's own types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum System {
    Boolean,
    String,
    Integer,
    Decimal,
    Date,
    DateTime,
    Time,
    Quantity,
}

impl System {
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Boolean, "Boolean"),
        (Self::String, "String"),
        (Self::Integer, "Integer"),
        (Self::Decimal, "Decimal"),
        (Self::Date, "Date"),
        (Self::DateTime, "DateTime"),
        (Self::Time, "Time"),
        (Self::Quantity, "Quantity"),
    ];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(system, _)| *system)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(system, _)| *system == self).map_or("Any", |(_, name)| name)
    }
}
