//! Arguments as written, and their assignment to names.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Expr, ExprLit, Ident, Lit, Path, Result, Token};

use super::label::Label;
use super::results::Results as _;
use super::{krate, suggest};

/// Unvalidated arguments: `value, …, key = value, …, flag`.
pub(super) struct RawArgs {
    positional: Vec<Expr>,
    named: Vec<(Ident, Expr)>,
    flags: Vec<Ident>,
}

impl RawArgs {
    /// Parses arguments. An identifier in `flags` is a flag, not an expression.
    pub(super) fn parse(tokens: TokenStream, flags: &'static [&'static str]) -> Result<Self> {
        (|input: ParseStream<'_>| Self::parse_from(input, flags)).parse2(tokens)
    }

    fn parse_from(input: ParseStream<'_>, flags: &[&str]) -> Result<Self> {
        let mut args = Self {
            positional: Vec::new(),
            named: Vec::new(),
            flags: Vec::new(),
        };
        while !input.is_empty() {
            let word = lone_word(input);
            if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
                let key = input.call(Ident::parse_any)?;
                if flags.iter().any(|flag| key == flag) {
                    let message = format!("`{key}` takes no value; write `{key}` alone");
                    return Err(Error::new(key.span(), message));
                }
                input.parse::<Token![=]>()?;
                args.named.push((key, visible(input.parse()?)));
            } else if word
                .as_ref()
                .is_some_and(|word| flags.iter().any(|flag| word == flag))
            {
                let flag: Ident = input.parse()?;
                if args.flag(&flag.to_string()).is_some() {
                    let message = format!("duplicate argument `{flag}`");
                    return Err(Error::new(flag.span(), message));
                }
                args.flags.push(flag);
            } else if let Some((key, _)) = args.named.last() {
                return Err(input.error(
                    match word.and_then(|word| suggest::typo(&word.to_string(), flags)) {
                        Some(flag) => format!("unknown flag; did you mean `{flag}`?"),
                        None => {
                            format!("positional arguments cannot follow the named argument `{key}`")
                        }
                    },
                ));
            } else {
                args.positional.push(visible(input.parse()?));
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
    pub(super) fn value_of(&self, name: &str, position: usize) -> Option<&Expr> {
        let named = self.named.iter().find(|(key, _)| key == name);
        named
            .map(|(_, value)| value)
            .or_else(|| self.positional.get(position))
    }

    /// Returns a flag, if it is given.
    pub(super) fn flag(&self, name: &str) -> Option<&Ident> {
        self.flags.iter().find(|flag| *flag == name)
    }

    /// Returns the first flag.
    pub(super) fn first_flag(&self) -> Option<&Ident> {
        self.flags.first()
    }

    /// Names the positional arguments by `order`, then checks that every name is one of `known` and
    /// occurs once.
    pub(super) fn resolve(self, order: &[&str], known: &[&str]) -> Result<Args> {
        let positional = self.positional.into_iter().enumerate();
        let mut named: Vec<Result<(Ident, Expr)>> = positional
            .map(|(at, value)| match order.get(at) {
                Some(name) => Ok((Ident::new(name, Span::call_site()), value)),
                None => Err(unexpected(&value, order)),
            })
            .collect();
        for (key, value) in self.named {
            let message = if !known.iter().any(|name| key == name) {
                let hint = suggest::hint(&key.to_string(), known);
                Some(format!("unknown argument `{key}`; {hint}"))
            } else if named.iter().flatten().any(|(earlier, _)| *earlier == key) {
                Some(format!("duplicate argument `{key}`"))
            } else {
                None
            };
            named.push(match message {
                Some(message) => Err(Error::new(key.span(), message)),
                None => Ok((key, value)),
            });
        }
        Ok(Args {
            named: named.all()?,
            flags: self.flags,
        })
    }
}

impl ToTokens for RawArgs {
    /// Prints each argument with a trailing comma.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            positional,
            named,
            flags,
        } = self;
        let named = named.iter().map(|(key, value)| quote!(#key = #value));
        tokens.extend(quote!(#(#positional,)* #(#named,)* #(#flags,)*));
    }
}

/// Returns the next argument if it is an identifier, which may be a flag.
fn lone_word(input: ParseStream<'_>) -> Option<Ident> {
    let next = input.fork();
    let word = next.parse().ok()?;
    (next.is_empty() || next.peek(Token![,])).then_some(word)
}

/// Returns the literal that a `macro_rules` macro passes as a `literal` or `expr` fragment, which is
/// in an invisible group.
fn visible(value: Expr) -> Expr {
    match value {
        Expr::Group(group) if matches!(*group.expr, Expr::Lit(_) | Expr::Group(_)) => {
            visible(*group.expr)
        }
        value => value,
    }
}

fn unexpected(value: &Expr, order: &[&str]) -> Error {
    let message = match order {
        [] => "unexpected positional argument; expected `name = value`".to_owned(),
        _ => format!(
            "unexpected positional argument; expected at most {}: {}",
            order.len(),
            suggest::list(order)
        ),
    };
    Error::new_spanned(value, message)
}

/// Arguments that each have a known name and occur once.
pub(super) struct Args {
    named: Vec<(Ident, Expr)>,
    flags: Vec<Ident>,
}

impl Args {
    /// Removes and returns an argument.
    pub(super) fn take(&mut self, name: &str) -> Option<Expr> {
        let at = self.named.iter().position(|(key, _)| key == name)?;
        Some(self.named.swap_remove(at).1)
    }

    /// Removes and returns an argument that is `true` or `false`.
    pub(super) fn take_bool(&mut self, name: &str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Expr::Lit(ExprLit {
                lit: Lit::Bool(value),
                ..
            })) => Ok(Some(value.value)),
            Some(other) => Err(Error::new_spanned(
                other,
                format!("`{name}` must be `true` or `false`"),
            )),
        }
    }

    /// Removes and returns a required label. `usage` completes the error if the label is missing.
    pub(super) fn take_label(&mut self, name: &str, usage: &str) -> Result<Label> {
        let value = self.take(name).ok_or_else(|| {
            Error::new(
                Span::call_site(),
                format!("missing argument `{name}`; expected {usage}"),
            )
        });
        value.and_then(|value| Label::new(name, value))
    }

    /// Removes and returns the path of the runtime crate.
    pub(super) fn take_krate(&mut self) -> Result<Path> {
        krate::path(self.take("crate"))
    }

    /// Returns a flag, if it is given.
    pub(super) fn flag(&self, name: &str) -> Option<&Ident> {
        self.flags.iter().find(|flag| *flag == name)
    }
}
