//! Every mistake gives one sentence that names the file or folder.

use super::*;

/// The message for a folder that names `place` in it.
#[track_caller]
fn refused(folder: &TempDir, options: &OwnOptions, place: &str, parts: &[&str]) {
    let message = own_tasks(folder.path(), options, &mut |_: &str| {})
        .err()
        .unwrap()
        .to_string();
    let place = folder.path().join(place);
    assert_says(&message, &[place.to_str().unwrap()]);
    assert_says(&message, parts);
}

fn pets() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    images(&folder, "pets", &["cat", "dog"], 2);
    folder
}

#[test]
fn folders_that_are_no_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let message = |options: &OwnOptions| {
        let error = own_tasks(folder.path(), options, &mut |_: &str| {}).err();
        error.unwrap().to_string()
    };
    let path = folder.path().to_str().unwrap();
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
fn class_folders() {
    let folder = pets();
    fs::create_dir(folder.path().join("pets/emu")).unwrap();
    refused(&folder, &color(), "pets/emu", &["holds no images"]);
    let folder = pets();
    fs::create_dir(folder.path().join("empty")).unwrap();
    refused(&folder, &color(), "empty", &["holds no class folders"]);
    let folder = pets();
    images(&folder, "alone", &["cat"], 2);
    refused(
        &folder,
        &color(),
        "alone",
        &["1 class folder", "at least 2"],
    );
    let folder = pets();
    image(&folder, "pets/emu/1.png", [0; 3]);
    refused(&folder, &color(), "pets", &["1 example of class emu"]);
}

#[test]
fn what_is_beside_class_folders() {
    let beside = ["holds 7.png beside its class folders; put it into one"];
    for (image_file, place) in [("pets/7.png", "pets"), ("cars/test/7.png", "cars/test")] {
        let folder = pets();
        for part in ["cars/train", "cars/test"] {
            images(&folder, part, &["red", "blue"], 1);
        }
        image(&folder, image_file, [0; 3]);
        refused(&folder, &color(), place, &beside);
    }
}

#[test]
fn what_is_beside_train_and_test() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["pets/train", "pets/test"] {
        images(&folder, part, &["cat", "dog"], 1);
    }
    images(&folder, "pets", &["emu"], 2);
    let beside = ["holds emu beside train and test"];
    refused(&folder, &color(), "pets", &beside);

    let folder = tempfile::tempdir().unwrap();
    for part in ["pets/Train", "pets/Test"] {
        images(&folder, part, &["cat", "dog"], 1);
    }
    let parts = ["holds Train; call it train,"];
    refused(&folder, &color(), "pets", &parts);
}

#[test]
fn train_and_test_folders() {
    let folder = tempfile::tempdir().unwrap();
    images(&folder, "pets/train", &["cat", "dog"], 1);
    refused(&folder, &color(), "pets", &["holds train, but no test"]);
    images(&folder, "pets/test", &["cat", "emu"], 1);
    refused(
        &folder,
        &color(),
        "pets/test/emu",
        &["training images do not have"],
    );
}

#[test]
fn images_that_cannot_be_read() {
    let folder = pets();
    let path = folder.path().join("pets/cat/1.png");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refused(
        &folder,
        &color(),
        "pets/cat/1.png",
        &["not a whole PNG or JPEG file"],
    );
    fs::write(&path, "text").unwrap();
    refused(
        &folder,
        &color(),
        "pets/cat/1.png",
        &["not a whole PNG or JPEG file"],
    );
    fs::write(&path, &whole).unwrap();
    fs::write(folder.path().join("pets/cat/1.gif"), "GIF89a").unwrap();
    refused(
        &folder,
        &color(),
        "pets/cat",
        &["holds 1.gif, which is no .png"],
    );
    fs::write(folder.path().join("pets/cat/2.txt"), "").unwrap();
    fs::create_dir(folder.path().join("pets/cat/more")).unwrap();
    refused(
        &folder,
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
    let folder = tempfile::tempdir().unwrap();
    npz(&folder, "task.npz", &[x, y]);
    refused(&folder, &three_features(), "task.npz", parts);
}

fn labels(count: u64) -> (&'static str, Vec<u8>) {
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
    let folder = tempfile::tempdir().unwrap();
    npz(&folder, "task.npz", &[features(4), labels(4)]);
    let wanted = ["the network takes [n, 3, 4, 4]"];
    refused(&folder, &color(), "task.npz", &wanted);
    let channels_last = ("x", npy(&[4, 4, 4, 3], &[0.0_f32; 192]));
    npz(&folder, "task.npz", &[channels_last, labels(4)]);
    let hint = ["takes [n, 3, 4, 4]; write x.transpose(0, 3, 1, 2)"];
    refused(&folder, &color(), "task.npz", &hint);
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
    let folder = tempfile::tempdir().unwrap();
    npz(&folder, "two/train.npz", &[features(4), labels(4)]);
    let y = ("y", npy(&[3], &[1_i64, 2, 1]));
    npz(&folder, "two/test.npz", &[features(3), y]);
    let alone = ["has examples of class 2 to test on, but none to train on"];
    refused(&folder, &three_features(), "two", &alone);
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
    let folder = tempfile::tempdir().unwrap();
    npz(&folder, "task.npz", &[features(4), labels(4)]);
    let path = folder.path().join("task.npz");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refused(
        &folder,
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
fn tasks_and_parts_of_different_kinds() {
    let folder = tempfile::tempdir().unwrap();
    npz(&folder, "a.npz", &[features(4), labels(4)]);
    let values = ("y", npy(&[4], &[0.5_f32; 4]));
    npz(&folder, "b.npz", &[features(4), values.clone()]);
    refused(
        &folder,
        &three_features(),
        "b.npz",
        &["a.npz has classes", "of one kind"],
    );
    let folder = tempfile::tempdir().unwrap();
    npz(&folder, "a/train.npz", &[features(4), labels(4)]);
    let alone = "holds train.npz, but no test.npz";
    refused(&folder, &three_features(), "a", &[alone]);
    npz(&folder, "a/test.npz", &[features(4), values]);
    refused(
        &folder,
        &three_features(),
        "a",
        &["classes in one of train and test"],
    );
}

#[test]
fn jpegs_that_break_off() {
    let folder = pets();
    let path = folder.path().join("pets/cat/9.jpg");
    let whole = include_bytes!("../../../tests/fixtures/noise.jpg");
    fs::write(&path, whole).unwrap();
    assert!(own_tasks(folder.path(), &color(), &mut |_: &str| {}).is_ok());
    for len in [whole.len() / 2, whole.len() - 2] {
        fs::write(&path, &whole[..len]).unwrap();
        refused(
            &folder,
            &color(),
            "pets/cat/9.jpg",
            &["not a whole PNG or JPEG file"],
        );
    }
}

#[test]
fn tasks_of_one_class_or_one_part() {
    let folder = tempfile::tempdir().unwrap();
    npz(
        &folder,
        "one.npz",
        &[features(4), ("y", npy(&[4], &[0_i64; 4]))],
    );
    refused(&folder, &three_features(), "one.npz", &["has 1 class"]);

    let folder = tempfile::tempdir().unwrap();
    images(&folder, "pets/train", &["cat", "dog"], 2);
    refused(&folder, &color(), "pets", &["holds train, but no test"]);

    let folder = tempfile::tempdir().unwrap();
    npz(
        &folder,
        "pets.npz",
        &[image_arrays(4), ("y", npy(&[4], &[0_i64, 1, 0, 1]))],
    );
    images(&folder, "pets", &["cat", "dog"], 2);
    refused(&folder, &color(), "pets.npz", &["both the task pets"]);
}
