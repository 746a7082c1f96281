//! The browser's console: errors of scripts, what a policy forbade, what could not be loaded.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde::Deserialize;
use url::{ParseError, Url};

/// Asks for the console's entries, which are then forgotten; Chromium's own command.
#[derive(Debug)]
pub(super) struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/se/log"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(r#"{"type":"browser"}"#.into()))
    }
}

/// An entry of the console.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Entry {
    /// What part of the browser says it: `javascript`, `security`, `network`.
    pub(crate) source: String,
    /// What it says.
    pub(crate) message: String,
}
