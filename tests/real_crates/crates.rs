//! The crates to test.

use std::env;

/// A published crate.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// Its name.
    pub(crate) name: String,
    /// Its version requirement.
    pub(crate) version: String,
    /// Features to enable besides the default ones.
    pub(crate) features: Vec<String>,
}

/// The default crates, in the syntax of [`Crate::from`]: of different kinds, quick to build, with
/// their tests in the published package.
const CRATES: &str = "
    anyhow=1.0.104
    async-lock=3.5.0
    semver=1.0.28
    slab=0.4.12
    smallvec=1.16.6
";

/// Returns the crates in the environment variable, or the default ones.
pub(crate) fn wanted() -> Vec<Crate> {
    let named = env::var("MCP_METRICS_REAL_CRATES");
    let crates = named.as_deref().unwrap_or(CRATES);
    crates.split_whitespace().map(Crate::from).collect()
}

impl From<&str> for Crate {
    /// Parses `name=version/feature,feature`, of which only the name is required.
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
