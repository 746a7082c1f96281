//! A real Alertmanager.

use std::{
    fs,
    net::SocketAddr,
    process::{Command, Stdio},
};

use mcp_metrics_tests::{Process, eventually, http};
use serde_json::Value;

use super::{folder::Folder, listening_at, tools};

/// A running Alertmanager.
#[derive(Debug)]
pub(crate) struct Alertmanager {
    /// Dropped before the folder, so that the process ends before its files are removed.
    _process: Process,
    /// The listen address.
    pub(crate) address: SocketAddr,
    /// The configuration and the data.
    _folder: Folder,
}

impl Alertmanager {
    /// Starts an Alertmanager with this configuration on a free port. Returns `None` if it is
    /// missing and may be.
    pub(crate) fn start(configuration: &str) -> Option<Self> {
        let mut command = Command::new(tools::alertmanager()?);
        let folder = Folder::new("alertmanager");
        let file = folder.join("alertmanager.yml");
        fs::write(&file, configuration).expect("a writable folder");
        command
            .arg("--config.file")
            .arg(&file)
            .arg("--storage.path")
            .arg(folder.join("data"))
            .args(["--web.listen-address", "127.0.0.1:0"])
            // No cluster.
            .args(["--cluster.listen-address", ""])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = Process::start("Alertmanager", &mut command);
        let address = listening_at(&mut process);
        eventually("Alertmanager is ready", || {
            http::get(address, "/-/ready").status == 200
        });
        Some(Self {
            _process: process,
            address,
            _folder: folder,
        })
    }

    /// Adds a firing alert with these labels (`name=value`).
    pub(crate) fn fire(&self, alert: &str, labels: &[&str]) {
        let amtool = tools::amtool().expect("amtool, a part of Alertmanager");
        let added = Command::new(amtool)
            .arg(format!("--alertmanager.url=http://{}", self.address))
            .args(["alert", "add", alert])
            .args(labels)
            .status();
        assert!(added.is_ok_and(|status| status.success()), "{alert}");
    }

    /// Returns the active alerts from the API.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        let response = http::get(self.address, "/api/v2/alerts");
        assert_eq!(response.status, 200, "{}", response.body);
        serde_json::from_str(&response.body).expect("a list in JSON")
    }
}
