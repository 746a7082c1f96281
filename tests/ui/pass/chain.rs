//! A long chain of tracked functions compiles: the compiler computes the layout of their futures,
//! and which traits they implement.

#![deny(warnings)]

use mcp_metrics::{tracked, tracked_execution, tracked_retry};

macro_rules! chain {
    ($(#[$attribute:meta])+ $called:ident) => {};
    ($(#[$attribute:meta])+ $called:ident $name:ident $($rest:ident)*) => {
        $(#[$attribute])+
        async fn $name(value: u64) -> Result<u64, String> {
            Ok($called(value).await? + 1)
        }

        chain!($(#[$attribute])+ $name $($rest)*);
    };
}

macro_rules! opaque_chain {
    ($called:ident) => {};
    ($called:ident $name:ident $($rest:ident)*) => {
        #[tracked("opaque")]
        fn $name(value: u64) -> impl Future<Output = Result<u64, String>> {
            $called(value)
        }

        opaque_chain!($name $($rest)*);
    };
}

#[tracked("chain")]
async fn first(value: u64) -> Result<u64, String> {
    std::future::ready(()).await;
    Ok(value)
}

chain! {
    #[tracked("chain")]
    first
    f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20
    f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39 f40
    f41 f42 f43 f44 f45 f46 f47 f48 f49 f50 f51 f52 f53 f54 f55 f56 f57 f58 f59
}

// Each attribute adds a layer.
chain! {
    #[tracked("executed")]
    #[tracked_execution]
    first
    e01 e02 e03 e04 e05 e06 e07 e08 e09 e10 e11 e12 e13 e14 e15
}

chain! {
    #[tracked("retried")]
    #[tracked_retry("chain", attempts = 1)]
    first
    r01 r02 r03 r04 r05 r06 r07 r08 r09 r10 r11 r12 r13 r14 r15
}

opaque_chain! {
    first
    o01 o02 o03 o04 o05 o06 o07 o08 o09 o10 o11 o12 o13 o14 o15 o16 o17 o18 o19 o20
}

fn is_send(_: &impl Send) {}

fn main() {
    let chain = f59(1);
    println!("{}", size_of_val(&chain));
    is_send(&f12(1));

    let (executed, retried) = (e15(1), r15(1));
    println!("{} {}", size_of_val(&executed), size_of_val(&retried));

    let opaque = o20(1);
    is_send(&opaque);
    println!("{}", size_of_val(&opaque));
}
