//! Where a request's recordings go: into cells of our own while the installed recorder is the
//! current one, through the `metrics` facade under any other.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use metrics::{Key, Label, Level, Metadata, SharedString};

use crate::catalog;
use crate::histogram::Bounds;
use crate::limit::{Origin, SeriesLimit};
use crate::reentry;

/// What this crate says of itself to recorders that filter by origin.
pub(crate) static METADATA: Metadata<'static> =
    Metadata::new("mcp_metrics", Level::INFO, Some("mcp_metrics"));

static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// The recorder that `install` made global, and the cells of the requests under it.
#[derive(Debug)]
pub(crate) struct Installed {
    /// The recorder's address. It is never freed, so no other recorder can have the same one;
    /// of any other recorder, the address may come back with a different one behind it.
    address: usize,
    bounds: Bounds,
    limit: Arc<SeriesLimit>,
    cells: RwLock<HashMap<[SharedString; 2], Arc<RequestCells>>>,
}

/// Address of the recorder that is current on this thread.
pub(crate) fn current_recorder() -> usize {
    metrics::with_recorder(|recorder| std::ptr::from_ref(recorder).cast::<()>().addr())
}

/// Opens the fast path for the recorder at `address`, which must be global.
pub(crate) fn install(address: usize, bounds: Bounds, limit: Arc<SeriesLimit>) {
    let installed = Installed {
        address,
        bounds,
        limit,
        cells: RwLock::default(),
    };
    // The recorder could be made global, so nothing was installed before.
    let _ = INSTALLED.set(installed);
}

/// The fast path, whichever recorder is current.
pub(crate) fn fast_path() -> Option<&'static Installed> {
    INSTALLED.get()
}

/// The fast path, if the recorder that is current on this thread is the installed one.
pub(crate) fn installed() -> Option<&'static Installed> {
    INSTALLED
        .get()
        .filter(|installed| installed.address == current_recorder())
}

impl Installed {
    /// The cells of a pair of agent and operation, made if they are not there yet.
    pub(crate) fn cells(&self, mut pair: [SharedString; 2], origin: Origin) -> Arc<RequestCells> {
        if let Some(cells) = self.read().get(&pair) {
            return Arc::clone(cells);
        }
        let _busy = reentry::enter();
        self.limit.request(&mut pair, origin);
        let mut all = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        let cells = all.entry(pair).or_insert_with_key(|pair| {
            Arc::new(RequestCells::new(
                pair.clone(),
                self.bounds.clone(),
                Arc::clone(&self.limit),
            ))
        });
        Arc::clone(cells)
    }

    /// Makes the cells of every site that was linked in, so that their series start at zero.
    pub(crate) fn make_all_cells(&self) {
        for site in registered() {
            let cells = self.cells(site.pair(), Origin::Literal);
            cells.declare_failures(&crate::known::labels(site.error, site.module));
        }
    }

    /// Whether there are cells for this pair.
    pub(crate) fn has(&self, pair: &[SharedString; 2]) -> bool {
        self.read().contains_key(pair)
    }

    /// Every request's cells, for folding.
    pub(crate) fn all_cells(&self) -> Vec<Arc<RequestCells>> {
        self.read().values().map(Arc::clone).collect()
    }

    /// Drops cells that nobody holds and for which `idle` is true, and gives their place away.
    pub(crate) fn forget_idle(&self, idle: impl Fn(&RequestCells) -> bool) {
        let mut all = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        // With the write lock held nobody can come by a new reference.
        all.retain(|pair, cells| {
            let keep = Arc::strong_count(cells) > 1 || !idle(cells);
            if !keep {
                self.limit.forget_request(pair);
            }
            keep
        });
    }

    fn read(
        &self,
    ) -> std::sync::RwLockReadGuard<'_, HashMap<[SharedString; 2], Arc<RequestCells>>> {
        self.cells.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The recordings of one pair of agent and operation since the program began.
///
/// Outcomes are written with `Release`; who reads them with `Acquire`, and starts after them, never
/// sees more requests ended than started.
#[derive(Debug)]
pub(crate) struct RequestCells {
    pub(crate) keys: RequestKeys,
    bounds: Bounds,
    limit: Arc<SeriesLimit>,
    started: AtomicU64,
    succeeded: AtomicU64,
    failed: RwLock<HashMap<Cow<'static, str>, AtomicU64>>,
    buckets: Box<[AtomicU64]>,
    nanoseconds: AtomicU64,
}

/// What [`RequestCells`] held at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestCounts {
    pub(crate) started: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: HashMap<Cow<'static, str>, u64>,
    pub(crate) buckets: Vec<u64>,
    pub(crate) nanoseconds: u64,
}

impl RequestCounts {
    /// Requests that are over.
    pub(crate) fn ended(&self) -> u64 {
        self.succeeded + self.failed.values().sum::<u64>()
    }
}

impl RequestCells {
    fn new(pair: [SharedString; 2], bounds: Bounds, limit: Arc<SeriesLimit>) -> Self {
        let buckets = bounds.cells();
        Self {
            keys: RequestKeys::new(pair),
            bounds,
            limit,
            started: AtomicU64::new(0),
            succeeded: AtomicU64::new(0),
            failed: RwLock::default(),
            buckets,
            nanoseconds: AtomicU64::new(0),
        }
    }

    pub(crate) fn start(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn succeed(&self, took: std::time::Duration) {
        self.observe(took);
        self.succeeded.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn fail(&self, took: std::time::Duration, error_type: Cow<'static, str>) {
        self.observe(took);
        {
            let failed = self.failed.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = failed.get(&error_type) {
                count.fetch_add(1, Ordering::Release);
                return;
            }
        }
        let _busy = reentry::enter();
        let label = self.admit_error(error_type);
        let mut failed = self.failed.write().unwrap_or_else(PoisonError::into_inner);
        failed
            .entry(label)
            .or_default()
            .fetch_add(1, Ordering::Release);
    }

    /// Has these failures start at zero.
    fn declare_failures(&self, labels: &[&'static str]) {
        let _busy = reentry::enter();
        let mut failed = self.failed.write().unwrap_or_else(PoisonError::into_inner);
        for label in labels {
            self.limit.admit_failure(&self.keys.pair, label);
            failed.entry(Cow::Borrowed(label)).or_default();
        }
    }

    pub(crate) fn counts(&self) -> RequestCounts {
        let load = |cell: &AtomicU64| cell.load(Ordering::Acquire);
        let buckets = self.buckets.iter().map(load).collect();
        let nanoseconds = load(&self.nanoseconds);
        let failed = self.failed.read().unwrap_or_else(PoisonError::into_inner);
        let failed = failed
            .iter()
            .map(|(label, count)| (label.clone(), load(count)))
            .collect();
        // Next to each other, so that few requests start between the two.
        let succeeded = load(&self.succeeded);
        let started = load(&self.started);
        RequestCounts {
            started,
            succeeded,
            failed,
            buckets,
            nanoseconds,
        }
    }

    fn observe(&self, took: std::time::Duration) {
        self.bounds.count(&self.buckets, took.as_secs_f64(), 1);
        // 584 years of requests fit.
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    fn admit_error(&self, error_type: Cow<'static, str>) -> Cow<'static, str> {
        let [agent, operation] = &self.keys.pair;
        let mut row = [agent.clone(), operation.clone(), error_type.into()];
        self.limit.series(catalog::REQUESTS_FAILED, &mut row);
        let [_, _, label] = row;
        label.into()
    }
}

/// The keys of one pair of agent and operation in every family, made once.
#[derive(Debug)]
pub(crate) struct RequestKeys {
    pub(crate) pair: [SharedString; 2],
    pub(crate) started: Key,
    pub(crate) succeeded: Key,
    pub(crate) duration: Key,
    pub(crate) active: Key,
}

impl RequestKeys {
    pub(crate) fn new(pair: [SharedString; 2]) -> Self {
        let [agent, operation] = &pair;
        let labels = [
            Label::new("agent", agent.clone()),
            Label::new("operation", operation.clone()),
        ];
        let key = |name| Key::from_parts(name, labels.to_vec());
        Self {
            started: key(catalog::REQUESTS),
            succeeded: key(catalog::REQUESTS_SUCCESS),
            duration: key(catalog::REQUEST_DURATION),
            active: Key::from_parts(catalog::ACTIVE_OPERATIONS, labels[..1].to_vec()),
            pair,
        }
    }
}

/// The key of a pair's failures of one type.
pub(crate) fn failed_key(pair: &[SharedString; 2], error_type: Cow<'static, str>) -> Key {
    let [agent, operation] = pair.clone();
    let labels = vec![
        Label::new("agent", agent),
        Label::new("operation", operation),
        Label::new("error_type", error_type),
    ];
    Key::from_parts(catalog::REQUESTS_FAILED, labels)
}

/// A place in the source whose requests all go by the same two labels.
///
/// `#[tracked]` with literal labels makes one per function.
#[derive(Debug)]
pub struct Site {
    agent: &'static str,
    operation: &'static str,
    cells: OnceLock<Arc<RequestCells>>,
    keys: OnceLock<RequestKeys>,
    /// What the source calls the error that the function returns; empty if it does not say.
    error: &'static str,
    module: &'static str,
    file: &'static str,
    line: u32,
}

/// A call site that was found in the program when it was linked.
#[derive(Debug)]
pub struct Registered(pub &'static Site);

inventory::collect!(Registered);

/// A function whose calls are counted under labels that are written in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TrackedFunction {
    /// The label `agent`.
    pub agent: &'static str,
    /// The label `operation`.
    pub operation: &'static str,
    /// The module's path.
    pub module: &'static str,
    /// The source file, as the compiler was given it.
    pub file: &'static str,
    /// The line of the attribute.
    pub line: u32,
}

/// The functions of this program with [`#[tracked]`](macro@crate::tracked) and labels that are
/// literals, sorted by agent and operation, whether they were called or not.
///
/// They are collected when the program is linked. Labels that are made at run time are not known
/// then, and a function that the linker has left out, since nothing refers to it, is not there.
///
/// ```
/// use mcp_metrics::{tracked, tracked_functions};
///
/// #[tracked("web_search", "search")]
/// fn search() {}
///
/// let search = tracked_functions().into_iter().find(|f| f.agent == "web_search").unwrap();
/// assert_eq!(search.operation, "search");
/// ```
#[must_use]
pub fn tracked_functions() -> Vec<TrackedFunction> {
    let mut functions: Vec<_> = registered().map(Site::function).collect();
    functions.sort_unstable();
    functions
}

fn registered() -> impl Iterator<Item = &'static Site> {
    inventory::iter::<Registered>().map(|Registered(site)| *site)
}

impl Site {
    /// A site for requests of `operation` by `agent`.
    #[must_use]
    pub const fn new(
        agent: &'static str,
        operation: &'static str,
        error: &'static str,
        (module, file, line): (&'static str, &'static str, u32),
    ) -> Self {
        Self {
            agent,
            operation,
            cells: OnceLock::new(),
            keys: OnceLock::new(),
            error,
            module,
            file,
            line,
        }
    }

    fn function(&self) -> TrackedFunction {
        let Self {
            agent,
            operation,
            module,
            file,
            line,
            ..
        } = *self;
        TrackedFunction {
            agent,
            operation,
            module,
            file,
            line,
        }
    }

    pub(crate) fn cells(&'static self, installed: &Installed) -> &'static RequestCells {
        self.cells.get_or_init(|| {
            let _busy = reentry::enter();
            installed.cells(self.pair(), Origin::Literal)
        })
    }

    pub(crate) fn keys(&'static self) -> &'static RequestKeys {
        self.keys.get_or_init(|| {
            let _busy = reentry::enter();
            RequestKeys::new(self.pair())
        })
    }

    fn pair(&self) -> [SharedString; 2] {
        [self.agent.into(), self.operation.into()]
    }
}
