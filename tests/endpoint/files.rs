//! An exporter that runs out of file descriptors.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mcp_metrics_tests::{eventually, http};

/// A process with an exporter and a limit on open files.
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
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line
            .split('/')
            .nth(2)
            .and_then(|address| address.parse().ok());
        Self {
            child,
            address: address.unwrap_or_else(|| panic!("no address: {line}")),
        }
    }

    /// Returns the CPU time used so far, in clock ticks.
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
fn listener_without_file_descriptors_backs_off_and_recovers() {
    // Enough to start, but far fewer than the clients.
    let program = Program::start(40);
    assert_eq!(http::get(program.address, "/metrics").status, 200);
    let clients: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(program.address).unwrap())
        .collect();
    // Silent connections are evicted in favour of scrapes.
    assert_eq!(http::get(program.address, "/metrics").status, 200);

    let (ticks, began) = (program.ticks(), Instant::now());
    std::thread::sleep(Duration::from_secs(1));
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let busy = (program.ticks() - ticks) as f64 / 100.0 / began.elapsed().as_secs_f64();
    assert!(
        busy < 0.5,
        "CPU usage while out of file descriptors: {busy}"
    );

    drop(clients);
    eventually("scrapes succeed again", || {
        http::get(program.address, "/metrics").status == 200
    });
}
