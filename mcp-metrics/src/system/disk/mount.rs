//! The mount point of a path.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The mount point that a path is expected to be below.
///
/// After an unmount, the path may still exist, on the file system that held the mount point. Its
/// space says nothing about the path's file system.
#[derive(Debug, Default)]
pub(super) struct MountPoint(PathBuf);

impl MountPoint {
    /// Returns an error if the path's file system was unmounted since the last call.
    pub(super) fn check(&mut self, path: &Path) -> io::Result<()> {
        let current = mount_point(&path.canonicalize()?)?;
        let is_unmounted = self.0 != current && self.0.starts_with(&current);
        if is_unmounted {
            let message = format!("nothing is mounted on {} any more", self.0.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        self.0 = current;
        Ok(())
    }
}

/// Returns the highest ancestor of an absolute path on the same device. This is the mount point,
/// unless a part of a device is mounted on the device itself.
fn mount_point(path: &Path) -> io::Result<PathBuf> {
    let device = fs::metadata(path)?.dev();
    let mut point = path;
    for ancestor in path.ancestors().skip(1) {
        if fs::metadata(ancestor)?.dev() != device {
            break;
        }
        point = ancestor;
    }
    Ok(point.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_below_its_first_mount_point_only_is_unmounted() {
        let root = Path::new("/");
        let mut mount = MountPoint::default();
        mount.check(root).unwrap();
        assert_eq!(mount.0, root);
        mount.check(root).unwrap();

        mount.0 = "/mnt/volume".into();
        let error = mount.check(root).unwrap_err();
        assert!(error.to_string().contains("/mnt/volume"), "{error}");
        // Still expected at the next sample.
        mount.check(root).unwrap_err();

        // A file system that is mounted later is the path's.
        let mut mount = MountPoint(root.to_owned());
        mount.check(Path::new("/dev")).unwrap();
    }
}
