//! The hub's binary.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use mcp_metrics_tests::binaries;

/// Returns the path of the up-to-date binary of the hub.
pub(crate) fn hub() -> &'static Path {
    static HUB: LazyLock<PathBuf> = LazyLock::new(|| {
        let mut built = binaries::build(&["hub"], "end_to_end");
        built.remove("hub").expect("the hub was built")
    });
    &HUB
}
