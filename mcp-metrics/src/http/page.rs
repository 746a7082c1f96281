//! The status page, one self-contained document, and the numbers that it shows.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::scrape::{Document, Scrapes};

const INDEX: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");

/// One module in the browser, in several files here: a file uses those before it, the last begins.
const SCRIPT: &str = concat!(
    include_str!("page/script/format.js"),
    include_str!("page/script/history.js"),
    include_str!("page/script/dom.js"),
    include_str!("page/script/requests.js"),
    include_str!("page/script/cards.js"),
    include_str!("page/script/raw.js"),
    include_str!("page/script/main.js"),
);

/// Where style and script go in `index.html`.
const STYLE_HERE: &str = "/* style */";
const SCRIPT_HERE: &str = "/* script */";

static PAGE: LazyLock<Page> = LazyLock::new(Page::new);

/// `GET /`: the page.
pub(super) async fn page() -> Response {
    let Page { html, policy } = &*PAGE;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CONTENT_SECURITY_POLICY, policy.clone()),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, COMMON_HEADERS, html.clone()).into_response()
}

/// `GET /api/metrics_summary`: what the page shows, in JSON. Any number of open pages share one
/// render.
pub(super) async fn summary(State(scrapes): State<Scrapes>) -> Response {
    let Some(json) = scrapes.get(Document::Summary).await else {
        tracing::error!("failed to render the metrics summary");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (content_type, COMMON_HEADERS, json).into_response()
}

/// What is old by the time it is stored isn't worth storing, and nothing here is to be guessed at.
const COMMON_HEADERS: [(HeaderName, HeaderValue); 2] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// The document, and the policy that lets its own style and script run and nothing else.
struct Page {
    html: Bytes,
    policy: HeaderValue,
}

impl Page {
    fn new() -> Self {
        let (style, script) = (lines(STYLE), lines(SCRIPT));
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; connect-src 'self'; \
             img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            source(&style),
            source(&script),
        );
        Self {
            html: lines(INDEX)
                .replace(STYLE_HERE, &style)
                .replace(SCRIPT_HERE, &script)
                .into(),
            policy: policy.try_into().expect("the policy is plain ASCII"),
        }
    }
}

/// The text with the line ends that a browser hashes, whichever the source was checked out with.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// How a policy names an inline style or script.
fn source(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_are_in_their_places() {
        let html = std::str::from_utf8(&PAGE.html).unwrap();
        assert!(html.contains(&format!("<style>{}</style>", lines(STYLE))));
        assert!(html.contains(&format!(
            "<script type=\"module\">{}</script>",
            lines(SCRIPT)
        )));
        // An end tag or an opened comment in the text would end the element, or keep it open.
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }

    #[test]
    fn the_page_is_small_and_asks_nobody_else() {
        let html = std::str::from_utf8(&PAGE.html).unwrap();
        assert!(html.len() < 64 * 1024, "{} bytes", html.len());
        let without_namespace = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!without_namespace.contains("://"));
    }

    #[test]
    fn a_source_is_the_hash_that_browsers_compare() {
        // From the examples of the Content Security Policy specification.
        assert_eq!(
            source("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }
}
