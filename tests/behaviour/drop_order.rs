//! Arguments are dropped in the order of the language, and before the request ends.

#![expect(
    clippy::boxed_local,
    clippy::manual_async_fn,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "the functions only drop their arguments"
)]

use std::cell::RefCell;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use mcp_metrics::{tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry};
use mcp_metrics_tests::{exporter, scrape};

thread_local! {
    static DROPPED: RefCell<Vec<(&'static str, bool)>> = const { RefCell::new(Vec::new()) };
}

/// Records its drop, and whether a request is in flight.
struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        let active = scrape().get("mcp_hub_active_operations", &[("agent", "drop_order")]);
        DROPPED.with_borrow_mut(|dropped| dropped.push((self.0, active == Some(1.0))));
    }
}

impl Guard {
    fn touch(&self) {
        std::hint::black_box(self.0);
    }
}

/// A type whose name does not show that it has a destructor.
type Permit = (Option<Guard>, u8);

fn dropped_by(call: impl FnOnce()) -> Vec<(&'static str, bool)> {
    // The requests of all tests have the same agent.
    static TURN: Mutex<()> = Mutex::new(());

    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    call();
    DROPPED.take()
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the futures of these tests do not wait"),
    }
}

/// Declares a test that compares a function without and with the attributes.
macro_rules! cases {
    ($($name:ident, [$($attribute:meta),+], {$($function:tt)+}, $run:expr;)+) => {$(
        mod $name {
            use super::*;

            mod plain {
                use super::*;
                $($function)+
                pub(super) fn run() {
                    let _ = $run;
                }
            }

            mod attributed {
                use super::*;
                $(#[$attribute])+
                $($function)+
                pub(super) fn run() {
                    let _ = $run;
                }
            }

            pub(super) fn compare() {
                let expected: Vec<_> = dropped_by(plain::run)
                    .into_iter()
                    .map(|(name, _)| (name, true))
                    .collect();
                assert!(!expected.is_empty());
                assert_eq!(dropped_by(attributed::run), expected, "{}", stringify!($name));
            }
        }
    )+

        #[test]
        fn arguments_are_dropped_in_order_and_inside_the_request() {
            exporter();
            $($name::compare();)+
        }
    };
}

cases! {
    used_in_another_order, [tracked("drop_order")], {
        fn f(a: Guard, b: Guard, c: Guard) -> Result<u8, ()> {
            b.touch();
            a.touch();
            c.touch();
            Ok(1)
        }
    }, f(Guard("a"), Guard("b"), Guard("c"));
    unused, [tracked("drop_order")], {
        fn f(a: Guard, _b: Guard, _: Guard, _: Guard) -> Result<u8, ()> {
            a.touch();
            Ok(1)
        }
    }, f(Guard("a"), Guard("b"), Guard("c"), Guard("d"));
    infallible, [tracked("drop_order")], {
        fn f(a: Guard, _b: Guard, mut c: Guard, _: Guard) {
            c.0 = "changed";
            a.touch();
        }
    }, f(Guard("a"), Guard("b"), Guard("c"), Guard("d"));
    moved, [tracked("drop_order")], {
        fn f(a: Guard, b: Guard, c: Guard) -> Result<u8, ()> {
            let local = Guard("local");
            drop(b);
            local.touch();
            a.touch(); c.touch();
            Ok(1)
        }
    }, f(Guard("a"), Guard("b"), Guard("c"));
    early_return, [tracked("drop_order")], {
        fn f(a: Guard, early: bool, b: Guard) -> Option<u8> {
            if early {
                return None;
            }
            a.touch(); b.touch();
            Some(1)
        }
    }, { f(Guard("a"), true, Guard("b")); f(Guard("a"), false, Guard("b")); };
    partly_moved, [tracked("drop_order")], {
        fn f(pair: (Guard, Guard), last: Guard) -> Result<u8, ()> {
            drop(pair.1);
            last.touch();
            Ok(1)
        }
    }, f((Guard("a"), Guard("b")), Guard("c"));
    destructured, [tracked("drop_order")], {
        fn f((a, mut b): (Guard, Guard), [c, d]: [Guard; 2]) -> Result<u8, ()> {
            b.0 = "changed";
            d.touch(); c.touch(); a.touch(); b.touch();
            Ok(1)
        }
    }, f((Guard("a"), Guard("b")), [Guard("c"), Guard("d")]);
    alias, [tracked("drop_order")], {
        fn f(a: Permit, b: Box<Permit>, c: Vec<Guard>) -> Result<usize, ()> {
            Ok(b.1 as usize + a.1 as usize + c.len())
        }
    }, f((Some(Guard("a")), 1), Box::new((Some(Guard("b")), 1)), vec![Guard("c")]);
    asynchronous, [tracked("drop_order")], {
        async fn f(a: Guard, _b: Guard, mut c: Guard, _: Guard) -> Result<u8, ()> {
            std::future::ready(()).await;
            c.0 = "changed";
            a.touch(); c.touch();
            Ok(1)
        }
    }, ready(f(Guard("a"), Guard("b"), Guard("c"), Guard("d")));
    asynchronous_infallible, [tracked("drop_order")], {
        async fn f(a: Guard, b: Guard, _: Guard) {
            b.touch();
            std::future::ready(()).await;
            a.touch();
        }
    }, ready(f(Guard("a"), Guard("b"), Guard("c")));
    future, [tracked("drop_order")], {
        fn f(a: Guard, _b: Guard, c: Guard) -> impl Future<Output = Result<u8, ()>> {
            async move {
                c.touch(); a.touch();
                Ok(1)
            }
        }
    }, { let future = f(Guard("a"), Guard("b"), Guard("c")); DROPPED.take(); let _ = ready(future); };
    events, [tracked_cache("drop_order"), tracked("drop_order"), tracked_execution, tracked_llm("a", "b")], {
        fn f(a: Guard, _b: Guard, c: Guard) -> Option<u8> {
            c.touch(); a.touch();
            Some(1)
        }
    }, f(Guard("a"), Guard("b"), Guard("c"));
    retry, [tracked("drop_order"), tracked_retry("drop_order")], {
        fn f(a: Guard, _b: Guard, c: Guard) -> Result<u8, ()> {
            for _ in 0..2 {
                c.touch(); a.touch();
            }
            Ok(1)
        }
    }, f(Guard("a"), Guard("b"), Guard("c"));
}

struct Owner(Guard);

trait Consumes {
    fn consume(self, a: Guard) -> Result<u8, ()>;
    fn consume_infallibly(self, _: Guard);
    fn consume_boxed(self: Box<Self>, _a: Guard) -> u8;
    fn consume_later(self, _: Guard) -> impl Future<Output = Option<u8>>;
}

macro_rules! consumes {
    ($type:ident, $($attribute:meta)?) => {
        struct $type(Owner);

        $(#[$attribute])?
        impl Consumes for $type {
            fn consume(self, a: Guard) -> Result<u8, ()> {
                (self.0.0.touch(), a.touch());
                Ok(1)
            }

            fn consume_infallibly(self, _: Guard) {
                self.0.0.touch();
            }

            fn consume_boxed(self: Box<Self>, _a: Guard) -> u8 {
                self.0.0.0.len().try_into().unwrap()
            }

            async fn consume_later(self, _: Guard) -> Option<u8> {
                self.0.0.touch();
                std::future::ready(None).await
            }
        }
    };
}

consumes!(Plain,);
consumes!(Tracked, tracked("drop_order"));

#[test]
fn receiver_is_dropped_last_and_inside_the_request() {
    fn run<T: Consumes>(new: fn(Owner) -> T) -> Vec<(&'static str, bool)> {
        let new = || new(Owner(Guard("self")));
        dropped_by(|| {
            let _ = new().consume(Guard("a"));
            new().consume_infallibly(Guard("b"));
            Box::new(new()).consume_boxed(Guard("c"));
            ready(new().consume_later(Guard("d")));
        })
    }

    exporter();
    let expected: Vec<_> = run(Plain)
        .into_iter()
        .map(|(name, _)| (name, true))
        .collect();
    assert_eq!(run(Tracked), expected);
}
