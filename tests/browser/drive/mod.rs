//! What starts and steers the browser, and what it looks at.

mod browser;
mod log;
mod page;
mod staged;

pub(crate) use self::{
    browser::{Browser, Look},
    page::Site,
    staged::{Answer, Staged},
};
