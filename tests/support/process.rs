//! A program that runs while a test does, and not longer.

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Write as _},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use crate::eventually;

/// A running program; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    /// What to call it.
    name: &'static str,
    /// The program.
    pub child: Child,
    /// What it has said on standard error so far.
    log: Arc<Mutex<String>>,
    /// Reads what it says.
    listener: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a program and listens to its standard error.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start(name: &'static str, command: &mut Command) -> Self {
        let child = command.stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let log = Arc::<Mutex<String>>::default();
        let (errors, kept) = (child.stderr.take(), Arc::clone(&log));
        // Somebody has to read on, or the program would stop at a full pipe.
        let listener = thread::spawn(move || {
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
            listener: Some(listener),
        }
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        lock(&self.log).clone()
    }

    /// Waits until it says something in which `find` finds what it looks for.
    ///
    /// # Panics
    ///
    /// If it ends before, or never says it.
    pub fn wait_for<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let mut found = None;
        eventually(what, || {
            found = self.log().lines().find_map(&find);
            assert!(
                found.is_some() || self.try_wait().is_none(),
                "{} ended before: {what}",
                self.name
            );
            found.is_some()
        });
        found.expect("waited for")
    }

    /// Waits until it has ended by itself, and all that it said is in the log.
    ///
    /// # Panics
    ///
    /// If it never ends.
    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        let what = format!("{} ends", self.name);
        eventually(&what, || {
            status = self.try_wait();
            status.is_some()
        });
        if let Some(listener) = self.listener.take() {
            listener
                .join()
                .expect("the listener has no reason to panic");
        }
        status.expect("waited for")
    }

    /// How it ended, if it has.
    fn try_wait(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- {} said:\n{}", self.name, self.log());
        }
    }
}

/// Runs a program to its end with this text as its input, of which it may leave the rest unread.
///
/// # Panics
///
/// If it does not start, or its input cannot be written.
pub fn feed(command: &mut Command, text: &str) -> Output {
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("it is piped");
    if let Err(error) = input.write_all(text.as_bytes()) {
        // It ended at the first error in the text.
        assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
    }
    drop(input);
    child.wait_with_output().expect("it ends")
}

/// Locks a log; a panic elsewhere can't have left it half-written.
fn lock(log: &Mutex<String>) -> MutexGuard<'_, String> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
