//! What is wrong with a table.

use paramalloc_core::text;
use thiserror::Error;

/// So many columns are listed in a sentence.
const LISTED: usize = 20;

/// What is wrong with a table; its `Display` follows the path. Lines are
/// counted from 1, the header included; in a `.npz` file they are rows.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TableProblem {
    /// The name of the file says another format.
    #[error("is no table that is read: its name must end with .csv, .tsv or .npz")]
    Extension,
    /// The text is in another encoding.
    #[error("is not UTF-8 in line {line}; save the table as UTF-8")]
    Encoding {
        /// The line.
        line: u64,
    },
    /// There is no row below the header.
    #[error("has no rows below its header")]
    NoRows,
    /// A row has more or fewer cells than the header.
    #[error(
        "has {found} cells in line {line}, but {expected} in its header; look for a quote or a separator too many there"
    )]
    Cells {
        /// The line.
        line: u64,
        /// Cells of the row.
        found: u64,
        /// Cells of the header.
        expected: u64,
    },
    /// Two columns have one name.
    #[error("has two columns named `{}`; rename one", text::name(.name))]
    SameName {
        /// The name.
        name: String,
    },
    /// The user did not say what to predict.
    #[error("does not say which columns to predict; name them with --targets; its columns are {}", listed(.columns))]
    NoTargets {
        /// Names of the columns.
        columns: Vec<String>,
    },
    /// A column that was asked for is not there.
    #[error("has no column `{}`, which {flag} names; its columns are {}", text::name(.name), listed(.columns))]
    NoColumn {
        /// Name of the column.
        name: String,
        /// What names it, `--targets` for example.
        flag: &'static str,
        /// Names of the columns.
        columns: Vec<String>,
    },
    /// A column that the run was trained on is not there.
    #[error("has no column `{}`, which the run was trained on; its columns are {}", text::name(.name), listed(.columns))]
    NoFeature {
        /// Name of the column.
        name: String,
        /// Names of the columns.
        columns: Vec<String>,
    },
    /// A column that the run learned from is to be predicted.
    #[error("cannot have `{}` as a target: the run learns from this column", text::name(.name))]
    TargetIsFeature {
        /// Name of the column.
        name: String,
    },
    /// A column has two roles.
    #[error("has a column `{}` that both {first} and {second} name", text::name(.name))]
    TwoRoles {
        /// Name of the column.
        name: String,
        /// What names it.
        first: &'static str,
        /// What else names it.
        second: &'static str,
    },
    /// No column is left to learn from.
    #[error("has no columns left to learn from; name some with --features, or ignore fewer")]
    NoFeatures,
    /// Images and columns cannot both be learned from.
    #[error(
        "has images to learn from, beside which no column is learned from; leave out --features or --images"
    )]
    FeaturesAndImages,
    /// A column should name images.
    #[error("has numbers in column `{}`, where --image-column needs names of image files, as cat.png", text::name(.column))]
    ImageNames {
        /// Name of the column.
        column: String,
    },
    /// A cell should name an image.
    #[error("names no image in line {line}, column `{}`; name one, or remove the row", text::name(.column))]
    NoImage {
        /// The line.
        line: u64,
        /// Name of the column.
        column: String,
    },
    /// Numbers are written in two ways.
    #[error(
        "has numbers with a decimal comma in line {comma} and with a decimal point in line {point}; write all of them alike"
    )]
    Decimals {
        /// A line with a comma.
        comma: u64,
        /// A line with a point.
        point: u64,
    },
    /// A cell that is needed is empty.
    #[error("has no value in line {line}, column `{}`; if the column is to be predicted, name it in --targets; else fill it, leave the column out with --ignore, or give --impute median", text::name(.column))]
    Missing {
        /// The line.
        line: u64,
        /// Name of the column.
        column: String,
    },
    /// A cell should be a number.
    #[error("has `{}` in line {line}, column `{}`, which must be a number", text::name(.cell), text::name(.column))]
    NotANumber {
        /// The line.
        line: u64,
        /// Name of the column.
        column: String,
        /// The cell.
        cell: String,
    },
    /// A number is infinite.
    #[error("has an infinite number in line {line}, column `{}`", text::name(.column))]
    Infinite {
        /// The line.
        line: u64,
        /// Name of the column.
        column: String,
    },
    /// A text column has too many different texts for a column each.
    #[error(
        "has text in column `{}` (`{}` in line {line}), of which there are more than {limit} different ones; leave it out with --ignore, or raise --max-categories", text::name(.column), text::name(.cell)
    )]
    Categories {
        /// Name of the column.
        column: String,
        /// The first text.
        cell: String,
        /// Its line.
        line: u64,
        /// Texts that it may have.
        limit: usize,
    },
    /// A target has no value.
    #[error("has no value in the target `{}`", text::name(.column))]
    EmptyTarget {
        /// Name of the column.
        column: String,
    },
    /// A target has one class only.
    #[error("has the one class `{}` in the target `{}`; there is nothing to tell apart", text::name(.class), text::name(.column))]
    OneClass {
        /// Name of the column.
        column: String,
        /// The class.
        class: String,
    },
    /// A target has too many classes.
    #[error("has more than {limit} different texts in the target `{}`; say what it is with --kind {}=classes, or leave it out with --ignore", text::name(.column), text::name(.column))]
    Classes {
        /// Name of the column.
        column: String,
        /// Texts that a target may have without being asked for.
        limit: usize,
    },
    /// A label is neither 0 nor 1.
    #[error("has `{}` in line {line} of the target `{}`, but a label is 0 or 1; {}", text::name(.cell), text::name(.column), other_kinds(.cell, .column))]
    Label {
        /// Name of the column.
        column: String,
        /// The line.
        line: u64,
        /// The cell.
        cell: String,
    },
    /// A target has no rows in a split.
    #[error(
        "has no row of the {split} split with a value of the target `{}`; give that split more rows, or part them with --split stratified",
        text::name(.column)
    )]
    EmptySplit {
        /// Name of the column.
        column: String,
        /// The split.
        split: &'static str,
    },
    /// A target has training rows of one class only.
    #[error(
        "has training rows of one class only of the target `{}`; give training more rows, or part them with --split stratified",
        text::name(.column)
    )]
    OneClassToTrain {
        /// Name of the column.
        column: String,
    },
    /// A cell names no split.
    #[error("has `{}` in line {line} of the column of splits, which must be train, validation or test", text::name(.cell))]
    SplitName {
        /// The line.
        line: u64,
        /// The cell.
        cell: String,
    },
    /// A cell is no weight.
    #[error("has `{}` in line {line} of the column of row weights, which must be a number of at least 0", text::name(.cell))]
    Weight {
        /// The line.
        line: u64,
        /// The cell.
        cell: String,
    },
    /// The splits take all rows.
    #[error("has too few rows, or groups of them, for the splits that are asked for")]
    TooFewRows,
    /// The arrays of a `.npz` file have other shapes.
    #[error("has an array `{array}` of shape {found:?}, but it must be {wanted}")]
    ArrayShape {
        /// Name of the array.
        array: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// What it must be.
        wanted: String,
    },
}

impl TableProblem {
    /// True if the options do not fit the table, whatever is in its cells.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Extension
                | Self::NoTargets { .. }
                | Self::NoColumn { .. }
                | Self::TwoRoles { .. }
                | Self::TargetIsFeature { .. }
                | Self::NoFeatures
                | Self::FeaturesAndImages
                | Self::ImageNames { .. }
        )
    }
}

/// What a target can be in place of a label.
fn other_kinds(cell: &str, column: &str) -> String {
    let column = text::name(column);
    match cell.trim().parse::<f64>() {
        Ok(_) => format!("say --kind {column}=classes or --kind {column}=value"),
        Err(_) => format!("say --kind {column}=classes, or write 0 and 1 for its texts"),
    }
}

/// `a, b and 3 more`
fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names
        .iter()
        .take(LISTED)
        .map(|name| text::name(name))
        .collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
