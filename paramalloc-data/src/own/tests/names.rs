//! Names of files, classes and tasks, and what is no file.

use super::refused::{pets, refused};
use super::*;

#[test]
fn arrays_are_known_by_upper_case_too_and_other_files_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let y = || ("y", npy(&[4], &[0_i64, 1, 0, 1]));
    npz(&directory, "SOUNDS.NPZ", &[features(4), y()]);
    npz(&directory, "sounds.npz", &[features(4), y()]);
    file(&directory, "x.npy", &features(4).1);
    file(&directory, "notes.txt", b"text");
    let options = three_features();
    let (tasks, _) = tasks(&directory, &options);
    assert_eq!(
        tasks.iter().map(|t| &t.name[..]).collect::<Vec<_>>(),
        ["SOUNDS", "sounds"]
    );
    let said = said(&directory, &options);
    assert_eq!(
        said[2],
        "not read: notes.txt, x.npy (a task is a directory or a .npz file)"
    );
    assert_says(
        &said[3],
        &[
            "warning",
            "tasks SOUNDS and sounds differ in upper and lower case",
        ],
    );
}

/// A class that a Mac wrote in `test` is that of `train`, and control characters
/// reach no terminal.
#[cfg(unix)]
#[test]
fn names_are_those_that_people_read() {
    let directory = tempfile::tempdir().unwrap();
    for (part, class) in [("train", "caf\u{e9}"), ("test", "cafe\u{301}")] {
        image(
            &directory,
            &format!("a\x1b[2J/{part}/{class}/1.png"),
            [0; 3],
        );
        image(&directory, &format!("a\x1b[2J/{part}/tea\n/1.png"), [0; 3]);
    }
    let told = said(&directory, &color());
    let expected =
        "a\\u{1b}[2J: 2 classes (caf\u{e9}, tea\\n), 2 examples to train on, 2 to test on";
    assert_eq!(told, [expected]);
}

/// None of these is read: a pipe would wait for a writer, a device never ends.
#[cfg(unix)]
#[test]
fn what_is_no_file() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    let at = |directory: &TempDir, path: &str| directory.path().join(path);
    let directory = pets();
    symlink("nowhere", at(&directory, "pets/cat/7.png")).unwrap();
    let broken = ["is a symbolic link that leads nowhere, but must be a file"];
    refused(&directory, &color(), "pets/cat/7.png", &broken);
    let directory = pets();
    symlink("nowhere", at(&directory, "farm")).unwrap();
    refused(&directory, &color(), "farm", &broken);
    let directory = pets();
    symlink("nowhere", at(&directory, "pets/emu")).unwrap();
    refused(&directory, &color(), "pets/emu", &broken);
    let directory = pets();
    symlink("/dev/zero", at(&directory, "x.npz")).unwrap();
    refused(&directory, &color(), "x.npz", &["is a device"]);
    let directory = pets();
    let _socket = UnixListener::bind(at(&directory, "pets/dog/9.png")).unwrap();
    refused(&directory, &color(), "pets/dog/9.png", &["is a socket"]);
    let directory = pets();
    fs::create_dir(at(&directory, "y.npz")).unwrap();
    refused(
        &directory,
        &color(),
        "y.npz",
        &["is a directory, but must be a file"],
    );
    let directory = pets();
    let pipe = at(&directory, "pets/dog/8.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        refused(&directory, &color(), "pets/dog/8.png", &["is a named pipe"]);
    }
}

#[test]
fn a_test_class_in_other_case() {
    let directory = tempfile::tempdir().unwrap();
    images(&directory, "pets/train", &["cat", "dog"], 1);
    images(&directory, "pets/test", &["Cat", "dog"], 1);
    let parts = ["training images do not have (they have cat)"];
    refused(&directory, &color(), "pets/test/Cat", &parts);
}
