//! The expressions of `math`: how they are read, printed and computed, column by column. A value that is no number is
//! `NaN`, which goes through every computation but `default`, `max` and `min`.

use super::batch::{Batch, Column};
use super::cursor::Cursor;
use super::exec::Needs;
use super::float;
use super::number::{is_number_prefix, parse_math};
use super::problem::{Parsed, Problem, What, fault};
use super::quote::quoted;
use super::trace::{Expected, How};

/// An expression.
#[derive(Debug, Clone)]
pub enum Expression {
    /// A number, and how it is written.
    Number(f64, String),
    /// A field's value.
    Field(String),
    /// A binary operation; whether it stood in parentheses.
    Binary(Operator, Box<Expression>, Box<Expression>, bool),
    /// `-x`.
    Minus(Box<Expression>),
    /// A function.
    Call(Function, Vec<Expression>),
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `^`
    Power,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `%`
    Modulo,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `&`
    And,
    /// `xor`
    Xor,
    /// `or`
    Or,
    /// `default`
    Default,
}

/// Sign, operator, and how loosely it binds.
const OPERATORS: &[(&str, Operator, u8)] = &[
    ("^", Operator::Power, 1),
    ("*", Operator::Times, 2),
    ("/", Operator::Over, 2),
    ("%", Operator::Modulo, 2),
    ("+", Operator::Plus, 3),
    ("-", Operator::Minus, 3),
    ("&", Operator::And, 4),
    ("xor", Operator::Xor, 5),
    ("or", Operator::Or, 6),
    ("default", Operator::Default, 10),
];

impl Operator {
    fn entry(self) -> (&'static str, u8) {
        OPERATORS.iter().find(|(_, operator, _)| *operator == self).map_or(("", 0), |(sign, _, rank)| (sign, *rank))
    }

    fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Power => float::power(a, b),
            Self::Times => a * b,
            Self::Over => a / b,
            Self::Modulo => a % b,
            Self::Plus => a + b,
            Self::Minus => a - b,
            Self::And => bits(a, b, |a, b| a & b),
            Self::Xor => bits(a, b, |a, b| a ^ b),
            Self::Or => bits(a, b, |a, b| a | b),
            Self::Default if a.is_nan() => b,
            Self::Default => a,
        }
    }
}

/// Functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `abs(x)`
    Abs,
    /// `ceil(x)`
    Ceil,
    /// `exp(x)`
    Exp,
    /// `floor(x)`
    Floor,
    /// `ln(x)`
    Ln,
    /// `max(x, y, …)`
    Max,
    /// `min(x, y, …)`
    Min,
    /// `now()`
    Now,
    /// `rand()`
    Rand,
    /// `round(x)`, `round(x, step)`
    Round,
}

/// Name, function, fewest and most arguments.
const FUNCTIONS: &[(&str, Function, usize, usize)] = &[
    ("abs", Function::Abs, 1, 1),
    ("ceil", Function::Ceil, 1, 1),
    ("exp", Function::Exp, 1, 1),
    ("floor", Function::Floor, 1, 1),
    ("ln", Function::Ln, 1, 1),
    ("max", Function::Max, 2, usize::MAX),
    ("min", Function::Min, 2, usize::MAX),
    ("now", Function::Now, 0, 0),
    ("rand", Function::Rand, 0, 0),
    ("round", Function::Round, 1, 2),
];

/// Whether it is a binary operation.
pub(super) fn is_binary(expression: &Expression) -> bool {
    matches!(expression, Expression::Binary(..))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "as on the server"
)]
fn bits(a: f64, b: f64, apply: fn(u64, u64) -> u64) -> f64 {
    // A negative number is taken by its bits as a signed one.
    // What is too large becomes the highest bit alone, as on the server's processors.
    let whole = |value: f64| match value {
        value if value < 0.0 => (value as i64).cast_unsigned(),
        value if value >= 18_446_744_073_709_551_616.0 => 1 << 63,
        value => value as u64,
    };
    if a.is_nan() || b.is_nan() { f64::NAN } else { apply(whole(a), whole(b)) as f64 }
}

impl Expression {
    /// Reads an expression.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.nested(|cursor| {
            let mut left = Self::operand(cursor)?;
            for word in ["xor", "or", "default"] {
                cursor.expects(|| Expected::Word(word.to_owned()));
            }
            // The server takes the operators in lower case only, and quoted ones too.
            while let Some((_, operator, rank)) = OPERATORS.iter().find(|(sign, ..)| *sign == cursor.value()) {
                cursor.advance();
                let right = Self::operand(cursor)?;
                left = left.joined(*operator, *rank, right);
            }
            Ok(left)
        })
    }

    /// Hangs `operator right` where it belongs by its rank: on the right operand where the operator binds tighter.
    fn joined(self, operator: Operator, rank: u8, right: Self) -> Self {
        match self {
            Self::Binary(outer, first, second, false) if outer.entry().1 > rank => {
                Self::Binary(outer, first, Box::new(Self::Binary(operator, second, Box::new(right), false)), false)
            }
            left => Self::Binary(operator, Box::new(left), Box::new(right), false),
        }
    }

    fn operand(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.is(&["("]) {
            cursor.advance();
            let mut inner = Self::parse(cursor)?;
            if let Self::Binary(_, _, _, parens) = &mut inner {
                *parens = true;
            }
            cursor.expect(")")?;
            return Ok(inner);
        }
        if let Some((name, function, fewest, most)) = FUNCTIONS.iter().find(|(name, ..)| cursor.is(&[name])) {
            let mark = cursor.mark();
            cursor.advance();
            let arguments = Self::arguments(cursor)?;
            let got = arguments.len();
            if got < *fewest || got > *most {
                let takes = match (fewest, most) {
                    (0, _) => "0",
                    (1, 1) => "1",
                    (1, _) => "1–2",
                    _ => "2…",
                };
                return fault(cursor.span_since(mark), Problem::Arguments { name: (*name).to_owned(), takes, got });
            }
            return Ok(Self::Call(*function, arguments));
        }
        if cursor.take("-") {
            return cursor.nested(|cursor| Ok(Self::Minus(Box::new(Self::operand(cursor)?))));
        }
        if cursor.take("+") {
            return cursor.nested(Self::operand);
        }
        let is_number = is_number_prefix(cursor.value());
        let mark = cursor.mark();
        if cursor.at_end() {
            return cursor.wanted(What::Operand);
        }
        let text = cursor.compound_until(&["=", "+", "-", "*", "/", "%", "^", ",", ")", "|", "!", ""])?;
        if !is_number {
            let name = if text.is_empty() { "_msg".to_owned() } else { text };
            cursor.note_field(mark, &name, How::Read);
            return Ok(Self::Field(name));
        }
        match parse_math(&text).filter(|value| !value.is_nan()) {
            Some(value) => Ok(Self::Number(value, text)),
            None => fault(cursor.span_since(mark), Problem::BadNumber(text)),
        }
    }

    fn arguments(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        cursor.expect("(")?;
        let mut arguments = Vec::new();
        while !cursor.take(")") {
            arguments.push(Self::parse(cursor)?);
            if !cursor.is(&[")"]) {
                cursor.expect(",")?;
            }
        }
        Ok(arguments)
    }

    /// The fields that it reads.
    pub(super) fn needs(&self, needs: &mut Needs) {
        match self {
            Self::Number(..) => {}
            Self::Field(name) => needs.add(name),
            Self::Binary(_, left, right, _) => {
                left.needs(needs);
                right.needs(needs);
            }
            Self::Minus(inner) => inner.needs(needs),
            Self::Call(_, arguments) => arguments.iter().for_each(|argument| argument.needs(needs)),
        }
    }

    /// The values for all rows of a batch. `drawn` counts the random numbers.
    pub(super) fn evaluate(&self, batch: &Batch, now: i64, drawn: &mut u64) -> Vec<f64> {
        let rows = batch.rows;
        match self {
            Self::Number(value, _) => vec![*value; rows],
            Self::Field(name) => match &**batch.column(name) {
                Column::Same(value) => vec![parse_math(value).unwrap_or(f64::NAN); rows],
                column => (0..rows).map(|row| parse_math(column.get(row)).unwrap_or(f64::NAN)).collect(),
            },
            Self::Minus(inner) => inner.evaluate(batch, now, drawn).into_iter().map(|value| -value).collect(),
            Self::Binary(operator, left, right, _) => {
                let left = left.evaluate(batch, now, drawn);
                let right = right.evaluate(batch, now, drawn);
                left.into_iter().zip(right).map(|(a, b)| operator.apply(a, b)).collect()
            }
            Self::Call(Function::Now, _) => vec![super::number::from_i64(now); rows],
            Self::Call(Function::Rand, _) => (0..rows).map(|_| random(drawn)).collect(),
            Self::Call(function, arguments) => {
                let columns: Vec<Vec<f64>> =
                    arguments.iter().map(|argument| argument.evaluate(batch, now, drawn)).collect();
                let row = |row: usize| columns.iter().map(|column| column[row]).collect::<Vec<f64>>();
                (0..rows).map(|index| function.apply(&row(index))).collect()
            }
        }
    }
}

/// A number from 0 up to 1 that follows from how many were drawn before.
fn random(drawn: &mut u64) -> f64 {
    *drawn += 1;
    let hash = super::xxhash::hash64(&drawn.to_le_bytes());
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / 4_294_967_296.0
}

impl Function {
    fn apply(self, arguments: &[f64]) -> f64 {
        let first = arguments.first().copied().unwrap_or(f64::NAN);
        let best = |better: fn(f64, f64) -> bool| {
            arguments
                .iter()
                .fold(f64::NAN, |best, value| if best.is_nan() || better(*value, best) { *value } else { best })
        };
        match self {
            Self::Abs => first.abs(),
            Self::Ceil => first.ceil(),
            Self::Exp => float::exp(first),
            Self::Floor => first.floor(),
            Self::Ln => float::ln(first),
            Self::Max => best(|a, b| a > b),
            Self::Min => best(|a, b| a < b),
            Self::Round => arguments.get(1).map_or_else(|| first.round(), |step| round_to(first, *step)),
            Self::Now | Self::Rand => f64::NAN,
        }
    }
}

/// The nearest multiple of `step`, without digits beyond those of the step.
fn round_to(value: f64, step: f64) -> f64 {
    let scale = super::number::power_of_ten(decimals(step));
    let shifted = value + 0.5 * step.copysign(value);
    let multiple = shifted - shifted % step;
    (multiple * scale).trunc() / scale
}

/// How many digits after the point the number has; negative where it ends in zeros.
pub(super) fn decimals(value: f64) -> i32 {
    let text = format!("{:e}", value.abs());
    let Some((digits, exponent)) = text.split_once('e') else { return 0 };
    let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    i32::try_from(fraction).unwrap_or(0) - exponent.parse::<i32>().unwrap_or(0)
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rank = |expression: &Self| match expression {
            Self::Binary(operator, ..) => Some(operator.entry().1),
            _ => None,
        };
        let wrapped =
            |expression: &Self, wrap: bool| if wrap { format!("({expression})") } else { expression.to_string() };
        match self {
            // A time would be read as a subtraction without its quotes.
            Self::Number(_, text) if text.trim_start_matches('-').contains('-') => f.write_str(&quoted(text)),
            Self::Number(_, text) => f.write_str(text),
            Self::Field(name) => f.write_str(&quoted(name)),
            Self::Binary(operator, left, right, _) => {
                let (sign, own) = operator.entry();
                let left = wrapped(left, rank(left).is_some_and(|rank| rank > own));
                let right = wrapped(right, rank(right).is_some_and(|rank| rank >= own));
                write!(f, "{left} {sign} {right}")
            }
            Self::Minus(inner) => write!(f, "-{}", wrapped(inner, is_binary(inner))),
            Self::Call(function, arguments) => {
                let name = FUNCTIONS.iter().find(|(_, known, ..)| known == function).map_or("", |(name, ..)| name);
                let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                write!(f, "{name}({})", arguments.join(", "))
            }
        }
    }
}
