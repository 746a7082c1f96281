//! `set-namespace` writes a copy of the kit for another namespace that works as the original does.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use mcp_metrics::{Exporter, catalog::Family};
use mcp_metrics_tests::dashboard::Dashboard;
use serde_json::Value;

use crate::{
    folder::Folder,
    kit::{self, Configuration, Rules},
    kubernetes::Object,
    names::{Vocabulary, families},
    promtool::promtool,
};

/// Runs the command.
fn set_namespace(arguments: &[&str]) -> Output {
    let script = kit::folder().join("set-namespace");
    let output = Command::new(script).args(arguments).output();
    output.expect("the command runs")
}

/// Writes a copy. Returns its folder.
fn copy(folder: &Folder, options: &[&str], namespace: &str) -> PathBuf {
    let target = folder.join("below/copy");
    let path = target.to_str().expect("a path in UTF-8");
    let output = set_namespace(&[options, &[namespace, path]].concat());
    assert!(output.status.success(), "{output:?}");
    target
}

/// Returns all files in a folder, relative to it and sorted.
fn tree(root: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in kit::files(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root).expect("a file in it").to_owned());
            }
        }
    }
    files.sort();
    files
}

/// Returns the guide without the parts on the command.
fn without_this_command(guide: &str) -> String {
    let (before, rest) = guide
        .split_once("## Another namespace\n")
        .expect("a section");
    let (_, after) = rest
        .split_once("## With Docker\n")
        .expect("the next section");
    let lines = before
        .lines()
        .filter(|line| !line.starts_with("| `set-namespace`"));
    let before: Vec<_> = lines.collect();
    let guide = format!("{}\n## With Docker\n{after}", before.join("\n"));
    assert!(!guide.contains("set-namespace"));
    guide
}

/// Returns the families of a hub with this namespace.
fn families_of(namespace: &str) -> Vec<Family> {
    let mut families = families();
    for family in &mut families {
        if let Some(rest) = family.name.strip_prefix("mcp_hub_") {
            family.name = format!("{namespace}_{rest}").leak();
        }
    }
    families
}

/// Returns the rules of a copy, in the order of its configuration.
fn rules(copy: &Path) -> Vec<String> {
    let configuration: Configuration = kit::parse(&kit::text(&copy.join("prometheus.yml")));
    let files = configuration.rule_files.iter();
    files.map(|file| kit::text(&copy.join(file))).collect()
}

#[test]
fn copy_names_the_families_of_the_namespace_only() {
    let folder = Folder::new("namespace");
    let copy = copy(&folder, &[], "acme_2");
    let mut expected = tree(&kit::folder());
    expected.retain(|file| file != Path::new("set-namespace"));
    assert_eq!(tree(&copy), expected);
    for file in &expected {
        let (here, there) = (kit::folder().join(file), copy.join(file));
        let mut expected = kit::text(&here);
        if file == Path::new("README.md") {
            expected = without_this_command(&expected);
        }
        assert_eq!(
            kit::text(&there),
            expected.replace("mcp_hub", "acme_2"),
            "{}",
            file.display()
        );
        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions();
        assert_eq!(mode(&there), mode(&here), "{}", file.display());
    }

    // The hub of the copy exports these families.
    let compose = kit::text(&copy.join("compose.yml"));
    assert!(compose.contains("\"--namespace\", \"acme_2\""), "{compose}");
    let hub = kit::text(&copy.join("kubernetes/deployment.yaml"));
    assert!(hub.contains("- --namespace=acme_2\n"), "{hub}");

    let mut vocabulary = Vocabulary::of(&families_of("acme_2"));
    let rules = Rules::parse(&rules(&copy));
    vocabulary
        .learn(&rules)
        .expect("the rules match the families");
    for dashboard in ["mcp-hub", "mcp-server"] {
        let text = kit::text(&copy.join(format!("grafana/dashboards/{dashboard}.json")));
        let dashboard: Dashboard = serde_json::from_str(&text).expect("a dashboard");
        crate::dashboard_queries::check(&dashboard, &vocabulary).expect("the panels match");
    }
    let objects: Vec<Object<Value>> =
        kit::parse_all(&kit::text(&copy.join("kubernetes/prometheusrule.yaml")));
    let of_objects: Vec<_> = objects.iter().map(|it| it.spec.to_string()).collect();
    assert_eq!(Rules::parse(&of_objects).len(), rules.len());
    let mut vocabulary = Vocabulary::of(&families_of("acme_2"));
    let learned = vocabulary.learn(&Rules::parse(&of_objects));
    learned.expect("the rules of the objects match the families");
    // The rules of a copy do not match a hub without the namespace.
    let error = Vocabulary::of_the_catalogue().learn(&rules);
    error.expect_err("unknown metrics");
}

#[test]
fn copy_passes_the_checks_and_unit_tests_of_the_original() {
    let folder = Folder::new("namespace");
    let copy = copy(&folder, &["--name", "acme-hub"], "acme");
    promtool(
        &["check", "config"],
        &["prometheus.yml", "many-hubs/prometheus.yml"].map(|name| copy.join(name)),
    );
    let files = kit::files(&copy.join("rules"));
    promtool(&["check", "rules", "--lint=all", "--lint-fatal"], &files);
    let mut tests = kit::unit_tests();
    // This one takes longer than all others; the families in its rules are checked above.
    tests.retain(|test| !test.ends_with("slo.test.yml"));
    let rules = format!("{}/", copy.display());
    let tests = tests.iter().map(|test| {
        let text = kit::text(test).replace("../../../examples/monitoring/", &rules);
        let text = text
            .replace("mcp_hub", "acme")
            .replace("mcp-hub", "acme-hub");
        let name = test.file_name().expect("a file").to_str().expect("UTF-8");
        let path = folder.join(name);
        fs::write(&path, text).expect("a writable folder");
        path
    });
    promtool(&["test", "rules"], &tests.collect::<Vec<_>>());
}

#[test]
fn namespaces_are_those_that_an_exporter_accepts() {
    let folder = Folder::new("namespace");
    let valid = [
        "a",
        "_acme",
        "ACME_2",
        "mcp",
        "mcp_hub",
        "mcp_hub_eu",
        "mcp_servers",
        "processes",
    ];
    let invalid = [
        "",
        "_",
        "acme_",
        "2acme",
        "ac-me",
        "acmé",
        "acme:hub",
        "mcp_metrics",
        "mcp_server",
        "mcp_server_eu",
        "mcp_http",
        "mcp_client",
        "gen_ai",
        "process",
    ];
    let cases = valid.map(|it| (it, true)).into_iter();
    for (namespace, is_valid) in cases.chain(invalid.map(|it| (it, false))) {
        let exporter = Exporter::builder().without_system_metrics();
        let built = exporter.namespace(namespace).build().is_ok();
        assert_eq!(built, is_valid, "{namespace:?}");
        let target = folder.join(&format!("copy-{namespace}"));
        let path = target.to_str().expect("a path in UTF-8");
        let output = set_namespace(&[namespace, path]);
        assert_eq!(
            output.status.success(),
            is_valid,
            "{namespace:?}: {output:?}"
        );
        assert_eq!(target.exists(), is_valid, "{namespace:?}");
        if is_valid {
            let original = kit::text(&kit::folder().join("rules/alerts.yml"));
            let rules = kit::text(&target.join("rules/alerts.yml"));
            assert_eq!(rules, original.replace("mcp_hub", namespace));
        }
    }
}

#[test]
fn name_replaces_that_of_job_objects_and_files() {
    let folder = Folder::new("namespace");
    let copy = copy(&folder, &["--name", "acme-hub"], "acme");
    for file in tree(&copy) {
        let text = kit::text(&copy.join(&file));
        for old in ["mcp_hub", "mcp-hub"] {
            let name = file.display().to_string();
            assert!(!text.contains(old) && !name.contains(old), "{name}: {old}");
        }
    }
    let configuration: Configuration = kit::parse(&kit::text(&copy.join("prometheus.yml")));
    assert_eq!(configuration.scrape_configs[0].name, "acme-hub");
    let alerts = kit::text(&copy.join("rules/alerts.yml"));
    assert!(alerts.contains("up{job=\"acme-hub\"}"), "{alerts}");
    let grafana = kit::text(&copy.join("grafana/kustomization.yaml"));
    let named = grafana
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "));
    let dashboards: Vec<_> = named
        .filter(|file| file.starts_with("dashboards/"))
        .collect();
    assert_eq!(dashboards.len(), 2, "{grafana}");
    for file in dashboards {
        assert!(copy.join("grafana").join(file).is_file(), "{file}");
    }
}

#[test]
fn invalid_arguments_write_nothing() {
    let folder = Folder::new("namespace");
    let target = folder.join("copy");
    let path = target.to_str().expect("a path in UTF-8");
    let namespaces = [
        "", "2acme", "ac-me", "ac me", "acmé", "a;id", "a/b", "a&b", "a\\1", "acme_",
    ];
    for namespace in namespaces {
        let output = set_namespace(&[namespace, path]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{namespace:?}");
        assert!(
            errors.contains(&format!("`{namespace}` ")),
            "{namespace:?}: {errors}"
        );
    }
    for name in ["", "Acme", "acme_hub", "-acme", "acme-", "a&b", "a/b"] {
        let output = set_namespace(&["--name", name, "acme", path]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && errors.contains("is not a name"),
            "{name:?}: {errors}"
        );
    }
    for arguments in [&[][..], &["acme"], &["acme", path, "more"], &["--name"]] {
        assert!(!set_namespace(arguments).status.success(), "{arguments:?}");
    }
    assert!(!target.exists());

    // An existing folder and one inside the kit are refused and left as they are.
    fs::create_dir(&target).expect("a writable folder");
    assert!(!set_namespace(&["acme", path]).status.success());
    assert_eq!(fs::read_dir(&target).expect("the folder").count(), 0);
    let inside = kit::folder().join("copy-inside");
    let output = set_namespace(&["acme", inside.to_str().expect("a path in UTF-8")]);
    assert!(!output.status.success() && !inside.exists(), "{output:?}");
}
