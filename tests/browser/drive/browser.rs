//! A browser that a test has to itself.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{ChildStdout, Command, Stdio},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    error::CmdError,
    wd::{Capabilities, WindowHandle},
};
use hyper_util::client::legacy::connect::HttpConnector;
use mcp_metrics_tests::{Process, eventually, tools::found};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::log::{Entry, Log};

/// On what, and how, the page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A window on a desk.
    Light,
    /// The same, by somebody who prefers dark colours.
    Dark,
    /// A screen of 360 by 800 pixels.
    Phone,
}

/// A running browser; dropping it ends it, with its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    /// Carries the commands out.
    runtime: Runtime,
    /// Gives the commands.
    client: Client,
    /// The `WebDriver` program, which is the browser's parent.
    _driver: Process,
    /// Where the driver speaks; it would trip over a closed pipe.
    _said: BufReader<ChildStdout>,
}

impl Browser {
    /// Starts a browser; nothing if the tests are to do without.
    pub(crate) fn start(look: Look) -> Option<Self> {
        let chromium = found("Chromium", Path::new("chromium"))?;
        let program = found("Chromium's driver", Path::new("chromedriver"))?;
        let mut command = Command::new(program);
        command
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut driver = Process::start("chromedriver", &mut command);
        let mut said = BufReader::new(driver.child.stdout.take().expect("it is piped"));
        let port = port(&mut said);

        let runtime = Runtime::new().expect("a runtime");
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), options(&chromium, look));
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let client = runtime
            .block_on(
                ClientBuilder::new(HttpConnector::new())
                    .capabilities(capabilities)
                    .connect(&format!("http://127.0.0.1:{port}")),
            )
            .expect("a browser");
        Some(Self {
            runtime,
            client,
            _driver: driver,
            _said: said,
        })
    }

    /// Opens a page.
    pub(crate) fn open(&self, url: &str) {
        let opened = self.runtime.block_on(self.client.goto(url));
        opened.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Opens another tab before the one at hand, which is then hidden, and returned.
    pub(crate) fn new_tab(&self) -> WindowHandle {
        let open = async {
            let old = self.client.window().await?;
            let new = self.client.new_window(true).await?;
            self.client.switch_to_window(new.handle).await?;
            Ok::<_, CmdError>(old)
        };
        self.runtime.block_on(open).expect("a tab")
    }

    /// Shows another tab.
    pub(crate) fn switch_to(&self, tab: WindowHandle) {
        let switched = self.runtime.block_on(self.client.switch_to_window(tab));
        switched.expect("the tab is still there");
    }

    /// What a script returns; its arguments are in `arguments`.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.runtime
            .block_on(self.client.execute(script, arguments.to_vec()))
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text in an element, shown or not.
    pub(crate) fn text(&self, element: &str) -> String {
        let script = "return document.querySelector(arguments[0]).textContent";
        string(&self.run(script, &[json!(element)]))
    }

    /// An attribute of an element.
    pub(crate) fn attribute(&self, element: &str, name: &str) -> String {
        let script = "return document.querySelector(arguments[0]).getAttribute(arguments[1])";
        string(&self.run(script, &[json!(element), json!(name)]))
    }

    /// The number in an element, if it shows one.
    pub(crate) fn number(&self, element: &str) -> Option<f64> {
        self.attribute(element, "data-value").parse().ok()
    }

    /// Whether somebody who looks at the page sees an element.
    pub(crate) fn sees(&self, element: &str) -> bool {
        let script = "return document.querySelector(arguments[0]).checkVisibility()";
        self.run(script, &[json!(element)]) == json!(true)
    }

    /// The rows of a table, as texts; of a number the text is the exact value.
    pub(crate) fn rows(&self, table: &str) -> Vec<Vec<String>> {
        let script = "
            const rows = document.querySelectorAll(`${arguments[0]} tbody tr`);
            const text = (cell) => cell.dataset.value ?? cell.textContent;
            return [...rows].map((row) => [...row.cells].map(text));";
        let rows = self.run(script, &[json!(table)]);
        serde_json::from_value(rows).expect("rows of texts")
    }

    /// Clicks at an element.
    pub(crate) fn click(&self, element: &str) {
        let click = async {
            let found = self.client.find(Locator::Css(element)).await?;
            found.click().await
        };
        let clicked = self.runtime.block_on(click);
        clicked.unwrap_or_else(|error| panic!("{element}: {error}"));
    }

    /// Presses keys where the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let press = async {
            let focused = self.client.active_element().await?;
            focused.send_keys(keys).await
        };
        self.runtime.block_on(press).expect("something has focus");
    }

    /// Waits until the page shows something.
    pub(crate) fn wait(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        eventually(what, || condition(self));
    }

    /// What the browser has had to say about the page since it was asked last.
    pub(crate) fn console(&self) -> Vec<Entry> {
        let entries = self.runtime.block_on(self.client.issue_cmd(Log));
        serde_json::from_value(entries.expect("a log")).expect("entries")
    }

    /// Checks that the browser had nothing to say.
    #[track_caller]
    pub(crate) fn assert_quiet(&self) {
        assert_eq!(self.console(), []);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver would leave the browser behind if it was just killed.
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}

/// The port that the driver says it listens at.
fn port(said: &mut impl BufRead) -> u16 {
    said.lines()
        .map(|line| line.expect("the driver says where it listens"))
        .find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        })
        .expect("the driver says where it listens")
}

/// How Chromium is to be started.
fn options(chromium: &Path, look: Look) -> Value {
    let mut arguments = vec![
        "--headless=new",
        // Containers, and root, have neither of these.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--window-size=1440,900",
    ];
    if look == Look::Dark {
        arguments.push("--blink-settings=preferredColorScheme=0");
    }
    let mut options = json!({ "args": arguments });
    // A name without a folder is for the driver to find.
    if chromium.is_absolute() {
        options["binary"] = json!(chromium);
    }
    if look == Look::Phone {
        let metrics = json!({ "width": 360, "height": 800, "pixelRatio": 2.0 });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    options
}

/// A text, or nothing where there is none.
fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
