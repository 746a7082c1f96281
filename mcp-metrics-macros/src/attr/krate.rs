//! The path of the runtime crate.

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Path, PathSegment, Result, Token};

use super::dependency;

/// Returns the path of the runtime crate if it was not renamed: `::mcp_metrics`.
fn default_path() -> Path {
    let span = Span::mixed_site();
    let mut segments = Punctuated::new();
    segments.push(PathSegment::from(Ident::new("mcp_metrics", span)));
    Path {
        leading_colon: Some(Token![::](span)),
        segments,
    }
}

/// Returns the path if `#[error_type(crate = …)]` does not set another. The package must be able to
/// name it.
pub(super) fn default_of_derive() -> Result<Path> {
    dependency::check("#[error_type(crate = telemetry::mcp_metrics)]")?;
    Ok(default_path())
}

/// Returns the path in the argument `crate`, or else the default, which the package must be able to
/// name.
pub(super) fn path(value: Option<Expr>) -> Result<Path> {
    match value {
        None => {
            dependency::check("crate = telemetry::mcp_metrics")?;
            Ok(default_path())
        }
        Some(Expr::Path(path)) if path.qself.is_none() => Ok(path.path),
        Some(other) => Err(Error::new_spanned(
            other,
            "`crate` must be a path to the `mcp_metrics` crate, such as `::my_metrics`",
        )),
    }
}
