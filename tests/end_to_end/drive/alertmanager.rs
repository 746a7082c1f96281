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
    /// Its program; before the folder, so that it is gone when the folder goes.
    _process: Process,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its configuration and its data.
    _folder: Folder,
}

impl Alertmanager {
    /// Starts an Alertmanager with this configuration on a free port; nothing if the tests are to do
    /// without.
    pub(crate) fn start(configuration: &str) -> Option<Self> {
        let mut command = Command::new(tools::alertmanager()?);
        let folder = Folder::new("alertmanager");
        let file = folder.join("alertmanager.yml");
        fs::write(&file, configuration).expect("the folder is ours");
        command
            .arg("--config.file")
            .arg(&file)
            .arg("--storage.path")
            .arg(folder.join("data"))
            .args(["--web.listen-address", "127.0.0.1:0"])
            // It has no others to talk to.
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

    /// Tells it of an alert that fires, with these labels (`name=value`).
    pub(crate) fn tell(&self, alert: &str, labels: &[&str]) {
        let amtool = tools::amtool().expect("it comes with Alertmanager");
        let told = Command::new(amtool)
            .arg(format!("--alertmanager.url=http://{}", self.address))
            .args(["alert", "add", alert])
            .args(labels)
            .status();
        assert!(told.is_ok_and(|status| status.success()), "{alert}");
    }

    /// The alerts that it knows of, as its API has them.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        let answer = http::get(self.address, "/api/v2/alerts");
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).expect("a list in JSON")
    }
}
