//! External tools and schemas accept the files that deploy a hub, and reject files with mistakes.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use mcp_metrics_tests::{process::feed, tools};
use serde_json::{Value, json};

use crate::{image, kit, kubernetes::Object, rule_object};

/// An external checker of files.
#[derive(Clone, Copy, Debug)]
enum Checker {
    /// A linter for Dockerfiles.
    Hadolint,
    /// The schema of the compose specification.
    Compose,
    /// The schemas of Kubernetes and of the Prometheus operator.
    Objects,
    /// Alertmanager's command-line tool.
    Amtool,
    /// Prometheus' command-line tool, for configurations.
    PromtoolConfig,
    /// The same tool, for rules.
    PromtoolRules,
}

impl Checker {
    /// Returns the command, which reads standard input, or `None` if the checker is missing and not
    /// required.
    fn command(self) -> Option<Command> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (program, arguments): (PathBuf, &[&str]) = match self {
            Self::Hadolint => (here.join(".venv/bin/hadolint"), &["-"]),
            Self::Compose => (
                here.join(".venv/bin/check-jsonschema"),
                &[
                    "--builtin-schema=vendor.compose-spec",
                    "--default-filetype=yaml",
                    "-",
                ],
            ),
            Self::Objects => (
                // Installed together with the other models, unlike Python itself.
                here.join(".venv/bin/kubernetes-validate"),
                &[],
            ),
            Self::Amtool => ("amtool".into(), &["check-config", "/dev/stdin"]),
            Self::PromtoolConfig => ("promtool".into(), &["check", "config", "/dev/stdin"]),
            Self::PromtoolRules => (
                "promtool".into(),
                &["check", "rules", "--lint=all", "--lint-fatal", "/dev/stdin"],
            ),
        };
        let found = tools::found(&format!("{self:?}"), &program)?;
        let mut command = match self {
            Self::Objects => {
                let mut python = Command::new(found.with_file_name("python"));
                python.arg(here.join("monitoring/objects.py"));
                python
            }
            _ => Command::new(found),
        };
        command.args(arguments);
        Some(command)
    }

    /// Returns the verdict on each text, or `None` if the checker is missing and not required.
    fn verdicts(self, texts: &[String]) -> Option<Vec<Result<(), String>>> {
        if let Self::Objects = self {
            let output = run(&mut self.command()?, &json!(texts).to_string());
            let faults: Vec<Option<String>> =
                serde_json::from_str(&output.expect("objects.py succeeds")).expect("a list");
            return Some(
                faults
                    .into_iter()
                    .map(|it| it.map_or(Ok(()), Err))
                    .collect(),
            );
        }
        let verdicts = texts.iter().map(|text| {
            let output = run(&mut self.command()?, text);
            Some(output.map(drop))
        });
        verdicts.collect()
    }

    /// Asserts that it accepts a text, and rejects it with each of these mistakes.
    fn check(self, text: &str, mistakes: &[Mistake<'_>]) {
        self.check_all(&[(text, mistakes)]);
    }

    /// Asserts the same for several texts.
    fn check_all(self, cases: &[(&str, &[Mistake<'_>])]) {
        let mut texts = Vec::new();
        for (text, mistakes) in cases {
            texts.push(("nothing", (*text).to_owned()));
            for (right, wrong) in *mistakes {
                let changed = text.replace(right, wrong);
                assert!(changed != *text, "`{right}` is not in the text");
                texts.push((*wrong, changed));
            }
        }
        let (changes, texts): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
        let verdicts = self.verdicts(&texts).into_iter().flatten();
        for (change, verdict) in changes.into_iter().zip(verdicts) {
            assert_eq!(
                verdict.is_ok(),
                change == "nothing",
                "{self:?}, with {change:?} changed: {verdict:?}"
            );
        }
    }
}

/// A correct part of a text, and its replacement with a mistake.
type Mistake<'a> = (&'a str, &'a str);

/// Runs a program on a text. Returns its output, as an error if it rejects the text.
fn run(command: &mut Command, text: &str) -> Result<String, String> {
    let output = feed(command, text);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(text)
    }
}

#[test]
fn hadolint_accepts_the_dockerfile() {
    Checker::Hadolint.check(
        &image::text(),
        &[
            ("FROM debian:trixie-slim", "FROM debian:latest"),
            ("ENTRYPOINT [\"hub\"]", "ENTRYPOINT hub"),
            ("WORKDIR /src", "WORKDIR src"),
            ("USER 10001:10001", "USER root"),
            ("EXPOSE 7860", "EXPOSE 78600"),
        ],
    );
}

#[test]
fn compose_file_matches_the_compose_specification() {
    Checker::Compose.check(
        &kit::read("compose.yml"),
        &[
            ("restart:", "restarts:"),
            ("timeout: 5s", "time_out: 5s"),
            ("condition: service_healthy", "condition: healthy"),
            ("\nvolumes:", "\nstores:"),
            ("cap_drop: [ALL]", "cap_drop: ALL"),
        ],
    );
}

#[test]
fn kubernetes_objects_match_their_schemas() {
    Checker::Objects.check_all(&[
        (
            &kit::read("kubernetes/deployment.yaml"),
            &[
                ("readinessProbe:", "readyProbe:"),
                ("containerPort: 7860", "containerPort: http"),
                ("runAsNonRoot: true", "runAsNonRoot: \"true\""),
                ("apps/v1", "apps/v2"),
                ("  selector:\n    matchLabels:\n      app: mcp-hub\n", ""),
                ("periodSeconds:", "period:"),
            ],
        ),
        (
            &kit::read("kubernetes/service.yaml"),
            &[("targetPort:", "target:"), ("port: 7860", "port: \"7860\"")],
        ),
    ]);
}

#[test]
fn operator_objects_match_their_models() {
    Checker::Objects.check_all(&[
        (
            &kit::read("kubernetes/servicemonitor.yaml"),
            &[
                ("jobLabel:", "job_label:"),
                ("scrapeClassicHistograms:", "alwaysScrapeClassicHistograms:"),
                ("interval: 15s", "interval: soon"),
                ("port: http", "port: 7860"),
                ("selector:", "select:"),
                ("kind: ServiceMonitor", "kind: PrometheusRule"),
            ],
        ),
        (
            &kit::read(rule_object::FILE),
            &[
                ("for: 5m", "for: five minutes"),
                ("annotations:", "annotation:"),
                ("groups:", "group:"),
                ("severity: critical", "severity: 1"),
            ],
        ),
    ]);
}

#[test]
fn promtool_accepts_the_rules_of_the_operator_objects() {
    let objects: Vec<Object<Value>> = kit::parse_all(&kit::read(rule_object::FILE));
    for object in objects {
        // JSON is a subset of YAML.
        Checker::PromtoolRules.check(
            &object.spec.to_string(),
            &[
                ("\"expr\":\"", "\"expr\":\"sum of "),
                ("\"rules\":", "\"rule\":"),
            ],
        );
    }
}

#[test]
fn promtool_accepts_the_configuration_in_a_container() {
    // The rules are mounted below the configuration in the container.
    let rules = format!("- {}/rules/", kit::folder().display());
    let text = kit::read("docker/prometheus.yml").replace("- rules/", &rules);
    // Debian's promtool is older than the image, and does not have this option.
    let option = "    always_scrape_classic_histograms: true\n";
    assert!(text.contains(option), "{text}");
    Checker::PromtoolConfig.check(
        &text.replace(option, ""),
        &[
            ("job_name:", "name:"),
            ("scrape_interval: 15s", "scrape_interval: often"),
            ("rules/alerts.yml", "rules/alarms.yml"),
        ],
    );
}

#[test]
fn amtool_accepts_the_configuration() {
    let text = kit::read("alertmanager.yml");
    Checker::Amtool.check(
        &text,
        &[
            ("receiver: team", "receiver: teams"),
            ("group_by:", "group:"),
            ("equal:", "equals:"),
            ("alertname =~", "alertname ~"),
        ],
    );
    // Also with the commented-out examples.
    let (routes, receivers) = text
        .split_once("\nreceivers:")
        .expect("the file has receivers");
    let receivers = receivers.replace("    # ", "    ");
    let examples = format!("{routes}\nreceivers:{receivers}");
    Checker::Amtool.check(
        &examples,
        &[("routing_key_file:", "key_file:"), ("smarthost:", "host:")],
    );
}
