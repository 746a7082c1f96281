//! A real VictoriaMetrics, as the remote-write target of Prometheus.

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
    /// Dropped before the folder, so that the process ends before its files are removed.
    _process: Process,
    /// The listen address.
    pub(crate) address: SocketAddr,
    /// The tool that queries it.
    promtool: PathBuf,
    /// The data.
    _folder: Folder,
}

impl VictoriaMetrics {
    /// Starts an empty store. Returns `None` if VictoriaMetrics or promtool is missing and may be.
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
            // Queries must return the latest samples.
            .args(["-search.latencyOffset=0s", "-search.disableCache"])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = Process::start("VictoriaMetrics", &mut command);
        process.wait_for("it is ready", |line| {
            line.contains("started VictoriaMetrics").then_some(())
        });
        // The message is logged before the port is bound.
        eventually("VictoriaMetrics listens", || {
            TcpStream::connect(address).is_ok()
        });
        eventually("VictoriaMetrics is healthy", || {
            http::get(address, "/health").status == 200
        });
        Some(Self {
            _process: process,
            address,
            promtool,
            _folder: folder,
        })
    }

    /// Runs an instant query. Returns the values by the value of `label`, "" if a series lacks it.
    pub(crate) fn query(&self, label: &str, query: &str) -> BTreeMap<String, f64> {
        query::instant(&self.promtool, self.address, label, query)
    }
}
