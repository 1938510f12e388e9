//! A table that names images, from training to predictions, as a user types it.

use std::fs::{self, File};
use std::path::Path;

use serde_json::Value;

mod support;

use support::{fails_in, succeeds_in, type_in};

/// Rows and columns of an image.
const SIDE: usize = 12;

/// A bright square on a dark image, in one of four quarters and one of two sizes, in
/// red or in blue.
struct Drawing {
    quarter: usize,
    half_width: usize,
    is_red: bool,
}

impl Drawing {
    fn of(number: usize) -> Self {
        Self {
            quarter: number * 7 % 4,
            half_width: 1 + number * 5 % 3 % 2,
            is_red: (number * 11 / 4).is_multiple_of(2),
        }
    }

    fn write(&self, path: &Path) {
        let middle = [3 + 6 * (self.quarter / 2), 3 + 6 * (self.quarter % 2)];
        let pixel = |at: usize| {
            let place = [at / SIDE, at % SIDE];
            let mut near = place.iter().zip(middle);
            let is_on = near.all(|(&at, middle)| at.abs_diff(middle) <= self.half_width);
            match (is_on, self.is_red) {
                (false, _) => [20, 20, 30],
                (true, true) => [230, 40, 40],
                (true, false) => [40, 40, 230],
            }
        };
        let pixels: Vec<u8> = (0..SIDE * SIDE).flat_map(pixel).collect();
        let file = File::create(path).unwrap();
        let mut encoder = png::Encoder::new(file, SIDE as u32, SIDE as u32);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
    }

    /// `file,place,red,area`, some of it missing.
    fn row(&self, number: usize) -> String {
        let place = match number % 6 {
            0 => "",
            _ => ["nw", "ne", "sw", "se"][self.quarter],
        };
        let red = match number % 5 {
            1 => "NA",
            _ if self.is_red => "1",
            _ => "0",
        };
        let area = (2 * self.half_width + 1).pow(2) as f64 / 2.0;
        format!("{number:03}.png,{place},{red},{area}\n")
    }
}

/// `t.csv` and `images/`, so many of them.
fn write(directory: &Path, count: usize) {
    let images = directory.join("images");
    fs::create_dir(&images).unwrap();
    let mut table = "file,place,red,area\n".to_owned();
    for number in 0..count {
        let drawing = Drawing::of(number);
        drawing.write(&images.join(format!("{number:03}.png")));
        table += &drawing.row(number);
    }
    fs::write(directory.join("t.csv"), table).unwrap();
}

const TABLE: &str = "train --table t.csv --images images --image-column file";
const SMALL: &str = "--filters 8,8 --hidden 16 --components 2 --dropout 0";

#[test]
fn images_that_a_table_names_are_learned_and_predicted() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write(directory, 240);
    let (_, said) = succeeds_in(
        directory,
        &format!(
            "{TABLE} {SMALL} --epochs 12 --patience 20 --batch-size 16 --learning-rate 0.005 --logdir run"
        ),
    );
    let has = |part: &str| assert!(said.contains(part), "no `{part}` in {said}");
    has("place: 4 classes (ne, nw, se, sw); 200 rows, 40 missing");
    has("red: label, ");
    has("240 images to learn from: red, green and blue, 12x12 as the first one");
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(directory.join(name)).unwrap()).unwrap()
    };
    let summary = read("run/summary.json");
    let test = |task: usize| summary["tasks"][task]["results"]["test"].as_f64().unwrap();
    // Each task is judged by the metric of its kind.
    assert!((0..3).all(|task| test(task) > 0.9), "{summary}");
    let metrics: Vec<_> = (0..3)
        .map(|task| &summary["tasks"][task]["metric"])
        .collect();
    assert_eq!(metrics, ["balanced_accuracy", "roc_auc", "r2"]);
    let record = read("run/table.json");
    assert_eq!(record["format"], 2);
    assert_eq!(record["images"]["input"], serde_json::json!([3, 12, 12]));

    let (out, _) = succeeds_in(directory, "resume run");
    assert!(out.contains("is finished"), "{out}");
    succeeds_in(directory, "eval run --once");
    let (out, _) = succeeds_in(directory, "show run --plan");
    assert!(out.contains("conv2"), "{out}");
    let (out, _) = succeeds_in(directory, "export run --out n.onnx");
    assert!(out.contains("input: float32 [batch, 3, 12, 12]"), "{out}");

    // A table, a directory and one image are predicted alike.
    fs::write(directory.join("new.csv"), "file\n003.png\n001.png\n").unwrap();
    let (rows, _) = succeeds_in(directory, "predict run new.csv");
    let rows: Vec<&str> = rows.lines().collect();
    assert!(rows[0].starts_with("file,place,place:ne,"), "{rows:?}");
    let (all, _) = succeeds_in(directory, "predict run images");
    let all: Vec<&str> = all.lines().collect();
    assert_eq!(all.len(), 241);
    assert_eq!([rows[1], rows[2]], [all[4], all[2]]);
    let (one, _) = succeeds_in(directory, "predict run images/001.png");
    assert_eq!(one.lines().last(), Some(rows[2]));
    let is_right = |line: &&&str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number: usize = cells[0].trim_end_matches(".png").parse().unwrap();
        cells[1] == ["nw", "ne", "sw", "se"][Drawing::of(number).quarter]
    };
    let right = all[1..].iter().filter(is_right).count();
    assert!(right > 220, "{right} of 240");

    // The run goes with its data.
    fs::create_dir(directory.join("moved")).unwrap();
    for name in ["t.csv", "images"] {
        fs::rename(directory.join(name), directory.join("moved").join(name)).unwrap();
    }
    fails_in(directory, "eval run --once", 1, &["t.csv"]);
    succeeds_in(directory, "eval run --once --data-dir moved");
    fails_in(
        directory,
        "predict run new.csv",
        1,
        &["new.csv names an image in line 2, column `file`", "003.png"],
    );
    succeeds_in(directory, "predict run new.csv --images moved/images");
    Drawing::of(1).write(&directory.join("moved/images/000.png"));
    fails_in(
        directory,
        "eval run --once --data-dir moved",
        1,
        &["was trained on other data"],
    );
}

/// As a hand or a broken disk leaves it, where no manifest says what it was.
#[test]
fn a_changed_record_of_images_is_refused_in_a_sentence() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write(directory, 40);
    succeeds_in(
        directory,
        &format!("{TABLE} {SMALL} --epochs 1 --quiet --logdir run"),
    );
    let path = directory.join("run/table.json");
    let record = fs::read_to_string(&path).unwrap();
    let edited = record.replace("\"mean\"", "\"mean\" ");
    fs::write(&path, edited).unwrap();
    fails_in(
        directory,
        "predict run images",
        1,
        &["table.json", "changed"],
    );
    fs::remove_file(directory.join("run/manifest.json")).unwrap();
    let standardization =
        "needs a mean and a deviation above 0 for each of the 3 channels of its images";
    let input = "not the input of the run's network, 3x12x12";
    let cases: [(&str, &str, Value, &str); 6] = [
        ("/images", "mean", serde_json::json!([]), standardization),
        (
            "/images",
            "deviation",
            serde_json::json!([0.5]),
            standardization,
        ),
        (
            "/images",
            "deviation",
            serde_json::json!([1, 1, 0]),
            standardization,
        ),
        ("/images", "input", serde_json::json!([3, 0, 12]), input),
        ("/images", "input", serde_json::json!([3, 12, 13]), input),
        (
            "",
            "targets",
            serde_json::json!([]),
            "not the tasks of the run",
        ),
    ];
    for (at, name, value, part) in cases {
        let mut edited: Value = serde_json::from_str(&record).unwrap();
        edited.pointer_mut(at).unwrap()[name] = value;
        fs::write(&path, edited.to_string()).unwrap();
        for command in ["predict run images", "export run --out n.onnx"] {
            fails_in(directory, command, 1, &["table.json: ", part]);
        }
    }
}

#[test]
fn what_is_wrong_with_images_is_said_by_row_column_and_file() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write(directory, 40);
    let typed = format!("{TABLE} {SMALL} --epochs 1 --quiet --logdir run");
    let table = fs::read_to_string(directory.join("t.csv")).unwrap();
    let change = |from: &str, to: &str| {
        fs::write(directory.join("t.csv"), table.replace(from, to)).unwrap();
    };
    change("007.png", "none.png");
    let named = ["t.csv names an image in line 9, column `file`", "none.png"];
    fails_in(directory, &typed, 1, &named);
    change("007.png", "");
    fails_in(
        directory,
        &typed,
        1,
        &["names no image in line 9, column `file`"],
    );
    change("007.png", "../t.csv");
    let broken = [
        "in line 9, column `file`",
        "t.csv is not a whole PNG or JPEG",
    ];
    fails_in(directory, &typed, 1, &broken);
    change("", "");
    let numbers = typed.replace("--image-column file", "--image-column area");
    fails_in(directory, &numbers, 1, &["line 2, column `area`"]);
    let both = format!("{typed} --features area");
    fails_in(directory, &both, 2, &["leave out --features or --images"]);
    let alone = "train --table t.csv --images images --targets red";
    assert_eq!(type_in(directory, alone).status.code(), Some(2));
    for (flag, part) in [
        ("--image-size 0", "the image size is 0"),
        ("--image-size x", "as in 32 or 32x48"),
        ("--image-channels 2", "must be 1 or 3"),
        ("--targets file", "both --targets and --image-column"),
    ] {
        fails_in(directory, &format!("{typed} {flag}"), 2, &[part]);
    }
    let (_, said) = succeeds_in(
        directory,
        &format!(
            "{} --image-size 8x9 --image-channels 1 --targets red --ignore place",
            typed.replace("--quiet ", "")
        ),
    );
    assert!(said.contains("gray, 8x9"), "{said}");
    assert!(said.contains("not learned from: place, area"), "{said}");
}

#[test]
fn images_change_in_training_alone() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    write(directory, 60);
    let changes = "--random-crop 0.8 --random-flip --random-shift 2";
    let train = format!("{TABLE} {SMALL} --epochs 2 --batch-size 16 --quiet");
    let parameters = |run: &str| fs::read(directory.join(run).join("parameters.safetensors"));
    for (run, flags) in [
        ("one", format!("{changes} --threads 1")),
        ("two", format!("{changes} --threads 2")),
        ("none", String::new()),
    ] {
        succeeds_in(directory, &format!("{train} {flags} --logdir {run}"));
    }
    assert_eq!(parameters("one").unwrap(), parameters("two").unwrap());
    assert_ne!(parameters("one").unwrap(), parameters("none").unwrap());
    let (shown, _) = succeeds_in(directory, "show one");
    let line = "images         random crop 0.8, random flip, random shift 2";
    assert!(shown.contains(line), "{shown}");
    let command = format!("{train} --normalize --logdir other");
    let part = "normalize has no effect on images that a table names";
    fails_in(directory, &command, 2, &[part]);
    let features = "train --table t.csv --targets red --features area --random-flip";
    let part = "random_flip is for images, but the network reads features, 1 of them";
    fails_in(directory, features, 2, &[part]);
}
