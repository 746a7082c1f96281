//! `#[tracked_retry(…)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Error, Expr, ExprLit, Lit, Result};

use super::duration::duration;
use super::{Errors, Krate, Label, RawArgs, at_least_one};

/// The configuration of a retry loop.
pub(crate) struct RetryArgs {
    pub(crate) service: Label,
    /// Selects the errors that are retried; `None` retries every error.
    pub(crate) retry_if: Option<Expr>,
    /// `None` if the function's body contains the loop.
    pub(crate) generated: Option<GeneratedLoop>,
    pub(crate) krate: Krate,
}

/// The parameters of a loop that the attribute generates.
pub(crate) struct GeneratedLoop {
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
    /// Parses the attribute's arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut args = RawArgs::parse(tokens, &["jitter"])?.resolve(&["service"], &KNOWN)?;
        let mut errors = Errors::default();
        let service = args.take("service").ok_or_else(|| {
            Error::new(
                Span::call_site(),
                "missing argument `service`; expected `#[tracked_retry(\"service\")]`",
            )
        });
        let service = errors.take(service.and_then(|value| Label::new("service", value)));
        let krate = errors.take(args.krate());
        let retry_if = args.take("retry_if");

        let attempts = args.take("attempts");
        let backoff = [
            args.take("delay"),
            args.take("factor"),
            args.take("max_delay"),
        ];
        let generated = if let Some(attempts) = attempts {
            errors.take(GeneratedLoop::new(
                attempts,
                backoff,
                args.flag("jitter").is_some(),
            ))
        } else {
            let orphan = backoff
                .iter()
                .flatten()
                .map(quote::ToTokens::to_token_stream);
            let orphan = orphan
                .chain(args.flag("jitter").map(|flag| quote!(#flag)))
                .next();
            if let Some(orphan) = orphan {
                errors.push(Error::new_spanned(
                    orphan,
                    "backoff arguments require `attempts`; add `attempts = …`, or remove this \
                     argument to count the loop in the function",
                ));
            }
            None
        };
        errors.finish()?;
        match (service, krate) {
            (Some(service), Some(krate)) => Ok(Self {
                service,
                retry_if,
                generated,
                krate,
            }),
            _ => unreachable!("a missing argument is an error"),
        }
    }
}

impl GeneratedLoop {
    fn new(attempts: Expr, backoff: [Option<Expr>; 3], jitter: bool) -> Result<Self> {
        let [delay, factor, max_delay] = backoff;
        let mut errors = Errors::default();
        errors.take(at_least_one("attempts", &attempts));
        let mut delay_or = |name, value: Option<Expr>, milliseconds: u64| match value {
            Some(value) => errors.take(duration(name, &value)).unwrap_or_default(),
            None => quote_spanned! {Span::mixed_site()=>
                ::core::time::Duration::from_millis(#milliseconds)
            },
        };
        let delay = delay_or("delay", delay, 100);
        let max_delay = delay_or("max_delay", max_delay, 60_000);
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
            "`factor` must be a number that is at least 1, such as 2.0",
        )),
    }
}
