//! A real Alertmanager.

use std::{
    fs,
    net::SocketAddr,
    process::{Command, Stdio},
};

use mcp_metrics_tests::{Process, eventually, http};
use serde_json::Value;

use super::{folder::Folder, listening_at, tools};

/// Tells nobody: what it knows is asked for.
const CONFIGURATION: &str = "
route:
  receiver: nobody
receivers:
  - name: nobody
";

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
    /// Starts an Alertmanager on a free port; nothing if the tests are to do without.
    pub(crate) fn start() -> Option<Self> {
        let mut command = Command::new(tools::alertmanager()?);
        let folder = Folder::new("alertmanager");
        let configuration = folder.join("alertmanager.yml");
        fs::write(&configuration, CONFIGURATION).expect("the folder is ours");
        command
            .arg("--config.file")
            .arg(&configuration)
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

    /// The alerts that it knows of, as its API has them.
    pub(crate) fn alerts(&self) -> Vec<Value> {
        let answer = http::get(self.address, "/api/v2/alerts");
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).expect("a list in JSON")
    }
}
