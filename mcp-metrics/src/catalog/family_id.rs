//! A family of the hub, as callsites refer to it.

use super::{FAMILIES, Family};

/// A family of [`FAMILIES`], by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FamilyId(u8);

impl FamilyId {
    /// Returns the family with this name. In a constant, a name that is not in the catalogue does not
    /// compile.
    ///
    /// # Panics
    ///
    /// Outside of constants, if no family has the name.
    #[must_use]
    pub const fn of(name: &str) -> Self {
        let mut index: u8 = 0;
        while (index as usize) < FAMILIES.len() {
            if equal(FAMILIES[index as usize].name.as_bytes(), name.as_bytes()) {
                return Self(index);
            }
            index += 1;
        }
        panic!("not a family of the catalogue")
    }

    /// Returns the id of a family, if it is the hub's.
    pub(crate) fn find(family: &'static Family) -> Option<Self> {
        let index = FAMILIES.iter().position(|it| it.name == family.name)?;
        u8::try_from(index).ok().map(Self)
    }

    pub(crate) const fn index(self) -> u8 {
        self.0
    }

    pub(crate) const fn family(self) -> &'static Family {
        const HUB: &[Family] = &FAMILIES;
        &HUB[self.0 as usize]
    }
}

/// Returns whether two texts are equal, in constants too.
const fn equal(a: &[u8], b: &[u8]) -> bool {
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}
