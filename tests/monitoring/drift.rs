//! All metrics and labels that the kit names exist, and renaming one is an error.

use mcp_metrics::catalog::Family;

use crate::{
    kit::{self, Rules},
    names::{Vocabulary, families, words},
};

/// Returns the queries in the guide.
fn queries(guide: &str) -> Vec<&str> {
    let blocks = guide.split("```promql\n").skip(1);
    blocks
        .map(|rest| rest.split_once("```").expect("the block has an end").0)
        .collect()
}

/// Checks the queries of the guide, and all names in its text.
fn check_guide(guide: &str, vocabulary: &Vocabulary) -> Result<(), String> {
    for query in queries(guide) {
        vocabulary.check(query)?;
    }
    match words(guide).iter().find(|word| !vocabulary.has(word)) {
        Some(word) => Err(format!("the guide names the unknown {word}")),
        None => Ok(()),
    }
}

/// Checks the rules and the guide against these families.
fn check_kit(families: &[Family]) -> Result<(), String> {
    let mut vocabulary = Vocabulary::of(families);
    vocabulary.learn(&Rules::parse(&kit::rules()))?;
    check_guide(&kit::guide(), &vocabulary)
}

#[test]
fn names_and_labels_are_in_the_catalogue() {
    check_kit(&families()).expect("the rules and the guide match the catalogue");
    let vocabulary = Vocabulary::of_the_kit();
    for case in kit::cases() {
        for input in &case.input_series {
            vocabulary
                .check_series(&input.series)
                .expect("the series of the unit tests match the catalogue");
        }
        for query in &case.promql_expr_test {
            if let Err(error) = vocabulary.check(&query.expr) {
                assert!(query.exp_samples.is_empty(), "{error}");
            }
        }
    }
}

#[test]
fn deployment_files_name_existing_metrics() {
    let folder = kit::folder();
    let files = ["kubernetes", "docker"].map(|it| kit::files(&folder.join(it)));
    let single = ["compose.yml", "alertmanager.yml"].map(|it| folder.join(it));
    let vocabulary = Vocabulary::of_the_kit();
    let mut names = 0;
    for file in files.concat().iter().chain(&single) {
        for name in words(&kit::text(file)) {
            assert!(
                vocabulary.has(&name),
                "{} names the unknown {name}",
                file.display()
            );
            names += 1;
        }
    }
    assert!(names > 40, "only {names} names");
}

#[test]
fn naive_error_rate_query_never_matches() {
    let query = "rate(mcp_hub_requests_failed_total[5m]) / rate(mcp_hub_requests_total[5m])";
    let error = Vocabulary::of_the_kit()
        .check(query)
        .expect_err("error_type is only on one side");
    assert!(error.contains("never match"), "{error}");
    let mut tests = kit::cases().into_iter();
    assert!(
        tests.any(|case| case
            .promql_expr_test
            .iter()
            .any(|it| it.expr == query && it.exp_samples.is_empty())),
        "no unit test has the query without a result"
    );
}

#[test]
fn name_changed_in_the_kit_is_an_error() {
    let rules = kit::rules();
    for (name, other) in [
        ("mcp_hub_requests_failed_total", "mcp_hub_failed_total"),
        (
            "mcp_hub_request_duration_seconds_bucket[",
            "mcp_hub_request_duration_seconds[",
        ),
        (
            "job_agent_operation:mcp_hub_requests_failed:ratio_rate5m > 0.1",
            "job:errors:ratio > 0.1",
        ),
        ("by (job, agent, operation)", "by (job, agent, op)"),
        ("code!=\"200\"", "status!=\"200\""),
        ("$labels.service", "$labels.retried"),
        ("on (job, cache_type)", "on (job, cache)"),
        ("on (job, agent)", "on (job)"),
        ("mcp_server_sessions_total", "mcp_server_session_total"),
        ("gen_ai_tool_name!=\"\"", "tool!=\"\""),
        (
            "\"$1\", \"gen_ai_prompt_name\"",
            "\"$1\", \"gen_ai_prompt\"",
        ),
        ("\"tool_name\", \"$1\"", "\"tool\", \"$1\""),
        ("$labels.network_transport", "$labels.transport"),
        ("agent: llm_processor", "who: llm_processor"),
        ("gen_ai_token_type: input", "token_type: input"),
        (
            "record: llm:price_per_million_tokens:usd",
            "record: llm:price_per_token:usd",
        ),
        ("$labels.gen_ai_request_model", "$labels.model"),
        (
            "by (job, agent, operation, le)",
            "by (job, agent, operation)",
        ),
    ] {
        let changed: Vec<_> = rules.iter().map(|text| text.replace(name, other)).collect();
        assert_ne!(changed, rules, "`{name}` is not in the rules");
        let result = Vocabulary::of_the_catalogue().learn(&Rules::parse(&changed));
        assert!(result.is_err(), "`{name}` replaced by `{other}`");
    }

    let guide = kit::guide();
    for (name, other) in [
        ("mcp_hub_active_operations", "mcp_hub_operations"),
        ("error_type", "kind"),
    ] {
        let changed = guide.replace(name, other);
        assert_ne!(changed, guide, "`{name}` is not in the guide");
        check_guide(&changed, &Vocabulary::of_the_kit()).expect_err(name);
    }
}

#[test]
fn name_changed_in_the_catalogue_is_an_error() {
    let named = words(&kit::rules().concat());
    let families = families();
    let mut metrics = 0;
    for (index, family) in families.iter().enumerate() {
        if !named.iter().any(|name| name.starts_with(family.name)) {
            continue;
        }
        let mut renamed = families.clone();
        renamed[index].name = "mcp_hub_of_another_name";
        check_kit(&renamed).expect_err(family.name);
        metrics += 1;

        for label in 0..family.labels.len() {
            let mut labels = family.labels.to_vec();
            labels[label] = "of_another_name";
            let mut renamed = families.clone();
            renamed[index].labels = labels.leak();
            check_kit(&renamed).expect_err(family.labels[label]);
        }
    }
    assert!(metrics > 22, "only {metrics} families are in the rules");
}

#[test]
fn recorded_series_are_named_after_their_labels() {
    let mut vocabulary = Vocabulary::of_the_catalogue();
    let public = Rules::parse(&[kit::read("rules/mcp-public-dashboard.yml")]).into_iter();
    let public: Vec<_> = public.filter_map(|rule| rule.record).collect();
    for rule in Rules::parse(&kit::rules()) {
        vocabulary
            .learn(std::slice::from_ref(&rule))
            .expect("the rules are valid");
        let Some(name) = &rule.record else { continue };
        // The public dashboard has names of its own.
        if public.contains(name) {
            continue;
        }
        let [level, metric, operations] = name.split(':').collect::<Vec<_>>()[..] else {
            panic!("{name} is not level:metric:operations");
        };
        assert!(!metric.is_empty() && !operations.is_empty(), "{name}");
        // Settings have no job.
        if ["mcp_hub", "llm"].contains(&level) {
            continue;
        }
        let labels = vocabulary.check(name).expect("the series is known");
        let rest = labels.iter().fold(format!("_{level}_"), |rest, label| {
            assert!(
                rest.contains(&format!("_{label}_")),
                "{name}: the level lacks the label {label}"
            );
            rest.replacen(&format!("_{label}_"), "__", 1)
        });
        assert_eq!(
            rest.trim_matches('_'),
            "",
            "{name}: the level has more than the labels {labels:?}"
        );
    }
}
