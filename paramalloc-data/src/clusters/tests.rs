use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::published::tests::downloader;
use crate::testing::{classes, input, nowhere, only, same, splits};
use crate::{DataChoice, mnist, published};

fn tasks(
    locations: &Locations,
    options: &DataOptions,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    cluster_tasks_from(locations, &downloader(), options, &mut |_: &str| {})
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    cifar::tests::write_small(directory.path());
    for dataset in [&MNIST, &FASHION_MNIST] {
        mnist::tests::write_small(directory.path(), dataset);
    }
    directory
}

#[test]
fn there_are_three_groups_of_tasks_with_two_splits() {
    let directory = directory();
    let (tasks, identity) = tasks(&only(directory.path()), &DataOptions::default()).unwrap();
    assert_eq!(identity.name, "cifar-100 + mnist + fashion-mnist");
    assert!(identity.real);
    assert_eq!(identity.files.len(), 2 + 4 + 4);
    let mut groups = BTreeMap::new();
    for task in &tasks {
        *groups
            .entry((task.group.as_str(), task.outputs))
            .or_insert(0) += 1;
        assert_eq!(task.evaluation.len(), 2);
        assert!(same(&task.train, &task.evaluation[0].1));
    }
    let expected = [
        (("cifar-100", 5), 20),
        (("fashion-mnist", 9), 10),
        (("mnist", 9), 10),
    ];
    assert_eq!(groups, BTreeMap::from(expected));
    let names: Vec<_> = [20, 29, 30, 39].map(|i| tasks[i].name.as_str()).into();
    assert_eq!(
        names,
        [
            "MNIST without 0",
            "MNIST without 9",
            "Fashion without T-shirt",
            "Fashion without boot"
        ]
    );
}

#[test]
fn a_gray_task_leaves_one_class_out_and_relabels_the_others() {
    let directory = directory();
    let (tasks, _) = tasks(&only(directory.path()), &DataOptions::default()).unwrap();
    // The classes of the images are 7, 0, 9 and 1, 2.
    let both = |task: usize| [0, 1].map(|split| classes(&tasks[task].evaluation[split].1));
    assert_eq!(both(20), [vec![6, 8], vec![0, 1]]);
    assert_eq!(both(21), [vec![6, 0, 8], vec![1]]);
    assert_eq!(both(27), [vec![0, 8], vec![1, 2]]);
    assert_eq!(both(29), [vec![7, 0], vec![1, 2]]);
    // Without 0, the second image is the third of the file.
    let third = input(&tasks[21].train, 2, 3072);
    assert_eq!(input(&tasks[20].train, 1, 3072), third);
}

#[test]
fn gray_images_are_resized_given_three_times_and_cropped_in_training() {
    let directory = directory();
    let (tasks, _) = tasks(&only(directory.path()), &DataOptions::default()).unwrap();
    let image: Vec<u8> = (0..784).map(|i| (i % 251) as u8).collect();
    let resized: Vec<f32> = bilinear(&image, 28, 32)
        .into_iter()
        .map(|byte| f32::from(byte) * (1.0 / 255.0))
        .collect();
    let clean = input(&tasks[21].train, 0, 3072);
    assert_eq!(clean, resized.repeat(3));
    let mut cropped = vec![9.0; 3072];
    tasks[21].train.write_input(0, Some(u64::MAX), &mut cropped);
    assert_eq!(cropped[..28], clean[4 * 32 + 4..5 * 32]);
    assert_eq!(cropped[28..32], [0.0; 4]);
}

#[test]
fn one_generated_part_makes_the_data_unreal() {
    let directory = directory();
    fs::remove_dir_all(directory.path().join("fashion-mnist")).unwrap();
    let options = DataOptions {
        test_examples: std::num::NonZeroUsize::new(3),
        ..DataOptions::default()
    };
    let (tasks, identity) = tasks(&only(directory.path()), &options).unwrap();
    assert_eq!(
        identity.name,
        "cifar-100 (first 3 validation, 3 test) + mnist + generated clothes (first 3 test)"
    );
    assert!(!identity.real);
    assert_eq!(splits(&tasks[35])[1], ("test", 3));
}

#[test]
fn real_data_are_insisted_on() {
    let options = DataOptions {
        data: DataChoice::Real,
        ..DataOptions::default()
    };
    assert!(tasks(&nowhere(), &options).err().unwrap().is_out_of_reach());
}

/// Runs where the real files are at hand.
#[test]
fn the_published_files_parse() {
    let Some(directory) = std::env::var_os(published::ENVIRONMENT) else {
        return;
    };
    let options = DataOptions {
        data: DataChoice::Real,
        ..DataOptions::default()
    };
    let (tasks, identity) = tasks(&only(Path::new(&directory)), &options).unwrap();
    assert!(identity.real);
    for task in &tasks[..20] {
        assert_eq!(splits(task), [("train", 2000), ("test", 500)]);
    }
    let trains = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    let tests = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
    for class in 0..10 {
        let sizes = [60_000 - trains[class], 10_000 - tests[class]];
        assert_eq!(
            splits(&tasks[20 + class]),
            [("train", sizes[0]), ("test", sizes[1])]
        );
        assert_eq!(
            splits(&tasks[30 + class]),
            [("train", 54_000), ("test", 9_000)]
        );
    }
}
