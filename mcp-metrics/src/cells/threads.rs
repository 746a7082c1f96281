//! This thread's rows: one for each call site that it has passed, and some for labels made at run
//! time.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use metrics::SharedString;
use rapidhash::fast::RapidHasher;

use super::RequestCells;
use super::row::{Row, Writers};
use crate::reentry;
use crate::sync::AtomicU64;

/// The number of call sites that were found in the program when it was linked; each thread makes
/// room for so many. Sites that are loaded later have no rows, and count in the shared one.
type Places = Box<[OnceCell<Mine>]>;

/// How many pairs of labels made at run time can have a row of a thread at the same time.
const SLOTS: usize = 128;

/// How often a pair without a row is asked for, and the one that has its slot is not, before it gets
/// the slot: what comes once is not worth a row.
const PATIENCE: u32 = 64;

thread_local! {
    static ROWS: Rows = const {
        Rows {
            sites: OnceCell::new(),
            made: OnceCell::new(),
        }
    };
}

/// Cells that threads have rows for, and which stay for ever: those of a call site, or of labels
/// that were made at run time.
#[derive(Debug)]
pub(crate) struct SiteCells {
    cells: Arc<RequestCells>,
    place: Place,
}

/// Where a thread has the row.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In the table of call sites, which has so many places.
    Site { place: usize, places: usize },
    /// In the slot that the labels share with others.
    Made { slot: usize },
}

impl SiteCells {
    /// The cells of a call site, of which there are so many in the program.
    pub(crate) fn new(cells: Arc<RequestCells>, sites: usize) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let place = Place::Site {
            place: NEXT.fetch_add(1, Ordering::Relaxed),
            places: sites,
        };
        Self { cells, place }
    }

    /// The cells of a pair of labels that were made at run time.
    pub(crate) fn made(cells: Arc<RequestCells>) -> Self {
        let place = Place::Made {
            slot: slot(&cells.pair),
        };
        Self { cells, place }
    }

    /// The cells of labels that were made at run time, if this thread has a row for them.
    pub(crate) fn known(pair: &[SharedString; 2]) -> Option<&'static Self> {
        let known = ROWS.try_with(|rows| {
            let slot = rows.made.get()?[slot(pair)].mine.try_borrow().ok()?;
            let site = slot.as_ref()?.site;
            (site.cells.pair == *pair).then_some(site)
        });
        known.ok().flatten()
    }

    /// Counts a start.
    pub(crate) fn start(&'static self) {
        self.with_row(|row, writers| {
            row.start(writers);
        });
    }

    /// Counts an end that is a success.
    pub(crate) fn succeed(&'static self, nanoseconds: u64) {
        self.with_row(|row, writers| self.cells.succeed_in(row, writers, nanoseconds));
    }

    /// Counts an end that is a failure.
    pub(crate) fn fail(&'static self, nanoseconds: u64, error_type: Cow<'static, str>) {
        let mut error_type = Some(error_type);
        self.with_row(|row, writers| {
            if let Some(error_type) = error_type.take() {
                self.cells.fail_in(row, writers, nanoseconds, error_type);
            }
        });
    }

    /// Calls `count` once, with this thread's row if it can have one.
    #[inline]
    fn with_row(&'static self, mut count: impl FnMut(Row<'_>, Writers)) {
        let counted = ROWS.try_with(|rows| match self.place {
            Place::Site { place, places } => match rows.of_site(self, place, places) {
                Some(row) => {
                    count(row, Writers::One);
                    true
                }
                None => false,
            },
            Place::Made { slot } => rows.with_made(self, slot, &mut |row| {
                count(row, Writers::One);
            }),
        });
        if counted != Ok(true) {
            count(self.cells.shared(), Writers::Many);
        }
    }
}

/// The slot of a pair of labels.
fn slot(pair: &[SharedString; 2]) -> usize {
    let mut hasher = RapidHasher::default();
    pair.hash(&mut hasher);
    #[expect(clippy::cast_possible_truncation, reason = "any of its bits will do")]
    let hash = hasher.finish() as usize;
    hash % SLOTS
}

/// A thread's rows.
struct Rows {
    /// By the sites' places.
    sites: OnceCell<Places>,
    made: OnceCell<Box<[Slot; SLOTS]>>,
}

/// A row for labels made at run time, which may change hands.
#[derive(Default)]
struct Slot {
    mine: RefCell<Option<Mine>>,
    /// How often others have been asked for since the one that has it.
    misses: Cell<u32>,
}

/// A thread's row for a site.
struct Mine {
    row: Arc<[AtomicU64]>,
    site: &'static SiteCells,
}

impl Rows {
    #[inline]
    fn of_site(&self, site: &'static SiteCells, place: usize, places: usize) -> Option<Row<'_>> {
        match self.sites.get().and_then(|places| places.get(place)?.get()) {
            Some(mine) => Some(Row(&mine.row)),
            None => self.make(site, place, places),
        }
    }

    #[cold]
    fn make(&self, site: &'static SiteCells, place: usize, places: usize) -> Option<Row<'_>> {
        let _busy = reentry::enter();
        let places = self
            .sites
            .get_or_init(|| std::iter::repeat_with(OnceCell::new).take(places).collect());
        let mine = places.get(place)?.get_or_init(|| Mine::new(site));
        Some(Row(&mine.row))
    }

    /// Calls `count` with the row in a slot, if it is this site's; whether it was.
    fn with_made(
        &self,
        site: &'static SiteCells,
        slot: usize,
        count: &mut dyn FnMut(Row<'_>),
    ) -> bool {
        if let Some(slots) = self.made.get()
            && let Ok(held) = slots[slot].mine.try_borrow()
            && let Some(mine) = &*held
            && std::ptr::eq(mine.site, site)
        {
            slots[slot].misses.set(0);
            count(Row(&mine.row));
            return true;
        }
        self.claim(site, slot, count)
    }

    /// Gives the slot to the site if it is free, or has been wanted for long enough.
    #[cold]
    fn claim(&self, site: &'static SiteCells, slot: usize, count: &mut dyn FnMut(Row<'_>)) -> bool {
        let _busy = reentry::enter();
        let slots = self
            .made
            .get_or_init(|| Box::new(std::array::from_fn(|_| Slot::default())));
        let Slot { mine, misses } = &slots[slot];
        let Ok(mut held) = mine.try_borrow_mut() else {
            return false;
        };
        misses.set(misses.get() + 1);
        if held.is_some() && misses.get() < PATIENCE {
            return false;
        }
        misses.set(0);
        if let Some(mine) = held.take() {
            mine.leave();
        }
        count(Row(&held.insert(Mine::new(site)).row));
        true
    }
}

impl Mine {
    fn new(site: &'static SiteCells) -> Self {
        Self {
            row: site.cells.join(),
            site,
        }
    }

    fn leave(&self) {
        self.site.cells.leave(&self.row);
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // What the program's allocator records meanwhile would have to be counted here.
        let _busy = reentry::enter();
        let sites = self.sites.take();
        for mine in sites.iter().flatten().filter_map(OnceCell::get) {
            mine.leave();
        }
        for slot in self.made.take().iter().flat_map(|slots| slots.iter()) {
            if let Some(mine) = slot.mine.take() {
                mine.leave();
            }
        }
    }
}
