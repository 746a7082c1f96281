//! The attributes and the derive of [`mcp-metrics`](https://docs.rs/mcp-metrics), which re-exports
//! them. Depend on that crate, not on this one.

use proc_macro::TokenStream;

mod attr;
mod expand;
mod function;
mod returns;

#[doc = include_str!("../docs/tracked.md")]
#[proc_macro_attribute]
pub fn tracked(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::tracked::expand(&args.into(), &item.into()).into()
}

#[doc = include_str!("../docs/tracked_retry.md")]
#[proc_macro_attribute]
pub fn tracked_retry(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::retry::expand(args.into(), &item.into()).into()
}

#[doc = include_str!("../docs/error_type.md")]
#[proc_macro_derive(ErrorType, attributes(error_type))]
pub fn error_type(item: TokenStream) -> TokenStream {
    expand::error_type::expand(item.into()).into()
}
