//! Tables in Markdown: extracts them from a benchmark's output, merges two profiles, and replaces
//! them in the document.

/// The lines of a table, of which the first is its header, or of text between tables.
pub(crate) type Table = Vec<String>;

/// Header of the bars that a benchmark prints.
const BARS: &str = "| what | at most | measured | |";
/// Header of the bars in the document.
const MERGED_BARS: &str = "| what | at most | `--release` | LTO | |";
/// A value that is not measured.
const NONE: &str = "–";

/// Returns the tables of a benchmark's output.
pub(crate) fn tables(text: &str) -> Vec<Table> {
    let mut tables = blocks(text);
    tables.retain(|block| is_row(&block[0]));
    tables
}

/// Splits a text into tables and the text between them.
fn blocks(text: &str) -> Vec<Table> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let blocks = lines.chunk_by(|a, b| is_row(a) == is_row(b));
    blocks.map(<[String]>::to_vec).collect()
}

fn is_row(line: &str) -> bool {
    line.starts_with('|')
}

fn cells(row: &str) -> Vec<&str> {
    let row = row.trim_start_matches('|');
    let row = row.strip_suffix('|').unwrap_or(row);
    row.split('|').map(str::trim).collect()
}

fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<&str> = cells.into_iter().collect();
    // An empty last cell has one space, as in the header of the bars.
    format!("| {} |", cells.join(" | ")).replace("|  |", "| |")
}

/// Merges the tables of a run without LTO and, if there is one, of a run with LTO.
pub(crate) fn merge(plain: Vec<Table>, lto: Option<Vec<Table>>) -> Vec<Table> {
    let count = plain.len();
    let lto: Vec<Option<Table>> = match lto {
        Some(lto) => {
            assert_eq!(count, lto.len(), "both profiles print the same tables");
            lto.into_iter().map(Some).collect()
        }
        None => vec![None; count],
    };
    let merged = plain.into_iter().zip(lto).map(|(plain, lto)| {
        if plain[0] == BARS {
            merged_bars(&plain, lto.as_ref())
        } else {
            lto.map_or_else(|| plain.clone(), |lto| side_by_side(&plain, &lto))
        }
    });
    merged.collect()
}

/// Puts each column of numbers beside the one with LTO.
fn side_by_side(plain: &Table, lto: &Table) -> Table {
    assert_eq!(plain.len(), lto.len(), "{}", plain[0]);
    let alignment = cells(&plain[1]);
    let lines = plain.iter().zip(lto).enumerate();
    let merged = lines.map(|(line, (plain, lto))| {
        let columns = cells(plain).into_iter().zip(cells(lto)).zip(&alignment);
        row(columns.flat_map(|((plain, lto), alignment)| {
            let lto = (*alignment == "--:").then_some(if line == 0 { "LTO" } else { lto });
            [Some(plain), lto].into_iter().flatten()
        }))
    });
    let mut merged: Table = merged.collect();
    merged[1] = merged[1].replace(' ', "");
    merged
}

/// Returns bars with a column for each profile. A bar is met if both are.
fn merged_bars(plain: &Table, lto: Option<&Table>) -> Table {
    let header = [MERGED_BARS, "|---|--:|--:|--:|---|"].map(str::to_owned);
    let bars = plain.iter().enumerate().skip(2).map(|(line, bar)| {
        let [what, most, plain, verdict] = cells(bar)[..] else {
            panic!("a bar has four cells: {bar}")
        };
        let with_lto = lto.map(|lto| cells(&lto[line]));
        let (lto, both) = match with_lto.as_deref() {
            Some(&[other, _, lto, with_lto]) => {
                assert_eq!(what, other, "both profiles print the same bars");
                (lto, if verdict == "met" { with_lto } else { verdict })
            }
            _ => (NONE, verdict),
        };
        row([what, most, plain, lto, both])
    });
    header.into_iter().chain(bars).collect()
}

/// Returns the document with these tables.
///
/// A table replaces the one with the same header, or, if there are several, the one with the same
/// number among them. Of the bars, each row replaces the one with the same first cell.
pub(crate) fn refreshed(document: &str, tables: &[Table]) -> String {
    let mut document = blocks(document);
    for (number, table) in tables.iter().enumerate() {
        let alike = |other: &Table| other[0] == table[0];
        let index = tables[..number].iter().filter(|it| alike(it)).count();
        let Some(old) = document.iter_mut().filter(|it| alike(it)).nth(index) else {
            panic!("the document has no such table:\n{}", table.join("\n"));
        };
        *old = match &*table[0] {
            MERGED_BARS => with_rows(old, &table[2..]),
            _ => table.clone(),
        };
    }
    document.concat().join("\n") + "\n"
}

/// Returns the table with these rows in place of those with the same first cell.
fn with_rows(table: &Table, rows: &[String]) -> Table {
    let mut table = table.clone();
    for row in rows {
        let what = |row: &str| row.split('|').nth(1).map(str::to_owned);
        match table.iter_mut().find(|old| what(old) == what(row)) {
            Some(old) => old.clone_from(row),
            None => table.push(row.clone()),
        }
    }
    table
}
