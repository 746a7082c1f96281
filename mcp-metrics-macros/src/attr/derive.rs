//! The labels of a type with `#[derive(ErrorType)]`.

use syn::ext::IdentExt as _;
use syn::{
    Data, DataEnum, DataStruct, DeriveInput, Error, Fields, Ident, LitStr, Member, Path, Result,
    Type,
};

use super::error_type::{Arguments, Case, ItemConfig, Rule};
use super::results::Results as _;

/// The configuration of a derive.
pub(crate) struct ErrorTypeArgs {
    pub(crate) krate: Result<Path>,
    /// The struct, or the variants.
    pub(crate) arms: Result<Vec<LabelArm>>,
}

/// A struct or variant, and the source of its label.
pub(crate) struct LabelArm {
    /// `None` for a struct.
    pub(crate) variant: Option<Ident>,
    pub(crate) label: LabelSource,
}

impl LabelArm {
    /// Returns the label, unless it is that of a field.
    pub(crate) const fn literal(&self) -> Option<&LitStr> {
        match &self.label {
            LabelSource::Literal(label) => Some(label),
            LabelSource::Inner(..) => None,
        }
    }
}

/// The source of a label.
pub(crate) enum LabelSource {
    Literal(LitStr),
    /// The error in this field.
    Inner(Member, Box<Type>),
}

impl ErrorTypeArgs {
    /// Parses the attributes of a type and its variants.
    pub(crate) fn of(input: &DeriveInput) -> Self {
        let arguments = Arguments::of(&input.attrs);
        let krate = arguments.krate();
        let container = arguments.merged();
        let arms = match &input.data {
            Data::Struct(data) => of_struct(&input.ident, data, container),
            Data::Enum(data) => of_enum(data, container),
            Data::Union(data) => Err(Error::new(
                data.union_token.span,
                "`ErrorType` can only be derived for structs and enums",
            )),
        };
        Self { krate, arms }
    }
}

fn of_struct(name: &Ident, data: &DataStruct, config: Result<ItemConfig>) -> Result<Vec<LabelArm>> {
    let ItemConfig { rule, rename_all } = config?;
    let is_plain = match rename_all {
        None => Ok(()),
        Some((_, span)) => Err(Error::new(
            span,
            "`rename_all` is only allowed on enums; use `#[error_type(\"…\")]` to set the label of \
             a struct",
        )),
    };
    let ((), label) = (is_plain, source(name, &data.fields, rule, None)).all()?;
    let variant = None;
    Ok(vec![LabelArm { variant, label }])
}

fn of_enum(data: &DataEnum, config: Result<ItemConfig>) -> Result<Vec<LabelArm>> {
    let (rename_all, config) = match config {
        Ok(config) => (config.rename_all, unlabelled(&config.rule)),
        Err(error) => (None, Err(error)),
    };
    let case = rename_all.map(|(case, _)| case);
    let arms = data.variants.iter().map(|variant| {
        let ItemConfig { rule, .. } = Arguments::of(&variant.attrs).merged()?;
        Ok(LabelArm {
            variant: Some(variant.ident.clone()),
            label: source(&variant.ident, &variant.fields, rule, case)?,
        })
    });
    let ((), arms) = (config, arms.collect::<Vec<_>>().all()).all()?;
    Ok(arms)
}

/// Checks that an enum itself has no label.
fn unlabelled(rule: &Rule) -> Result<()> {
    let span = match rule {
        Rule::Name => return Ok(()),
        Rule::Label(text) => text.span(),
        Rule::Transparent(span) => *span,
    };
    let message = "not allowed on an enum; apply the attribute to its variants";
    Err(Error::new(span, message))
}

/// Returns the source of the label of a struct or variant.
fn source(name: &Ident, fields: &Fields, rule: Rule, case: Option<Case>) -> Result<LabelSource> {
    match rule {
        Rule::Name => {
            let unraw = name.unraw().to_string();
            let label = case.map_or_else(|| unraw.clone(), |case| case(&unraw));
            Ok(LabelSource::Literal(LitStr::new(&label, name.span())))
        }
        Rule::Label(label) => Ok(LabelSource::Literal(label)),
        Rule::Transparent(span) => {
            let mut members = fields.members().zip(fields);
            match (members.next(), members.next()) {
                (Some((member, field)), None) => {
                    Ok(LabelSource::Inner(member, Box::new(field.ty.clone())))
                }
                _ => Err(Error::new(
                    span,
                    format!(
                        "`transparent` requires exactly one field, found {}",
                        fields.len()
                    ),
                )),
            }
        }
    }
}
