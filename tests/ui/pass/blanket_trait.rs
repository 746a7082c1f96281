//! Traits of the user for all types, whose methods have the names of this crate's methods and
//! functions and of those of the standard library. They are in scope of each expansion.

#![deny(warnings)]

/// Declares a module with such a trait, whose methods take `$self`, and a function with every macro.
macro_rules! programs {
    ($($module:ident($($receiver:tt)+);)+) => {$(
        mod $module {
            use std::error::Error;

            use futures_core::Stream;
            use mcp_metrics::{
                ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
                tracked_search,
            };

            crate::blanket_trait!(
                ($($receiver)+)
                as_ref, begin, begin_async, borrowed, broke_with, cache_access, call, check, close,
                collect, deref, drop, end, enter, err, error_type, exhausted, failed_attempt,
                failure, finish, forget, get, increment, inner, into, into_future, into_label,
                item, is_err, is_some, is_transient, label, labels, look_up, map, map_stream, new,
                next, observe, ok_if_dropped, open_stream, hand_over, outcome, own, pause, poll, probe, retries_result, returned, run, sleep, start,
                stream, stream_request, success, succeed, then, track, track_future, track_stream, unnamed, watch
            );

            #[derive(Debug, ErrorType)]
            pub enum Failure<T> {
                Unit,
                #[error_type(transparent)]
                Labelled(std::io::Error),
                #[error_type(transparent)]
                Unlabelled(std::fmt::Error),
                #[error_type(transparent)]
                Generic(T),
            }

            type Outcome = Result<u8, Failure<std::io::Error>>;

            #[derive(Debug, ErrorType)]
            #[error_type(transparent)]
            pub struct Outer<'a>(pub &'a Failure<std::io::Error>);

            #[tracked("a")]
            fn by_type(value: u8) -> Outcome {
                if value == 0 { Err(Failure::Unit) } else { Ok(value) }
            }

            #[tracked("a")]
            fn with_lifetime<'a>(text: &'a str) -> Result<u8, Box<dyn Error + 'a>> {
                Ok(text.parse()?)
            }

            #[tracked("a")]
            fn generic<T>(value: T) -> T {
                value
            }

            #[tracked("a")]
            fn opaque(value: &u8) -> impl std::fmt::Debug + '_ {
                value
            }

            #[tracked(agent = name.clone(), ok_if = |value| *value > 1, error_type = |_: &u8| "low")]
            fn by_rule(name: String, value: u8) -> u8 {
                let _ = name;
                value
            }

            #[tracked("a", error_type = |_: &Failure<std::io::Error>| "label")]
            async fn asynchronous() -> Outcome {
                std::future::ready(by_type(1)).await
            }

            #[tracked("a")]
            fn future() -> impl Future<Output = Outcome> {
                asynchronous()
            }

            #[tracked("a", stream, ok_if_dropped)]
            async fn opened() -> Result<impl Stream<Item = Outcome>, Failure<u8>> {
                std::future::ready(Ok(crate::Empty(std::marker::PhantomData))).await
            }

            #[tracked("a", stream)]
            fn opened_boxed() -> Option<std::pin::Pin<Box<dyn Stream<Item = Outcome>>>> {
                Some(Box::pin(crate::Empty(std::marker::PhantomData)))
            }

            #[tracked("a", ok_if_dropped)]
            fn streamed() -> impl Stream<Item = Outcome> {
                crate::Empty(std::marker::PhantomData)
            }

            #[tracked_execution]
            #[tracked_search]
            #[tracked_llm("provider", model = name.clone())]
            async fn events(name: String) -> Outcome {
                std::future::ready(Ok(u8::from(name.is_empty()))).await
            }

            #[tracked_llm("provider", "model")]
            #[tracked_cache("c")]
            async fn literal_events() -> Option<u8> {
                std::future::ready(None).await
            }

            #[tracked_cache(name.clone())]
            fn cached(name: String) -> Option<u8> {
                name.parse().ok()
            }

            #[tracked_retry("s")]
            fn counted_for() -> Outcome {
                for value in 0..3 {
                    if let Ok(value) = by_type(value) {
                        return Ok(value);
                    }
                }
                Err(Failure::Unit)
            }

            #[tracked_retry("s")]
            fn counted_while() -> Outcome {
                let mut attempt = 0;
                while let Err(_) = by_type(attempt)
                    && attempt < 3
                {
                    attempt += 1;
                }
                by_type(attempt)
            }

            #[tracked_retry("s")]
            fn counted_loop() -> Outcome {
                loop {
                    break by_type(1);
                }
            }

            #[tracked_retry("s", attempts = 2, retry_if = |_| false)]
            fn generated() -> Outcome {
                by_type(0)
            }

            #[tracked_retry("s", attempts = 2, delay = "1ms")]
            async fn generated_async() -> Outcome {
                asynchronous().await
            }

            struct Store;

            #[tracked("a")]
            impl Store {
                fn one(&self) -> Outcome {
                    by_type(1)
                }

                async fn two(&self) -> Outcome {
                    self.one()
                }
            }

            pub fn main() {
                let retries = [counted_for(), counted_while(), counted_loop(), generated()];
                let label = ErrorType::error_type(&Outer(&Failure::Labelled(
                    std::io::Error::other("x"),
                )));
                println!("{retries:?} {label} {:?} {:?}", by_type(1), Store.one());
                println!("{:?} {:?}", with_lifetime("1"), opaque(&generic(1)));
                let name = String::from("1");
                println!("{} {:?}", by_rule(name.clone(), 1), cached(name.clone()));
                let _ = (asynchronous(), future(), events(name), generated_async(), Store.two());
                drop((literal_events(), opened(), opened_boxed(), streamed()));
                let _ = (Failure::Unlabelled::<u8>(std::fmt::Error), Failure::Generic(1));
                Everything::own(crate::receiver!($($receiver)+), []);
            }
        }
    )+

        fn main() {
            $($module::main();)+
        }
    };
}

pub struct Empty<T>(std::marker::PhantomData<T>);

impl<T> futures_core::Stream for Empty<T> {
    type Item = T;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(None)
    }
}

macro_rules! blanket_trait {
    ($receiver:tt $($method:ident),+) => {
        #[expect(dead_code, reason = "only the names matter")]
        trait Everything {
            $(crate::method!($receiver $method);)+
        }

        impl<T> Everything for T {}
    };
}

macro_rules! method {
    (($($receiver:tt)+) $method:ident) => {
        fn $method($($receiver)+, _: [u8; 0]) -> u64
        where
            Self: Sized,
        {
            0
        }
    };
}

macro_rules! receiver {
    (self) => { 1 };
    (&self) => { &1 };
    (&mut self) => { &mut 1 };
}

use {blanket_trait, method, receiver};

programs! {
    by_value(self);
    by_reference(&self);
    by_mutable_reference(&mut self);
}
