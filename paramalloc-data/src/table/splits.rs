//! Which rows are for training, validation and test.

use std::collections::BTreeMap;
use std::path::Path;

use paramalloc_core::random::{Purpose, Random, Stream};

use super::cell::Cell;
use super::columns::{Cells, Column, Columns};
use super::options::{SplitBy, SplitOptions, TargetColumn};
use crate::error::{DataError, TableProblem};

/// Names of the splits.
pub(crate) const SPLITS: [&str; 3] = ["train", "validation", "test"];

/// The rows of each split, in order.
pub(crate) type Rows = [Vec<usize>; 3];

/// Parts the rows of a table; `split` is the column by which, and `targets` are
/// the columns to predict with what they hold.
///
/// # Errors
/// If a cell names no split, or no row is left for training.
pub(crate) fn split(
    path: &Path,
    table: &Columns,
    column: Option<&Column>,
    targets: &[(&Column, TargetColumn)],
    options: &SplitOptions,
) -> Result<Rows, DataError> {
    let mut stream = Random::new(options.seed).stream(Purpose::Data, 0, 0);
    let all = table.rows();
    let is = match (&options.by, column) {
        (SplitBy::Column(_), Some(column)) => named(path, column, &table.lines)?,
        (SplitBy::Group(_), Some(column)) => grouped(column, all, options, &mut stream),
        (SplitBy::Stratified, _) => stratified(targets, all, options, &mut stream),
        _ => {
            let order = stream.shuffled(all as u32);
            split_groups(
                order.into_iter().map(|row| vec![row as usize]),
                all,
                options,
            )
        }
    };
    let mut rows = Rows::default();
    for (row, split) in is.into_iter().enumerate() {
        rows[split].push(row);
    }
    let is_wanted = [
        true,
        options.validation_share > 0.0,
        options.test_share > 0.0,
    ];
    let by_shares = !matches!(options.by, SplitBy::Column(_));
    let is_lacking =
        |split: usize| rows[split].is_empty() && (split == 0 || by_shares && is_wanted[split]);
    match (0..3).any(is_lacking) {
        true => Err(DataError::table(path, TableProblem::TooFewRows)),
        false => Ok(rows),
    }
}

/// The split that a column names for each row.
fn named(path: &Path, column: &Column, lines: &[u64]) -> Result<Vec<usize>, DataError> {
    let split = |row: usize| {
        let name = column.shown(row);
        let found = match name.as_str() {
            "train" | "training" => Some(0),
            "validation" | "valid" | "val" => Some(1),
            "test" => Some(2),
            _ => None,
        };
        let line = lines[row];
        found.ok_or_else(|| DataError::table(path, TableProblem::SplitName { line, cell: name }))
    };
    (0..lines.len()).map(split).collect()
}

/// Rows come in groups: the first are for test, the next for validation.
fn split_groups(
    groups: impl Iterator<Item = Vec<usize>>,
    all: usize,
    options: &SplitOptions,
) -> Vec<usize> {
    let wanted = |share: f64| match share > 0.0 {
        true => ((all as f64 * share).round() as usize).max(1),
        false => 0,
    };
    let (test, validation) = (wanted(options.test_share), wanted(options.validation_share));
    let (mut is, mut done) = (vec![0; all], [0, 0, 0]);
    for group in groups {
        let split = match done {
            [_, _, found] if found < test => 2,
            [_, found, _] if found < validation => 1,
            _ => 0,
        };
        done[split] += group.len();
        for row in group {
            is[row] = split;
        }
    }
    is
}

/// All rows with one value in one split; rows without a value are a group each.
fn grouped(column: &Column, all: usize, options: &SplitOptions, stream: &mut Stream) -> Vec<usize> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut alone = Vec::new();
    for row in 0..all {
        match column.cell(row) {
            Cell::Missing => alone.push(vec![row]),
            _ => groups.entry(column.shown(row)).or_default().push(row),
        }
    }
    let groups: Vec<Vec<usize>> = groups.into_values().chain(alone).collect();
    let order = stream.shuffled(groups.len() as u32);
    let in_order = order
        .into_iter()
        .map(|index| groups[index as usize].clone());
    split_groups(in_order, all, options)
}

/// Every split has its share of each stratum: the rows whose rarest class is
/// this one, or where there are no classes, those in one tenth of the values of
/// the first target.
fn stratified(
    targets: &[(&Column, TargetColumn)],
    all: usize,
    options: &SplitOptions,
    stream: &mut Stream,
) -> Vec<usize> {
    let strata = strata(targets, all);
    let mut order = Vec::with_capacity(all);
    for rows in strata {
        let shuffled = stream.shuffled(rows.len() as u32);
        order.extend(shuffled.into_iter().map(|index| rows[index as usize]));
    }
    // Every so many rows in this order one is taken.
    let mut is = vec![0; all];
    let mut left = order;
    let mut before = 0.0;
    for (split, share) in [(2, options.test_share), (1, options.validation_share)] {
        let share = share / (1.0 - before);
        let (mut kept, mut done) = (Vec::with_capacity(left.len()), 0.5);
        for row in left {
            done += share;
            if done >= 1.0 {
                done -= 1.0;
                is[row] = split;
            } else {
                kept.push(row);
            }
        }
        left = kept;
        before += if split == 2 { options.test_share } else { 0.0 };
    }
    is
}

fn strata(targets: &[(&Column, TargetColumn)], all: usize) -> Vec<Vec<usize>> {
    // The rows of each class of each target.
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for (column, _) in targets
        .iter()
        .filter(|(_, kind)| *kind != TargetColumn::Value)
    {
        let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for row in (0..all).filter(|&row| column.cell(row) != Cell::Missing) {
            rows.entry(column.shown(row)).or_default().push(row);
        }
        classes.extend(rows.into_values());
    }
    let mut is_free = vec![true; all];
    if classes.is_empty()
        && let Some((column, _)) = targets.first()
        && let Cells::Numbers(values) = &column.cells
    {
        let mut order: Vec<usize> = (0..all).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        return order
            .chunks(all.div_ceil(10))
            .map(<[usize]>::to_vec)
            .collect();
    }
    // The rarest first takes its rows.
    classes.sort_by_key(Vec::len);
    let mut strata: Vec<Vec<usize>> = Vec::new();
    for mut rows in classes {
        rows.retain(|&row| std::mem::replace(&mut is_free[row], false));
        strata.push(rows);
    }
    strata.push((0..all).filter(|&row| is_free[row]).collect());
    strata
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "t.csv";

    fn table(rows: usize, cells: impl Fn(usize) -> String) -> Columns {
        let rows: Vec<String> = (0..rows).map(cells).collect();
        let text = format!("y,by\n{}\n", rows.join("\n"));
        Columns::of_text(Path::new(PATH), text.as_bytes()).unwrap()
    }

    fn parts(table: &Columns, options: &SplitOptions) -> Result<Rows, DataError> {
        let targets = [(&table.columns[0], TargetColumn::Label)];
        split(
            Path::new(PATH),
            table,
            Some(&table.columns[1]),
            &targets,
            options,
        )
    }

    fn by(by: SplitBy) -> SplitOptions {
        SplitOptions {
            by,
            ..SplitOptions::default()
        }
    }

    #[test]
    fn a_random_split_has_its_shares_and_depends_on_its_seed_alone() {
        let table = table(200, |i| format!("{},{i}", i % 2));
        let rows = parts(&table, &by(SplitBy::Random)).unwrap();
        assert_eq!(rows.each_ref().map(Vec::len), [160, 20, 20]);
        let mut all = rows.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..200));
        assert_eq!(parts(&table, &by(SplitBy::Random)).unwrap(), rows);
        let mut other = by(SplitBy::Random);
        other.seed = 1;
        assert_ne!(parts(&table, &other).unwrap(), rows);
        (other.validation_share, other.test_share) = (0.0, 0.0);
        assert_eq!(parts(&table, &other).unwrap()[0].len(), 200);
    }

    #[test]
    fn a_rare_class_is_in_every_split() {
        let table = table(200, |i| format!("{},{i}", u8::from(i < 20)));
        let rows = parts(&table, &by(SplitBy::Stratified)).unwrap();
        let rare = rows
            .each_ref()
            .map(|rows| rows.iter().filter(|&&row| row < 20).count());
        assert_eq!(rare, [16, 2, 2]);
        assert_eq!(rows.map(|rows| rows.len()), [160, 20, 20]);
    }

    #[test]
    fn a_group_is_not_torn() {
        let table = table(100, |i| format!("{},g{}", i % 2, i % 10));
        let rows = parts(&table, &by(SplitBy::Group("by".to_owned()))).unwrap();
        assert_eq!(rows.each_ref().map(Vec::len), [80, 10, 10]);
        for part in &rows[1..] {
            assert!(part.iter().all(|row| row % 10 == part[0] % 10));
        }
    }

    #[test]
    fn a_column_names_the_splits() {
        let names = ["train", "val", "test", "train"];
        let named = |names: [&str; 4]| table(4, |i| format!("{},{}", i % 2, names[i]));
        let column = by(SplitBy::Column("by".to_owned()));
        let rows = parts(&named(names), &column).unwrap();
        assert_eq!(rows, [vec![0, 3], vec![1], vec![2]]);
        let wrong = named(["train", "val", "tset", "train"]);
        let sentence = parts(&wrong, &column).unwrap_err().to_string();
        assert!(sentence.contains("`tset` in line 4"), "{sentence}");
        let none = named(["test"; 4]);
        let sentence = parts(&none, &column).unwrap_err().to_string();
        assert!(sentence.contains("too few rows"), "{sentence}");
    }
}
