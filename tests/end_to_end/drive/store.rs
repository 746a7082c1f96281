//! A real VictoriaMetrics, which keeps what Prometheus writes to it.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Command, Stdio},
};

use mcp_metrics_tests::{Process, eventually, http};

use super::{folder::Folder, free_address, query, tools};

/// A running VictoriaMetrics.
#[derive(Debug)]
pub(crate) struct VictoriaMetrics {
    /// Its program; before the folder, so that it is gone when the folder goes.
    _process: Process,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The tool that asks it.
    promtool: PathBuf,
    /// Its data.
    _folder: Folder,
}

impl VictoriaMetrics {
    /// Starts one that has nothing yet; nothing if the tests are to do without.
    pub(crate) fn start() -> Option<Self> {
        let (program, promtool) = (tools::victoria_metrics()?, tools::promtool()?);
        let (address, folder) = (free_address(), Folder::new("victoria-metrics"));
        let mut command = Command::new(program);
        command
            .arg(format!("-httpListenAddr={address}"))
            .arg(format!(
                "-storageDataPath={}",
                folder.join("data").display()
            ))
            // Answers are to hold what came in just now.
            .args(["-search.latencyOffset=0s", "-search.disableCache"])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = Process::start("VictoriaMetrics", &mut command);
        process.wait_for("it is ready", |line| {
            line.contains("started VictoriaMetrics").then_some(())
        });
        // It says so before it listens.
        eventually("VictoriaMetrics listens", || {
            TcpStream::connect(address).is_ok()
        });
        eventually("VictoriaMetrics is well", || {
            http::get(address, "/health").status == 200
        });
        Some(Self {
            _process: process,
            address,
            promtool,
            _folder: folder,
        })
    }

    /// The values that a query has now, by the value of a label, or by "" without it.
    pub(crate) fn query(&self, label: &str, query: &str) -> BTreeMap<String, f64> {
        query::instant(&self.promtool, self.address, label, query)
    }
}
