//! The mounted cgroup file systems.

use std::path::{Component, Path, PathBuf};

/// A cgroup file system, or a part of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// The group that is visible at the mount point.
    pub(super) root: PathBuf,
    pub(super) point: PathBuf,
    /// The options, which name the controllers of a v1 hierarchy; `None` for v2.
    pub(super) v1_options: Option<String>,
}

impl Mount {
    /// Parses the cgroup file systems in `/proc/<pid>/mountinfo`.
    pub(super) fn parse_all(mountinfo: &str) -> Vec<Self> {
        mountinfo.lines().filter_map(Self::parse).collect()
    }

    /// Parses a line such as
    /// `35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory`.
    fn parse(line: &str) -> Option<Self> {
        let (mount, file_system) = line.split_once(" - ")?;
        let mut mount = mount.split(' ').skip(3);
        let (root, point) = (mount.next()?, mount.next()?);
        let mut file_system = file_system.split(' ');
        let v1_options = match file_system.next()? {
            "cgroup2" => None,
            "cgroup" => Some(file_system.nth(1)?.to_owned()),
            _ => return None,
        };
        Some(Self {
            root: unescape(root).into(),
            point: unescape(point).into(),
            v1_options,
        })
    }

    /// Returns whether this is the v1 hierarchy of a controller or, if `v1` is false, the v2 one.
    pub(super) fn has(&self, controller: &str, v1: bool) -> bool {
        match &self.v1_options {
            Some(options) => v1 && options.split(',').any(|option| option == controller),
            None => !v1,
        }
    }

    /// Returns the directory of a group, if the group is visible below the mount point.
    pub(super) fn directory(&self, group: &Path) -> Option<PathBuf> {
        let below = group.strip_prefix(&self.root).ok()?;
        // A group outside the cgroup namespace: `/../other`.
        let is_outside = has_parent_components(below);
        // Joining an empty path would append a slash.
        (!is_outside).then(|| {
            if below.as_os_str().is_empty() {
                self.point.clone()
            } else {
                self.point.join(below)
            }
        })
    }

    /// Returns whether a container runtime has mounted a single group, that of the container.
    pub(super) fn is_single_group(&self) -> bool {
        self.root != Path::new("/") && !has_parent_components(&self.root)
    }
}

fn has_parent_components(path: &Path) -> bool {
    path.components().any(|part| part == Component::ParentDir)
}

/// Replaces the octal escapes of white space and backslashes.
fn unescape(field: &str) -> String {
    let mut text = String::new();
    let mut rest = field;
    while let Some((before, escaped)) = rest.split_once('\\') {
        text.push_str(before);
        let code = escaped.get(..3);
        match code.and_then(|code| u8::from_str_radix(code, 8).ok()) {
            Some(code) => {
                text.push(char::from(code));
                rest = &escaped[3..];
            }
            None => {
                text.push('\\');
                rest = escaped;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn mountinfo_lines_are_parsed_with_optional_fields_and_escapes() {
        let mounts = Mount::parse_all(
            "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
             30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n\
             35 31 0:32 /a\\040b /mnt/c\\134d rw shared:9 master:1 - cgroup none rw,cpu,cpuacct\n\
             broken line\n",
        );
        let expected = [
            Mount {
                root: "/".into(),
                point: "/sys/fs/cgroup".into(),
                v1_options: None,
            },
            Mount {
                root: "/a b".into(),
                point: "/mnt/c\\d".into(),
                v1_options: Some("rw,cpu,cpuacct".into()),
            },
        ];
        assert_eq!(mounts, expected);
        let has = |index: usize, controller, v1| mounts[index].has(controller, v1);
        assert!(has(0, "memory", false) && !has(0, "memory", true));
        assert!(has(1, "cpuacct", true) && !has(1, "cpuset", true) && !has(1, "cpu", false));
    }

    #[test]
    fn groups_outside_the_mount_have_no_directory() {
        let mount = |root: &str| Mount {
            root: root.into(),
            point: "/m".into(),
            v1_options: None,
        };
        for (root, group, directory) in [
            ("/", "/", Some("/m")),
            ("/", "/a/b", Some("/m/a/b")),
            ("/a", "/a/b", Some("/m/b")),
            ("/a", "/a", Some("/m")),
            ("/a", "/ab", None),
            ("/", "/../b", None),
            ("/..", "/../b", Some("/m/b")),
            ("/../..", "/", None),
        ] {
            let found = mount(root).directory(Path::new(group));
            assert_eq!(found.as_deref(), directory.map(Path::new), "{root} {group}");
        }
    }
}
