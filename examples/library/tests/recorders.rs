//! The metrics of the library in a program that has chosen a recorder of another crate, or none.

use metrics_exporter_prometheus::PrometheusBuilder;
use translator::{Model, ModelError, TranslateError, Translator, count_words};

/// A model that answers with the word.
struct Echo;

impl Model for Echo {
    async fn translate(&self, word: &str) -> Result<String, ModelError> {
        Ok(word.to_owned())
    }
}

#[tokio::test]
async fn recorder_of_another_crate_receives_the_documented_families() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let scrape = recorder.handle();
    // On the thread of this test, where a program would call `metrics::set_global_recorder`.
    let guard = metrics::set_default_local_recorder(&recorder);
    let translator = Translator::new(Echo);
    assert_eq!(translator.translate("a a").await.as_deref(), Ok("a a"));
    assert_eq!(count_words("", 3), Err(TranslateError::EmptyText));
    drop(guard);

    let scrape = scrape.render();
    for line in [
        r#"mcp_hub_requests_total{agent="translator",operation="translate"} 1"#,
        r#"mcp_hub_requests_success_total{agent="translator",operation="translate"} 1"#,
        r#"mcp_hub_requests_failed_total{agent="translator",operation="count",error_type="EmptyText"} 1"#,
        r#"mcp_hub_llm_api_calls_total{provider="local",model="dictionary"} 1"#,
        r#"mcp_hub_cache_hits_total{cache_type="words"} 1"#,
        r#"mcp_hub_cache_misses_total{cache_type="words"} 1"#,
    ] {
        assert!(
            scrape.lines().any(|found| found == line),
            "{line} is missing in\n{scrape}"
        );
    }
}

#[tokio::test]
async fn library_works_without_a_recorder() {
    let translator = Translator::new(Echo);
    assert_eq!(translator.translate("a b").await.as_deref(), Ok("a b"));
    assert_eq!(count_words("a b", 3), Ok(2));
}
