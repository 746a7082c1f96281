//! Which crates are tried.

use std::env;

/// A published crate.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// Its name.
    pub(crate) name: String,
    /// What cargo takes as its version.
    pub(crate) version: String,
    /// What it is built with, besides its default features.
    pub(crate) features: Vec<String>,
}

/// The crates that are tried by default: of different kinds, quick to build, with their tests in
/// the published package. Of each, what [`Crate::from`] reads.
const CRATES: &str = "
    anyhow=1.0.104
    async-lock=3.5.0
    semver=1.0.28
    slab=0.4.12
    smallvec=1.16.6
";

/// The crates to try: those of the environment variable, if it is set.
pub(crate) fn wanted() -> Vec<Crate> {
    let named = env::var("MCP_METRICS_REAL_CRATES");
    let crates = named.as_deref().unwrap_or(CRATES);
    crates.split_whitespace().map(Crate::from).collect()
}

impl From<&str> for Crate {
    /// `name=version/feature,feature`, of which only the name is needed.
    fn from(text: &str) -> Self {
        let (text, features) = text.split_once('/').unwrap_or((text, ""));
        let (name, version) = match text.split_once('=') {
            Some((name, version)) => (name, format!("={version}")),
            None => (text, "*".to_owned()),
        };
        let features = features.split(',').filter(|feature| !feature.is_empty());
        Self {
            name: name.to_owned(),
            version,
            features: features.map(str::to_owned).collect(),
        }
    }
}
