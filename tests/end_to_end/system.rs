//! System metrics under conditions that need a mount namespace: simulated control groups, file
//! systems that are unmounted or do not respond, and a system without `/proc`.

mod cgroups;
mod disk;
mod program;
mod unknown;

use program::{Namespace, Program};
