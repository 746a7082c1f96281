//! An exporter that has run out of file descriptors.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mcp_metrics_tests::{eventually, http};

/// A program with an exporter that may open so many files.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(files: u32) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -n \"$1\" && exec \"$2\" serve", "sh"])
            .arg(files.to_string())
            .arg(env!("CARGO_BIN_EXE_load"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let address = line
            .split('/')
            .nth(2)
            .and_then(|address| address.parse().ok());
        Self {
            child,
            address: address.unwrap_or_else(|| panic!("no address: {line}")),
        }
    }

    /// The processor time that it has taken so far, in the kernel's ticks.
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields = stat.rsplit_once(')').unwrap().1;
        let field = |n: usize| {
            fields
                .split_whitespace()
                .nth(n)
                .unwrap()
                .parse::<u64>()
                .unwrap()
        };
        field(11) + field(12)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "reads /proc")]
fn without_file_descriptors_it_waits_and_then_goes_on() {
    // Enough to start with, and far fewer than there will be clients.
    let program = Program::start(40);
    assert_eq!(http::get(program.address, "/metrics").status, 200);
    let clients: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(program.address).unwrap())
        .collect();
    // Scrapes get the places of those that say nothing.
    assert_eq!(http::get(program.address, "/metrics").status, 200);

    let (ticks, began) = (program.ticks(), Instant::now());
    std::thread::sleep(Duration::from_secs(1));
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let busy = (program.ticks() - ticks) as f64 / 100.0 / began.elapsed().as_secs_f64();
    assert!(busy < 0.5, "it burns {busy} of a processor");

    drop(clients);
    eventually("scrapes are answered as before", || {
        http::get(program.address, "/metrics").status == 200
    });
}
