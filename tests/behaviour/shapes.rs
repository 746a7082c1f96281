//! Functions of many shapes: each compiles, returns the same value as untracked, and is counted.

#![allow(
    clippy::multiple_bound_locations,
    clippy::needless_arbitrary_self_type,
    reason = "these are some of the shapes"
)]
#![allow(dead_code, reason = "some shapes need only compile")]
#![allow(unsafe_code, reason = "an unsafe function is one of the shapes")]

#[path = "shapes/functions.rs"]
mod functions;
#[path = "shapes/futures.rs"]
mod futures;
#[path = "shapes/methods.rs"]
mod methods;
#[path = "shapes/stacked.rs"]
mod stacked;
