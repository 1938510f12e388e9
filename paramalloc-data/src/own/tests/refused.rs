//! Every error gives one sentence that names the file or directory.

use super::*;

/// The message for a directory that names `place` in it.
#[track_caller]
pub(super) fn refused(directory: &TempDir, options: &OwnOptions, place: &str, parts: &[&str]) {
    let message = own_tasks(directory.path(), options, &mut |_: &str| {})
        .err()
        .unwrap()
        .to_string();
    let place = directory.path().join(place);
    assert_says(&message, &[place.to_str().unwrap()]);
    assert_says(&message, parts);
}

pub(super) fn pets() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    images(&directory, "pets", &["cat", "dog"], 2);
    directory
}

#[test]
fn directories_that_are_no_tasks() {
    let directory = tempfile::tempdir().unwrap();
    let message = |options: &OwnOptions| {
        let error = own_tasks(directory.path(), options, &mut |_: &str| {}).err();
        error.unwrap().to_string()
    };
    let path = directory.path().to_str().unwrap();
    assert_says(&message(&color()), &[path, "holds no task"]);
    for test_share in [0.0, 1.0, f64::NAN] {
        let options = OwnOptions {
            test_share,
            ..color()
        };
        assert_says(
            &message(&options),
            &["the test share is", "above 0 and below 1"],
        );
    }
}

#[test]
fn class_directories() {
    let directory = pets();
    fs::create_dir(directory.path().join("pets/emu")).unwrap();
    refused(&directory, &color(), "pets/emu", &["holds no images"]);
    let directory = pets();
    fs::create_dir(directory.path().join("empty")).unwrap();
    refused(
        &directory,
        &color(),
        "empty",
        &["holds no class directories"],
    );
    let directory = pets();
    images(&directory, "alone", &["cat"], 2);
    refused(
        &directory,
        &color(),
        "alone",
        &["1 class directory", "at least 2"],
    );
    let directory = pets();
    image(&directory, "pets/emu/1.png", [0; 3]);
    refused(&directory, &color(), "pets", &["1 example of class emu"]);
}

#[test]
fn what_is_beside_class_directories() {
    let beside = ["holds 7.png beside its class directories; put it into one"];
    for (image_file, place) in [("pets/7.png", "pets"), ("cars/test/7.png", "cars/test")] {
        let directory = pets();
        for part in ["cars/train", "cars/test"] {
            images(&directory, part, &["red", "blue"], 1);
        }
        image(&directory, image_file, [0; 3]);
        refused(&directory, &color(), place, &beside);
    }
}

#[test]
fn what_is_beside_train_and_test() {
    let directory = tempfile::tempdir().unwrap();
    for part in ["pets/train", "pets/test"] {
        images(&directory, part, &["cat", "dog"], 1);
    }
    images(&directory, "pets", &["emu"], 2);
    let beside = ["holds emu beside train and test"];
    refused(&directory, &color(), "pets", &beside);

    let directory = tempfile::tempdir().unwrap();
    for part in ["pets/Train", "pets/Test"] {
        images(&directory, part, &["cat", "dog"], 1);
    }
    let parts = ["holds Train; call it train,"];
    refused(&directory, &color(), "pets", &parts);
}

#[test]
fn train_and_test_directories() {
    let directory = tempfile::tempdir().unwrap();
    images(&directory, "pets/train", &["cat", "dog"], 1);
    refused(&directory, &color(), "pets", &["holds train, but no test"]);
    images(&directory, "pets/test", &["cat", "emu"], 1);
    refused(
        &directory,
        &color(),
        "pets/test/emu",
        &["training images do not have"],
    );
}

#[test]
fn images_that_cannot_be_read() {
    let directory = pets();
    let path = directory.path().join("pets/cat/1.png");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refused(
        &directory,
        &color(),
        "pets/cat/1.png",
        &["not a whole PNG or JPEG file"],
    );
    fs::write(&path, "text").unwrap();
    refused(
        &directory,
        &color(),
        "pets/cat/1.png",
        &["not a whole PNG or JPEG file"],
    );
    fs::write(&path, &whole).unwrap();
    fs::write(directory.path().join("pets/cat/1.gif"), "GIF89a").unwrap();
    refused(
        &directory,
        &color(),
        "pets/cat",
        &["holds 1.gif, which is no .png"],
    );
    fs::write(directory.path().join("pets/cat/2.txt"), "").unwrap();
    fs::create_dir(directory.path().join("pets/cat/more")).unwrap();
    refused(
        &directory,
        &color(),
        "pets/cat",
        &["holds 1.gif and 2 more entries"],
    );
    refused(
        &pets(),
        &three_features(),
        "pets",
        &["the network takes 3 features"],
    );
}

/// The message for one file of these arrays.
#[track_caller]
fn arrays_refused(x: (&str, Vec<u8>), y: (&str, Vec<u8>), parts: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    npz(&directory, "task.npz", &[x, y]);
    refused(&directory, &three_features(), "task.npz", parts);
}

pub(super) fn labels(count: u64) -> (&'static str, Vec<u8>) {
    ("y", npy(&[count], &vec![1_i64; count as usize]))
}

#[test]
fn arrays_of_wrong_shapes() {
    let x = ("x", npy(&[4, 2], &[0.0_f32; 8]));
    arrays_refused(
        x,
        labels(4),
        &["`x` of shape [4, 2], but the network takes [n, 3]"],
    );
    arrays_refused(
        features(4),
        labels(5),
        &["4 inputs, but an array `y` of shape [5]"],
    );
    let y = ("y", npy(&[4, 1], &[1_i64; 4]));
    arrays_refused(features(4), y, &["classes must have shape [n]"]);
    let y = ("y", npy(&[4, 1, 1], &[1.0_f32; 4]));
    arrays_refused(features(4), y, &["shape [n] or [n, outputs]"]);
    arrays_refused(features(0), labels(0), &["holds no examples"]);
    let directory = tempfile::tempdir().unwrap();
    npz(&directory, "task.npz", &[features(4), labels(4)]);
    let wanted = ["the network takes [n, 3, 4, 4]"];
    refused(&directory, &color(), "task.npz", &wanted);
    let channels_last = ("x", npy(&[4, 4, 4, 3], &[0.0_f32; 192]));
    npz(&directory, "task.npz", &[channels_last, labels(4)]);
    let hint = ["takes [n, 3, 4, 4]; write x.transpose(0, 3, 1, 2)"];
    refused(&directory, &color(), "task.npz", &hint);
}

#[test]
fn arrays_of_wrong_types() {
    let x = ("x", npy(&[4, 3], &[0_i16; 12]));
    arrays_refused(
        x,
        labels(4),
        &["`x` of type '<i2', but it must be uint8, float32 or float64"],
    );
    let y = ("y", npy(&[4], &[true; 4]));
    arrays_refused(
        features(4),
        y,
        &["`y` of type '|b1', but it must be of integers"],
    );
    let bytes = npy_with("'fortran_order': True, 'shape': (4, 3)", &[0.0_f32; 12]);
    arrays_refused(("x", bytes), labels(4), &["`x` in Fortran order"]);
}

#[test]
fn arrays_of_wrong_values() {
    let y = ("y", npy(&[3], &[0_i32, -1, 0]));
    arrays_refused(features(3), y, &["entry 1 is -1, but classes go from 0"]);
    let y = ("y", npy(&[3], &[0, 0, u64::MAX]));
    arrays_refused(features(3), y, &["entry 2 is"]);
    let y = ("y", npy(&[3], &[0.0, f32::NAN, 0.0]));
    arrays_refused(
        features(3),
        y,
        &["`y` whose entry [1] is not a finite number"],
    );
    let mut x = [0.0_f32; 9];
    x[7] = f32::INFINITY;
    arrays_refused(
        ("x", npy(&[3, 3], &x)),
        labels(3),
        &["`x` whose entry [2, 1] is not a finite number"],
    );
    let y = ("y", npy(&[3], &[0_i64, 0, 1]));
    arrays_refused(features(3), y, &["1 example of class 1"]);
}

#[test]
fn a_class_of_the_test_arrays_alone() {
    let directory = tempfile::tempdir().unwrap();
    npz(&directory, "two/train.npz", &[features(4), labels(4)]);
    let y = ("y", npy(&[3], &[1_i64, 2, 1]));
    npz(&directory, "two/test.npz", &[features(3), y]);
    let alone = ["has examples of class 2 to test on, but none to train on"];
    refused(&directory, &three_features(), "two", &alone);
}

#[test]
fn array_files_that_break_off() {
    arrays_refused(
        ("z", features(4).1),
        labels(4),
        &["has no array `x`", "numpy.savez"],
    );
    let (_, mut x) = features(4);
    x.truncate(x.len() - 1 - 12 * 4);
    arrays_refused(("x", x), labels(4), &["task.npz"]);
    let (_, mut x) = features(4);
    x.truncate(100);
    arrays_refused(("x", x), labels(4), &["task.npz"]);
    let directory = tempfile::tempdir().unwrap();
    npz(&directory, "task.npz", &[features(4), labels(4)]);
    let path = directory.path().join("task.npz");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refused(
        &directory,
        &three_features(),
        "task.npz",
        &["not a whole npz file"],
    );
}

/// Neither takes memory: the header is believed only as far as the archive
/// holds what it announces.
#[test]
fn headers_that_announce_too_much() {
    let huge = |shape: &str| {
        let header = format!("'fortran_order': False, 'shape': ({shape})");
        ("x", npy_with(&header, &[0.0_f32; 12]))
    };
    let labels = labels(4);
    let cut = ["an array `x` that breaks off"];
    arrays_refused(huge("300000000, 3"), labels.clone(), &cut);
    let large = ["is too large: its entries take 12000000000000 bytes, but may take 4294967296"];
    arrays_refused(huge("1000000000000, 3"), labels.clone(), &large);
    let large = ["is too large"];
    arrays_refused(huge("99999999999999999, 99999999999"), labels, &large);
}

#[test]
fn what_is_no_header() {
    arrays_refused(("x", b"text".to_vec()), labels(4), &["`x` that breaks off"]);
    let x = ("x", b"text that is long enough".to_vec());
    arrays_refused(
        x,
        labels(4),
        &["not a whole npz file", "does not start as an array"],
    );
    let x = npy_with("'fortran_order': Maybe, 'shape': (4, 3)", &[0.0_f32; 12]);
    arrays_refused(
        ("x", x),
        labels(4),
        &["its header cannot be read at byte 34"],
    );
}

#[test]
fn jpegs_that_break_off() {
    let directory = pets();
    let path = directory.path().join("pets/cat/9.jpg");
    let whole = include_bytes!("../../../tests/fixtures/noise.jpg");
    fs::write(&path, whole).unwrap();
    assert!(own_tasks(directory.path(), &color(), &mut |_: &str| {}).is_ok());
    for len in [whole.len() / 2, whole.len() - 2] {
        fs::write(&path, &whole[..len]).unwrap();
        refused(
            &directory,
            &color(),
            "pets/cat/9.jpg",
            &["not a whole PNG or JPEG file"],
        );
    }
}
