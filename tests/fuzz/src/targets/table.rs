//! A user's own tables.

use std::fs;
use std::path::Path;

use paramalloc_data::table::{TableOptions, TableRows};
use paramalloc_data::{DataOptions, DataSource, sources};

use crate::mutate::Parts;
use crate::pack;
use crate::target::{Target, Verdict, sentence};

/// Makes the tasks of a table, and reads it again as new rows.
fn read(path: &Path, options: TableOptions) -> Verdict {
    let source = sources::table(options);
    let loaded = source.load(&DataOptions::default(), &mut |_: &str| {});
    loaded.map_err(sentence)?;
    let record = source.record(None).map_err(sentence)?;
    let mut rows = TableRows::open(path, &record).map_err(sentence)?;
    rows.next(100).map(drop).map_err(sentence)
}

/// CSV files.
pub struct Text;

const ROWS: usize = 24;

impl Target for Text {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn seeds(&self) -> Vec<Parts> {
        let row = |i: usize, separator: char| {
            let label = i % 2;
            let kind = ["red", "\"dark, blue\"", "black", "gr\u{fc}n"][i % 4];
            let s = separator;
            format!(
                "{i}{s}{}.5{s}{kind}{s}{label}{s}{}\n",
                i * 3,
                i as f64 * 1e-3
            )
        };
        let table = |separator: char, header: &str| {
            let header = header.replace(',', &separator.to_string());
            let rows = (0..ROWS).map(|i| row(i, separator).into_bytes());
            [header.into_bytes()].into_iter().chain(rows).collect()
        };
        vec![
            table(',', "id,a,kind,y,z\n"),
            table('\t', "id,a,kind,y,z\r\n"),
            table(',', "\u{feff}id,a,kind,y,z\n"),
            table(';', "sep=;\nid,a,kind,y,z\n"),
        ]
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        let path = directory.join("table.csv");
        fs::write(&path, bytes).map_err(sentence)?;
        let options = TableOptions::new(&path).targets(["y", "z"]).ignore(["id"]);
        read(&path, options)
    }
}

/// Tables as arrays.
pub struct Arrays;

const NAMES: [&str; 4] = ["x", "y", "features", "tasks"];

impl Target for Arrays {
    fn name(&self) -> &'static str {
        "npz-table"
    }

    fn seeds(&self) -> Vec<Parts> {
        let doubles = |values: &mut dyn Iterator<Item = f64>| -> Vec<u8> {
            values.flat_map(f64::to_le_bytes).collect()
        };
        let texts = |texts: &[&str]| -> Vec<u8> {
            let padded = texts.iter().flat_map(|text| {
                let letters = text.chars().map(u32::from);
                letters.chain(std::iter::repeat(0)).take(4)
            });
            padded.flat_map(u32::to_le_bytes).collect()
        };
        let x = doubles(&mut (0..60).map(|v| f64::from(v % 7) / 2.0));
        let y = doubles(&mut (0..40).map(|v| {
            if v % 9 == 0 {
                f64::NAN
            } else {
                f64::from(v % 2)
            }
        }));
        let mut seeds = Vec::new();
        for entry in ["<f8", "<i8"] {
            seeds.push(vec![
                pack::npy_header(entry, "20, 3"),
                x.clone(),
                pack::npy_header("<f8", "20, 2"),
                y.clone(),
                pack::npy_header("<U4", "3,"),
                texts(&["a", "b", "\u{e9}"]),
                pack::npy_header("<U4", "2,"),
                texts(&["one", "two"]),
            ]);
        }
        seeds
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        let arrays = NAMES.into_iter().zip(parts.chunks(2));
        let arrays: Vec<(String, Vec<u8>)> = arrays
            .map(|(name, parts)| (format!("{name}.npy"), pack::npy(&parts[0], &parts[1])))
            .collect();
        let files = arrays.iter().map(|(name, file)| (name.clone(), &file[..]));
        pack::zip(&files.collect::<Vec<_>>())
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        let path = directory.join("table.npz");
        fs::write(&path, bytes).map_err(sentence)?;
        read(&path, TableOptions::new(&path))
    }
}
