//! Child processes that end with the test.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use crate::eventually;

/// A child process that is killed when dropped.
#[derive(Debug)]
pub struct Process {
    /// Its name in messages.
    name: &'static str,
    /// The process itself.
    pub child: Child,
    /// Its output on standard error so far.
    log: Arc<Mutex<String>>,
    /// The thread that reads its standard error.
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a program and captures its standard error.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start(name: &'static str, command: &mut Command) -> Self {
        let child = command.stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("failed to start {name}: {error}"));
        let log = Arc::<Mutex<String>>::default();
        let (errors, kept) = (child.stderr.take(), Arc::clone(&log));
        // The pipe must be drained, or the program would block once it is full.
        let reader = thread::spawn(move || {
            for line in errors
                .into_iter()
                .flat_map(|errors| BufReader::new(errors).lines())
            {
                let Ok(line) = line else { break };
                let mut log = lock(&kept);
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self {
            name,
            child,
            log,
            reader: Some(reader),
        }
    }

    /// Returns its output on standard error so far.
    pub fn log(&self) -> String {
        lock(&self.log).clone()
    }

    /// Waits for a line on standard error for which `find` returns a value.
    ///
    /// # Panics
    ///
    /// If the process exits first, or the line does not appear in time.
    pub fn wait_for<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let mut found = None;
        eventually(what, || {
            found = self.log().lines().find_map(&find);
            assert!(
                found.is_some() || self.try_wait().is_none(),
                "{} exited before: {what}",
                self.name
            );
            found.is_some()
        });
        found.expect("waited for")
    }

    /// Waits until it exits by itself and its log is complete.
    ///
    /// # Panics
    ///
    /// If it does not exit in time.
    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        let what = format!("{} exits", self.name);
        eventually(&what, || {
            status = self.try_wait();
            status.is_some()
        });
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader does not panic");
        }
        status.expect("waited for")
    }

    /// Returns its exit status if it has exited.
    fn try_wait(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- stderr of {}:\n{}", self.name, self.log());
        }
    }
}

/// Runs a program with `text` as its standard input. It may exit before it has read everything.
///
/// # Panics
///
/// If it does not start, or its input can't be written.
pub fn feed(command: &mut Command, text: &str) -> Output {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("the input is piped");
    if let Err(error) = input.write_all(text.as_bytes()) {
        // The program exited at the first error in the text.
        assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
    }
    drop(input);
    child.wait_with_output().expect("the program exits")
}

/// Locks a log. Poisoning is ignored, because a panic cannot leave the log inconsistent.
fn lock(log: &Mutex<String>) -> MutexGuard<'_, String> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
