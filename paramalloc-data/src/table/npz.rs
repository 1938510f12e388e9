//! Tables in NumPy's `.npz` files: `x [n, features]`, `y [n, tasks]`, and where
//! they are there, the names `features` and `tasks`.

use std::path::Path;

use super::columns::{Cells, Column, Columns};
use crate::error::{ArrayProblem, DataError, TableProblem};
use crate::formats::npy::{Header, Kind};
use crate::formats::npz::Npz;

/// The most columns of an array: each takes some memory, however few rows there are.
const MAX_COLUMNS: usize = 1 << 20;

/// The columns of a file, those of `y` last; the indices of these; and the
/// SHA-256 of the file.
///
/// # Errors
/// If an array is missing or of another shape or type.
pub(crate) fn read(path: &Path) -> Result<(Columns, Vec<usize>, String), DataError> {
    let (mut npz, sha256) = Npz::open(path)?;
    let mut columns = columns(&mut npz, "x", "features")?;
    let rows = rows(&columns);
    let features = columns.len();
    columns.extend(self::columns(&mut npz, "y", "tasks")?);
    if self::rows(&columns[features..]) != rows {
        return Err(DataError::TargetCount {
            path: path.to_owned(),
            inputs: rows,
            targets: npz.header("y")?.shape,
        });
    }
    let targets = (features..columns.len()).collect();
    Ok((table(path, columns)?, targets, sha256))
}

/// The columns of `x` alone.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_inputs(path: &Path) -> Result<(Columns, String), DataError> {
    let (mut npz, sha256) = Npz::open(path)?;
    let columns = columns(&mut npz, "x", "features")?;
    Ok((table(path, columns)?, sha256))
}

fn table(path: &Path, columns: Vec<Column>) -> Result<Columns, DataError> {
    let problem = |problem| Err(DataError::table(path, problem));
    for (index, column) in columns.iter().enumerate() {
        if columns[..index]
            .iter()
            .any(|other| other.name == column.name)
        {
            let name = column.name.clone();
            return problem(TableProblem::SameName { name });
        }
    }
    let lines: Vec<u64> = (0..rows(&columns) as u64).collect();
    match lines.is_empty() {
        true => problem(TableProblem::NoRows),
        false => Ok(Columns { columns, lines }),
    }
}

fn rows(columns: &[Column]) -> usize {
    columns.first().map_or(0, |column| match &column.cells {
        Cells::Numbers(values) => values.len(),
        Cells::Texts { codes, .. } => codes.len(),
    })
}

/// The columns of an array `[n, columns]`, or `[n]` for one, with the names in
/// another array if that is there, else `x0`, `x1` and so on.
fn columns(
    npz: &mut Npz<'_>,
    array: &'static str,
    names: &'static str,
) -> Result<Vec<Column>, DataError> {
    let header = npz.header(array)?;
    let count = match header.shape[..] {
        // Whatever the number of its columns is, there is no memory in it.
        [0, ..] => return Err(DataError::table(npz.path, TableProblem::NoRows)),
        [_] => 1,
        [_, count @ 1..=MAX_COLUMNS] => count,
        _ => {
            return Err(DataError::table(
                npz.path,
                TableProblem::ArrayShape {
                    array,
                    found: header.shape,
                    wanted: format!("[n, columns], with 1 to {MAX_COLUMNS} columns"),
                },
            ));
        }
    };
    let mut values = vec![Vec::new(); count];
    let mut next = 0;
    numbers(npz, array, &header, &mut |value| {
        values[next].push(value);
        next = (next + 1) % count;
    })?;
    let names = match npz.has(names) {
        true => texts(npz, names, count)?,
        false => (0..count).map(|index| format!("{array}{index}")).collect(),
    };
    let columns = names.into_iter().zip(values);
    Ok(columns
        .map(|(name, values)| Column {
            name,
            cells: Cells::Numbers(values),
        })
        .collect())
}

/// Gives each number of an array of whatever type to `push`.
fn numbers(
    npz: &mut Npz<'_>,
    array: &'static str,
    header: &Header,
    push: &mut dyn FnMut(f64),
) -> Result<(), DataError> {
    match header.entry.map(|entry| (entry.kind, entry.bytes)) {
        Some((Kind::Float, 4)) => npz.entries(array, |e| push(f32::from_le_bytes(e).into())),
        Some((Kind::Float, 8)) => npz.entries(array, |e| push(f64::from_le_bytes(e))),
        Some((Kind::Bool, 1)) => npz.entries(array, |[byte]| push(byte.into())),
        Some((kind @ (Kind::Int | Kind::Uint), bytes @ (1 | 2 | 4 | 8))) => {
            npz.integers(array, kind == Kind::Int, bytes, |value| push(value as f64))
        }
        _ => Err(npz.problem(
            array,
            ArrayProblem::Type {
                found: header.description.clone(),
                wanted: "of numbers",
            },
        )),
    }
}

/// The texts of an array `[count]`, as NumPy stores them: four bytes a letter.
fn texts(npz: &mut Npz<'_>, array: &'static str, count: usize) -> Result<Vec<String>, DataError> {
    let header = npz.header(array)?;
    if header.shape != [count] {
        return Err(DataError::table(
            npz.path,
            TableProblem::ArrayShape {
                array,
                found: header.shape,
                wanted: format!("[{count}], a name for each column"),
            },
        ));
    }
    let Some(letters) = header.letters() else {
        return Err(npz.problem(
            array,
            ArrayProblem::Type {
                found: header.description,
                wanted: "of texts (`<U`)",
            },
        ));
    };
    let len = (count as u64)
        .saturating_mul(letters as u64)
        .saturating_mul(4);
    let all = npz.bytes(array, len)?;
    let texts = all.chunks_exact((letters * 4).max(1)).map(|text| {
        let letters = text.as_chunks::<4>().0.iter();
        let letters = letters.map(|&letter| u32::from_le_bytes(letter));
        let letters = letters.take_while(|&letter| letter != 0);
        let letters = letters.map(|letter| char::from_u32(letter).unwrap_or('\u{fffd}'));
        letters.collect::<String>().trim().to_owned()
    });
    let mut texts: Vec<String> = texts.collect();
    // Texts without letters have no bytes.
    texts.resize(count, String::new());
    Ok(texts)
}
