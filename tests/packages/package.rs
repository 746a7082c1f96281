//! Generated packages, built offline by Cargo in a shared target directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// A package with a library.
#[derive(Clone, Copy)]
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    pub(crate) edition: &'a str,
    /// Lines of `[dependencies]`; `{repository}` is replaced by the path of the repository.
    pub(crate) dependencies: &'a str,
    pub(crate) source: &'a str,
}

/// An error or a warning of the compiler.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    pub(crate) level: String,
    pub(crate) message: String,
    /// The line of the source that the compiler underlines.
    pub(crate) line: String,
    /// The notes and suggestions.
    pub(crate) notes: Vec<String>,
}

impl Package<'_> {
    /// Writes the package, and returns its folder.
    pub(crate) fn write(&self) -> PathBuf {
        let folder = temporary().join(self.name);
        fs::create_dir_all(folder.join("src")).expect("a folder for the package");
        let dependencies = self
            .dependencies
            .replace("{repository}", &repository().display().to_string());
        let manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = {:?}\n\n[workspace]\n\n\
             [dependencies]\n{dependencies}\n",
            self.name, self.edition
        );
        write_if_changed(&folder.join("Cargo.toml"), &manifest);
        write_if_changed(&folder.join("src/lib.rs"), self.source);
        let lock = fs::read_to_string(repository().join("Cargo.lock")).expect("a lock file");
        fs::write(folder.join("Cargo.lock"), lock).expect("a writable folder");
        folder
    }

    /// Type-checks the package, and returns the compiler's diagnostics for it.
    pub(crate) fn check(&self) -> Vec<Diagnostic> {
        let folder = self.write();
        let output = cargo(&folder, "check")
            .arg("--message-format=json")
            .output()
            .expect("Cargo starts");
        let stdout = String::from_utf8(output.stdout).expect("JSON in UTF-8");
        let messages = stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("a JSON message on each line"));
        let diagnostics: Vec<_> = messages
            .filter(|message| message["target"]["name"] == self.name.replace('-', "_"))
            .filter_map(|message| diagnostic(&message["message"]))
            .collect();
        let failed = diagnostics.iter().any(|it| it.level == "error");
        assert_eq!(
            output.status.success(),
            !failed,
            "{}: {diagnostics:#?}\n{}",
            self.name,
            String::from_utf8_lossy(&output.stderr)
        );
        diagnostics
    }

    /// Checks that the package compiles without warnings.
    pub(crate) fn compiles(&self) {
        let diagnostics = self.check();
        assert!(diagnostics.is_empty(), "{}: {diagnostics:#?}", self.name);
    }

    /// Runs the tests of the package, and checks that `count` of them pass.
    pub(crate) fn passes_tests(&self, count: usize) {
        let folder = self.write();
        let output = cargo(&folder, "test")
            .arg("--lib")
            .output()
            .expect("Cargo starts");
        let stdout = String::from_utf8_lossy(&output.stdout);
        let passed = format!("{count} passed; 0 failed");
        assert!(
            output.status.success() && stdout.contains(&passed),
            "{}: {stdout}\n{}",
            self.name,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Diagnostic {
    /// Returns whether a note contains `text`.
    pub(crate) fn has_note(&self, text: &str) -> bool {
        self.notes.iter().any(|note| note.contains(text))
    }
}

fn diagnostic(message: &Value) -> Option<Diagnostic> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let spans = message["spans"].as_array()?;
    // Summaries, such as "aborting due to 2 previous errors", have no span.
    let primary = spans.iter().find(|span| span["is_primary"] == true)?;
    let children = message["children"].as_array()?;
    Some(Diagnostic {
        level: text(&message["level"]),
        message: text(&message["message"]),
        line: text(&primary["text"][0]["text"]).trim().to_owned(),
        notes: children.iter().map(|it| text(&it["message"])).collect(),
    })
}

pub(crate) fn cargo(folder: &Path, command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .args([command, "--offline", "--quiet"])
        .env("CARGO_TARGET_DIR", temporary().join("target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env_remove("RUSTFLAGS");
    // Cargo sets them for this test.
    for (name, _) in env::vars() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Writes a file unless it has this text: Cargo compiles a package again if a file is newer.
pub(crate) fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).expect("a writable folder");
}

fn repository() -> &'static Path {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    folder.expect("the package is in `tests`")
}

pub(crate) fn temporary() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}
