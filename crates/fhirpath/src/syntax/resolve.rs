//! What can be known before any data: the JSON keys of names, the ids of types, and, when checked strictly, what cannot
//! be right.
//!
//! What must hold: this only speeds evaluation up. A name whose type was not foreseen is looked up when it is met, and
//! means the same.

use smallvec::SmallVec;
use tsumugi_fhir_definitions::{Definitions, TypeId};

use super::ast::Variable;
use super::ast::{Binary, Call, Chain, Expr, Field, Key, Link, Literal, Operation, Path, Plan, System, TypeSpec};
use super::functions::{Fhir, Function, Math, Set, Text};
use crate::error::{ParseError, ParseFault};
use crate::item::Class;

/// Most types for which a name is resolved beforehand.
const MOST_PLANS: usize = 16;

/// What is known of a collection's types.
#[derive(Clone, Debug, Default)]
struct Known {
    fhir: SmallVec<[TypeId; 4]>,
    system: SmallVec<[System; 2]>,
    /// Whether there may be others.
    open: bool,
    /// Whether its order means nothing.
    unordered: bool,
}

impl Known {
    fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    fn system(system: System) -> Self {
        Self { system: SmallVec::from_slice(&[system]), ..Self::default() }
    }

    fn fhir(ty: TypeId) -> Self {
        Self { fhir: SmallVec::from_slice(&[ty]), ..Self::default() }
    }

    fn join(mut self, other: &Self) -> Self {
        for ty in &other.fhir {
            if !self.fhir.contains(ty) {
                self.fhir.push(*ty);
            }
        }
        for system in &other.system {
            if !self.system.contains(system) {
                self.system.push(*system);
            }
        }
        self.open |= other.open;
        self.unordered |= other.unordered;
        self
    }

    /// Whether at least one type is known and there are no others.
    fn is_closed(&self) -> bool {
        !(self.open || self.fhir.is_empty() && self.system.is_empty())
    }
}

/// Resolves in place.
pub(crate) fn resolve(
    expr: &mut Expr,
    defs: &Definitions,
    context: Option<TypeId>,
    strict: bool,
) -> Result<(), ParseError> {
    let context = match context {
        Some(ty) if Class::of(defs, ty) != Class::Resource => Known::fhir(ty),
        _ => Known::open(),
    };
    Resolver { defs, strict, context: context.clone() }.expression(expr, &context).map(|_| ())
}

struct Resolver<'d> {
    defs: &'d Definitions,
    strict: bool,
    context: Known,
}

impl Resolver<'_> {
    fn expression(&self, expr: &mut Expr, focus: &Known) -> Result<Known, ParseError> {
        Ok(match expr {
            Expr::Empty => Known::default(),
            Expr::Literal(literal) => Known::system(system_of(literal)),
            Expr::This => focus.clone(),
            Expr::Index => Known::system(System::Integer),
            Expr::Total => Known::open(),
            Expr::Variable(Variable::Context) => self.context.clone(),
            Expr::Variable(_) => Known::open(),
            Expr::Path(path) => self.path(path, focus)?,
            Expr::Chain(chain) => self.chain(chain, focus)?,
            Expr::Minus(operand) | Expr::Plus(operand) => self.expression(operand, focus)?,
        })
    }

    fn path(&self, path: &mut Path, focus: &Known) -> Result<Known, ParseError> {
        let mut known = self.expression(&mut path.start, focus)?;
        for link in &mut path.links {
            known = match link {
                Link::Field(field) => self.field(field, &known)?,
                Link::At(index, offset) => {
                    self.expression(index, focus)?;
                    self.ordered(&known, "[]", *offset)?;
                    known
                }
                Link::Call(call) => self.call(call, known, focus)?,
            };
        }
        Ok(known)
    }

    fn ordered(&self, known: &Known, name: &str, offset: usize) -> Result<(), ParseError> {
        match self.strict && known.unordered {
            true => Err(ParseError::new(ParseFault::Unordered(name.into()), offset)),
            false => Ok(()),
        }
    }

    fn field(&self, field: &mut Field, input: &Known) -> Result<Known, ParseError> {
        let mut output = Known { open: input.open, unordered: input.unordered, ..Known::default() };
        let mut plans = Vec::new();
        let mut found = input.open || !input.is_closed();
        if field.starts && field.name.starts_with(|c: char| c.is_ascii_uppercase()) {
            field.named = self.defs.type_named(&field.name);
            if let Some(named) = field.named
                && (input.open || input.fhir.iter().any(|ty| self.defs.is_a(*ty, named)))
            {
                return Ok(match Class::of(self.defs, named) {
                    Class::Resource => Known::open(),
                    _ => Known::fhir(named),
                });
            }
        }
        for of in &input.fhir {
            let Some(definition) = self.defs.field_named(*of, &field.name) else { continue };
            found = true;
            let mut keys = Vec::with_capacity(definition.types.len());
            for ty in &definition.types {
                let class = Class::of(self.defs, ty.ty);
                keys.push(Key { key: ty.key.clone(), ty: ty.ty, class });
                output = match class {
                    Class::Resource => Known { open: true, ..output },
                    _ => output.join(&Known::fhir(ty.ty)),
                };
            }
            plans.push(Plan { of: *of, keys: keys.into() });
        }
        if self.strict && !found {
            return Err(ParseError::new(ParseFault::UnknownElement(field.name.clone()), field.offset));
        }
        if output.fhir.len() > MOST_PLANS {
            output = Known { open: true, unordered: output.unordered, ..Known::default() };
        }
        field.plans = plans.into();
        Ok(output)
    }

    fn chain(&self, chain: &mut Chain, focus: &Known) -> Result<Known, ParseError> {
        let mut left = self.expression(&mut chain.first, focus)?;
        for operation in &mut chain.rest {
            left = match operation {
                Operation::Is(spec) => {
                    self.spec(spec, true)?;
                    Known::system(System::Boolean)
                }
                Operation::As(spec) => {
                    self.spec(spec, false)?;
                    typed(spec, self.defs)
                }
                Operation::Binary(binary, right) => {
                    let right = self.expression(right, focus)?;
                    match binary {
                        Binary::Union => left.join(&right),
                        Binary::Concatenate => Known::system(System::String),
                        Binary::Add
                        | Binary::Subtract
                        | Binary::Multiply
                        | Binary::Divide
                        | Binary::Div
                        | Binary::Mod => Known::open(),
                        _ => Known::system(System::Boolean),
                    }
                }
            };
        }
        Ok(left)
    }

    /// Looks a type up. For `is`, a type that FHIRPath's own namespace does not have is no error: nothing is of it.
    fn spec(&self, spec: &mut TypeSpec, is: bool) -> Result<(), ParseError> {
        spec.system = spec.system_type();
        spec.fhir = (!spec.is_system()).then(|| self.defs.type_named(&spec.name)).flatten();
        spec.resolved = true;
        match spec.system.is_none() && spec.fhir.is_none() && !(is && spec.is_system()) {
            true => Err(ParseError::new(ParseFault::UnknownType(spec.name.clone()), spec.offset)),
            false => Ok(()),
        }
    }

    fn call(&self, call: &mut Call, input: Known, focus: &Known) -> Result<Known, ParseError> {
        if let Some(spec) = &mut call.ty {
            let is = call.function == Function::Set(Set::Is);
            self.spec(spec, is)?;
            return Ok(if is { Known::system(System::Boolean) } else { typed(spec, self.defs) });
        }
        if self.strict {
            self.operand(call, &input)?;
        }
        let lambda = matches!(
            call.function,
            Function::Set(
                Set::Where | Set::Select | Set::All | Set::Exists | Set::Repeat | Set::Sort | Set::Trace | Set::Iif
            )
        );
        let inner = if lambda { &input } else { focus };
        let mut results: SmallVec<[Known; 3]> = SmallVec::new();
        for argument in &mut call.arguments {
            // `$total` may be anything, so may what an aggregator makes of it.
            results.push(self.expression(argument, inner)?);
        }
        if call.function == Function::Set(Set::Aggregate) {
            for argument in &mut call.arguments {
                self.expression(argument, &input)?;
            }
        }
        if call.function == Function::Set(Set::Repeat)
            && let (Some(argument), Some(once)) = (call.arguments.first_mut(), results.first())
        {
            let both = Known { open: true, ..input.clone().join(once) };
            results[0] = self.expression(argument, &both)?;
        }
        if self.strict && call.function == Function::Set(Set::Iif) {
            let criterion = &results[0];
            if criterion.is_closed() && !criterion.open && !self.may_be(criterion, Class::Boolean) {
                return Err(ParseError::new(ParseFault::Operand("iif".into()), call.offset));
            }
        }
        self.result(call, input, results)
    }

    fn result(&self, call: &Call, input: Known, results: SmallVec<[Known; 3]>) -> Result<Known, ParseError> {
        let mut results = results.into_iter();
        Ok(match call.function {
            Function::Set(set) => match set {
                Set::Where | Set::Distinct | Set::Intersect | Set::Exclude | Set::Trace | Set::Single => input,
                Set::Tail | Set::Skip | Set::Take | Set::First | Set::Last => {
                    self.ordered(&input, "first()/last()/tail()/skip()/take()", call.offset)?;
                    input
                }
                Set::Sort => Known { unordered: false, ..input },
                Set::Select | Set::Repeat => results.next().unwrap_or_default(),
                Set::Union | Set::Combine => input.join(&results.next().unwrap_or_default()),
                Set::Children | Set::Descendants => Known { unordered: true, ..Known::open() },
                Set::Iif => results.skip(1).reduce(|a, b| a.join(&b)).unwrap_or_default(),
                Set::Aggregate | Set::Type => Known::open(),
                Set::Count => Known::system(System::Integer),
                _ => Known::system(System::Boolean),
            },
            Function::Fhir(Fhir::Extension) => self.defs.type_named("Extension").map_or_else(Known::open, Known::fhir),
            Function::Text(text) => match text {
                Text::Length | Text::IndexOf | Text::LastIndexOf => Known::system(System::Integer),
                Text::StartsWith | Text::EndsWith | Text::Contains | Text::Matches | Text::MatchesFull => {
                    Known::system(System::Boolean)
                }
                _ => Known::system(System::String),
            },
            Function::Math(Math::LowBoundary | Math::HighBoundary) => Known::open(),
            Function::Convert(convert) => Known::system(if convert.asks { System::Boolean } else { convert.to }),
            Function::Math(_) | Function::Fhir(_) | Function::Date(_) => Known::open(),
        })
    }

    /// Functions of text do not take elements that have no text.
    fn operand(&self, call: &Call, input: &Known) -> Result<(), ParseError> {
        let Function::Text(_) = call.function else { return Ok(()) };
        if input.is_closed() && !self.may_be(input, Class::String) {
            return Err(ParseError::new(ParseFault::Operand("text function".into()), call.offset));
        }
        Ok(())
    }

    fn may_be(&self, known: &Known, class: Class) -> bool {
        let fits = |system: &System| match class {
            Class::Boolean => *system == System::Boolean,
            _ => *system == System::String,
        };
        known.system.iter().any(fits) || known.fhir.iter().any(|ty| Class::of(self.defs, *ty) == class)
    }
}

/// What is left after `as`.
fn typed(spec: &TypeSpec, defs: &Definitions) -> Known {
    match (spec.fhir, spec.system) {
        (Some(ty), None) if Class::of(defs, ty) != Class::Resource => Known::fhir(ty),
        (Some(_), None) => Known::open(),
        (Some(ty), Some(system)) => Known::fhir(ty).join(&Known::system(system)),
        (None, Some(system)) => Known::system(system),
        (None, None) => Known::open(),
    }
}

fn system_of(literal: &Literal) -> System {
    match literal {
        Literal::Boolean(_) => System::Boolean,
        Literal::Text(_) => System::String,
        Literal::Integer(_) => System::Integer,
        Literal::Decimal(_) => System::Decimal,
        Literal::Date(_) => System::Date,
        Literal::DateTime(_) => System::DateTime,
        Literal::Time(_) => System::Time,
        Literal::Quantity(_) => System::Quantity,
    }
}
