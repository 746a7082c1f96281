//! The parameters of a generated retry loop.

use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Result};

use super::results::Results as _;

/// The parameters of a loop that `#[tracked_retry]` generates.
pub(crate) struct GeneratedLoop {
    pub(crate) attempts: Expr,
    pub(crate) delay: DurationArg,
    pub(crate) factor: Factor,
    pub(crate) max_delay: DurationArg,
    pub(crate) jitter: bool,
}

/// A duration: `"200ms"`, or an expression of type `Duration`.
pub(crate) enum DurationArg {
    Nanoseconds(u64),
    Dynamic(Expr),
}

/// The growth of the delay per attempt: a number, or an expression of type `f32`.
pub(crate) enum Factor {
    Literal(f32),
    Dynamic(Expr),
}

const DEFAULT_DELAY: DurationArg = DurationArg::Nanoseconds(100_000_000);
const DEFAULT_FACTOR: Factor = Factor::Literal(2.0);
const DEFAULT_MAX_DELAY: DurationArg = DurationArg::Nanoseconds(60_000_000_000);

/// The arguments that are only allowed with `attempts`, as written.
pub(super) struct Backoff {
    pub(super) delay: Option<Expr>,
    pub(super) factor: Option<Expr>,
    pub(super) max_delay: Option<Expr>,
    pub(super) jitter: Option<Ident>,
}

impl Backoff {
    /// Returns an error at the first argument, for a loop that the attribute does not generate.
    pub(super) fn must_be_empty(self) -> Result<()> {
        let message = "backoff arguments require `attempts`; add `attempts = …`, or remove this \
                       argument to count the loop in the function";
        match (self.delay.or(self.factor).or(self.max_delay), self.jitter) {
            (Some(value), _) => Err(Error::new_spanned(value, message)),
            (None, Some(flag)) => Err(Error::new(flag.span(), message)),
            (None, None) => Ok(()),
        }
    }
}

impl GeneratedLoop {
    /// Checks the parameters, and replaces missing ones by their defaults.
    pub(super) fn new(attempts: Expr, backoff: Backoff) -> Result<Self> {
        let Backoff {
            delay,
            factor,
            max_delay,
            jitter,
        } = backoff;
        let duration = |name, value: Option<Expr>, default| {
            value.map_or(Ok(default), |value| DurationArg::new(name, value))
        };
        let (attempts, delay, max_delay, factor) = (
            at_least_one("attempts", attempts),
            duration("delay", delay, DEFAULT_DELAY),
            duration("max_delay", max_delay, DEFAULT_MAX_DELAY),
            factor.map_or(Ok(DEFAULT_FACTOR), Factor::new),
        )
            .all()?;
        Ok(Self {
            attempts,
            delay,
            factor,
            max_delay,
            jitter: jitter.is_some(),
        })
    }
}

/// Checks that a literal is an integer and at least 1. Other expressions pass.
fn at_least_one(name: &str, value: Expr) -> Result<Expr> {
    match &value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => match number.base10_parse::<u32>() {
            Ok(0) => Err(Error::new(
                number.span(),
                format!("`{name}` must be at least 1"),
            )),
            Ok(_) => Ok(value),
            Err(_) => Err(Error::new(
                number.span(),
                format!("`{name}` must be at most {}", u32::MAX),
            )),
        },
        Expr::Lit(other) => Err(Error::new_spanned(
            other,
            format!("`{name}` must be an integer, such as 3"),
        )),
        _ => Ok(value),
    }
}

impl DurationArg {
    fn new(name: &str, value: Expr) -> Result<Self> {
        match value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => nanoseconds(&text).map(Self::Nanoseconds).ok_or_else(|| {
                let message = format!(
                    "`{name}` must be a number with a unit (ns, us, ms, s, m, h), such as \
                     \"200ms\" or \"1.5s\""
                );
                Error::new(text.span(), message)
            }),
            Expr::Lit(other) => Err(Error::new_spanned(
                other,
                format!(
                    "`{name}` must be a string with a unit, such as \"200ms\", or an expression of \
                     type `Duration`"
                ),
            )),
            expression => Ok(Self::Dynamic(expression)),
        }
    }
}

fn nanoseconds(text: &LitStr) -> Option<u64> {
    let text = text.value();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(unit_at);
    let nanoseconds_per_unit = match unit.trim() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" | "min" => 60e9,
        "h" => 3600e9,
        _ => return None,
    };
    let nanoseconds = number.parse::<f64>().ok()? * nanoseconds_per_unit;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "digits are not negative, and casts saturate"
    )]
    Some(nanoseconds.round() as u64)
}

impl Factor {
    fn new(value: Expr) -> Result<Self> {
        let literal = match &value {
            Expr::Lit(ExprLit {
                lit: Lit::Float(number),
                ..
            }) => number.base10_parse::<f32>().ok(),
            Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            }) => number.base10_parse::<f32>().ok(),
            Expr::Lit(_) | Expr::Unary(_) => None,
            _ => return Ok(Self::Dynamic(value)),
        };
        match literal {
            Some(number) if number >= 1.0 => Ok(Self::Literal(number)),
            _ => Err(Error::new_spanned(
                value,
                "`factor` must be a number that is at least 1, such as 2.0",
            )),
        }
    }
}
