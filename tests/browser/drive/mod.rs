//! The browser under test, and the servers of the page.

mod browser;
mod log;
mod page;
mod staged;

pub(crate) use self::{
    browser::{Browser, Look},
    page::Site,
    staged::{Answer, Staged},
};
