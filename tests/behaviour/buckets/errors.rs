//! Matchers and bounds that are rejected.

use std::error::Error as _;

use mcp_metrics::{ExporterBuilder, InstallError, Matcher};

use super::{prefix, quiet, suffix};

/// Returns the error of a builder, and its source.
fn error(builder: ExporterBuilder) -> [String; 2] {
    let error = builder.build().expect_err("the configuration is invalid");
    let source = error.source().map(ToString::to_string);
    [error.to_string(), source.unwrap_or_default()]
}

#[test]
fn empty_matcher_is_an_install_error() {
    for matcher in [Matcher::from(""), prefix(""), suffix("")] {
        let expected = [
            format!("invalid matcher `{matcher:?}` in `buckets_for`"),
            "the text is empty; use `default_buckets` for all histograms without bounds of their \
             own"
            .to_owned(),
        ];
        assert_eq!(error(quiet().buckets_for(matcher, &[1.0])), expected);
    }
}

#[test]
fn pattern_in_a_matcher_is_an_install_error() {
    for (matcher, character) in [
        (Matcher::from("http_*"), '*'),
        (prefix("http.?"), '?'),
        (suffix(".*_seconds"), '*'),
        (suffix("_seconds$"), '$'),
        (prefix("^http"), '^'),
        (Matcher::from("a|b"), '|'),
        (Matcher::from("wait{queue=\"a\"}"), '{'),
    ] {
        let expected = [
            format!("invalid matcher `{matcher:?}` in `buckets_for`"),
            format!(
                "`{character}` is in no exported name, and matchers have no wildcards; use the \
                 literal beginning of the names in `Matcher::Prefix`, or their end in \
                 `Matcher::Suffix`"
            ),
        ];
        assert_eq!(error(quiet().buckets_for(matcher, &[1.0])), expected);
    }
}

#[test]
fn invalid_bounds_name_the_matcher() {
    let [error, source] = error(quiet().buckets_for(suffix("_ms"), &[2.0, 1.0]));
    assert_eq!(error, r#"invalid buckets for `Suffix("_ms")`"#);
    assert_eq!(
        source,
        "bucket bounds must be strictly increasing, got 1 after 2"
    );
    let error = quiet().buckets_for(suffix("_ms"), &[]).build().unwrap_err();
    assert!(matches!(error, InstallError::Buckets { .. }), "{error}");
}
