//! The hub's image: what it is built from is there and is enough, and it runs what the workspace
//! builds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{folder::Folder, kit};

/// The repository, from which the image is built.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The path of the Dockerfile in the repository.
pub(crate) const DOCKERFILE: &str = "examples/hub/Dockerfile";

/// The text of the Dockerfile.
pub(crate) fn text() -> String {
    kit::text(&root().join(DOCKERFILE))
}

/// The instructions of a Dockerfile, with what they say.
#[derive(Debug)]
pub(crate) struct Dockerfile(Vec<(String, String)>);

impl Dockerfile {
    /// Reads the hub's.
    pub(crate) fn read() -> Self {
        let text = text();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let text = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
        let instructions = text.lines().filter_map(|line| line.split_once(' '));
        Self(
            instructions
                .map(|(instruction, what)| (instruction.to_owned(), what.trim().to_owned()))
                .collect(),
        )
    }

    /// What all instructions of a kind say.
    fn all(&self, kind: &str) -> Vec<&str> {
        let of_the_kind = self.0.iter().filter(|(it, _)| it == kind);
        of_the_kind.map(|(_, what)| what.as_str()).collect()
    }

    /// What the one instruction of a kind says.
    pub(crate) fn one(&self, kind: &str) -> &str {
        let all = self.all(kind);
        assert_eq!(all.len(), 1, "{kind} is there once");
        all[0]
    }

    /// The port on which the hub listens.
    pub(crate) fn port(&self) -> u16 {
        let address = self.one("ENV").strip_prefix("HUB_LISTEN=");
        let port = address.and_then(|it| it.strip_prefix("0.0.0.0:"));
        let port = port.and_then(|it| it.parse().ok());
        port.expect("it listens on all addresses")
    }

    /// The paths in the repository that are copied.
    fn sources(&self) -> Vec<&str> {
        let copies = self.all("COPY").into_iter();
        let copies = copies.filter(|copy| !copy.starts_with("--from"));
        copies
            .flat_map(|copy| {
                let mut paths: Vec<_> = copy.split_whitespace().collect();
                paths.pop().expect("where it goes");
                paths
            })
            .collect()
    }
}

/// `.dockerignore`, whose last line that is about a path decides.
struct Ignored(Vec<String>);

impl Ignored {
    fn read() -> Self {
        let text = kit::text(&root().join(".dockerignore"));
        let lines = text
            .lines()
            .filter(|it| !it.is_empty() && !it.starts_with('#'));
        let lines: Vec<_> = lines.map(str::to_owned).collect();
        for line in &lines {
            let plain = line == "*" || !line.contains(['*', '?', '[']);
            assert!(plain, "{line}: only plain paths are understood here");
        }
        Self(lines)
    }

    /// Whether a file is left.
    fn leaves(&self, path: &str) -> bool {
        let about = self.0.iter().rev().find(|line| {
            let named = line.trim_start_matches('!');
            named == "*" || path == named || path.starts_with(&format!("{named}/"))
        });
        about.is_none_or(|line| line.starts_with('!'))
    }

    /// Whether anything in a folder may be left.
    fn enters(&self, path: &str) -> bool {
        let below = format!("!{path}/");
        self.leaves(path) || self.0.iter().any(|line| line.starts_with(&below))
    }
}

/// Copies what is left of a path in the repository, and counts the files.
fn copy(path: &str, to: &Folder, ignored: &Ignored) -> usize {
    let source = root().join(path);
    if !source.is_dir() {
        if !ignored.leaves(path) {
            return 0;
        }
        let target = to.join(path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("the folder is ours");
        fs::copy(&source, target).unwrap_or_else(|error| panic!("{path}: {error}"));
        return 1;
    }
    if !ignored.enters(path) {
        return 0;
    }
    let entries = fs::read_dir(source).expect("a folder of the repository");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| copy(&format!("{path}/{}", name.to_string_lossy()), to, ignored))
        .sum()
}

/// What cargo knows of the workspace in this folder.
fn metadata(folder: &Path) -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    let answer = cargo
        .args(["metadata", "--locked", "--offline", "--no-deps"])
        .args(["--format-version", "1"])
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{said}");
    serde_json::from_slice(&answer.stdout).expect("JSON")
}

#[test]
fn what_is_copied_is_there_and_is_enough_for_cargo() {
    let (dockerfile, ignored) = (Dockerfile::read(), Ignored::read());
    let context = Folder::new("context");
    for path in dockerfile.sources() {
        assert!(
            copy(path, &context, &ignored) > 0,
            "nothing is left of {path}"
        );
    }
    let metadata = metadata(&context.join(""));
    let build = dockerfile.one("RUN");
    let option = |name: &str| {
        let mut words = build.split_whitespace().skip_while(|word| *word != name);
        words.nth(1).expect("it is given").to_owned()
    };
    let (package, program) = (option("-p"), option("--bin"));
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|it| it["name"] == package.as_str());
    let targets = package.expect("the package")["targets"].as_array().cloned();
    let mut targets = targets.into_iter().flatten();
    assert!(targets.any(|it| it["kind"][0] == "bin" && it["name"] == program.as_str()));
    assert!(build.contains(&format!(
        "cp target/release/{program} /usr/local/bin/{program}"
    )));
    let place = format!("/usr/local/bin/{program}");
    let copied = format!("--from=build {place} {place}");
    assert!(
        dockerfile.all("COPY").contains(&copied.as_str()),
        "{copied}"
    );
    assert_eq!(dockerfile.one("ENTRYPOINT"), format!("[\"{program}\"]"));
    assert!(
        dockerfile
            .one("HEALTHCHECK")
            .ends_with(&format!("CMD [\"{program}\", \"--check-health\"]"))
    );
}

#[test]
fn the_context_has_nothing_that_is_large_or_secret() {
    let ignored = Ignored::read();
    for path in [
        ".git/config",
        "target/release/hub",
        "tests/.venv/bin/python",
        ".env",
        "examples/monitoring/compose.yml",
    ] {
        assert!(!ignored.leaves(path), "{path}");
    }
}

#[test]
fn both_stages_are_of_one_release_and_rust_is_new_enough() {
    let dockerfile = Dockerfile::read();
    let [build, run] = dockerfile.all("FROM")[..] else {
        panic!("two stages: {dockerfile:?}");
    };
    let build = build.strip_prefix("rust:").expect("Rust");
    let build = build.strip_suffix(" AS build").expect("a name");
    let (rust, debian) = build.split_once("-slim-").expect("a release of Debian");
    assert_eq!(run, format!("debian:{debian}-slim"));
    let number = |version: &str| -> Vec<u32> {
        let parts = version.split('.').map(str::parse);
        parts.map(|part| part.expect("a number")).collect()
    };
    let manifest = kit::text(&root().join("Cargo.toml"));
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let needed = manifest["workspace"]["package"]["rust-version"].as_str();
    assert!(number(rust) >= number(needed.expect("a version")), "{rust}");
}

#[test]
fn its_name_has_the_workspace_s_version() {
    let name = format!("mcp-hub:{}", env!("CARGO_PKG_VERSION"));
    assert!(text().contains(&format!("--tag {name} ")), "{name}");
}

#[test]
fn its_port_is_the_one_that_it_exposes() {
    let dockerfile = Dockerfile::read();
    assert_eq!(dockerfile.one("EXPOSE"), dockerfile.port().to_string());
}
