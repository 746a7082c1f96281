//! The tests of `tracing-attributes`, which specify the behaviour of `#[instrument]`.

use std::sync::OnceLock;

use crate::crates::Crate;
use crate::manifest::path_dependency;
use crate::source::{self, Source, scratch, write};
use crate::suite::Untouched;

/// Fetches the tests and runs them untouched, once for all tests of this process. Returns `None` if
/// they are unavailable and not required.
pub(crate) fn untouched() -> Option<&'static Untouched> {
    static UNTOUCHED: OnceLock<Option<Untouched>> = OnceLock::new();
    let run = || Untouched::run("instrument", fetch()?);
    UNTOUCHED.get_or_init(run).as_ref()
}

/// Fetches the tests. Returns `None` if they are unavailable and not required.
fn fetch() -> Option<Vec<Source>> {
    let (tracing, mock) = (
        ("tracing-attributes", "0.1.31"),
        ("tracing-mock", "0.1.0-beta.3"),
    );
    let crates = [tracing, mock].map(|(name, version)| Crate::from(&*format!("{name}={version}")));
    let mut sources = source::fetch("fetch-instrument", &crates)?;
    sources.truncate(1);
    let needed = &mut sources[0].for_tests;
    needed.insert(mock.0.to_owned(), format!("={}", mock.1).into());
    needed.insert(
        "tracing-test".to_owned(),
        path_dependency(&lay_out_tracing_test()),
    );
    Some(sources)
}

/// Writes a replacement for a crate that was never published.
fn lay_out_tracing_test() -> std::path::PathBuf {
    let folder = scratch().join("tracing-test");
    let manifest = "[package]\nname = \"tracing-test\"\nedition = \"2024\"\n\n[workspace]\n";
    write(&folder.join("Cargo.toml"), manifest);
    write(&folder.join("src/lib.rs"), include_str!("tracing_test.rs"));
    folder
}
