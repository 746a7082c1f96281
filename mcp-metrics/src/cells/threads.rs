//! This thread's rows, one for each call site that it has passed.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::RequestCells;
use super::row::{Row, Writers};
use crate::reentry;
use crate::sync::AtomicU64;

/// The number of call sites that were found in the program when it was linked; each thread makes
/// room for so many. Sites that are loaded later have no rows, and count in the shared one.
type Places = Box<[OnceCell<Mine>]>;

thread_local! {
    static ROWS: Rows = const { Rows(OnceCell::new()) };
}

/// The cells of a call site.
#[derive(Debug)]
pub(crate) struct SiteCells {
    cells: Arc<RequestCells>,
    /// Its place in each thread's table.
    place: usize,
    /// How many places a table has.
    places: usize,
}

impl SiteCells {
    /// The cells of a call site, of which there are so many in the program.
    pub(crate) fn new(cells: Arc<RequestCells>, sites: usize) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Self {
            cells,
            place: NEXT.fetch_add(1, Ordering::Relaxed),
            places: sites,
        }
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
        let counted = ROWS.try_with(|rows| match rows.get(self) {
            Some(row) => {
                count(row, Writers::One);
                true
            }
            None => false,
        });
        if counted != Ok(true) {
            count(self.cells.shared(), Writers::Many);
        }
    }
}

/// A thread's rows, by the sites' places.
struct Rows(OnceCell<Places>);

/// A thread's row for a site.
struct Mine {
    row: Arc<[AtomicU64]>,
    site: &'static SiteCells,
}

impl Rows {
    #[inline]
    fn get(&self, site: &'static SiteCells) -> Option<Row<'_>> {
        match self
            .0
            .get()
            .and_then(|places| places.get(site.place)?.get())
        {
            Some(mine) => Some(Row(&mine.row)),
            None => self.make(site),
        }
    }

    #[cold]
    fn make(&self, site: &'static SiteCells) -> Option<Row<'_>> {
        let _busy = reentry::enter();
        let places = self.0.get_or_init(|| {
            std::iter::repeat_with(OnceCell::new)
                .take(site.places)
                .collect()
        });
        let mine = places.get(site.place)?.get_or_init(|| Mine {
            row: site.cells.join(),
            site,
        });
        Some(Row(&mine.row))
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // What the program's allocator records meanwhile would have to be counted here.
        let _busy = reentry::enter();
        let places = self.0.take();
        for mine in places.iter().flatten().filter_map(OnceCell::get) {
            mine.site.cells.leave(&mine.row);
        }
    }
}
