mod image_files;
mod names;
mod refused;
mod refused_together;

use std::fs::{self, File};
use std::io::Write;

use paramalloc_core::data::Targets;
use png::{BitDepth, ColorType};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::testing::{assert_says, classes, input, png, png_of_depth, splits};

/// A 4 x 4 image, red, with a corner of another color.
fn image(directory: &TempDir, path: &str, corner: [u8; 3]) {
    sized_image(directory, path, 4, corner);
}

fn sized_image(directory: &TempDir, path: &str, side: u32, corner: [u8; 3]) {
    let red = (1..side * side).map(|_| [255, 0, 0]);
    let pixels: Vec<u8> = [corner].into_iter().chain(red).flatten().collect();
    file(directory, path, &png(side, side, ColorType::Rgb, &pixels));
}

/// A file at a path that may have new directories.
fn file(directory: &TempDir, path: &str, bytes: &[u8]) {
    let path = directory.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A task of `count` images of each of some classes.
fn images(directory: &TempDir, task: &str, classes: &[&str], count: u8) {
    for class in classes {
        for number in 0..count {
            image(
                directory,
                &format!("{task}/{class}/{number}.png"),
                [number, 0, 0],
            );
        }
    }
}

/// A number as NumPy stores it.
trait Entry: Copy {
    const TYPE: &'static str;

    fn bytes(self) -> Vec<u8>;
}

macro_rules! entries {
    ($($type:ty => $name:literal),*) => {$(
        impl Entry for $type {
            const TYPE: &'static str = $name;

            fn bytes(self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }
        }
    )*};
}

entries! { u8 => "|u1", i16 => "<i2", i32 => "<i4", i64 => "<i8", u64 => "<u8", f32 => "<f4", f64 => "<f8" }

impl Entry for bool {
    const TYPE: &'static str = "|b1";

    fn bytes(self) -> Vec<u8> {
        vec![self.into()]
    }
}

/// An array file as `numpy.save` writes it.
fn npy<T: Entry>(shape: &[u64], values: &[T]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    npy_with(
        &format!("'fortran_order': False, 'shape': ({sizes})"),
        values,
    )
}

/// The same with these entries in the header, beside the type.
fn npy_with<T: Entry>(header: &str, values: &[T]) -> Vec<u8> {
    let header = format!("{{'descr': '{}', {header}, }}\n", T::TYPE);
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(values.iter().flat_map(|value| value.bytes()));
    bytes
}

/// A file as `numpy.savez` writes it.
fn npz(directory: &TempDir, path: &str, arrays: &[(&str, Vec<u8>)]) {
    let path = directory.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in arrays {
        let name = format!("{name}.npy");
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// `count` examples of 3 features; the first feature is the example's number.
fn features(count: u64) -> (&'static str, Vec<u8>) {
    let values: Vec<f32> = (0..count * 3)
        .map(|i| if i % 3 == 0 { (i / 3) as f32 } else { 0.5 })
        .collect();
    ("x", npy(&[count, 3], &values))
}

/// `count` images of 3 channels and 4 x 4 pixels.
fn image_arrays(count: u64) -> (&'static str, Vec<u8>) {
    (
        "x",
        npy(&[count, 3, 4, 4], &vec![0.5f32; count as usize * 48]),
    )
}

fn color() -> OwnOptions {
    OwnOptions::new(Dims::image(3, 4, 4))
}

fn three_features() -> OwnOptions {
    OwnOptions::new(Dims::features(3))
}

fn tasks(directory: &TempDir, options: &OwnOptions) -> (Vec<Task>, DataIdentity) {
    own_tasks(directory.path(), options, &mut |_: &str| {}).unwrap()
}

#[test]
fn each_task_is_described() {
    let directory = tempfile::tempdir().unwrap();
    images(&directory, "pets", &["cat", "dog"], 10);
    let y = ("y", npy(&[4], &[0i64, 1, 0, 1]));
    npz(&directory, "smells.npz", &[image_arrays(4), y]);
    let mut said = Vec::new();
    own_tasks(directory.path(), &color(), &mut |text: &str| {
        said.push(text.to_owned())
    })
    .unwrap();
    let expected = [
        "pets: 2 classes (cat, dog), 16 examples to train on, 4 to test on",
        "smells: 2 classes, 2 examples to train on, 2 to test on",
    ];
    assert_eq!(said, expected);
}

#[test]
fn tasks_may_have_other_sizes_and_share_some_classes() {
    let directory = tempfile::tempdir().unwrap();
    images(&directory, "pets", &["cat", "dog"], 10);
    images(&directory, "farm", &["cow", "dog", "hen"], 5);
    fs::write(directory.path().join("notes.txt"), "not a task").unwrap();
    fs::create_dir(directory.path().join(".hidden")).unwrap();
    let (tasks, identity) = tasks(&directory, &color());
    let found: Vec<_> = tasks
        .iter()
        .map(|t| (t.name.as_str(), t.outputs, splits(t)))
        .collect();
    assert_eq!(
        found,
        [
            ("farm", 3, vec![("train", 12), ("test", 3)]),
            ("pets", 2, vec![("train", 16), ("test", 4)]),
        ]
    );
    assert_eq!(classes(&tasks[0].evaluation[1].1), [0, 1, 2]);
    assert!(identity.real && identity.name == "own data");
    assert_eq!(identity.files.keys().collect::<Vec<_>>(), ["farm", "pets"]);
    assert!(identity.files.values().all(|sum| sum.len() == 64));
}

#[test]
fn a_split_has_every_example_once_and_does_not_change() {
    let directory = tempfile::tempdir().unwrap();
    images(&directory, "pets", &["cat", "dog"], 10);
    let corners = |task: &Task, split: usize| -> Vec<(u16, u8)> {
        let set = &task.evaluation[split].1;
        let numbers = (0..set.len()).map(|i| (input(set, i, 48)[0] * 255.0).round() as u8);
        classes(set).into_iter().zip(numbers).collect()
    };
    let (before, _) = tasks(&directory, &color());
    let mut all = [corners(&before[0], 0), corners(&before[0], 1)].concat();
    all.sort_unstable();
    assert!(
        all.into_iter()
            .eq((0..2).flat_map(|class| (0..10).map(move |n| (class, n))))
    );
    // Another task changes nothing, neither does its being read again.
    images(&directory, "a", &["b", "c"], 2);
    let (after, _) = tasks(&directory, &color());
    assert_eq!(corners(&before[0], 1), corners(&after[1], 1));
}

#[test]
fn images_become_planes_of_the_size_and_colors_of_the_input() {
    let directory = tempfile::tempdir().unwrap();
    for class in ["a", "b"] {
        image(
            &directory,
            &format!("task/train/{class}/1.png"),
            [0, 0, 255],
        );
        sized_image(
            &directory,
            &format!("task/test/{class}/1.PNG"),
            8,
            [255, 0, 0],
        );
        let jpeg = format!("task/test/{class}/2.jpeg");
        file(
            &directory,
            &jpeg,
            include_bytes!("../../tests/fixtures/red.jpeg"),
        );
    }
    let (color, _) = tasks(&directory, &color());
    let train = input(&color[0].train, 0, 48);
    assert_eq!(
        [train[0], train[1], train[16], train[32]],
        [0.0, 1.0, 0.0, 1.0]
    );
    // The large ones are red all over, and stay so; JPEG is not exact.
    let test = &color[0].evaluation[1].1;
    assert_eq!(test.len(), 4);
    for (index, tolerance) in [(0, 0.0), (1, 0.02), (2, 0.0), (3, 0.02)] {
        let input = input(test, index, 48);
        assert!(
            input[..16].iter().all(|v| (v - 1.0).abs() <= tolerance),
            "{input:?}"
        );
        assert!(
            input[16..].iter().all(|v| v.abs() <= tolerance),
            "{input:?}"
        );
    }
    let (gray, _) = tasks(&directory, &OwnOptions::new(Dims::image(1, 2, 8)));
    let luma = input(&gray[0].evaluation[1].1, 0, 16);
    // Red has a luma of 0.2126.
    assert!(luma.iter().all(|v| (v - 0.2126).abs() < 0.004), "{luma:?}");
}

fn said(directory: &TempDir, options: &OwnOptions) -> Vec<String> {
    let mut said = Vec::new();
    own_tasks(directory.path(), options, &mut |line: &str| {
        said.push(line.to_owned())
    })
    .unwrap();
    said
}

#[test]
fn arrays_of_classes_and_bytes_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..5 * 8).collect();
    let arrays = [
        ("x", npy(&[5, 2, 2, 2], &bytes)),
        ("y", npy(&[5], &[0_i64, 3, 0, 3, 3])),
    ];
    npz(&directory, "bytes/train.npz", &arrays);
    npz(
        &directory,
        "bytes/test.npz",
        &[arrays[0].clone(), ("y", npy(&[5], &[3_u8; 5]))],
    );
    let (tasks, identity) = tasks(&directory, &OwnOptions::new(Dims::image(2, 2, 2)));
    assert_eq!((tasks[0].name.as_str(), tasks[0].outputs), ("bytes", 4));
    assert_eq!(classes(&tasks[0].train), [0, 3, 0, 3, 3]);
    assert_eq!(input(&tasks[0].train, 1, 8)[7], 15.0 * (1.0 / 255.0));
    assert_eq!(
        identity.files.keys().collect::<Vec<_>>(),
        ["bytes/test.npz", "bytes/train.npz"]
    );
}

/// The header that Python 2 wrote on Windows.
#[test]
fn arrays_of_old_numpy_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let x = npy_with("'fortran_order': False, 'shape': (4L, 3L)", &[0.5_f32; 12]);
    let y = npy_with("'fortran_order': False, 'shape': (4L,)", &[0_i32, 1, 0, 1]);
    npz(&directory, "old.npz", &[("x", x), ("y", y)]);
    let (tasks, _) = tasks(&directory, &three_features());
    assert_eq!(splits(&tasks[0]), [("train", 2), ("test", 2)]);
}

/// Only pixels are divided by 255: a bit that is 1 stays 1.
#[test]
fn features_of_bytes_are_used_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let bits = [0_u8, 1, 1, 0, 1, 200];
    for part in ["bits/train.npz", "bits/test.npz"] {
        let y = npy(&[2], &[0_i64, 1]);
        npz(&directory, part, &[("x", npy(&[2, 3], &bits)), ("y", y)]);
    }
    let (tasks, _) = tasks(&directory, &three_features());
    let inputs = [0, 1].map(|index| input(&tasks[0].train, index, 3));
    assert_eq!(inputs, [[0.0, 1.0, 1.0], [0.0, 1.0, 200.0]]);
}

#[test]
fn arrays_of_values_are_regression() {
    let directory = tempfile::tempdir().unwrap();
    let targets: Vec<f32> = (0..20).map(|i| i as f32).collect();
    npz(
        &directory,
        "two.npz",
        &[features(10), ("y", npy(&[10, 2], &targets))],
    );
    let doubles: Vec<f64> = (0..10).map(f64::from).collect();
    npz(
        &directory,
        "one.npz",
        &[features(10), ("y", npy(&[10], &doubles))],
    );
    let (tasks, _) = tasks(&directory, &three_features());
    assert_eq!([tasks[0].outputs, tasks[1].outputs], [1, 2]);
    for task in &tasks {
        assert_eq!(splits(task), [("train", 8), ("test", 2)]);
        for (_, set) in &task.evaluation {
            let Targets::Values(values) = set.targets() else {
                panic!("no values");
            };
            for (index, values) in values.chunks(task.outputs).enumerate() {
                let number = input(set, index, 3)[0];
                assert_eq!(values[0], number * task.outputs as f32);
            }
        }
    }
}
