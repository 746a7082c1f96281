//! What the tools and schemas of others say of the files that deploy a hub, and that they notice
//! what is wrong.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use mcp_metrics_tests::{process::feed, tools};
use serde_json::{Value, json};

use crate::{image, kit, kubernetes::Object, rule_object};

/// Who judges a file.
#[derive(Clone, Copy, Debug)]
enum Judge {
    /// A linter of Dockerfiles.
    Hadolint,
    /// The schema of the compose specification.
    Compose,
    /// The schemas of Kubernetes and of the Prometheus operator.
    Objects,
    /// Alertmanager's own tool.
    Amtool,
    /// Prometheus' own tool, for configurations.
    PromtoolConfig,
    /// The same, for rules.
    PromtoolRules,
}

impl Judge {
    /// The command, which reads from standard input; nothing if the tests are to do without.
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
                // Which is there only if the rest is; a Python is on its own, too.
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

    /// What it says of each text; nothing if the tests are to do without.
    fn judge(self, texts: &[String]) -> Option<Vec<Result<(), String>>> {
        if let Self::Objects = self {
            let said = run(&mut self.command()?, &json!(texts).to_string());
            let faults: Vec<Option<String>> =
                serde_json::from_str(&said.expect("objects.py judges all")).expect("a list");
            return Some(
                faults
                    .into_iter()
                    .map(|it| it.map_or(Ok(()), Err))
                    .collect(),
            );
        }
        let verdicts = texts.iter().map(|text| {
            let said = run(&mut self.command()?, text);
            Some(said.map(drop))
        });
        verdicts.collect()
    }

    /// Checks that it accepts a text, and refuses it with any of these replacements.
    fn check(self, text: &str, slips: &[Slip<'_>]) {
        self.check_all(&[(text, slips)]);
    }

    /// The same for several texts.
    fn check_all(self, cases: &[(&str, &[Slip<'_>])]) {
        let mut texts = Vec::new();
        for (text, slips) in cases {
            texts.push(("nothing", (*text).to_owned()));
            for (right, wrong) in *slips {
                let spoilt = text.replace(right, wrong);
                assert!(spoilt != *text, "{right} is not in the text");
                texts.push((*wrong, spoilt));
            }
        }
        let (changes, texts): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
        let verdicts = self.judge(&texts).into_iter().flatten();
        for (change, verdict) in changes.into_iter().zip(verdicts) {
            assert_eq!(
                verdict.is_ok(),
                change == "nothing",
                "{self:?}, with {change:?} changed: {verdict:?}"
            );
        }
    }
}

/// What is right, and what is written instead.
type Slip<'a> = (&'a str, &'a str);

/// What a program says of a text, and whether it accepts it.
fn run(command: &mut Command, text: &str) -> Result<String, String> {
    let output = feed(command, text);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    if output.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}

#[test]
fn hadolint_finds_nothing_in_the_dockerfile() {
    Judge::Hadolint.check(
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
fn the_compose_specification_knows_all_of_it() {
    Judge::Compose.check(
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
fn kubernetes_knows_all_of_its_objects() {
    Judge::Objects.check_all(&[
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
fn the_operator_knows_all_of_its_objects() {
    Judge::Objects.check_all(&[
        (
            &kit::read("kubernetes/servicemonitor.yaml"),
            &[
                ("jobLabel:", "job_label:"),
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
fn prometheus_accepts_the_rules_of_the_operator_s_objects() {
    let objects: Vec<Object<Value>> = kit::parse_all(&kit::read(rule_object::FILE));
    for object in objects {
        // JSON is YAML.
        Judge::PromtoolRules.check(
            &object.spec.to_string(),
            &[("sum by", "sum of"), ("\"rules\":", "\"rule\":")],
        );
    }
}

#[test]
fn prometheus_accepts_its_configuration_in_a_container() {
    // As the files are mounted there.
    let rules = format!("- {}/rules/", kit::folder().display());
    let text = kit::read("docker/prometheus.yml").replace("- rules/", &rules);
    Judge::PromtoolConfig.check(
        &text,
        &[
            ("metrics_path:", "path:"),
            ("scrape_interval: 15s", "scrape_interval: often"),
            ("rules/alerts.yml", "rules/alarms.yml"),
        ],
    );
}

#[test]
fn alertmanager_accepts_its_configuration() {
    let text = kit::read("alertmanager.yml");
    Judge::Amtool.check(
        &text,
        &[
            ("receiver: team", "receiver: teams"),
            ("group_by:", "group:"),
            ("equal:", "equals:"),
            ("alertname =~", "alertname ~"),
        ],
    );
    // And with the examples that are comments there.
    let (routes, receivers) = text.split_once("\nreceivers:").expect("receivers");
    let receivers = receivers.replace("    # ", "    ");
    let examples = format!("{routes}\nreceivers:{receivers}");
    Judge::Amtool.check(
        &examples,
        &[("routing_key_file:", "key_file:"), ("smarthost:", "host:")],
    );
}
