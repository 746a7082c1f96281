//! The documents to search: those bundled with the program, and those of `--corpus`.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use tracing::{info, warn};

/// Maximum number of files read from the directory, and the maximum size of each. All files are
/// kept in memory.
const MAX_FILES: usize = 20_000;
const MAX_BYTES: u64 = 1 << 20;

/// A document to search.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// The first heading, or the file name.
    pub(super) title: String,
    /// The location.
    pub(super) source: String,
    /// The full text.
    pub(super) text: String,
}

/// An error while reading the directory of `--corpus`.
#[derive(Debug, thiserror::Error)]
#[error("cannot read --corpus {}", path.display())]
pub(crate) struct CorpusError {
    /// The directory.
    path: PathBuf,
    /// The error of the file system.
    source: io::Error,
}

/// Embeds documents by their file names.
macro_rules! bundled {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../documents/", $name, ".md")))),*]
    };
}

/// The names and texts of the bundled documents.
const BUNDLED: &[(&str, &str)] = bundled![
    "agents",
    "alerting",
    "async-rust",
    "caching",
    "cardinality",
    "citations",
    "counters-and-gauges",
    "exposition-format",
    "grafana",
    "histograms",
    "llm-costs",
    "mcp-cancellation",
    "mcp-overview",
    "mcp-transports",
    "observability",
    "orchestration",
    "prometheus",
    "promql",
    "question-decomposition",
    "retries",
    "rust-errors",
    "sandboxing",
    "search-ranking",
    "tracing-and-logs",
];

/// Loads the bundled documents and the `.md` and `.txt` files below `folder`.
pub(super) fn load(folder: Option<&Path>) -> Result<Vec<Document>, CorpusError> {
    let mut documents: Vec<Document> = BUNDLED
        .iter()
        .map(|(name, text)| document(name, format!("hub:{name}"), (*text).to_owned()))
        .collect();
    if let Some(folder) = folder {
        let before = documents.len();
        let wrap = |source| CorpusError {
            path: folder.to_owned(),
            source,
        };
        read_folder(folder, &mut documents).map_err(wrap)?;
        info!(
            documents = documents.len() - before,
            directory = %folder.display(),
            "corpus loaded",
        );
    }
    Ok(documents)
}

/// Reads a directory recursively. Only `root` itself must be readable; an unreadable file or
/// subdirectory is skipped with a warning.
fn read_folder(root: &Path, documents: &mut Vec<Document>) -> io::Result<()> {
    let mut files = 0;
    let mut pending = vec![fs::read_dir(root)?];
    while let Some(entries) = pending.pop() {
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            // `DirEntry::file_type` does not follow symbolic links, so that cyclic links do not
            // cause an endless traversal.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => match fs::read_dir(&path) {
                    Ok(below) => pending.push(below),
                    Err(error) => warn!(path = %path.display(), %error, "directory skipped"),
                },
                Ok(kind) if kind.is_file() && is_text(&path) => {
                    if files == MAX_FILES {
                        warn!(limit = MAX_FILES, "file limit of --corpus reached");
                        return Ok(());
                    }
                    files += 1;
                    match read_file(root, &path) {
                        Ok(document) => documents.push(document),
                        Err(error) => warn!(path = %path.display(), %error, "file skipped"),
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Returns whether a file has the extension of a text file.
fn is_text(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "md" || extension == "txt")
}

/// Reads a file, up to the size limit.
fn read_file(root: &Path, path: &Path) -> io::Result<Document> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(MAX_BYTES)
        .read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let relative = path
        .strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string();
    Ok(document(&relative, relative.clone(), text))
}

/// Creates a document whose title is the first Markdown heading, or else the name.
fn document(name: &str, source: String, text: String) -> Document {
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    let title = heading.map_or_else(|| name.to_owned(), |heading| heading.trim().to_owned());
    Document {
        title,
        source,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_documents_have_a_title_and_text() {
        for document in load(None).expect("bundled documents") {
            assert!(
                document.text.starts_with("# "),
                "{} has no heading",
                document.source
            );
            assert!(
                document.text.split_whitespace().count() > 80,
                "{} is too short",
                document.source
            );
        }
    }

    #[test]
    fn directory_is_read_recursively() {
        let root = std::env::temp_dir().join(format!("hub-corpus-{}", std::process::id()));
        fs::create_dir_all(root.join("deep/deeper")).expect("a folder");
        fs::write(root.join("a.md"), "# First\n\ntext").expect("a file");
        fs::write(root.join("deep/deeper/b.txt"), "no heading").expect("a file");
        fs::write(root.join("deep/image.png"), [0xff, 0xd8]).expect("a file");

        let found = load(Some(&root))
            .expect("a corpus")
            .split_off(BUNDLED.len());
        fs::remove_dir_all(&root).expect("clean-up");
        let titles: Vec<_> = found
            .iter()
            .map(|document| document.title.as_str())
            .collect();
        assert_eq!(titles, ["First", "deep/deeper/b.txt"]);
    }

    #[test]
    fn missing_directory_is_an_error_that_names_it() {
        let error = load(Some(Path::new("no/such/folder"))).expect_err("nothing there");
        assert!(error.to_string().contains("no/such/folder"));
    }
}
