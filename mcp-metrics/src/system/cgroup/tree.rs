//! Control groups as directory trees, for tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ControlGroups;

/// A directory with `proc/cgroup`, `proc/mountinfo` and mounted hierarchies. Removed when dropped.
pub(in crate::system) struct Tree(PathBuf);

impl Tree {
    /// Creates a tree with these lines of `/proc/self/cgroup` and these mounts: root, mount point
    /// in the tree, file system and options.
    pub(in crate::system) fn new(cgroup: &[&str], mounts: &[(&str, &str, &str, &str)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let (process, tree) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let name = format!("mcp-metrics-cgroup-{process}-{tree}");
        let tree = Self(std::env::temp_dir().join(name));
        let lines = mounts.iter().map(|(root, point, kind, options)| {
            let point = tree.0.join(point);
            format!(
                "30 23 0:26 {root} {} rw - {kind} {kind} {options}\n",
                point.display()
            )
        });
        tree.write("proc/cgroup", cgroup.join("\n"));
        tree.write("proc/mountinfo", lines.collect::<String>());
        tree
    }

    /// Creates a folder.
    pub(in crate::system) fn folder(&self, path: &str) {
        fs::create_dir_all(self.0.join(path)).unwrap();
    }

    /// Writes a file and creates its folder.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the text is mostly a literal"
    )]
    pub(in crate::system) fn write(&self, path: &str, text: impl ToString) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.to_string()).unwrap();
    }

    /// Removes a file or a folder.
    pub(in crate::system) fn remove(&self, path: &str) {
        let path = self.0.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// Returns the directory that stands for `/proc/self`.
    pub(in crate::system) fn process(&self) -> PathBuf {
        self.0.join("proc")
    }

    /// Reads the groups.
    pub(in crate::system) fn groups(&self) -> ControlGroups {
        ControlGroups::read(&self.process()).unwrap().unwrap()
    }

    /// Returns a path relative to the tree.
    pub(in crate::system) fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.0).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // Left to the system's clean-up if it fails.
        let _ = fs::remove_dir_all(&self.0);
    }
}
