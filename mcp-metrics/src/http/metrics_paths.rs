//! The paths of the metrics.

/// The conventional path, and the one in existing scrape configurations of hubs.
const DEFAULT_PATHS: [&str; 2] = ["/metrics", "/api/get_prometheus_metrics_service"];

/// The paths of other routes, with or without the status page.
const OTHER_PATHS: [&str; 2] = ["/health", "/api/metrics_summary"];

/// The validated paths of the metrics, without duplicates.
#[derive(Debug)]
pub(crate) struct MetricsPaths(Vec<String>);

impl MetricsPaths {
    /// Adds paths to the default ones. Returns the first invalid one as the error.
    pub(crate) fn new(added: Vec<String>) -> Result<Self, String> {
        let mut paths: Vec<_> = DEFAULT_PATHS.map(str::to_owned).into();
        for path in added {
            if !is_valid(&path) || OTHER_PATHS.contains(&&*path) {
                return Err(path);
            }
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        Ok(Self(paths))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Returns whether the path is a literal: routers give other characters a meaning, or clients
/// encode them.
fn is_valid(path: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    path.strip_prefix('/').is_some_and(|segments| {
        segments.split('/').all(|segment| {
            // Clients resolve `.` and `..`.
            !matches!(segment, "" | "." | "..") && segment.bytes().all(is_unreserved)
        })
    })
}
