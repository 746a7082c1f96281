//! The macros in packages that differ in features, dependencies, edition and other macros.

#![allow(missing_docs)]

mod dependency;
mod documentation;
mod editions;
mod features;
mod mocks;
mod package;
mod salsa;
