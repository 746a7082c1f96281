//! An exporter in whose families values are recorded until it is dropped.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use mcp_metrics::Exporter;

/// An exporter with a listener, and a thread that records values.
pub(crate) struct Recording {
    exporter: Exporter,
    /// The listener's address.
    pub(crate) address: SocketAddr,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Recording {
    /// Starts an exporter, and runs `record` every 50 milliseconds with its recorder.
    pub(crate) fn start(record: impl Fn() + Send + 'static) -> Self {
        let builder = Exporter::builder().listen(([127, 0, 0, 1], 0));
        let (recorder, exporter) = builder.build().expect("a free port");
        let address = exporter.local_addr().expect("it listens");
        let done = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let done = Arc::clone(&done);
            move || {
                metrics::with_local_recorder(&recorder, || {
                    while !done.load(Ordering::Relaxed) {
                        record();
                        thread::park_timeout(Duration::from_millis(50));
                    }
                });
            }
        });
        Self {
            exporter,
            address,
            done,
            thread: Some(thread),
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
        self.exporter.shutdown();
    }
}
