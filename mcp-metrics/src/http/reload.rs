//! Values that are loaded from files, and reloaded when the files change.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The shortest time between two checks of the files for changes.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

type Load<T, E> = Box<dyn Fn() -> Result<T, E> + Send + Sync>;

/// A value that is loaded from files. Clones share it.
///
/// The files are checked when the value is requested, so that a change takes effect with the next
/// request. If reloading fails, the error is logged and the previous value stays in use.
pub(super) struct Reloading<T, E> {
    shared: Arc<Shared<T, E>>,
}

struct Shared<T, E> {
    /// What the files contain, in log messages.
    subject: &'static str,
    files: Vec<PathBuf>,
    load: Load<T, E>,
    current: Mutex<Current<T>>,
    /// Held during a check, so that a file system that hangs blocks one thread at most.
    checking: Arc<tokio::sync::Mutex<()>>,
}

struct Current<T> {
    value: Arc<T>,
    stamps: Vec<Option<Stamp>>,
    checked: Instant,
}

impl<T, E> Reloading<T, E>
where
    T: Send + Sync + 'static,
    E: Error + Send + Sync + 'static,
{
    /// Loads the value.
    pub(super) fn new(
        subject: &'static str,
        files: Vec<PathBuf>,
        load: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, E> {
        // Taken before the files are loaded, so that a change in between is detected.
        let stamps = stamps(&files);
        let current = Mutex::new(Current {
            value: Arc::new(load()?),
            stamps,
            checked: Instant::now(),
        });
        let shared = Arc::new(Shared {
            subject,
            files,
            load: Box::new(load),
            current,
            checking: Arc::default(),
        });
        Ok(Self { shared })
    }

    /// Returns the value of the current files, or the last valid one. Needs a tokio runtime, on
    /// whose threads for blocking work the files are read.
    pub(super) async fn get(&self) -> Arc<T> {
        if let Some(value) = self.shared.fresh() {
            return value;
        }
        let checking = Arc::clone(&self.shared.checking).lock_owned().await;
        // Another request may have checked the files meanwhile.
        if let Some(value) = self.shared.fresh() {
            return value;
        }
        let shared = Arc::clone(&self.shared);
        let check = tokio::task::spawn_blocking(move || {
            // Held by the check, not by the request: a client that disconnects must not start
            // another check.
            let _checking = checking;
            shared.check();
        });
        // Fails only if the check panics or the runtime shuts down.
        let _ = check.await;
        Arc::clone(&self.shared.current().value)
    }
}

impl<T, E: Error + 'static> Shared<T, E> {
    /// Returns the value, unless a check is due.
    fn fresh(&self) -> Option<Arc<T>> {
        let current = self.current();
        let is_fresh = self.files.is_empty() || current.checked.elapsed() < CHECK_INTERVAL;
        is_fresh.then(|| Arc::clone(&current.value))
    }

    /// Reloads the value if the files have changed.
    fn check(&self) {
        let stamps = stamps(&self.files);
        let reloaded = (stamps != self.current().stamps).then(&self.load);
        let mut current = self.current();
        current.stamps = stamps;
        // Last: until then, requests wait for this check.
        current.checked = Instant::now();
        let error = match reloaded {
            None => return,
            Some(Ok(value)) => {
                current.value = Arc::new(value);
                drop(current);
                tracing::info!("reloaded {}", self.subject);
                return;
            }
            Some(Err(error)) => error,
        };
        drop(current);
        // As an error value, so that subscribers log its source too.
        let error: &(dyn Error + 'static) = &error;
        tracing::error!(
            error,
            "failed to reload {}; keeping the previous configuration",
            self.subject
        );
    }

    fn current(&self) -> MutexGuard<'_, Current<T>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, E> Clone for Reloading<T, E> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T, E> fmt::Debug for Reloading<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloading")
            .field("files", &self.shared.files)
            .finish_non_exhaustive()
    }
}

/// A version of a file.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    size: u64,
    /// The inode and the time of its last change, which also change if a file is replaced by one
    /// with the same time of modification.
    #[cfg(unix)]
    inode: (u64, i64, i64),
}

fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    files.iter().map(|path| stamp(path)).collect()
}

fn stamp(path: &Path) -> Option<Stamp> {
    #[cfg(unix)]
    use std::os::unix::fs::MetadataExt as _;

    let file = fs::metadata(path).ok()?;
    Some(Stamp {
        modified: file.modified().ok()?,
        size: file.len(),
        #[cfg(unix)]
        inode: (file.ino(), file.ctime(), file.ctime_nsec()),
    })
}
