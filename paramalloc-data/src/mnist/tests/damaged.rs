//! Every damage that a file can have gives one error that names the file.

use super::*;

/// The message for the data set of [`directory`] with one file replaced.
fn message_with(file: usize, bytes: &[u8]) -> String {
    let directory = directory();
    let path = directory.path().join("mnist").join(MNIST.files[file].name);
    fs::write(&path, bytes).unwrap();
    let (tasks, said) = tasks_of(directory.path(), &DataOptions::default());
    let Err(error) = tasks else {
        panic!("accepted a damaged file");
    };
    // A damaged file of the user is never replaced by other data.
    assert!(!error.is_out_of_reach());
    assert!(said.is_empty(), "{said:?}");
    let message = error.to_string();
    assert!(
        message.contains(path.to_str().unwrap()),
        "no path in: {message}"
    );
    message
}

fn assert_contains(message: &str, part: &str) {
    assert!(message.contains(part), "no `{part}` in: {message}");
}

#[test]
fn a_truncated_gzip_file_is_refused() {
    let whole = gzip(&images(3));
    for end in [0, 5, whole.len() / 2, whole.len() - 1] {
        assert_contains(&message_with(0, &whole[..end]), "not a whole gzip file");
    }
}

#[test]
fn a_gzip_file_with_a_wrong_checksum_is_refused() {
    let mut file = gzip(&labels(&[7, 0, 9]));
    let checksum = file.len() - 8;
    file[checksum] ^= 1;
    assert_contains(&message_with(1, &file), "not a whole gzip file");
}

#[test]
fn a_wrong_magic_number_is_refused() {
    let message = message_with(0, &gzip(&labels(&[7, 0, 9])));
    assert_contains(&message, "starts with 0x00000801 instead of 0x00000803");
    assert_contains(&message, "idx file of images");
}

#[test]
fn a_file_that_ends_early_is_refused() {
    let whole = images(3);
    let message = message_with(0, &gzip(&whole[..whole.len() - 1]));
    assert_contains(
        &message,
        "ends after 2367 bytes, but its header announces 2368",
    );
    assert_contains(&message_with(0, &gzip(&whole[..6])), "ends after 6 bytes");
    assert_contains(&message_with(3, &gzip(&[])), "ends after 0 bytes");
}

#[test]
fn sizes_that_no_file_has_are_refused() {
    let file = idx(0x0803, &[u32::MAX; 3], &[1, 2, 3]);
    let large = "is too large: its images take 18446744073709551615 bytes";
    assert_contains(&message_with(0, &gzip(&file)), large);
    let file = idx(0x0803, &[1000, 28, 28], &[1, 2, 3]);
    assert_contains(&message_with(0, &gzip(&file)), "ends after 19 bytes");
}

#[test]
fn trailing_bytes_are_refused() {
    let mut content = images(2);
    content.push(0);
    assert_contains(
        &message_with(2, &gzip(&content)),
        "trailing bytes after its last image",
    );
    let mut file = gzip(&images(2));
    file.push(0);
    assert_contains(
        &message_with(2, &file),
        "trailing bytes after its last gzip block",
    );
}

#[test]
fn counts_that_differ_are_refused_naming_both_files() {
    let message = message_with(2, &gzip(&images(3)));
    assert_contains(&message, "holds 3 images");
    assert_contains(&message, "t10k-labels-idx1-ubyte.gz holds 2 labels");
}

#[test]
fn a_label_that_is_no_class_is_refused() {
    let message = message_with(1, &gzip(&labels(&[7, 10, 9])));
    assert_contains(&message, "label 1 is 10, but labels go from 0 to 9");
}

#[test]
fn an_empty_set_is_refused() {
    assert_contains(&message_with(0, &gzip(&images(0))), "holds no images");
    assert_contains(&message_with(3, &gzip(&labels(&[]))), "holds no labels");
}

#[test]
fn images_of_another_size_are_refused() {
    let file = idx(0x0803, &[3, 2, 2], &[0; 12]);
    assert_contains(
        &message_with(0, &gzip(&file)),
        "2 x 2 pixels instead of 28 x 28",
    );
}

#[test]
fn an_incomplete_directory_is_refused() {
    let directory = directory();
    fs::remove_file(directory.path().join("mnist/t10k-images-idx3-ubyte.gz")).unwrap();
    let (tasks, _) = tasks_of(directory.path(), &DataOptions::default());
    let message = tasks.err().unwrap().to_string();
    assert_contains(&message, "t10k-images-idx3-ubyte.gz is missing");
}
