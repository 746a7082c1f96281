//! Which crates are tried.

use std::env;

/// A published crate.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// Its name.
    pub(crate) name: String,
    /// What cargo takes as its version.
    pub(crate) version: String,
}

/// The crates that are tried by default: of different kinds, quick to build, with their tests in
/// the published package.
const CRATES: [(&str, &str); 2] = [("either", "1.19.0"), ("semver", "1.0.28")];

/// The crates to try: those of the environment variable, if it is set.
pub(crate) fn wanted() -> Vec<Crate> {
    match env::var("MCP_METRICS_REAL_CRATES") {
        Ok(names) => names.split_whitespace().map(parse).collect(),
        Err(_) => CRATES.map(|(name, version)| exactly(name, version)).into(),
    }
}

/// This version of a crate and no other.
pub(crate) fn exactly(name: &str, version: &str) -> Crate {
    Crate {
        name: name.to_owned(),
        version: format!("={version}"),
    }
}

/// `name=version`, or a name, which is any version.
fn parse(text: &str) -> Crate {
    match text.split_once('=') {
        Some((name, version)) => exactly(name, version),
        None => Crate {
            name: text.to_owned(),
            version: "*".to_owned(),
        },
    }
}
