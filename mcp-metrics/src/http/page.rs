//! The status page, one self-contained document, and the JSON summary that it fetches.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Extensions, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::scrape::{Document, RenderError, Scrapes};

const INDEX: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");

/// The script, one module in the browser. The files are in the order of their dependencies; the
/// last one starts the page.
const SCRIPT: &str = concat!(
    include_str!("page/script/format.js"),
    include_str!("page/script/history.js"),
    include_str!("page/script/dom.js"),
    include_str!("page/script/choice.js"),
    include_str!("page/script/rows.js"),
    include_str!("page/script/requests.js"),
    include_str!("page/script/cards.js"),
    include_str!("page/script/mcp.js"),
    include_str!("page/script/llm.js"),
    include_str!("page/script/export.js"),
    include_str!("page/script/raw.js"),
    include_str!("page/script/main.js"),
);

/// The placeholders for style and script in `index.html`.
const STYLE_PLACEHOLDER: &str = "/* style */";
const SCRIPT_PLACEHOLDER: &str = "/* script */";

static PAGE: LazyLock<Page> = LazyLock::new(Page::new);

/// Serves `GET /`, the page.
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

/// Serves `GET /api/metrics_summary`, the page's data in JSON. Any number of open pages share one
/// render.
pub(super) async fn summary(
    State(scrapes): State<Scrapes>,
    extensions: Extensions,
) -> Result<Response, RenderError> {
    let json = scrapes.get(Document::Summary, &extensions).await?;
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((content_type, COMMON_HEADERS, json).into_response())
}

/// Disable caching, since a stored response would be outdated, and content sniffing.
const COMMON_HEADERS: [(HeaderName, HeaderValue); 2] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// The document, and the content security policy that allows only its own style and script.
struct Page {
    html: Bytes,
    policy: HeaderValue,
}

impl Page {
    fn new() -> Self {
        let (style, script) = (with_lf(STYLE), with_lf(SCRIPT));
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; connect-src 'self'; \
             img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            csp_hash(&style),
            csp_hash(&script),
        );
        Self {
            html: with_lf(INDEX)
                .replace(STYLE_PLACEHOLDER, &style)
                .replace(SCRIPT_PLACEHOLDER, &script)
                .into(),
            policy: policy.try_into().expect("the policy is plain ASCII"),
        }
    }
}

/// Returns the text with LF line endings, as browsers hash it, even if the source was checked out
/// with CRLF.
fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Returns the hash by which a policy allows an inline style or script.
fn csp_hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_contains_style_and_script() {
        let html = std::str::from_utf8(&PAGE.html).unwrap();
        assert!(html.contains(&format!("<style>{}</style>", with_lf(STYLE))));
        assert!(html.contains(&format!(
            "<script type=\"module\">{}</script>",
            with_lf(SCRIPT)
        )));
        // An end tag or a comment start in the text would close the element, or keep it open.
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }

    #[test]
    fn page_is_small_and_loads_nothing_from_other_hosts() {
        let html = std::str::from_utf8(&PAGE.html).unwrap();
        assert!(html.len() < 80 * 1024, "{} bytes", html.len());
        // The only other URLs are those of links to the documentation.
        let rest = html
            .replace("http://www.w3.org/2000/svg", "")
            .replace("<a href=\"https://docs.rs/mcp-metrics/", "");
        assert!(!rest.contains("://"));
    }

    #[test]
    fn csp_hash_matches_the_example_of_the_specification() {
        // From the examples of the Content Security Policy specification.
        assert_eq!(
            csp_hash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }
}
