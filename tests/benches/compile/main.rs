//! The build time and the size of a program with many tracked functions.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench compile
//! ```
//!
//! The programs differ only in the attribute of each function, of which every second is
//! asynchronous, and are built in turns. `-- --functions N` sets the number of functions; `QUICK=1`
//! reduces it, and the rounds to one.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use mcp_metrics_benches::{float, median, option, quick};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A program to build.
struct Program {
    name: &'static str,
    /// Dependencies in its manifest.
    dependency: String,
    /// Returns the attribute of a function.
    attribute: fn(usize) -> String,
    folder: PathBuf,
}

/// Seconds to build the dependencies, the program without and with its functions, and the program
/// after an edit; the size of the program in KiB.
#[derive(Default)]
struct Costs {
    dependencies: f64,
    none: Vec<f64>,
    whole: Vec<f64>,
    incremental: Vec<f64>,
    size: f64,
}

fn programs() -> Vec<Program> {
    let dependency = |features| {
        format!(
            r#"mcp-metrics = {{ path = "{REPOSITORY}/mcp-metrics", default-features = {features} }}"#
        )
    };
    let tracked = |n: usize| format!(r#"#[mcp_metrics::tracked("agent", "f{n}")]"#);
    let program = |name: &'static str, dependency, attribute| Program {
        name,
        dependency,
        attribute,
        folder: Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("compile")
            .join(name.replace([' ', ',', '(', ')'], "-")),
    };
    vec![
        program("no attribute", String::new(), |_| String::new()),
        program("mcp-metrics", dependency(false), tracked),
        program("mcp-metrics (default features)", dependency(true), tracked),
        program(
            "autometrics",
            r#"autometrics = { version = "3", features = ["prometheus-0_14"] }"#.to_owned(),
            |_| "#[autometrics::autometrics]".to_owned(),
        ),
        program("tracing", r#"tracing = "0.1""#.to_owned(), |_| {
            "#[tracing::instrument(skip_all)]".to_owned()
        }),
    ]
}

impl Program {
    /// Writes the program; `edit` is a constant in one of its functions.
    fn write(&self, functions: usize, edit: usize) -> io::Result<()> {
        let mut source = String::from(concat!(
            "use std::pin::pin;\n",
            "use std::task::{Context, Poll, Waker};\n\n",
            "fn now<T>(future: impl Future<Output = T>) -> T {\n",
            "    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {\n",
            "        Poll::Ready(value) => value,\n",
            "        Poll::Pending => unreachable!(),\n",
            "    }\n",
            "}\n\n",
        ));
        let mut main = String::from("fn main() {\n    let mut n = std::env::args().len();\n");
        for number in 0..functions {
            let attribute = (self.attribute)(number);
            let (qualifier, call) = if number % 2 == 0 {
                ("", format!("f{number}(n)"))
            } else {
                ("async ", format!("now(f{number}(n))"))
            };
            let added = if number == functions / 2 { edit } else { 0 };
            let _ = writeln!(
                source,
                "{attribute}\n\
                 {qualifier}fn f{number}(n: usize) -> Result<usize, std::fmt::Error> {{\n    \
                     if n % 7 == 3 {{\n        return Err(std::fmt::Error);\n    }}\n    \
                     Ok(n + {added})\n\
                 }}\n"
            );
            let _ = writeln!(main, "    n += {call}.unwrap_or(1);");
        }
        source += &main;
        source += "    println!(\"{n}\");\n}\n";
        fs::create_dir_all(self.folder.join("src"))?;
        fs::write(self.folder.join("src/main.rs"), source)
    }

    fn write_manifest(&self) -> io::Result<()> {
        let manifest = format!(
            "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [workspace]\n\n[dependencies]\n{}\n\n[profile.release]\nstrip = true\n",
            self.dependency
        );
        fs::write(self.folder.join("Cargo.toml"), manifest)?;
        // Pins the versions that the other benchmarks use.
        let lock = fs::read(Path::new(REPOSITORY).join("Cargo.lock"))?;
        fs::write(self.folder.join("Cargo.lock"), lock)
    }

    /// Builds the program and returns the seconds that it took.
    fn build(&self, profile: &str, incremental: bool) -> io::Result<f64> {
        // Separate folders, because path dependencies would be rebuilt with each change.
        let target = if incremental { "incremental" } else { "target" };
        let start = Instant::now();
        let output = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["build", "--offline", "--profile", profile, "--target-dir"])
            .arg(self.folder.join(target))
            .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
            .current_dir(&self.folder)
            .output()?;
        let took = start.elapsed().as_secs_f64();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {errors}", self.name);
        Ok(took)
    }
}

fn main() -> io::Result<()> {
    let functions = option("--functions").unwrap_or(if quick() { 100 } else { 1_000 });
    let programs = programs();
    let mut costs: Vec<Costs> = programs.iter().map(|_| Costs::default()).collect();
    for (program, costs) in programs.iter().zip(&mut costs) {
        // Removes the output of earlier runs.
        let _ = fs::remove_dir_all(&program.folder);
        program.write(0, 0)?;
        program.write_manifest()?;
        costs.dependencies = program.build("dev", false)?;
    }
    for round in 0..if quick() { 1 } else { 3 } {
        for (program, costs) in programs.iter().zip(&mut costs) {
            program.write(0, 0)?;
            costs.none.push(program.build("dev", false)?);
            program.write(functions, 3 * round)?;
            costs.whole.push(program.build("dev", false)?);
            program.write(functions, 3 * round + 1)?;
            program.build("dev", true)?;
            program.write(functions, 3 * round + 2)?;
            costs.incremental.push(program.build("dev", true)?);
        }
    }
    for (program, costs) in programs.iter().zip(&mut costs) {
        program.build("release", false)?;
        let size = fs::metadata(program.folder.join("target/release/program"))?.len();
        costs.size = float(usize::try_from(size).unwrap_or(usize::MAX)) / 1024.0;
    }

    println!("# Building {functions} functions\n");
    println!("Seconds; milliseconds per function; KiB of the program.\n");
    println!(
        "| attribute of | dependencies | no function | all | a function | one changed | program |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for (program, costs) in programs.iter().zip(&costs) {
        let functions_alone = costs.whole.iter().zip(&costs.none).map(|(a, b)| a - b);
        println!(
            "| {} | {:.1} | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} |",
            program.name,
            costs.dependencies,
            median(costs.none.iter().copied()),
            median(costs.whole.iter().copied()),
            median(functions_alone) * 1e3 / float(functions),
            median(costs.incremental.iter().copied()),
            costs.size,
        );
    }
    Ok(())
}
