//! Where a request's recordings go: into cells of our own while the installed recorder is the
//! current one, through the `metrics` facade under any other.

use std::borrow::{Borrow, Cow};
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use metrics::{Level, Metadata, NoopRecorder, Recorder, SharedString};

use crate::cells::{Common, RequestCells, RequestKeys, SiteCells};
use crate::histogram::Bounds;
use crate::limit::{Origin, SeriesLimit};
use crate::outcome::DeclaredLabels;
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
    common: Common,
    /// How many call sites there are.
    sites: usize,
    cells: RwLock<HashSet<ByPair>>,
    generation: AtomicUsize,
}

/// Cells that are found by their labels.
#[derive(Debug)]
struct ByPair {
    cells: Arc<RequestCells>,
    /// The same with rows of threads, if the labels were made at run time and stay for ever.
    made: Option<&'static SiteCells>,
}

impl Borrow<[SharedString; 2]> for ByPair {
    fn borrow(&self) -> &[SharedString; 2] {
        &self.cells.pair
    }
}

impl Hash for ByPair {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.cells.pair.hash(state);
    }
}

impl PartialEq for ByPair {
    fn eq(&self, other: &Self) -> bool {
        self.cells.pair == other.cells.pair
    }
}

impl Eq for ByPair {}

/// Address of the recorder that is current on this thread.
#[inline]
pub(crate) fn current_recorder() -> usize {
    metrics::with_recorder(address)
}

/// Opens the fast path for the recorder at `address`, which must be global.
pub(crate) fn install(address: usize, bounds: Bounds, limit: Arc<SeriesLimit>) {
    let installed = Installed {
        address,
        common: Common { bounds, limit },
        sites: registered().count(),
        cells: RwLock::default(),
        generation: AtomicUsize::new(0),
    };
    // The recorder could be made global, so nothing was installed before.
    let _ = INSTALLED.set(installed);
}

/// The fast path, whichever recorder is current.
pub(crate) fn fast_path() -> Option<&'static Installed> {
    INSTALLED.get()
}

/// Whose recorder is current on a thread.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Current {
    /// The installed one.
    Ours(&'static Installed),
    /// Another one.
    Theirs,
    /// There is none, as far as that can be told.
    None,
}

impl Current {
    /// Whose recorder is current on this thread.
    #[inline]
    pub(crate) fn get() -> Self {
        metrics::with_recorder(|recorder| match INSTALLED.get() {
            Some(installed) if installed.address == address(recorder) => Self::Ours(installed),
            _ if is_noop(recorder) => Self::None,
            _ => Self::Theirs,
        })
    }
}

fn address(recorder: &dyn Recorder) -> usize {
    std::ptr::from_ref(recorder).cast::<()>().addr()
}

/// Whether this is for certain the recorder that the `metrics` facade hands out where there is none.
///
/// If both are of one table of methods, they do the same, which is nothing. The reverse does not
/// hold: the compiler may have made several tables for one type, and in unoptimised builds it does.
/// Then requests are told to the facade, which comes to the same, but later.
#[inline]
fn is_noop(recorder: &dyn Recorder) -> bool {
    let recorder = std::ptr::from_ref(recorder);
    let noop: *const dyn Recorder = &NoopRecorder;
    let distance = noop.addr().wrapping_sub(recorder.addr()).cast_signed();
    // With the addresses the same, what is compared are the tables.
    std::ptr::eq(recorder.wrapping_byte_offset(distance), noop)
}

impl Installed {
    /// The cells of a pair of agent and operation, made if they are not there yet.
    pub(crate) fn cells(
        &'static self,
        mut pair: [SharedString; 2],
        origin: Origin,
    ) -> Arc<RequestCells> {
        if let Some(ByPair { cells, .. }) = self.read().get(&pair) {
            return Arc::clone(cells);
        }
        let _busy = reentry::enter();
        // Several maps will have these: one text is enough.
        pair = pair.map(shared);
        self.common.limit.request(&mut pair, origin);
        let mut all = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(ByPair { cells, .. }) = all.get(&pair) {
            return Arc::clone(cells);
        }
        self.generation.fetch_add(1, Ordering::Release);
        let cells = Arc::new(RequestCells::new(pair, &self.common));
        all.insert(ByPair {
            cells: Arc::clone(&cells),
            made: None,
        });
        cells
    }

    /// Whether cells of labels made at run time are forgotten when they have been idle.
    pub(crate) fn forgets(&self) -> bool {
        self.common.limit.idle().is_some()
    }

    /// The cells of labels made at run time, which are never forgotten. There are no more of them
    /// than the limit allows.
    pub(crate) fn made(&'static self, pair: [SharedString; 2]) -> &'static SiteCells {
        if let Some(made) = SiteCells::known(&pair) {
            return made;
        }
        let known = |pair: &[_; 2]| self.read().get(pair).and_then(|it| it.made);
        if let Some(made) = known(&pair) {
            return made;
        }
        let _busy = reentry::enter();
        let cells = self.cells(pair, Origin::Dynamic);
        // By the names that the limit has given them.
        if let Some(made) = known(&cells.pair) {
            return made;
        }
        let mut all = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = all.get(&cells.pair).and_then(|it| it.made) {
            return made;
        }
        let made: &_ = Box::leak(Box::new(SiteCells::made(Arc::clone(&cells))));
        all.replace(ByPair {
            cells,
            made: Some(made),
        });
        made
    }

    /// Makes the cells of every site that was linked in, so that their series start at zero.
    pub(crate) fn make_all_cells(&'static self) {
        for site in registered() {
            let cells = self.cells(site.pair(), Origin::Literal);
            cells.declare_failures(&(site.labels)().collect());
        }
    }

    /// Changes whenever there are further cells.
    pub(crate) fn generation(&self) -> usize {
        self.generation.load(Ordering::Acquire)
    }

    /// Every request's cells.
    pub(crate) fn all_cells(&self) -> Vec<Arc<RequestCells>> {
        self.read().iter().map(|it| Arc::clone(&it.cells)).collect()
    }

    /// Drops cells that nobody holds but the map and so many others as to make `holders`, and for
    /// which `idle` is true, and gives their place away.
    pub(crate) fn forget(&self, holders: usize, mut idle: impl FnMut(&RequestCells) -> bool) {
        let mut all = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        // With the write lock held nobody can come by a new reference.
        all.retain(|ByPair { cells, .. }| {
            let keep = Arc::strong_count(cells) > holders || !idle(cells);
            if !keep {
                self.common.limit.forget_request(&cells.pair);
            }
            keep
        });
    }

    fn read(&self) -> RwLockReadGuard<'_, HashSet<ByPair>> {
        self.cells.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the source whose requests all go by the same two labels.
///
/// `#[tracked]` with literal labels makes one per function.
#[derive(Debug)]
pub struct Site {
    agent: &'static str,
    operation: &'static str,
    cells: OnceLock<SiteCells>,
    keys: OnceLock<RequestKeys>,
    /// The error labels of the function's return type, as far as a static can name it.
    labels: DeclaredLabels,
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
        labels: DeclaredLabels,
        (module, file, line): (&'static str, &'static str, u32),
    ) -> Self {
        Self {
            agent,
            operation,
            cells: OnceLock::new(),
            keys: OnceLock::new(),
            labels,
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

    /// Returns the cells. The first call declares `labels`, too.
    #[inline]
    pub(crate) fn cells(
        &'static self,
        installed: &'static Installed,
        labels: Option<DeclaredLabels>,
    ) -> &'static SiteCells {
        self.cells.get_or_init(|| {
            let _busy = reentry::enter();
            let cells = installed.cells(self.pair(), Origin::Literal);
            if let Some(labels) = labels {
                cells.declare_failures(&labels().collect());
            }
            SiteCells::new(cells, installed.sites)
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

/// The same text, for which a clone needs no copy.
fn shared(text: SharedString) -> SharedString {
    match text.into() {
        Cow::Borrowed(text) => SharedString::const_str(text),
        Cow::Owned(text) => SharedString::from_shared(text.into()),
    }
}
