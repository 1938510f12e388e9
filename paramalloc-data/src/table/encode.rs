//! Features as the network reads them: numbers standardized, texts as a column
//! for each.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::columns::{Cells, Column};
use super::options::{Impute, TableOptions};
use crate::error::{DataError, TableProblem};

/// How a column becomes values of the network's input. All of it comes from the
/// training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Feature {
    /// Name of the column.
    pub name: String,
    /// What its cells become.
    pub encoding: Encoding,
}

/// What the cells of a feature become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Encoding {
    /// One value, `(cell - mean) / deviation`; 0 of a column that is constant.
    /// Columns of 0 and 1 stay as they are, with mean 0 and deviation 1.
    Number {
        /// The mean.
        mean: f64,
        /// The deviation, at least 0.
        deviation: f64,
        /// Values further from 0 are made this, after the deviation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clip: Option<f64>,
        /// What takes the place of a missing cell; refused without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fill: Option<f64>,
    },
    /// A value for each category, 1 for that of the cell, else 0. A cell that is
    /// missing or of another text has zeros.
    Text {
        /// The categories.
        categories: Vec<String>,
        /// True if a cell may be missing.
        may_miss: bool,
    },
}

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is missing.
    Missing,
    /// It is no number.
    Text,
    /// It is infinite.
    Infinite,
}

impl Feature {
    /// Values of the network's input that it becomes.
    pub fn width(&self) -> usize {
        match &self.encoding {
            Encoding::Number { .. } => 1,
            Encoding::Text { categories, .. } => categories.len(),
        }
    }

    /// True if its numbers are in their ranges, which those of a file that was changed
    /// need not be.
    pub fn is_sound(&self) -> bool {
        let Encoding::Number {
            mean,
            deviation,
            clip,
            fill,
        } = self.encoding
        else {
            return true;
        };
        let is_positive = |clip: f64| clip > 0.0 && clip.is_finite();
        let are_finite = mean.is_finite() && deviation.is_finite();
        are_finite
            && deviation >= 0.0
            && clip.is_none_or(is_positive)
            && fill.is_none_or(f64::is_finite)
    }

    /// True if it is a column of 0 and 1, as training rows have it.
    pub fn is_bits(&self) -> bool {
        let Encoding::Number {
            mean, deviation, ..
        } = self.encoding
        else {
            return false;
        };
        (mean, deviation) == (0.0, 1.0)
    }

    /// True if `cell` is a text that no category has.
    pub(crate) fn is_unknown(&self, cell: Cell<'_>, text: &str) -> bool {
        match &self.encoding {
            Encoding::Text { categories, .. } if cell != Cell::Missing => {
                !categories.iter().any(|category| category == text)
            }
            _ => false,
        }
    }

    /// Writes a cell, which is written `text` in the table.
    pub(crate) fn write(&self, cell: Cell<'_>, text: &str, out: &mut [f32]) -> Result<(), Refused> {
        match &self.encoding {
            Encoding::Number {
                mean,
                deviation,
                clip,
                fill,
            } => {
                let value = match (cell, fill) {
                    (Cell::Number(value), _) if value.is_infinite() => {
                        return Err(Refused::Infinite);
                    }
                    (Cell::Number(value), _) => value,
                    (Cell::Missing, Some(fill)) => *fill,
                    (Cell::Missing, None) => return Err(Refused::Missing),
                    (Cell::Text(_), _) => return Err(Refused::Text),
                };
                let far = clip.unwrap_or(f64::from(f32::MAX));
                out[0] = match *deviation > 0.0 {
                    true => ((value - mean) / deviation).clamp(-far, far) as f32,
                    false => 0.0,
                };
            }
            Encoding::Text { may_miss, .. } if cell == Cell::Missing && !may_miss => {
                return Err(Refused::Missing);
            }
            Encoding::Text { categories, .. } => {
                for (value, category) in out.iter_mut().zip(categories) {
                    let is_it = cell != Cell::Missing && category == text;
                    *value = if is_it { 1.0 } else { 0.0 };
                }
            }
        }
        Ok(())
    }

    /// The feature of a column, by its rows `train`.
    ///
    /// # Errors
    /// If a text column has too many different texts.
    pub(crate) fn fit(
        path: &Path,
        column: &Column,
        lines: &[u64],
        train: &[usize],
        options: &TableOptions,
    ) -> Result<Self, DataError> {
        let encoding = match &column.cells {
            Cells::Numbers(values) => number(values, train, options),
            Cells::Texts {
                codes,
                texts,
                first,
            } => {
                let mut is_used = vec![false; texts.len()];
                for &row in train {
                    if let Some(used) = is_used.get_mut(codes[row] as usize) {
                        *used = true;
                    }
                }
                let used = texts.iter().zip(is_used).filter(|(_, used)| *used);
                let mut categories: Vec<String> = used.map(|(text, _)| text.clone()).collect();
                if categories.len() > options.max_categories {
                    return Err(DataError::table(
                        path,
                        TableProblem::Categories {
                            column: column.name.clone(),
                            cell: column.shown(*first),
                            line: lines[*first],
                            limit: options.max_categories,
                        },
                    ));
                }
                categories.sort();
                Encoding::Text {
                    categories,
                    may_miss: options.impute.is_some(),
                }
            }
        };
        Ok(Self {
            name: column.name.clone(),
            encoding,
        })
    }
}

fn number(values: &[f64], train: &[usize], options: &TableOptions) -> Encoding {
    let known = train.iter().map(|&row| values[row]);
    // Infinite ones are refused when they are written.
    let mut known: Vec<f64> = known.filter(|value| value.is_finite()).collect();
    let (mean, deviation) = moments(&known);
    let fill = options.impute.map(|impute| match impute {
        Impute::Mean => mean,
        Impute::Median => median(&mut known),
    });
    // Bits are on one scale, and zeros stay zeros.
    let is_bits = known.iter().all(|&value| value == 0.0 || value == 1.0);
    match is_bits {
        true => Encoding::Number {
            mean: 0.0,
            deviation: 1.0,
            clip: options.clip,
            fill,
        },
        false => Encoding::Number {
            mean,
            deviation,
            clip: options.clip,
            fill,
        },
    }
}

/// Sums and differences of larger numbers may be infinite.
const HUGE: f64 = f64::MAX / 8.0;

/// Mean and deviation; 0 and 0 without values. A deviation that is nothing but
/// rounding is 0.
pub(crate) fn moments(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let largest = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    if largest > HUGE {
        // A quarter is exact, and no difference of two is infinite.
        let quarters: Vec<f64> = values.iter().map(|value| value / 4.0).collect();
        let (mean, deviation) = moments(&quarters);
        // Rounding may end just above the largest number.
        let whole = |quarter: f64| (4.0 * quarter).clamp(-f64::MAX, f64::MAX);
        return (whole(mean), whole(deviation));
    }
    let count = values.len() as f64;
    // Divided first, so that no sum of finite values is infinite.
    let mean: f64 = values.iter().map(|value| value / count).sum();
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max((value - mean).abs()));
    if largest <= 1e-12 * mean.abs() || largest == 0.0 {
        return (mean, 0.0);
    }
    let squares: f64 = values
        .iter()
        .map(|value| ((value - mean) / largest).powi(2))
        .sum();
    (mean, largest * (squares / count).sqrt())
}

/// The median, 0 without values.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values {
        [] => 0.0,
        values if values.len() % 2 == 1 => values[values.len() / 2],
        values => (values[values.len() / 2 - 1] + values[values.len() / 2]) / 2.0,
    }
}

impl DataError {
    /// What is wrong with a cell, which is written `text`.
    pub(crate) fn cell(path: &Path, refused: Refused, line: u64, column: &str, text: &str) -> Self {
        let column = column.to_owned();
        let problem = match refused {
            Refused::Missing => TableProblem::Missing { line, column },
            Refused::Infinite => TableProblem::Infinite { line, column },
            Refused::Text => TableProblem::NotANumber {
                line,
                column,
                cell: text.to_owned(),
            },
        };
        Self::table(path, problem)
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::Columns;
    use super::*;

    fn fit(text: &str, train: &[usize], options: &TableOptions) -> Result<Feature, DataError> {
        let path = Path::new("t.csv");
        let table = Columns::of_text(path, text.as_bytes())?;
        Feature::fit(path, &table.columns[0], &table.lines, train, options)
    }

    fn write(feature: &Feature, text: &str) -> Result<Vec<f32>, Refused> {
        let mut out = vec![9.0; feature.width()];
        feature.write(Cell::read(text, false), text, &mut out)?;
        Ok(out)
    }

    #[test]
    fn numbers_are_standardized_by_the_training_rows_and_clipped() {
        let options = TableOptions::new("t.csv");
        // Mean 4 and deviation 2 without the last two rows.
        let feature = fit("a,b\n2,\n6,\n1000,\n,\n", &[0, 1], &options).unwrap();
        assert_eq!(write(&feature, "6").unwrap(), [1.0]);
        assert_eq!(write(&feature, "1000").unwrap(), [6.0]);
        assert_eq!(write(&feature, "-1e9").unwrap(), [-6.0]);
        assert_eq!(write(&feature, ""), Err(Refused::Missing));
        assert_eq!(write(&feature, "x"), Err(Refused::Text));
        assert_eq!(write(&feature, "inf"), Err(Refused::Infinite));
    }

    #[test]
    fn bits_stay_and_constants_are_zero() {
        let options = TableOptions::new("t.csv");
        let bits = fit("a,b\n0,\n1,\n1,\n", &[0, 1, 2], &options).unwrap();
        assert_eq!(write(&bits, "1").unwrap(), [1.0]);
        let constant = fit("a,b\n0.1,\n0.1,\n0.1,\n", &[0, 1, 2], &options).unwrap();
        assert_eq!(write(&constant, "7").unwrap(), [0.0]);
    }

    #[test]
    fn missing_numbers_are_filled_if_asked_for() {
        for (impute, wanted) in [(Impute::Mean, 0.0), (Impute::Median, -0.5)] {
            let mut options = TableOptions::new("t.csv");
            options.impute = Some(impute);
            // Mean 4, median 3, deviation 2 (of 3, 3, 3, 3, 8 it is 2).
            let feature = fit(
                "a,b\n3,\n3,\n,\n3,\n3,\n8,\n",
                &[0, 1, 2, 3, 4, 5],
                &options,
            );
            assert_eq!(write(&feature.unwrap(), "NA").unwrap(), [wanted]);
        }
    }

    #[test]
    fn texts_are_a_column_each_up_to_a_limit() {
        let mut options = TableOptions::new("t.csv");
        let text = "a,b\nred,\n5,\nred,\n,\nblue,\n";
        let feature = fit(text, &[0, 1, 2], &options).unwrap();
        assert_eq!(write(&feature, "5").unwrap(), [1.0, 0.0]);
        assert_eq!(write(&feature, "blue").unwrap(), [0.0, 0.0]);
        assert!(feature.is_unknown(Cell::Text("blue"), "blue"));
        assert_eq!(write(&feature, ""), Err(Refused::Missing));
        options.max_categories = 1;
        let sentence = fit(text, &[0, 1], &options).unwrap_err().to_string();
        assert!(sentence.contains("`red` in line 2"), "{sentence}");
        assert!(sentence.contains("--ignore"), "{sentence}");
    }

    #[test]
    fn moments_of_large_numbers_are_finite() {
        assert_eq!(moments(&[1e308, -1e308, 1e308, -1e308]), (0.0, 1e308));
        let far = f64::MAX;
        assert_eq!(moments(&[-far, far]), (0.0, far));
        assert_eq!(moments(&[far, far]), (far, 0.0));
        for count in 3..50 {
            let (mean, deviation) = moments(&vec![far; count]);
            assert!(mean.is_finite() && deviation == 0.0, "{count}");
        }
        assert_eq!(moments(&[0.1; 7]).1, 0.0);
    }
}
