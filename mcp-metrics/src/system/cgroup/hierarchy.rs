//! The groups of this process: its own and their visible ancestors.

use std::io;
use std::path::{Path, PathBuf};

use super::files::{optional, text};
use super::mounts::Mount;

/// The control groups of a process, by controller.
#[derive(Debug)]
pub(in crate::system) struct ControlGroups {
    memberships: Vec<Membership>,
    mounts: Vec<Mount>,
}

/// The group of the process in one hierarchy.
#[derive(Debug)]
struct Membership {
    /// The controllers of a v1 hierarchy, separated by commas; empty for v2.
    controllers: String,
    group: PathBuf,
}

/// The group of the process that has a controller, and its ancestors as far as they are mounted.
#[derive(Debug)]
pub(super) struct Hierarchy {
    pub(super) is_v1: bool,
    /// The process' own group first.
    pub(super) groups: Vec<Group>,
}

/// A group.
#[derive(Debug)]
pub(super) struct Group {
    /// Its path in the hierarchy.
    pub(super) path: PathBuf,
    /// The directory with its files.
    pub(super) directory: PathBuf,
}

impl ControlGroups {
    /// Reads the groups of the process with this directory, `/proc/self`. Returns `None` if the
    /// system has no control groups.
    pub(in crate::system) fn read(process: &Path) -> io::Result<Option<Self>> {
        let Some(cgroup) = optional(text(&process.join("cgroup")))? else {
            return Ok(None);
        };
        // `5:memory:/a`, `4:cpu,cpuacct:/a`, `1:name=systemd:/a`; v2: `0::/a`.
        let memberships = cgroup.lines().filter_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            Some(Membership {
                controllers: fields.next()?.to_owned(),
                group: fields.next()?.into(),
            })
        });
        let mountinfo = optional(text(&process.join("mountinfo")))?;
        Ok(Some(Self {
            memberships: memberships.collect(),
            mounts: Mount::parse_all(&mountinfo.unwrap_or_default()),
        }))
    }

    /// Returns the groups with this controller. Returns `None` if none of them is mounted.
    pub(super) fn hierarchy(&self, controller: &str) -> Option<Hierarchy> {
        let v1 = self.memberships.iter().find(|membership| {
            let mut controllers = membership.controllers.split(',');
            controllers.any(|name| name == controller)
        });
        let v2 = || self.memberships.iter().find(|it| it.controllers.is_empty());
        let group = &v1.or_else(v2)?.group;
        let is_v1 = v1.is_some();
        let groups = self.groups(controller, is_v1, group)?;
        Some(Hierarchy { is_v1, groups })
    }

    fn groups(&self, controller: &str, v1: bool, group: &Path) -> Option<Vec<Group>> {
        let mounts = self.mounts.iter().filter(|it| it.has(controller, v1));
        let mut mounts: Vec<_> = mounts.collect();
        // The mount with the highest root shows the most ancestors.
        mounts.sort_by_key(|mount| mount.root.components().count());
        let mut visible = mounts.iter().filter_map(|mount| {
            let directory = mount.directory(group)?;
            let ancestors = directory.ancestors().zip(group.ancestors());
            let groups = ancestors
                .take_while(|(directory, _)| directory.starts_with(&mount.point))
                // The group of a moved process may be gone, and a mount may be covered.
                .skip_while(|(directory, _)| !directory.is_dir())
                .map(|(directory, path)| Group {
                    path: path.to_owned(),
                    directory: directory.to_owned(),
                });
            Some(groups.collect::<Vec<_>>()).filter(|groups| !groups.is_empty())
        });
        if let Some(groups) = visible.next() {
            return Some(groups);
        }
        // The membership is relative to another namespace than the mount.
        let mut single = mounts.iter().filter(|mount| mount.is_single_group());
        let mount = single.find(|mount| mount.point.is_dir())?;
        Some(vec![Group {
            path: mount.root.clone(),
            directory: mount.point.clone(),
        }])
    }

    /// Returns the directory of a group in the v1 hierarchy of another controller.
    pub(super) fn v1_directory(&self, controller: &str, group: &Path) -> Option<PathBuf> {
        let mounts = self.mounts.iter().filter(|it| it.has(controller, true));
        let mut directories = mounts.filter_map(|mount| mount.directory(group));
        directories.find(|directory| directory.is_dir())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::tree::Tree;

    /// Returns the directories of the groups with a controller, relative to the tree.
    fn directories(tree: &Tree, controller: &str) -> Option<Vec<String>> {
        let hierarchy = tree.groups().hierarchy(controller)?;
        let directories = hierarchy
            .groups
            .iter()
            .map(|it| tree.relative(&it.directory));
        Some(directories.collect())
    }

    #[test]
    fn ancestors_up_to_the_mount_point_are_found() {
        let tree = Tree::new(
            &["0::/app.slice/hub.service"],
            &[("/", "fs", "cgroup2", "rw")],
        );
        tree.folder("fs/app.slice/hub.service");
        let found = directories(&tree, "memory").unwrap();
        assert_eq!(found, ["fs/app.slice/hub.service", "fs/app.slice", "fs"]);
    }

    #[test]
    fn hybrid_setup_uses_the_hierarchy_of_each_controller() {
        let tree = Tree::new(
            &[
                "5:memory:/docker/abc",
                "4:cpu,cpuacct:/docker/abc",
                "1:name=systemd:/x",
                "0::/x",
            ],
            &[
                ("/docker/abc", "memory", "cgroup", "rw,memory"),
                ("/", "unified", "cgroup2", "rw"),
                ("/", "cpu", "cgroup", "rw,cpu,cpuacct"),
            ],
        );
        for folder in ["memory", "unified/x", "cpu/docker/abc"] {
            tree.folder(folder);
        }
        assert_eq!(directories(&tree, "memory").unwrap(), ["memory"]);
        let cpu = directories(&tree, "cpu").unwrap();
        assert_eq!(cpu, ["cpu/docker/abc", "cpu/docker", "cpu"]);
        assert_eq!(directories(&tree, "io").unwrap(), ["unified/x", "unified"]);
    }

    #[test]
    fn mount_with_the_most_ancestors_is_preferred() {
        let tree = Tree::new(
            &["0::/pod/container"],
            &[
                ("/pod/container", "own", "cgroup2", "rw"),
                ("/", "host", "cgroup2", "ro"),
                ("/", "covered", "cgroup2", "ro"),
            ],
        );
        tree.folder("own");
        assert_eq!(directories(&tree, "memory").unwrap(), ["own"]);
        tree.folder("host/pod/container");
        let found = directories(&tree, "memory").unwrap();
        assert_eq!(found, ["host/pod/container", "host/pod", "host"]);
    }

    #[test]
    fn group_of_another_namespace_is_the_mounted_one() {
        let tree = Tree::new(
            &["5:memory:/"],
            &[("/docker/abc", "m", "cgroup", "rw,memory")],
        );
        tree.folder("m");
        assert_eq!(directories(&tree, "memory").unwrap(), ["m"]);

        // A cousin of the process' group says nothing about its limits.
        let tree = Tree::new(&["0::/../other"], &[("/", "fs", "cgroup2", "rw")]);
        tree.folder("fs/other");
        assert_eq!(directories(&tree, "memory"), None);
    }

    #[test]
    fn controller_without_a_mount_has_no_groups() {
        let tree = Tree::new(&["5:memory:/a", "0::/a"], &[("/", "fs", "cgroup2", "rw")]);
        tree.folder("fs/a");
        assert_eq!(directories(&tree, "memory"), None);
    }
}
