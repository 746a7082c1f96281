//! A process that is forked after the exporter was installed.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

#[test]
fn forked_child_reports_missing_threads_and_shutdown_returns() {
    let socket = format!("mcp-metrics-{}-fork.sock", std::process::id());
    let socket = std::env::temp_dir().join(socket);
    let child = Command::new(env!("CARGO_BIN_EXE_daemon"))
        .arg(&socket)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The output ends when both processes have exited. A `shutdown` that waits for a thread that
    // does not exist would not return.
    let (done, exited) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let output = exited.recv_timeout(Duration::from_secs(45));
    let output = output.expect("both processes exit").unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    for line in [
        "parent: scrape 200",
        "parent: shutdown returned",
        "child: addresses []",
        "child: shutdown returned",
        "child: recorded true",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}: {text}");
    }
    let reports: Vec<_> = text
        .lines()
        .filter(|line| line.contains("child: log"))
        .collect();
    assert_eq!(reports.len(), 1, "{text}");
    assert!(
        reports[0].contains("ERROR") && reports[0].contains("fork first"),
        "{text}"
    );
    // Removed by the parent, to which it belongs.
    assert!(!socket.exists());
}
