//! The parser: precedence climbing over the grammar of FHIRPath N1.

use super::ast::{Binary, Call, Chain, Expr, Field, Link, Literal, Operation, Path, System, TypeSpec, Variable};
use super::functions::{self, Function, Set, Text};
use super::lex::{Lexer, Token};
use crate::error::{ParseError, ParseFault};
use crate::eval::regex_of;
use crate::value::quantity::Calendar;
use crate::value::{Quantity, Unit};
use crate::{MOST_BYTES, MOST_DEPTH};

/// Precedence of `is` and `as`; binary operators stand in [`operator`].
const TYPE_POWER: u8 = 8;
/// Precedence of a sign before its operand: above every binary operator.
const SIGN_POWER: u8 = 11;

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Expr, ParseError> {
    if text.len() > MOST_BYTES {
        return Err(ParseError::new(ParseFault::TooLong, MOST_BYTES));
    }
    let mut lexer = Lexer::new(text);
    let (token, at) = lexer.next()?;
    let mut parser = Parser { lexer, token, at, depth: 0 };
    let expression = parser.expression(0)?;
    match parser.token {
        Token::End => Ok(expression),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token<'t>,
    /// Byte at which `token` starts.
    at: usize,
    depth: usize,
}

/// A binary operator and how strongly it binds.
fn operator(token: &Token<'_>) -> Option<(Binary, u8)> {
    Some(match token {
        Token::Sign(sign) => match *sign {
            "*" => (Binary::Multiply, 10),
            "/" => (Binary::Divide, 10),
            "+" => (Binary::Add, 9),
            "-" => (Binary::Subtract, 9),
            "&" => (Binary::Concatenate, 9),
            "|" => (Binary::Union, 7),
            "<" => (Binary::Less, 6),
            "<=" => (Binary::LessOrEqual, 6),
            ">" => (Binary::Greater, 6),
            ">=" => (Binary::GreaterOrEqual, 6),
            "=" => (Binary::Equal, 5),
            "!=" => (Binary::NotEqual, 5),
            "~" => (Binary::Equivalent, 5),
            "!~" => (Binary::NotEquivalent, 5),
            _ => return None,
        },
        Token::Name(name, false) => match &**name {
            "div" => (Binary::Div, 10),
            "mod" => (Binary::Mod, 10),
            "in" => (Binary::In, 4),
            "contains" => (Binary::Contains, 4),
            "and" => (Binary::And, 3),
            "or" => (Binary::Or, 2),
            "xor" => (Binary::Xor, 2),
            "implies" => (Binary::Implies, 1),
            _ => return None,
        },
        _ => return None,
    })
}

impl<'t> Parser<'t> {
    fn advance(&mut self) -> Result<Token<'t>, ParseError> {
        let (token, at) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn unexpected(&self) -> ParseError {
        ParseError::new(ParseFault::Unexpected, self.at)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.token, Token::Sign(found) if found == sign)
    }

    fn take(&mut self, sign: &str) -> Result<(), ParseError> {
        if !self.is_sign(sign) {
            return Err(self.unexpected());
        }
        self.advance().map(|_| ())
    }

    /// An expression whose operators bind more strongly than `least`.
    fn expression(&mut self, least: u8) -> Result<Expr, ParseError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(ParseError::new(ParseFault::TooDeep, self.at));
        }
        let mut left = (self.unary()?, 0);
        loop {
            let typed = match &self.token {
                Token::Name(name, false) if name == "is" && least < TYPE_POWER => Some(true),
                Token::Name(name, false) if name == "as" && least < TYPE_POWER => Some(false),
                _ => None,
            };
            let (operation, power) = if let Some(is) = typed {
                self.advance()?;
                let spec = self.type_spec()?;
                (if is { Operation::Is(spec) } else { Operation::As(spec) }, TYPE_POWER)
            } else {
                let Some((binary, power)) = operator(&self.token).filter(|(_, power)| *power > least) else { break };
                self.advance()?;
                (Operation::Binary(binary, self.expression(power)?), power)
            };
            left = chained(left, operation, power);
        }
        self.depth -= 1;
        Ok(left.0)
    }

    /// An operand with its signs.
    fn unary(&mut self) -> Result<Expr, ParseError> {
        let minus = self.is_sign("-");
        if !minus && !self.is_sign("+") {
            return self.path();
        }
        self.advance()?;
        let operand = self.expression(SIGN_POWER)?;
        Ok(match (minus, operand) {
            (true, Expr::Literal(Literal::Integer(n))) => Expr::Literal(Literal::Integer(-n)),
            (true, Expr::Literal(Literal::Decimal(d))) => Expr::Literal(Literal::Decimal(-d)),
            (true, operand) => Expr::Minus(Box::new(operand)),
            (false, operand) => Expr::Plus(Box::new(operand)),
        })
    }

    /// A term and the steps from it.
    fn path(&mut self) -> Result<Expr, ParseError> {
        let mut links = Vec::new();
        let first = match &self.token {
            Token::Name(name, quoted) if *quoted || !matches!(&**name, "true" | "false") => {
                links.push(self.invocation(true)?);
                Expr::This
            }
            _ => self.term()?,
        };
        loop {
            if self.is_sign(".") {
                self.advance()?;
                links.push(self.invocation(false)?);
            } else if self.is_sign("[") {
                let at = self.at;
                self.advance()?;
                links.push(Link::At(self.expression(0)?, at));
                self.take("]")?;
            } else {
                break;
            }
        }
        if links.is_empty() {
            return Ok(first);
        }
        Ok(Expr::Path(Box::new(Path { start: first, links })))
    }

    /// Literals, variables and brackets.
    fn term(&mut self) -> Result<Expr, ParseError> {
        let at = self.at;
        let literal = match self.advance()? {
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                self.take(")")?;
                return Ok(inner);
            }
            Token::Sign("{") => {
                self.take("}")?;
                return Ok(Expr::Empty);
            }
            Token::Name(name, false) => Literal::Boolean(name == "true"),
            Token::Text(text) => Literal::Text(text.into()),
            Token::Integer(number) => self.quantity(number.into()).unwrap_or(Ok(Literal::Integer(number)))?,
            Token::Decimal(number) => self.quantity(number).unwrap_or(Ok(Literal::Decimal(number)))?,
            Token::Date(date) => Literal::Date(date),
            Token::DateTime(date) => Literal::DateTime(date),
            Token::Time(time) => Literal::Time(time),
            Token::Dollar("this") => return Ok(Expr::This),
            Token::Dollar("index") => return Ok(Expr::Index),
            Token::Dollar(_) => return Ok(Expr::Total),
            Token::Variable(name) => return Ok(variable(&name)),
            _ => return Err(ParseError::new(ParseFault::Unexpected, at)),
        };
        Ok(Expr::Literal(literal))
    }

    /// The quantity that a number starts, if a unit follows.
    fn quantity(&mut self, value: rust_decimal::Decimal) -> Option<Result<Literal, ParseError>> {
        let unit = match &self.token {
            Token::Text(unit) => Unit::from_text(unit),
            Token::Name(word, false) => Unit::Calendar(Calendar::from_word(word)?),
            _ => return None,
        };
        let quantity = Literal::Quantity(Box::new(Quantity { value, unit }));
        Some(self.advance().map(|_| quantity))
    }

    /// A name or a function call.
    fn invocation(&mut self, starts: bool) -> Result<Link, ParseError> {
        let offset = self.at;
        let name = match self.advance()? {
            Token::Name(name, quoted) => {
                let keyword = matches!(&*name, "div" | "mod" | "and" | "or" | "xor" | "implies" | "in");
                if starts && keyword && !quoted {
                    return Err(ParseError::new(ParseFault::Unexpected, offset));
                }
                name
            }
            // `$this` and the like may not follow a dot.
            _ => return Err(ParseError::new(ParseFault::Unexpected, offset)),
        };
        if !self.is_sign("(") {
            return Ok(Link::Field(Field { name: name.into(), offset, starts, named: None, plans: Box::default() }));
        }
        self.advance()?;
        let Some((function, least, most)) = functions::find(&name) else {
            return Err(ParseError::new(ParseFault::UnknownFunction(name.into()), offset));
        };
        let mut call = Call { function, arguments: Vec::new(), ty: None, regex: None, offset };
        if matches!(function, Function::Set(Set::Is | Set::As | Set::OfType)) {
            call.ty = Some(self.type_spec()?);
            self.take(")")?;
            return Ok(Link::Call(call));
        }
        while !self.is_sign(")") {
            if !call.arguments.is_empty() {
                self.take(",")?;
            }
            call.arguments.push(self.expression(0)?);
            if call.arguments.len() > most {
                return Err(ParseError::new(ParseFault::Arguments(name.into()), offset));
            }
        }
        self.advance()?;
        if call.arguments.len() < least {
            return Err(ParseError::new(ParseFault::Arguments(name.into()), offset));
        }
        call.regex = constant_regex(&call)?;
        Ok(Link::Call(call))
    }

    /// `Patient`, `FHIR.Patient`, `System.String`, with or without backticks.
    fn type_spec(&mut self) -> Result<TypeSpec, ParseError> {
        let offset = self.at;
        // Older expressions put the type into brackets or quotes: `is('Patient')`.
        let bracketed = self.is_sign("(");
        if bracketed {
            self.advance()?;
        }
        let mut name = self.type_name()?;
        let mut namespace = None;
        // `(x as Period).start`: a dot after the type belongs to the type only where a namespace stands before it.
        if matches!(&*name, "FHIR" | "System") && self.is_sign(".") {
            self.advance()?;
            namespace = Some(std::mem::replace(&mut name, self.type_name()?));
        }
        if bracketed {
            self.take(")")?;
        }
        Ok(TypeSpec { namespace, name, offset, fhir: None, system: None, resolved: false })
    }

    fn type_name(&mut self) -> Result<Box<str>, ParseError> {
        let at = self.at;
        match self.advance()? {
            Token::Name(name, _) => Ok(name.into()),
            Token::Text(name) => Ok(name.into()),
            _ => Err(ParseError::new(ParseFault::Unexpected, at)),
        }
    }
}

/// `left` with one more operation: a longer chain where the power is the same, else a new one.
fn chained((left, of): (Expr, u8), operation: Operation, power: u8) -> (Expr, u8) {
    match left {
        Expr::Chain(mut chain) if of == power => {
            chain.rest.push(operation);
            (Expr::Chain(chain), power)
        }
        left => (Expr::Chain(Box::new(Chain { first: left, rest: vec![operation] })), power),
    }
}

/// What `%name` stands for.
fn variable(name: &str) -> Expr {
    let constant = match name {
        "context" => return Expr::Variable(Variable::Context),
        "resource" => return Expr::Variable(Variable::Resource),
        "rootResource" => return Expr::Variable(Variable::RootResource),
        "ucum" => "http://unitsofmeasure.org".into(),
        "sct" => "http://snomed.info/sct".into(),
        "loinc" => "http://loinc.org".into(),
        _ => {
            if let Some(rest) = name.strip_prefix("vs-") {
                format!("http://hl7.org/fhir/ValueSet/{rest}")
            } else if let Some(rest) = name.strip_prefix("ext-") {
                format!("http://hl7.org/fhir/StructureDefinition/{rest}")
            } else {
                return Expr::Variable(Variable::Given(name.into()));
            }
        }
    };
    Expr::Literal(Literal::Text(constant.into()))
}

/// The regular expression of a call, where it stands there as a constant.
fn constant_regex(call: &Call) -> Result<Option<Box<regex::Regex>>, ParseError> {
    let Function::Text(function @ (Text::Matches | Text::MatchesFull | Text::ReplaceMatches)) = call.function else {
        return Ok(None);
    };
    let Some(Expr::Literal(Literal::Text(pattern))) = call.arguments.first() else { return Ok(None) };
    let regex = regex_of(pattern, function == Text::MatchesFull);
    regex.map(|regex| Some(Box::new(regex))).map_err(|_| ParseError::new(ParseFault::Regex, call.offset))
}

impl TypeSpec {
    /// Whether only FHIRPath's own types are meant.
    pub(crate) fn is_system(&self) -> bool {
        self.namespace.as_deref() == Some("System")
    }

    /// FHIRPath's own type of that name, unless only FHIR's are meant.
    pub(crate) fn system_type(&self) -> Option<System> {
        (self.namespace.as_deref() != Some("FHIR")).then(|| System::from_name(&self.name)).flatten()
    }
}
