//! `#[error_type(…)]`.

use heck::{
    ToKebabCase as _, ToLowerCamelCase as _, ToShoutyKebabCase as _, ToShoutySnakeCase as _,
    ToSnakeCase as _, ToUpperCamelCase as _,
};
use proc_macro2::{Span, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Attribute, Error, Ident, LitStr, Path, Result, Token};

use super::krate;
use super::results::Results as _;
use super::suggest;

/// The arguments of an item's `#[error_type]` attributes.
pub(super) struct Arguments(Vec<Result<Argument>>);

enum Argument {
    Label(LitStr),
    Transparent(Span),
    RenameAll(Case, Span),
    Crate(Path),
}

/// The merged and checked arguments of an item.
pub(super) struct ItemConfig {
    pub(super) rule: Rule,
    pub(super) rename_all: Option<(Case, Span)>,
}

/// Where the label of a struct or variant comes from, according to its attributes.
pub(super) enum Rule {
    /// The name of the struct or variant.
    Name,
    /// A literal in the attribute.
    Label(LitStr),
    /// The label of the inner error.
    Transparent(Span),
}

/// A conversion of names to a case.
pub(super) type Case = fn(&str) -> String;

/// The supported cases, named as in serde.
const CASES: [(&str, Case); 8] = [
    ("lowercase", |name| name.to_lowercase()),
    ("UPPERCASE", |name| name.to_uppercase()),
    ("PascalCase", |name| name.to_upper_camel_case()),
    ("camelCase", |name| name.to_lower_camel_case()),
    ("snake_case", |name| name.to_snake_case()),
    ("SCREAMING_SNAKE_CASE", |name| name.to_shouty_snake_case()),
    ("kebab-case", |name| name.to_kebab_case()),
    ("SCREAMING-KEBAB-CASE", |name| name.to_shouty_kebab_case()),
];

impl Arguments {
    /// Parses the `#[error_type]` attributes among `attrs`.
    pub(super) fn of(attrs: &[Attribute]) -> Self {
        let attrs = attrs
            .iter()
            .filter(|attr| attr.path().is_ident("error_type"));
        let mut all = Vec::new();
        for attr in attrs {
            let parsed = attr.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    all.push(argument(input));
                    skip_invalid(input, all.last().is_some_and(Result::is_err))?;
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            });
            all.extend(parsed.err().map(Err));
        }
        Self(all)
    }

    /// Returns the path of the runtime crate. Errors in other arguments do not affect it, since
    /// code is generated for an invalid item, too.
    pub(super) fn krate(&self) -> Result<Path> {
        let mut paths = self
            .0
            .iter()
            .flatten()
            .filter_map(|argument| match argument {
                Argument::Crate(path) => Some(path.clone()),
                _ => None,
            });
        paths.next().map_or_else(krate::default_of_derive, Ok)
    }

    /// Merges the arguments.
    pub(super) fn merged(self) -> Result<ItemConfig> {
        let mut rule = None;
        let mut rename_all = None;
        let merged = self.0.into_iter().map(|argument| {
            match argument? {
                Argument::Label(label) => set(&mut rule, label.span(), Rule::Label(label))?,
                Argument::Transparent(span) => set(&mut rule, span, Rule::Transparent(span))?,
                Argument::RenameAll(case, span) => rename_all = Some((case, span)),
                Argument::Crate(_) => {}
            }
            Ok(())
        });
        merged.collect::<Vec<_>>().all()?;
        Ok(ItemConfig {
            rule: rule.unwrap_or(Rule::Name),
            rename_all,
        })
    }
}

fn set(rule: &mut Option<Rule>, span: Span, new: Rule) -> Result<()> {
    if rule.is_some() {
        let message = "duplicate label; expected one label or `transparent`";
        return Err(Error::new(span, message));
    }
    *rule = Some(new);
    Ok(())
}

fn argument(input: ParseStream<'_>) -> Result<Argument> {
    if input.peek(LitStr) {
        let label: LitStr = input.parse()?;
        if label.value().is_empty() {
            let message = "label must not be empty; remove the attribute to use the name";
            return Err(Error::new(label.span(), message));
        }
        return Ok(Argument::Label(label));
    }
    let word = input.call(Ident::parse_any)?;
    match word.to_string().as_str() {
        "crate" => {
            input.parse::<Token![=]>()?;
            Ok(Argument::Crate(input.parse()?))
        }
        "rename_all" => {
            input.parse::<Token![=]>()?;
            let case: LitStr = input.parse()?;
            Ok(Argument::RenameAll(case_named(&case)?, case.span()))
        }
        "transparent" => Ok(Argument::Transparent(word.span())),
        _ => Err(Error::new(
            word.span(),
            format!(
                "unknown argument `{word}`; expected a label such as `\"Timeout\"`, or one of \
                 `transparent`, `rename_all`, `crate`"
            ),
        )),
    }
}

/// Skips the rest of an invalid argument, so that the errors of the next ones are reported, too.
fn skip_invalid(input: ParseStream<'_>, is_invalid: bool) -> Result<()> {
    while is_invalid && !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn case_named(name: &LitStr) -> Result<Case> {
    let wanted = name.value();
    let found = CASES.iter().find(|(known, _)| *known == wanted);
    found.map(|(_, case)| *case).ok_or_else(|| {
        let hint = suggest::hint(&wanted, &CASES.map(|(known, _)| known));
        Error::new(name.span(), format!("unknown case `{wanted}`; {hint}"))
    })
}
