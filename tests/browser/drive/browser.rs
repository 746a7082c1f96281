//! A browser for one test.

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

/// The screen and theme of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A desktop window with the light theme.
    Light,
    /// A desktop window with the dark theme.
    Dark,
    /// A phone screen of 360 by 800 pixels.
    Phone,
}

/// A running browser. It is closed on drop, with its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    /// Runs the commands.
    runtime: Runtime,
    /// The `WebDriver` client.
    client: Client,
    /// The `WebDriver` process, the browser's parent.
    _driver: Process,
    /// The driver's output. Kept open, since the driver fails on a closed pipe.
    _stdout: BufReader<ChildStdout>,
}

impl Browser {
    /// Starts a browser. Returns `None` if it is not installed and not required.
    pub(crate) fn start(look: Look) -> Option<Self> {
        let chromium = found("Chromium", Path::new("chromium"))?;
        let program = found("Chromium's driver", Path::new("chromedriver"))?;
        let mut command = Command::new(program);
        command
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut driver = Process::start("chromedriver", &mut command);
        let mut stdout = BufReader::new(driver.child.stdout.take().expect("stdout is piped"));
        let port = port(&mut stdout);

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
            _stdout: stdout,
        })
    }

    /// Opens a page.
    pub(crate) fn open(&self, url: &str) {
        let opened = self.runtime.block_on(self.client.goto(url));
        opened.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Changes the size of the window, in pixels.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let resized = self
            .runtime
            .block_on(self.client.set_window_size(width, height));
        resized.expect("the window can be resized");
    }

    /// Opens another tab and returns the previous one, which is then hidden.
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

    /// Runs a script and returns its result. It finds its arguments in `arguments`.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.runtime
            .block_on(self.client.execute(script, arguments.to_vec()))
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Returns an element's text, visible or not.
    pub(crate) fn text(&self, element: &str) -> String {
        let script = "return document.querySelector(arguments[0]).textContent";
        string(&self.run(script, &[json!(element)]))
    }

    /// Returns an attribute of an element.
    pub(crate) fn attribute(&self, element: &str, name: &str) -> String {
        let script = "return document.querySelector(arguments[0]).getAttribute(arguments[1])";
        string(&self.run(script, &[json!(element), json!(name)]))
    }

    /// Returns an element's number, if it shows one.
    pub(crate) fn number(&self, element: &str) -> Option<f64> {
        self.attribute(element, "data-value").parse().ok()
    }

    /// Returns whether an element is visible.
    pub(crate) fn is_visible(&self, element: &str) -> bool {
        let script = "return document.querySelector(arguments[0]).checkVisibility()";
        self.run(script, &[json!(element)]) == json!(true)
    }

    /// Returns the rows of a table as texts; numbers as their exact values.
    pub(crate) fn rows(&self, table: &str) -> Vec<Vec<String>> {
        let script = "
            const rows = document.querySelectorAll(`${arguments[0]} tbody tr`);
            const text = (cell) => cell.dataset.value ?? cell.textContent;
            return [...rows].map((row) => [...row.cells].map(text));";
        let rows = self.run(script, &[json!(table)]);
        serde_json::from_value(rows).expect("rows of texts")
    }

    /// Clicks an element.
    pub(crate) fn click(&self, element: &str) {
        let click = async {
            let found = self.client.find(Locator::Css(element)).await?;
            found.click().await
        };
        let clicked = self.runtime.block_on(click);
        clicked.unwrap_or_else(|error| panic!("{element}: {error}"));
    }

    /// Sends keys to the focused element.
    pub(crate) fn press(&self, keys: &str) {
        let press = async {
            let focused = self.client.active_element().await?;
            focused.send_keys(keys).await
        };
        self.runtime.block_on(press).expect("something has focus");
    }

    /// Waits until `condition` holds; `what` describes it.
    pub(crate) fn wait(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        eventually(what, || condition(self));
    }

    /// Returns the console's entries since the last call.
    pub(crate) fn console(&self) -> Vec<Entry> {
        let entries = self.runtime.block_on(self.client.issue_cmd(Log));
        serde_json::from_value(entries.expect("a log")).expect("entries")
    }

    /// Asserts that the console has no entries.
    #[track_caller]
    pub(crate) fn assert_quiet(&self) {
        assert_eq!(self.console(), []);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // If the driver is killed without this, the browser keeps running.
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}

/// Returns the port that the driver logs.
fn port(stdout: &mut impl BufRead) -> u16 {
    stdout
        .lines()
        .map(|line| line.expect("the driver logs its port"))
        .find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        })
        .expect("the driver logs its port")
}

/// Returns Chromium's options.
fn options(chromium: &Path, look: Look) -> Value {
    let mut arguments = vec![
        "--headless=new",
        // Unavailable in containers and for root.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--window-size=1440,900",
    ];
    if look == Look::Dark {
        arguments.push("--blink-settings=preferredColorScheme=0");
    }
    let mut options = json!({ "args": arguments });
    // The driver looks up a name without a directory itself.
    if chromium.is_absolute() {
        options["binary"] = json!(chromium);
    }
    if look == Look::Phone {
        let metrics = json!({ "width": 360, "height": 800, "pixelRatio": 2.0 });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    options
}

/// Returns a string, empty if the value is not one.
fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
