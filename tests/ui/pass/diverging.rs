//! Bodies that never return cause no lints, and the type of a loop is inferred from the function's.

#![deny(warnings)]

use std::error::Error;

use mcp_metrics::{
    tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry, tracked_search,
};

/// Declares a module of functions with an attribute, which are not called.
macro_rules! diverging {
    ($($module:ident: $(#[$attribute:meta])+;)+) => {$(
        #[expect(dead_code, reason = "the functions do not return")]
        mod $module {
            use super::*;

            $(#[$attribute])+
            fn endless() -> ! {
                loop {}
            }

            $(#[$attribute])+
            #[track_caller]
            fn endless_with_caller() -> ! {
                loop {}
            }

            $(#[$attribute])+
            async fn endless_async() -> ! {
                loop {}
            }

            $(#[$attribute])+
            fn endless_with_argument(text: String) -> ! {
                loop {
                    println!("{text}");
                }
            }
        }
    )+};
}

diverging! {
    request: #[tracked("a")];
    request_with_rule: #[tracked("a", ok_if = |_| true)];
    events: #[tracked_search] #[tracked_llm("provider", "model")];
    execution: #[tracked_execution];
    retry: #[tracked_retry("s")];
    all: #[tracked("a")] #[tracked_execution] #[tracked_retry("s")];
}

/// Declares a module of functions with an attribute that always panic.
macro_rules! panicking {
    ($($module:ident: $(#[$attribute:meta])+;)+) => {$(
        #[expect(dead_code, reason = "the functions do not return")]
        mod $module {
            use super::*;

            $(#[$attribute])+
            fn sync() -> Result<Option<u8>, String> {
                todo!()
            }

            $(#[$attribute])+
            #[track_caller]
            fn with_caller() -> Result<Option<u8>, String> {
                todo!()
            }

            $(#[$attribute])+
            async fn asynchronous() -> Result<Option<u8>, String> {
                todo!()
            }
        }
    )+};
}

panicking! {
    request_panics: #[tracked("a")];
    request_with_rule_panics: #[tracked("a", error_if = |_| false)];
    execution_panics: #[tracked_execution];
    cache_panics: #[tracked_cache("c")];
    generated_panics: #[tracked_retry("s", attempts = 2)];
    all_panic: #[tracked("a")] #[tracked_cache("c")] #[tracked_execution];
}

// The conversion of the error has the target of the return type.
#[tracked_retry("s")]
fn converted(text: &str) -> Result<u8, Box<dyn Error>> {
    loop {
        match text.parse() {
            Ok(value) => break Ok(value),
            Err(error) => break Err(std::num::ParseIntError::into(error)),
        }
    }
}

// No `break` shows the type of the error.
#[tracked_retry("s")]
#[tracked("a")]
async fn returned(text: &str) -> Result<u8, Box<dyn Error>> {
    return loop {
        match text.parse() {
            Ok(value) => break Ok(value),
            Err(error) => {
                std::future::ready(()).await;
                return Err(std::num::ParseIntError::into(error));
            }
        }
    };
}

fn main() {
    println!("{:?}", converted("1"));
    drop(returned("1"));
}
