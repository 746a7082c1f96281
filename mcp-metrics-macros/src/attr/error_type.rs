//! `#[error_type(…)]`.

use heck::{
    ToKebabCase as _, ToLowerCamelCase as _, ToShoutyKebabCase as _, ToShoutySnakeCase as _,
    ToSnakeCase as _, ToUpperCamelCase as _,
};
use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Attribute, Error, Ident, LitStr, Result, Token};

use super::{Krate, expected, nearest};

/// Where the label of a struct or variant comes from, according to its attributes.
pub(crate) enum Rule {
    /// The name of the struct or variant.
    Name,
    /// A literal in the attribute.
    Label(LitStr),
    /// The label of the inner error.
    Transparent(Span),
}

/// The merged `#[error_type]` attributes of a type or variant.
pub(crate) struct ErrorTypeAttributes {
    pub(crate) rule: Rule,
    pub(crate) rename_all: Option<(Case, Span)>,
    pub(crate) krate: Krate,
}

/// A conversion of names to a case.
pub(crate) type Case = fn(&str) -> String;

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

impl ErrorTypeAttributes {
    /// Returns the configuration of an item without attributes.
    pub(crate) const fn none() -> Self {
        Self {
            rule: Rule::Name,
            rename_all: None,
            krate: Krate(None),
        }
    }

    /// Parses the `#[error_type]` attributes among `attrs`.
    pub(crate) fn of(attrs: &[Attribute]) -> Result<Self> {
        let mut all = Self::none();
        for attr in attrs
            .iter()
            .filter(|attr| attr.path().is_ident("error_type"))
        {
            attr.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    all.read(input)?;
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(all)
    }

    fn read(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(LitStr) {
            let label: LitStr = input.parse()?;
            if label.value().is_empty() {
                let message = "label must not be empty; remove the attribute to use the name";
                return Err(Error::new(label.span(), message));
            }
            let span = label.span();
            return self.set(Rule::Label(label), span);
        }
        let word = input.call(Ident::parse_any)?;
        match word.to_string().as_str() {
            "crate" => {
                input.parse::<Token![=]>()?;
                self.krate = Krate(Some(input.parse()?));
                Ok(())
            }
            "rename_all" => {
                input.parse::<Token![=]>()?;
                let case: LitStr = input.parse()?;
                self.rename_all = Some((case_named(&case)?, case.span()));
                Ok(())
            }
            "transparent" => self.set(Rule::Transparent(word.span()), word.span()),
            _ => Err(Error::new(
                word.span(),
                format!(
                    "unknown argument `{word}`; expected a label such as `\"Timeout\"`, or one of \
                     `transparent`, `rename_all`, `crate`"
                ),
            )),
        }
    }

    fn set(&mut self, rule: Rule, span: Span) -> Result<()> {
        if !matches!(self.rule, Rule::Name) {
            return Err(Error::new(
                span,
                "duplicate label; expected one label or `transparent`",
            ));
        }
        self.rule = rule;
        Ok(())
    }
}

fn case_named(name: &LitStr) -> Result<Case> {
    let wanted = name.value();
    let found = CASES.iter().find(|(known, _)| *known == wanted);
    found.map(|(_, case)| *case).ok_or_else(|| {
        let known = CASES.map(|(known, _)| known);
        let hint = nearest(&wanted, &known).map_or_else(
            || expected(&known),
            |near| format!("did you mean `{near}`?"),
        );
        Error::new(name.span(), format!("unknown case `{wanted}`; {hint}"))
    })
}
