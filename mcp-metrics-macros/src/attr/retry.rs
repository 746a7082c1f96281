//! `#[tracked_retry(…)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Error, Expr, ExprLit, Lit, Result};

use super::duration::duration;
use super::{Errors, Krate, Label, RawArgs, at_least_one};

/// How a retry loop is counted, and driven if the attribute drives it.
pub(crate) struct RetryArgs {
    pub(crate) service: Label,
    /// Which errors another attempt may cure; all of them without it.
    pub(crate) retry_if: Option<Expr>,
    pub(crate) driver: Option<Driver>,
    pub(crate) krate: Krate,
}

/// The loop that the attribute drives.
pub(crate) struct Driver {
    pub(crate) attempts: Expr,
    pub(crate) delay: TokenStream,
    pub(crate) factor: TokenStream,
    pub(crate) max_delay: TokenStream,
    pub(crate) jitter: bool,
}

const KNOWN: [&str; 7] = [
    "service",
    "attempts",
    "delay",
    "factor",
    "max_delay",
    "retry_if",
    "crate",
];

impl RetryArgs {
    /// Reads the attribute's arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut args = RawArgs::parse(tokens, &["jitter"])?.resolve(&["service"], &KNOWN)?;
        let mut errors = Errors::default();
        let service = args.take("service").ok_or_else(|| {
            Error::new(
                Span::call_site(),
                "which service is called again? write `#[tracked_retry(\"service\")]`",
            )
        });
        let service = errors.take(service.and_then(|value| Label::new("service", value)));
        let krate = errors.take(args.krate());
        let retry_if = args.take("retry_if");

        let attempts = args.take("attempts");
        let pauses = [
            args.take("delay"),
            args.take("factor"),
            args.take("max_delay"),
        ];
        let driver = if let Some(attempts) = attempts {
            errors.take(Driver::new(attempts, pauses, args.flag("jitter").is_some()))
        } else {
            let orphan = pauses
                .iter()
                .flatten()
                .map(quote::ToTokens::to_token_stream);
            let orphan = orphan
                .chain(args.flag("jitter").map(|flag| quote!(#flag)))
                .next();
            if let Some(orphan) = orphan {
                errors.push(Error::new_spanned(
                    orphan,
                    "pauses belong to a loop that the attribute drives; add `attempts = …`, or \
                     leave this out to count the loop in the function",
                ));
            }
            None
        };
        errors.finish()?;
        match (service, krate) {
            (Some(service), Some(krate)) => Ok(Self {
                service,
                retry_if,
                driver,
                krate,
            }),
            _ => unreachable!("what is missing was an error"),
        }
    }
}

impl Driver {
    fn new(attempts: Expr, pauses: [Option<Expr>; 3], jitter: bool) -> Result<Self> {
        let [delay, factor, max_delay] = pauses;
        let mut errors = Errors::default();
        errors.take(at_least_one("attempts", &attempts));
        let mut pause = |name, value: Option<Expr>, milliseconds: u64| match value {
            Some(value) => errors.take(duration(name, &value)).unwrap_or_default(),
            None => quote_spanned! {Span::mixed_site()=>
                ::core::time::Duration::from_millis(#milliseconds)
            },
        };
        let delay = pause("delay", delay, 100);
        let max_delay = pause("max_delay", max_delay, 60_000);
        let factor = match &factor {
            Some(factor) => errors.take(check_factor(factor)).unwrap_or_default(),
            None => quote!(2.0),
        };
        errors.finish()?;
        Ok(Self {
            attempts,
            delay,
            factor,
            max_delay,
            jitter,
        })
    }
}

fn check_factor(factor: &Expr) -> Result<TokenStream> {
    let literal = match factor {
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => number.base10_parse::<f32>().ok(),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse::<f32>().ok(),
        Expr::Lit(_) | Expr::Unary(_) => None,
        expression => return Ok(expression.to_token_stream()),
    };
    match literal {
        Some(number) if number >= 1.0 => Ok(quote!(#number)),
        _ => Err(Error::new_spanned(
            factor,
            "`factor` multiplies each pause to give the next: a number from 1 up, like 2.0",
        )),
    }
}
