//! The order of splits.

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
