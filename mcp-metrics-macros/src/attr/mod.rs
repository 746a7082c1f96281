//! The arguments of the attributes.
//!
//! They are first parsed as written ([`RawArgs`]), then validated into a configuration for each
//! attribute.

mod block;
mod duration;
mod error_type;
mod events;
mod retry;
mod tracked;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Expr, ExprLit, Ident, Lit, Path, Result, Token};

pub(crate) use block::BlockArgs;
pub(crate) use error_type::{Case, ErrorTypeAttributes, Rule};
pub(crate) use events::{Event, EventArgs};
pub(crate) use retry::{GeneratedLoop, RetryArgs};
pub(crate) use tracked::{ErrorLabel, OutcomeRule, TrackedArgs};

/// Unvalidated arguments: `value, …, key = value, …, flag`.
pub(crate) struct RawArgs {
    positional: Vec<Expr>,
    named: Vec<(Ident, Expr)>,
    flags: Vec<Ident>,
}

impl RawArgs {
    /// Parses arguments. An identifier in `flags` is a flag, not an expression.
    fn parse(tokens: TokenStream, flags: &'static [&'static str]) -> Result<Self> {
        (|input: ParseStream<'_>| Self::parse_from(input, flags)).parse2(tokens)
    }

    fn parse_from(input: ParseStream<'_>, flags: &[&str]) -> Result<Self> {
        let mut args = Self {
            positional: Vec::new(),
            named: Vec::new(),
            flags: Vec::new(),
        };
        while !input.is_empty() {
            let start = input.fork();
            if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
                let key = input.call(Ident::parse_any)?;
                input.parse::<Token![=]>()?;
                args.named.push((key, input.parse()?));
            } else if start
                .parse::<Ident>()
                .is_ok_and(|name| flags.iter().any(|flag| name == flag))
            {
                args.flags.push(input.parse()?);
            } else if let Some((key, _)) = args.named.last() {
                let message =
                    format!("positional arguments cannot follow the named argument `{key}`");
                return Err(input.error(message));
            } else {
                args.positional.push(input.parse()?);
            }
            if input.is_empty() {
                break;
            }
            if !input.peek(Token![,]) {
                return Err(input.error("expected `,` before this argument"));
            }
            input.parse::<Token![,]>()?;
        }
        Ok(args)
    }

    /// Returns the value with this name or at this position.
    fn value_of(&self, name: &str, position: usize) -> Option<&Expr> {
        let named = self.named.iter().find(|(key, _)| key == name);
        named
            .map(|(_, value)| value)
            .or_else(|| self.positional.get(position))
    }

    /// Names the positional arguments by `order`, then checks that every name is one of `known` and
    /// occurs once.
    fn resolve(self, order: &[&str], known: &[&str]) -> Result<Named> {
        let mut errors = Errors::default();
        let mut named = Vec::new();
        for (at, value) in self.positional.into_iter().enumerate() {
            match order.get(at) {
                Some(name) => named.push((Ident::new(name, Span::call_site()), value)),
                None => errors.push(Error::new_spanned(
                    value,
                    match order {
                        [] => "unexpected positional argument; expected `name = value`".to_owned(),
                        _ => format!(
                            "unexpected positional argument; expected at most {}: {}",
                            order.len(),
                            list(order)
                        ),
                    },
                )),
            }
        }
        for (key, value) in self.named {
            if !known.iter().any(|name| key == name) {
                let hint = nearest(&key.to_string(), known)
                    .map_or_else(|| expected(known), |near| format!("did you mean `{near}`?"));
                errors.push(Error::new(
                    key.span(),
                    format!("unknown argument `{key}`; {hint}"),
                ));
            } else if named.iter().any(|(earlier, _)| *earlier == key) {
                errors.push(Error::new(
                    key.span(),
                    format!("duplicate argument `{key}`"),
                ));
            } else {
                named.push((key, value));
            }
        }
        errors.finish()?;
        Ok(Named {
            named,
            flags: self.flags,
        })
    }
}

/// Validated arguments: each has a known name and occurs once.
struct Named {
    named: Vec<(Ident, Expr)>,
    flags: Vec<Ident>,
}

impl Named {
    fn take(&mut self, name: &str) -> Option<Expr> {
        let at = self.named.iter().position(|(key, _)| key == name)?;
        Some(self.named.swap_remove(at).1)
    }

    fn flag(&self, name: &str) -> Option<&Ident> {
        self.flags.iter().find(|flag| *flag == name)
    }

    /// Returns the path of the runtime crate.
    fn krate(&mut self) -> Result<Krate> {
        match self.take("crate") {
            None => Ok(Krate(None)),
            Some(Expr::Path(path)) if path.qself.is_none() => Ok(Krate(Some(path.path))),
            Some(other) => Err(Error::new_spanned(
                other,
                "`crate` must be a path to the `mcp_metrics` crate, such as `::my_metrics`",
            )),
        }
    }
}

/// The path of the runtime crate: `::mcp_metrics` unless it was renamed.
#[derive(Clone)]
pub(crate) struct Krate(pub(crate) Option<Path>);

impl ToTokens for Krate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote_spanned!(Span::mixed_site()=> ::mcp_metrics)),
        }
    }
}

/// A label: a string literal, or an expression that is evaluated at each call.
pub(crate) enum Label {
    Literal(syn::LitStr),
    Dynamic(Expr),
}

impl Label {
    /// Returns `value` as the label `name`.
    fn new(name: &str, value: Expr) -> Result<Self> {
        match value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if text.value().is_empty() => Err(Error::new(
                text.span(),
                format!("`{name}` must not be empty"),
            )),
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Ok(Self::Literal(text)),
            Expr::Lit(other) => Err(Error::new_spanned(
                other,
                format!(
                    "`{name}` must be a string literal, or an expression that returns a string"
                ),
            )),
            expression => Ok(Self::Dynamic(expression)),
        }
    }
}

impl ToTokens for Label {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(text) => text.to_tokens(tokens),
            Self::Dynamic(expression) => expression.to_tokens(tokens),
        }
    }
}

/// The errors of one item, collected to be reported together.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Returns a hint for an unknown name: `` expected one of `a`, `b` ``.
fn expected(known: &[&str]) -> String {
    match known {
        [only] => format!("expected `{only}`"),
        _ => format!("expected one of {}", list(known)),
    }
}

/// Returns the names quoted and separated by commas.
fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Returns the known name with the least edit distance to `name`, if it is a likely typo.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let (distance, near) = known
        .iter()
        .map(|known| (strsim::levenshtein(name, known), *known))
        .min()?;
    (distance <= 2 && distance < near.len()).then_some(near)
}

/// Checks that a literal is an integer and at least 1. Other expressions pass.
fn at_least_one(name: &str, value: &Expr) -> Result<()> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => match number.base10_parse::<u32>() {
            Ok(0) => Err(Error::new(
                number.span(),
                format!("`{name}` must be at least 1"),
            )),
            Ok(_) => Ok(()),
            Err(_) => Err(Error::new(
                number.span(),
                format!("`{name}` must be at most {}", u32::MAX),
            )),
        },
        Expr::Lit(other) => Err(Error::new_spanned(
            other,
            format!("`{name}` must be an integer, such as 3"),
        )),
        _ => Ok(()),
    }
}
