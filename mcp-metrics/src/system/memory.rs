//! Memory of the machine, or of the control group that limits this process.

/// The memory that this process can use, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) total: u64,
    pub(super) available: u64,
}

impl Memory {
    /// Returns the one with less memory available; if they have the same, the smaller one.
    pub(super) fn tighter(self, other: Self) -> Self {
        let key = |memory: &Self| (memory.available, memory.total);
        std::cmp::min_by_key(self, other, key)
    }

    /// Returns the used part in percent.
    pub(super) fn usage_percent(self) -> f64 {
        // A limit of zero is used up.
        super::percent(self.total.saturating_sub(self.available), self.total).unwrap_or(100.0)
    }
}
