//! Which column is for what.

use std::path::Path;

use super::columns::Columns;
use super::images::names_files;
use super::options::{SplitBy, TableOptions};
use crate::error::{DataError, TableProblem};

/// Indices of the columns by what they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roles {
    /// Columns to predict.
    pub targets: Vec<usize>,
    /// Columns to learn from; none beside images.
    pub features: Vec<usize>,
    /// The column with names of images.
    pub image: Option<usize>,
    /// Columns with a name that are neither.
    pub ignored: Vec<usize>,
    /// The column by which rows are split.
    pub split: Option<usize>,
    /// The column with the weights of the rows.
    pub weights: Option<usize>,
}

/// What the options make of the columns. `given` are the targets of a file that
/// says them itself.
///
/// # Errors
/// If a column is not there or named twice, or none is left to learn from.
pub(crate) fn roles(
    path: &Path,
    table: &Columns,
    options: &TableOptions,
    given: &[usize],
) -> Result<Roles, DataError> {
    let problem = |problem| DataError::table(path, problem);
    let find = |names: &[String], flag: &'static str| -> Result<Vec<usize>, DataError> {
        let found = names.iter().map(|name| match table.find(name) {
            Some(index) if !name.is_empty() => Ok(index),
            _ => Err(problem(TableProblem::NoColumn {
                name: name.clone(),
                flag,
                columns: table.names(),
            })),
        });
        found.collect()
    };
    let image = options.images.as_ref().map(|images| &images.column);
    let image = find(image.map_or(&[], std::slice::from_ref), "--image-column")?;
    if let Some(&column) = image.first()
        && !names_files(&table.columns[column])
    {
        let column = table.columns[column].name.clone();
        return Err(problem(TableProblem::ImageNames { column }));
    }
    if !image.is_empty() && !options.features.is_empty() {
        return Err(problem(TableProblem::FeaturesAndImages));
    }
    let mut targets = find(&options.targets, "--targets")?;
    if targets.is_empty() {
        targets = given.to_vec();
    }
    if targets.is_empty() && image.is_empty() {
        let columns = table.names();
        return Err(problem(TableProblem::NoTargets { columns }));
    }
    let features = find(&options.features, "--features")?;
    let ignored = find(&options.ignore, "--ignore")?;
    let split = match &options.split.by {
        SplitBy::Group(name) => find(std::slice::from_ref(name), "--group")?,
        SplitBy::Column(name) => find(std::slice::from_ref(name), "--split-column")?,
        _ => Vec::new(),
    };
    let weights = find(options.row_weights.as_slice(), "--row-weights")?;
    // The same column may part the rows and be ignored.
    let named = [
        (&targets, "--targets"),
        (&features, "--features"),
        (&ignored, "--ignore"),
        (&image, "--image-column"),
    ];
    let mut taken: Vec<Option<&'static str>> = vec![None; table.columns.len()];
    for (columns, flag) in named {
        for &index in columns {
            if let Some(first) = taken[index].replace(flag) {
                return Err(problem(TableProblem::TwoRoles {
                    name: table.columns[index].name.clone(),
                    first,
                    second: flag,
                }));
            }
        }
    }
    let is_free = |&index: &usize| {
        taken[index].is_none()
            && !split.contains(&index)
            && !weights.contains(&index)
            && !given.contains(&index)
            && !table.columns[index].name.is_empty()
    };
    let free: Vec<usize> = (0..table.columns.len()).filter(is_free).collect();
    // Beside images the other columns are what they show.
    let (features, unused) = match (image.is_empty(), features.is_empty()) {
        (true, true) => (free, Vec::new()),
        (false, _) if targets.is_empty() => {
            targets = free;
            (features, Vec::new())
        }
        _ => (features, free),
    };
    if targets.is_empty() {
        let columns = table.names();
        return Err(problem(TableProblem::NoTargets { columns }));
    }
    for name in options.kinds.keys() {
        let is_target = |&index: &usize| table.columns[index].name == *name;
        if !targets.iter().any(is_target) {
            let targets = targets
                .iter()
                .map(|&index| table.columns[index].name.clone());
            return Err(problem(TableProblem::NoColumn {
                name: name.clone(),
                flag: "--kind",
                columns: targets.collect(),
            }));
        }
    }
    if features.is_empty() && image.is_empty() {
        return Err(problem(TableProblem::NoFeatures));
    }
    let mut ignored = [ignored, unused, split.clone(), weights.clone()].concat();
    ignored.sort_unstable();
    ignored.dedup();
    Ok(Roles {
        targets,
        features,
        image: image.first().copied(),
        ignored,
        split: split.first().copied(),
        weights: weights.first().copied(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b",id,a,b,y,z,part\n0,u1,1,2,3,4,train\n";

    fn of(options: TableOptions) -> Result<Roles, String> {
        let path = Path::new("t.csv");
        let table = Columns::of_text(path, TEXT).unwrap();
        roles(path, &table, &options, &[]).map_err(|error| error.to_string())
    }

    fn options() -> TableOptions {
        TableOptions::new("t.csv")
            .targets(["y", "z"])
            .ignore(["id"])
    }

    #[test]
    fn what_is_not_named_is_learned_from() {
        let mut by_column = options();
        by_column.split.by = SplitBy::Column("part".to_owned());
        let found = of(by_column.clone()).unwrap();
        assert_eq!((found.targets, found.features), (vec![4, 5], vec![2, 3]));
        assert_eq!((found.ignored, found.split), (vec![1, 6], Some(6)));
        by_column.features = vec!["b".to_owned()];
        let found = of(by_column).unwrap();
        assert_eq!((found.features, found.ignored), (vec![3], vec![1, 2, 6]));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let says = |options: TableOptions, part: &str| {
            let sentence = of(options).unwrap_err();
            assert!(sentence.contains(part), "no `{part}` in: {sentence}");
        };
        says(
            TableOptions::new("t.csv"),
            "name them with --targets; its columns are id, a, b, y, z, part",
        );
        says(options().targets(["w"]), "no column `w`, which --targets");
        says(options().ignore(["y"]), "that both --targets and --ignore");
        says(
            options().ignore(["id", "a", "b", "part"]),
            "no columns left",
        );
        let mut kinds = options();
        let kind = super::super::options::TargetColumn::Value;
        kinds.kinds.insert("a".to_owned(), kind);
        says(kinds, "no column `a`, which --kind names");
    }
}
