//! Duration arguments: `"200ms"`, or an expression of type `Duration`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{Error, Expr, ExprLit, Lit, LitStr, Result};

/// Returns an expression of type `Duration` for the argument `name`.
pub(super) fn duration(name: &str, value: &Expr) -> Result<TokenStream> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => {
            let nanoseconds = parse(text).ok_or_else(|| {
                let message = format!(
                    "`{name}` must be a number with a unit (ns, us, ms, s, m, h), such as \
                     \"200ms\" or \"1.5s\""
                );
                Error::new(text.span(), message)
            })?;
            Ok(
                quote_spanned!(Span::mixed_site()=> ::core::time::Duration::from_nanos(#nanoseconds)),
            )
        }
        Expr::Lit(other) => Err(Error::new_spanned(
            other,
            format!(
                "`{name}` must be a string with a unit, such as \"200ms\", or an expression of \
                 type `Duration`"
            ),
        )),
        expression => Ok(expression.to_token_stream()),
    }
}

fn parse(text: &LitStr) -> Option<u64> {
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
