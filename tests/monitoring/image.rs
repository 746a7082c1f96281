//! The hub's image: its build context is complete, and it runs a program of the workspace.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{folder::Folder, kit};

/// Returns the root of the repository, which is the build context.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The path of the Dockerfile in the repository.
pub(crate) const DOCKERFILE: &str = "examples/hub/Dockerfile";

/// Reads the Dockerfile.
pub(crate) fn text() -> String {
    kit::text(&root().join(DOCKERFILE))
}

/// The instructions of a Dockerfile, each with its arguments.
#[derive(Debug)]
pub(crate) struct Dockerfile(Vec<(String, String)>);

impl Dockerfile {
    /// Parses the hub's Dockerfile.
    pub(crate) fn read() -> Self {
        let text = text();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let text = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
        let instructions = text.lines().filter_map(|line| line.split_once(' '));
        Self(
            instructions
                .map(|(name, arguments)| (name.to_owned(), arguments.trim().to_owned()))
                .collect(),
        )
    }

    /// Returns the arguments of all instructions of a kind.
    fn all(&self, kind: &str) -> Vec<&str> {
        let of_the_kind = self.0.iter().filter(|(it, _)| it == kind);
        of_the_kind
            .map(|(_, arguments)| arguments.as_str())
            .collect()
    }

    /// Returns the arguments of the only instruction of a kind.
    pub(crate) fn one(&self, kind: &str) -> &str {
        let all = self.all(kind);
        assert_eq!(all.len(), 1, "expected exactly one {kind}");
        all[0]
    }

    /// Returns the port on which the hub listens.
    pub(crate) fn port(&self) -> u16 {
        let address = self.one("ENV").strip_prefix("HUB_LISTEN=");
        let port = address.and_then(|it| it.strip_prefix("0.0.0.0:"));
        let port = port.and_then(|it| it.parse().ok());
        port.expect("the hub listens on all addresses")
    }

    /// Returns the paths of the repository that are copied.
    fn sources(&self) -> Vec<&str> {
        let copies = self.all("COPY").into_iter();
        let copies = copies.filter(|copy| !copy.starts_with("--from"));
        copies
            .flat_map(|copy| {
                let mut paths: Vec<_> = copy.split_whitespace().collect();
                paths.pop().expect("COPY has a destination");
                paths
            })
            .collect()
    }
}

/// The lines of `.dockerignore`. The last line that matches a path decides.
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
            assert!(
                plain,
                "unsupported pattern `{line}`; expected `*` or a plain path"
            );
        }
        Self(lines)
    }

    /// Returns whether a file is in the build context.
    fn includes(&self, path: &str) -> bool {
        let about = self.0.iter().rev().find(|line| {
            let named = line.trim_start_matches('!');
            named == "*" || path == named || path.starts_with(&format!("{named}/"))
        });
        about.is_none_or(|line| line.starts_with('!'))
    }

    /// Returns whether a folder may contain files of the build context.
    fn enters(&self, path: &str) -> bool {
        let below = format!("!{path}/");
        self.includes(path) || self.0.iter().any(|line| line.starts_with(&below))
    }
}

/// Copies the files below a path that are in the build context. Returns their number.
fn copy(path: &str, to: &Folder, ignored: &Ignored) -> usize {
    let source = root().join(path);
    if !source.is_dir() {
        if !ignored.includes(path) {
            return 0;
        }
        let target = to.join(path);
        let folder = target.parent().expect("a file has a folder");
        fs::create_dir_all(folder).expect("the folder can be created");
        fs::copy(&source, target).unwrap_or_else(|error| panic!("{path}: {error}"));
        return 1;
    }
    if !ignored.enters(path) {
        return 0;
    }
    let entries = fs::read_dir(source).expect("the folder can be read");
    let names = entries.map(|entry| entry.expect("the entry can be read").file_name());
    names
        .map(|name| copy(&format!("{path}/{}", name.to_string_lossy()), to, ignored))
        .sum()
}

/// Returns cargo's metadata of the workspace in this folder.
fn metadata(folder: &Path) -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo
        .args(["metadata", "--locked", "--offline", "--no-deps"])
        .args(["--format-version", "1"])
        .current_dir(folder)
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

#[test]
fn copied_files_exist_and_suffice_for_cargo() {
    let (dockerfile, ignored) = (Dockerfile::read(), Ignored::read());
    let context = Folder::new("context");
    for path in dockerfile.sources() {
        assert!(
            copy(path, &context, &ignored) > 0,
            "no file of {path} is in the build context"
        );
    }
    let metadata = metadata(&context.join(""));
    let build = dockerfile.one("RUN");
    let option = |name: &str| {
        let mut words = build.split_whitespace().skip_while(|word| *word != name);
        words.nth(1).expect("the option has a value").to_owned()
    };
    let (package, program) = (option("-p"), option("--bin"));
    let packages = metadata["packages"]
        .as_array()
        .expect("the packages are a list");
    let package = packages.iter().find(|it| it["name"] == package.as_str());
    let targets = package.expect("the package exists")["targets"]
        .as_array()
        .cloned();
    let mut targets = targets.into_iter().flatten();
    assert!(targets.any(|it| it["kind"][0] == "bin" && it["name"] == program.as_str()));
    assert!(build.contains(&format!(
        "cp target/release/{program} /usr/local/bin/{program}"
    )));
    let path = format!("/usr/local/bin/{program}");
    let copied = format!("--from=build {path} {path}");
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
fn build_context_has_no_large_or_secret_files() {
    let ignored = Ignored::read();
    for path in [
        ".git/config",
        "target/release/hub",
        "tests/.venv/bin/python",
        ".env",
        "examples/monitoring/compose.yml",
    ] {
        assert!(!ignored.includes(path), "{path}");
    }
}

#[test]
fn stages_have_the_same_debian_release_and_a_recent_rust() {
    let dockerfile = Dockerfile::read();
    let [build, run] = dockerfile.all("FROM")[..] else {
        panic!("two stages: {dockerfile:?}");
    };
    let build = build
        .strip_prefix("rust:")
        .expect("the first stage is an image of Rust");
    let build = build
        .strip_suffix(" AS build")
        .expect("the first stage is named `build`");
    let (rust, debian) = build
        .split_once("-slim-")
        .expect("the image names a Debian release");
    assert_eq!(run, format!("debian:{debian}-slim"));
    let number = |version: &str| -> Vec<u32> {
        let parts = version.split('.').map(str::parse);
        parts
            .map(|part| part.expect("a version consists of numbers"))
            .collect()
    };
    let manifest = kit::text(&root().join("Cargo.toml"));
    let manifest: toml::Table = manifest.parse().expect("the manifest is TOML");
    let needed = manifest["workspace"]["package"]["rust-version"].as_str();
    assert!(
        number(rust) >= number(needed.expect("the workspace has a Rust version")),
        "{rust}"
    );
}

#[test]
fn image_tag_is_the_workspace_version() {
    let name = format!("mcp-hub:{}", env!("CARGO_PKG_VERSION"));
    assert!(text().contains(&format!("--tag {name} ")), "{name}");
}

#[test]
fn exposed_port_is_the_hub_s_port() {
    let dockerfile = Dockerfile::read();
    assert_eq!(dockerfile.one("EXPOSE"), dockerfile.port().to_string());
}
