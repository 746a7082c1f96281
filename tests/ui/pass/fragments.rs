//! Fragments of `macro_rules` macros, which arrive in invisible groups, in each place of an item and
//! of an attribute's arguments.

#![deny(warnings)]

use mcp_metrics::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
    tracked_search,
};

#[derive(Debug, ErrorType)]
enum Failure {
    Timeout,
}

mod errors {
    #[derive(Debug, mcp_metrics::ErrorType)]
    pub enum Nested {
        One,
    }
}

/// Each label is a fragment, passed through a second macro.
macro_rules! labelled {
    ($module:ident: $($label:tt)+) => {
        labelled!(@literal $module $($label)+);
    };
    (@literal $module:ident $label:literal) => {
        labelled!(@expr $module $label $label);
    };
    (@expr $module:ident $label:literal $expr:expr) => {
        mod $module {
            use super::*;

            #[tracked($label)]
            pub fn positional() -> Result<u8, Failure> {
                Err(Failure::Timeout)
            }

            #[tracked(agent = $expr, operation = $expr, error_type = $label)]
            pub async fn named() -> Result<u8, Failure> {
                std::future::ready(Ok(1)).await
            }

            #[tracked($label, ok_if = |value| *value > $expr.len(), error_type = $expr)]
            pub fn by_rule(value: usize) -> usize {
                value
            }

            #[tracked_llm($expr, model = $label)]
            #[tracked_search]
            pub fn event() {}

            #[tracked_cache($label)]
            pub fn cached() -> Option<u8> {
                None
            }

            #[tracked_retry($expr, attempts = 2, retry_if = |error| format!("{error:?}") == $label)]
            pub fn generated() -> Result<u8, Failure> {
                positional()
            }

            #[tracked_retry(service = $label)]
            pub fn counted() -> Result<u8, Failure> {
                loop {
                    break positional();
                }
            }

            pub struct Store;

            #[tracked($label, error_type = $expr)]
            impl Store {
                #[tracked(operation = $label)]
                pub fn run(&self) -> Result<u8, Failure> {
                    positional()
                }
            }

            #[derive(Debug, ErrorType)]
            pub enum Labelled {
                #[error_type($label)]
                One,
                #[error_type($expr)]
                Two,
            }
        }
    };
}

labelled!(first: "planner");

/// Each part of a function is a fragment.
macro_rules! function {
    (
        $(#[$meta:meta])* $vis:vis fn $name:ident<$lifetime:lifetime>($pat:pat_param, $ty:ty)
        -> $output:ty $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name<$lifetime>($pat: $ty) -> $output $body
    };
    (async $vis:vis fn $name:ident($pat:pat_param, $ty:ty) -> $output:ty $body:block) => {
        #[tracked("fragments")]
        #[tracked_execution]
        #[tracked_retry("fragments", attempts = 3, delay = "1ms")]
        $vis async fn $name($pat: $ty) -> $output $body
    };
}

function! {
    #[tracked("fragments")]
    #[inline]
    pub(crate) fn borrowed<'a>((text, _), (&'a str, u8)) -> Result<&'a str, Failure> {
        if text.is_empty() {
            return Err(Failure::Timeout);
        }
        Ok(text)
    }
}

function! {
    #[tracked("fragments")]
    fn plain<'a>(text, &'a str) -> usize { text.len() }
}

function! {
    #[tracked("fragments")]
    fn future<'a>(text, &'a str) -> impl Future<Output = Result<usize, Failure>> + 'a {
        async { Ok(text.len()) }
    }
}

function! {
    #[tracked("fragments")]
    fn boxed<'a>(
        text, &'a str
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<usize, Failure>> + 'a>> {
        Box::pin(async { Ok(text.len()) })
    }
}

function! {
    #[tracked("fragments")]
    #[track_caller]
    fn caller<'a>(text, &'a str) -> Result<(&'a str, u32), Failure> {
        Ok((text, std::panic::Location::caller().line()))
    }
}

function! {
    #[tracked_retry("fragments")]
    fn counted<'a>(text, &'a str) -> Result<&'a str, Failure> {
        for _ in 0..3 {
            return borrowed((text, 1));
        }
        Err(Failure::Timeout)
    }
}

function! {
    async fn asynchronous(text, &str) -> Result<usize, Failure> {
        std::future::ready(text.parse().map_err(|_| Failure::Timeout)).await
    }
}

/// The item itself is a fragment.
macro_rules! tracked_item {
    ($label:literal $($item:item)+) => {
        $(#[tracked($label)] $item)+
    };
}

tracked_item! {
    "item"
    fn item(value: u8) -> Result<u8, Failure> {
        Ok(value)
    }
    impl Client {
        pub fn method(&self) -> Result<u8, Failure> {
            self.value()
        }

        #[tracked(skip)]
        fn value(&self) -> Result<u8, Failure> {
            Ok(self.0)
        }
    }
    trait Provided {
        async fn provided(&self) -> Result<u8, Failure> {
            std::future::ready(Ok(1)).await
        }
    }
}

struct Client(u8);

impl Provided for Client {}

/// A type, a path, identifiers and a whole `impl` from fragments.
macro_rules! block {
    ($agent:expr, $self:ty, $error:path, $variant:pat, $($method:ident => $value:expr),+) => {
        #[tracked(agent = $agent, error_type = |error: &$error| match error {
            $variant => "one",
        })]
        impl $self {
            $(fn $method(&self) -> Result<u8, $error> {
                $value
            })+
        }
    };
}

block!("block", Client, errors::Nested, errors::Nested::One, one => Ok(1), two => Err(errors::Nested::One));

/// A dynamic label and a duration from expressions with arguments of the function.
macro_rules! dynamic {
    ($name:ident, $argument:ident, $label:expr, $delay:expr) => {
        #[tracked(agent = $label, operation = $argument.clone())]
        #[tracked_retry($label, attempts = u32::from($argument.is_empty()) + 1, delay = $delay)]
        fn $name($argument: String) -> Result<u8, Failure> {
            $argument.parse().map_err(|_| Failure::Timeout)
        }
    };
}

dynamic!(by_argument, name, name.clone(), std::time::Duration::from_millis(1));
dynamic!(by_literal, name, "literal", "1ms");

/// A variant and its label, and the type of a transparent field, from fragments.
macro_rules! error {
    ($name:ident { $($variant:ident = $label:literal),+ ; $inner:ty, $path:path }) => {
        #[derive(Debug, ErrorType)]
        enum $name {
            $(#[error_type($label)] $variant,)+
            #[error_type(transparent)]
            Inner($inner),
            #[error_type(transparent)]
            Path($path),
        }
    };
}

error!(Labelled { One = "one", Two = "two"; Box<Failure>, errors::Nested });

/// A macro that defines a macro that defines a function.
macro_rules! outer {
    ($outer:literal, $inner:ident) => {
        macro_rules! $inner {
            ($name:ident, $body:block) => {
                #[tracked($outer)]
                fn $name() -> Result<u8, Failure> $body
            };
        }
    };
}

outer!("nested", nested);
nested!(from_nested, { first::positional() });

fn main() {
    println!("{:?} {:?}", first::positional(), first::generated());
    println!("{:?} {:?} {}", first::counted(), first::Store.run(), first::by_rule(1));
    println!("{:?} {:?}", first::Labelled::One.error_type(), first::Labelled::Two);
    println!("{:?} {} {:?} {:?}", borrowed(("x", 1)), plain("x"), caller("x"), counted("x"));
    println!("{:?} {:?} {:?} {:?}", item(1), Client(1).method(), Client(1).one(), Client(1).two());
    println!("{:?} {:?}", by_argument("1".to_owned()), by_literal("1".to_owned()));
    println!("{:?} {:?} {:?}", Labelled::One, Labelled::Two, from_nested());
    let _ = [Labelled::Inner(Box::new(Failure::Timeout)), Labelled::Path(errors::Nested::One)];
    first::event();
    let _ = (first::cached(), first::named(), future("x"), boxed("x"), asynchronous("x"));
    drop(Client(1).provided());

    let tracked = mcp_metrics::tracked_functions();
    let agents: Vec<_> = tracked.iter().map(|function| function.agent.to_string()).collect();
    for agent in ["planner", "fragments", "item", "block", "nested"] {
        assert!(agents.iter().any(|it| it == agent), "{agent} has no zero series");
    }
}
