//! Tasks that are each fine, but not together.

use super::refused::{labels, refused};
use super::*;

#[test]
fn tasks_and_parts_of_different_kinds() {
    let directory = tempfile::tempdir().unwrap();
    npz(&directory, "a.npz", &[features(4), labels(4)]);
    let values = ("y", npy(&[4], &[0.5_f32; 4]));
    npz(&directory, "b.npz", &[features(4), values.clone()]);
    refused(
        &directory,
        &three_features(),
        "b.npz",
        &["a.npz has classes", "of one kind"],
    );
    let directory = tempfile::tempdir().unwrap();
    npz(&directory, "a/train.npz", &[features(4), labels(4)]);
    let alone = "holds train.npz, but no test.npz";
    refused(&directory, &three_features(), "a", &[alone]);
    npz(&directory, "a/test.npz", &[features(4), values]);
    refused(
        &directory,
        &three_features(),
        "a",
        &["classes in one of train and test"],
    );
}

#[test]
fn tasks_of_one_class_or_one_part() {
    let directory = tempfile::tempdir().unwrap();
    npz(
        &directory,
        "one.npz",
        &[features(4), ("y", npy(&[4], &[0_i64; 4]))],
    );
    refused(&directory, &three_features(), "one.npz", &["has 1 class"]);

    let directory = tempfile::tempdir().unwrap();
    images(&directory, "pets/train", &["cat", "dog"], 2);
    refused(&directory, &color(), "pets", &["holds train, but no test"]);

    let directory = tempfile::tempdir().unwrap();
    npz(
        &directory,
        "pets.npz",
        &[image_arrays(4), ("y", npy(&[4], &[0_i64, 1, 0, 1]))],
    );
    images(&directory, "pets", &["cat", "dog"], 2);
    refused(&directory, &color(), "pets.npz", &["both the task pets"]);
}
