//! Layout and contrast of the page, on both screen sizes and in both themes.

use mcp_metrics::{
    LlmCall, TokenUsage, track_cache_access, track_llm_call, track_request, track_retry,
};
use mcp_metrics_tests::mcp;
use serde_json::json;

use crate::drive::{Browser, Look, Site};

/// Returns an exporter with many series, some with long labels.
fn site() -> Site {
    let site = Site::with(|builder| builder.app("hub".repeat(30), "1.0.0-".repeat(20)));
    let long = "a_name_without_any_place_to_break_it".repeat(5);
    site.requests("agent", "run", 12_345);
    site.record(|| {
        for label in ["short", &long, &"many words ".repeat(40)] {
            let label = || label.to_owned();
            track_request(label(), label()).start().failure(label());
            track_cache_access(label(), true);
            track_llm_call(label(), "counted only");
            let mut call = LlmCall::start(label(), label());
            call.first_chunk();
            call.tokens(TokenUsage {
                input: 999_999_999,
                output: 99_999,
            });
            call.failure(label());
            for attempt in 1..=16 {
                track_retry(label(), attempt, true);
            }
            mcp::tool_call(&label(), Some(&label()), 0.1);
            mcp::request(&label());
            mcp::session(&label(), &label(), &label());
        }
    });
    site
}

/// Opens the page and waits until it is complete.
fn open(look: Look) -> Option<(Browser, Site)> {
    let browser = Browser::start(look)?;
    let site = site();
    browser.open(&site.url());
    browser.wait("the page has numbers and rates", |page| {
        page.requests().len() == 4 && page.number("#rate").is_some()
    });
    Some((browser, site))
}

/// Returns the elements that overflow the document horizontally.
const OVERFLOWING: &str = "
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')]
        .filter((node) => !node.closest('.unseen, .skip, svg, pre') && node.checkVisibility())
        .filter((node) => node.getBoundingClientRect().right > width + 0.5)
        .map((node) => node.outerHTML.slice(0, 100));";

#[test]
fn page_does_not_overflow_on_a_phone() {
    let Some((browser, _site)) = open(Look::Phone) else {
        return;
    };
    let script = "
        return [innerWidth, document.documentElement.scrollWidth, document.body.scrollWidth <= 360]";
    assert_eq!(browser.run(script, &[]), json!([360, 360, true]));
    assert_eq!(browser.run(OVERFLOWING, &[]), json!([]));
    // Rows that are laid out as cards keep their role.
    let role = "return document.querySelector('#requests-table tbody tr').role";
    assert_eq!(browser.run(role, &[]), "row");
    browser.click("#raw-show");
    browser.wait("the text is shown", |page| page.is_visible("#raw-text"));
    assert_eq!(browser.run(script, &[]), json!([360, 360, true]));
    browser.assert_quiet();
}

#[test]
fn page_does_not_overflow_on_a_desktop() {
    let Some((browser, _site)) = open(Look::Light) else {
        return;
    };
    assert_eq!(browser.run(OVERFLOWING, &[]), json!([]));
    let script = "return document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(browser.run(script, &[]), true);
}

#[test]
fn page_does_not_overflow_at_any_width() {
    let Some((browser, _site)) = open(Look::Light) else {
        return;
    };
    for width in [500, 770, 900, 1_030, 1_250, 2_560] {
        browser.resize(width, 1_000);
        assert_eq!(browser.run(OVERFLOWING, &[]), json!([]), "{width}");
        let script = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(browser.run(script, &[]), true, "{width}");
    }
}

/// Returns the texts whose contrast is below WCAG level AA.
const LOW_CONTRAST: &str = "
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const known = new Map();
    const rgba = (color) => {
        if (!known.has(color)) known.set(color, pixel(color));
        return known.get(color);
    };
    const pixel = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (color) => {
        const [r, g, b] = rgba(color).map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (node) => {
        const color = getComputedStyle(node).backgroundColor;
        return rgba(color)[3] === 255 ? color : ground(node.parentElement);
    };
    const own = (node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const texts = [...document.querySelectorAll('body *')].filter(
        (node) => own(node) && node.checkVisibility() && !node.closest('script, noscript'),
    );
    const faint = texts.flatMap((node) => {
        const [a, b] = [getComputedStyle(node).color, ground(node)].map(luminance);
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return contrast < 4.5 ? [`${contrast.toFixed(2)}: ${node.outerHTML.slice(0, 100)}`] : [];
    });
    return [texts.length > 50, faint];";

#[test]
fn text_has_contrast_in_both_themes() {
    for (look, dark) in [(Look::Light, false), (Look::Dark, true)] {
        let Some((browser, site)) = open(look) else {
            return;
        };
        let query = "return matchMedia('(prefers-color-scheme: dark)').matches";
        assert_eq!(browser.run(query, &[]), dark);
        assert_eq!(browser.run(LOW_CONTRAST, &[]), json!([true, []]));
        drop(site);
        browser.wait("the connection is lost", |page| page.is_visible("#lost"));
        assert_eq!(browser.run(LOW_CONTRAST, &[]), json!([true, []]));
    }
}
