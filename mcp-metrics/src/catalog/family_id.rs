//! Identifiers of the hub's families, for callsites.

use super::{FAMILIES, Family};

/// The index of a family in [`FAMILIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FamilyId(u8);

impl FamilyId {
    /// Returns the id of the family with this name. In a constant, an unknown name is a compile
    /// error.
    ///
    /// # Panics
    ///
    /// If no family has this name.
    #[must_use]
    pub const fn of(name: &str) -> Self {
        let mut index: u8 = 0;
        while (index as usize) < FAMILIES.len() {
            if equal(FAMILIES[index as usize].name.as_bytes(), name.as_bytes()) {
                return Self(index);
            }
            index += 1;
        }
        panic!("no family of the catalogue has this name")
    }

    /// Returns the id of a family, or `None` if the family is not one of the hub's.
    #[cfg(feature = "exporter")]
    pub(crate) fn find(family: &'static Family) -> Option<Self> {
        let index = FAMILIES.iter().position(|it| it.name == family.name)?;
        u8::try_from(index).ok().map(Self)
    }

    #[cfg(feature = "exporter")]
    pub(crate) const fn index(self) -> u8 {
        self.0
    }

    pub(crate) const fn family(self) -> &'static Family {
        &FAMILIES[self.0 as usize]
    }
}

/// Returns whether two byte strings are equal. Unlike `==`, it can be used in constants.
const fn equal(a: &[u8], b: &[u8]) -> bool {
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}
