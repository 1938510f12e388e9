//! Numbers and names as people read them.

use paramalloc_core::text::escaped;

/// A count with its thousands apart: `150,000`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Label of a count on an axis that ends at `largest`: `150k` or `1.5M` where
/// the axis is long, else `1,500`.
#[cfg(feature = "figures")]
pub(crate) fn short(value: f64, largest: f64) -> String {
    let scaled = |unit: f64, letter: &str| {
        let text = format!("{:.3}", value / unit);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        format!("{text}{letter}")
    };
    if value == 0.0 {
        "0".into()
    } else if largest >= 1e6 {
        scaled(1e6, "M")
    } else if largest >= 1e4 {
        scaled(1e3, "k")
    } else if value >= 0.0 && value.fract() == 0.0 {
        thousands(value as u64)
    } else {
        scaled(1.0, "")
    }
}

/// A share of 0 to 1 as per cent: `97.25 %`.
pub fn percent(share: f64, decimals: usize) -> String {
    let percent = share * 100.0;
    match percent.abs() < 1e6 {
        true => format!("{percent:.decimals$} %"),
        false if percent.is_infinite() => format!("{share:e}"),
        false => format!("{percent:e} %"),
    }
}

/// `12 s`, `8 min 11 s`, `3 h 5 min`.
#[cfg(feature = "compare")]
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..60 if seconds < 10.0 => format!("{seconds:.1} s"),
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// The mean of some values, if there are any. NaN, a result that is undefined, is none.
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut count = 0_u64;
    let values = values.filter(|value| !value.is_nan());
    let sum: f64 = values.inspect(|_| count += 1).sum();
    (count > 0).then(|| sum / count as f64)
}

/// The value of the metric `name` in a table: accuracies as per cent, anything
/// else with four significant digits; `-` where it is undefined.
pub fn metric(name: &str, value: f64) -> String {
    if value.is_nan() {
        return "-".to_owned();
    }
    if is_share(name) {
        return percent(value, 2);
    }
    let size = value.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        format!("{value:.3e}")
    } else if size >= 1000.0 {
        format!("{value:.0}")
    } else {
        let decimals = 3 - size.max(1e-3).log10().floor() as i32;
        format!("{value:.*}", decimals.clamp(0, 6) as usize)
    }
}

/// Whether a metric is a share of 0 to 1, best shown as per cent.
pub(crate) fn is_share(metric: &str) -> bool {
    metric.contains("accuracy")
}

/// `mean squared error` of `mean_squared_error`, `ROC AUC` of `roc_auc`.
pub fn words(name: &str) -> String {
    match name {
        "roc_auc" => "ROC AUC".to_owned(),
        "f1" => "F1".to_owned(),
        "r2" => "R2".to_owned(),
        "brier_score" => "Brier score".to_owned(),
        _ => name.replace('_', " "),
    }
}

/// `text` with a capital letter at its start.
#[cfg(feature = "compare")]
pub(crate) fn sentence(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}", first.to_uppercase())
}

/// A count with its noun: `1 task`, `4 tasks`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number as u64))
}

/// `text` without characters that a terminal or XML would act on.
pub(crate) fn printable(text: &str) -> String {
    escaped(text).into_owned()
}

/// Splits come in this order, others after them.
const SPLITS: [&str; 3] = ["train", "validation", "test"];

/// Each split once, in the order in which people read them.
pub fn splits_in_order<'a>(splits: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut splits = Vec::from_iter(splits);
    let place = |split: &str| SPLITS.iter().position(|known| *known == split);
    splits.sort_by_key(|split| (place(split).unwrap_or(SPLITS.len()), *split));
    splits.dedup();
    splits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(150_000), "150,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(metric("accuracy", 0.9352), "93.52 %");
        assert_eq!(metric("accuracy", 1e300), "1e302 %");
        assert_eq!(metric("mean_squared_error", 0.012_345_6), "0.01235");
        assert_eq!(metric("mean_squared_error", 12.345_6), "12.35");
        assert_eq!(metric("mean_squared_error", 0.0), "0");
        assert_eq!(metric("mean_squared_error", 0.000_012), "1.200e-5");
        assert_eq!(count(1, "task"), "1 task");
        assert_eq!(count(1000, "task"), "1,000 tasks");
    }

    #[cfg(feature = "compare")]
    #[test]
    fn durations_read_well() {
        assert_eq!(duration(491.3), "8 min 11 s");
        assert_eq!(duration(7.26), "7.3 s");
        assert_eq!(duration(11_100.0), "3 h 5 min");
    }

    #[cfg(feature = "figures")]
    #[test]
    fn labels_of_an_axis_are_short() {
        assert_eq!(short(50_000.0, 150_000.0), "50k");
        assert_eq!(short(2_500.0, 10_000.0), "2.5k");
        assert_eq!(short(2_500.0, 5_000.0), "2,500");
        assert_eq!(short(1_250_000.0, 2_000_000.0), "1.25M");
        assert_eq!(short(0.0, 2_000_000.0), "0");
    }

    #[test]
    fn a_mean_is_of_at_least_one_value() {
        assert_eq!(mean([1.0, 2.0, 6.0].into_iter()), Some(3.0));
        assert_eq!(mean(std::iter::empty()), None);
    }
}
