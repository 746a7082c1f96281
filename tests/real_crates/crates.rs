//! The crates to test.

use std::env;
use std::sync::OnceLock;

use crate::source;
use crate::suite::Untouched;

/// A published crate.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// Its name.
    pub(crate) name: String,
    /// Its version requirement.
    pub(crate) version: String,
    /// Features to enable besides the default ones.
    pub(crate) features: Vec<String>,
    /// Dependencies of its tests that its manifest does not list, since cargo removes those without
    /// a version from published manifests. Names and version requirements.
    pub(crate) for_tests: Vec<(String, String)>,
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

/// Fetches the crates and runs their tests untouched, once for all tests of this process. Returns
/// `None` if they are unavailable and not required.
pub(crate) fn untouched() -> Option<&'static Untouched> {
    static UNTOUCHED: OnceLock<Option<Untouched>> = OnceLock::new();
    let run = || Untouched::run("untouched", source::fetch("fetch-crates", &wanted())?);
    UNTOUCHED.get_or_init(run).as_ref()
}

/// Returns the crates in the environment variable, or the default ones.
fn wanted() -> Vec<Crate> {
    let named = env::var("MCP_METRICS_REAL_CRATES");
    let crates = named.as_deref().unwrap_or(CRATES);
    crates.split_whitespace().map(Crate::from).collect()
}

impl From<&str> for Crate {
    /// Parses `name=version/feature,feature+dependency=version`, of which only the name is
    /// required.
    fn from(text: &str) -> Self {
        let mut parts = text.split('+');
        let text = parts.next().unwrap_or_default();
        let (text, features) = text.split_once('/').unwrap_or((text, ""));
        let (name, version) = requirement(text);
        let features = features.split(',').filter(|feature| !feature.is_empty());
        Self {
            name,
            version,
            features: features.map(str::to_owned).collect(),
            for_tests: parts.map(requirement).collect(),
        }
    }
}

/// Parses `name=version`. Any version will do if there is none.
fn requirement(text: &str) -> (String, String) {
    match text.split_once('=') {
        Some((name, version)) => (name.to_owned(), format!("={version}")),
        None => (text.to_owned(), "*".to_owned()),
    }
}
