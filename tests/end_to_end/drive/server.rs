//! A real Prometheus server that scrapes a hub.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
};

use mcp_metrics_tests::{Process, eventually, http};

use super::{
    folder::Folder,
    hub::{Hub, METRICS_PATHS},
    listening_at, query, tools,
};

/// A running Prometheus.
#[derive(Debug)]
pub(crate) struct Prometheus {
    /// Dropped before the folder, so that the process ends before its files are removed.
    process: Process,
    /// The listen address.
    address: SocketAddr,
    /// The tool that queries it.
    promtool: PathBuf,
    /// The configuration and the data.
    folder: Folder,
}

impl Prometheus {
    /// Starts a Prometheus that scrapes a hub each second. Returns `None` if it is missing and may
    /// be.
    pub(crate) fn start(hub: &Hub) -> Option<Self> {
        Self::scraping(hub.address, "", &[])
    }

    /// Starts a Prometheus with these flags that scrapes this address each second, with these
    /// further lines in the configuration of the job. Returns `None` if it is missing and may be.
    pub(crate) fn scraping(target: SocketAddr, job: &str, flags: &[&str]) -> Option<Self> {
        Self::with_files(&[("prometheus.yml", configure(target, job))], flags)
    }

    /// Starts a Prometheus with these flags and files; `prometheus.yml` is its configuration.
    /// Returns `None` if it is missing and may be.
    pub(crate) fn with_files(files: &[(&str, String)], flags: &[&str]) -> Option<Self> {
        let (prometheus, promtool) = (tools::prometheus()?, tools::promtool()?);
        let folder = Folder::new("prometheus");
        for (name, text) in files {
            let path = folder.join(name);
            let parent = path.parent().expect("a file's folder");
            let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, text));
            written.expect("a writable folder");
        }
        let mut command = Command::new(prometheus);
        command
            .arg("--config.file")
            .arg(folder.join("prometheus.yml"))
            .arg("--storage.tsdb.path")
            .arg(folder.join("data"))
            .args(["--web.listen-address", "127.0.0.1:0"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = Process::start("Prometheus", &mut command);
        let address = listening_at(&mut process);
        eventually("Prometheus is ready", || {
            http::get(address, "/-/ready").status == 200
        });
        Some(Self {
            process,
            address,
            promtool,
            folder,
        })
    }

    /// Runs an instant query. Returns the values by the value of `label`, "" if a series lacks it.
    pub(crate) fn query(&self, label: &str, query: &str) -> BTreeMap<String, f64> {
        query::instant(&self.promtool, self.address, label, query)
    }

    /// Replaces one of the files.
    pub(crate) fn rewrite(&self, name: &str, text: &str) {
        // Atomically, because Prometheus reads the file as soon as it changes.
        let (new, path) = (self.folder.join("new"), self.folder.join(name));
        let written = fs::write(&new, text).and_then(|()| fs::rename(new, path));
        written.expect("a writable folder");
    }

    /// Returns the response of the API for a path.
    pub(crate) fn get(&self, path: &str) -> String {
        let response = http::get(self.address, path);
        assert_eq!(response.status, 200, "{path}: {}", response.body);
        response.body
    }

    /// Returns the warnings and errors in the log so far.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let log = self.process.log();
        let lines = log.lines().map(str::to_lowercase);
        lines
            .filter(|line| {
                ["level=warn", "level=error"]
                    .iter()
                    .any(|it| line.contains(it))
            })
            .collect()
    }

    /// Runs an instant query for at most one series. Returns its value.
    pub(crate) fn value(&self, query: &str) -> Option<f64> {
        let values = self.query("", query);
        assert!(values.len() < 2, "{query}: {values:?}");
        values.into_values().next()
    }
}

/// Returns the documented configuration, with this target and a short scrape interval.
fn configure(target: SocketAddr, job: &str) -> String {
    let path = METRICS_PATHS[1];
    format!(
        "
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: mcp-hub
    metrics_path: {path}
    static_configs:
      - targets: ['{target}']
{job}
"
    )
}
