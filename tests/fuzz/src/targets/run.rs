//! The files of a trained run, as a program reads them to predict with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use paramalloc::Model;
use paramalloc::data::table::{ImageOptions, TableOptions, TableRows, TableSource};
use paramalloc::prelude::*;

use crate::mutate::Parts;
use crate::target::{Target, Verdict, sentence};

/// A network of the smallest kind.
#[multitask(input = 3)]
pub struct TinyNet {
    #[routed(2)]
    dense: (Linear<3, 4>, ReLU),
    #[head(outputs = 1, loss = Loss::MeanSquaredError)]
    head: Linear<4, 1>,
}

/// The same on gray images.
#[multitask(input = (1, 4, 4))]
pub struct TinyImages {
    flatten: Flatten2D,
    #[head(outputs = 1, loss = Loss::MeanSquaredError)]
    head: Linear<16, 1>,
}

/// The directory of a trained run on a table, which is made once.
pub fn trained() -> PathBuf {
    static RUN: OnceLock<tempfile::TempDir> = OnceLock::new();
    let directory = RUN.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let table = directory.path().join("table.csv");
        let rows = (0..60).map(|i| {
            let (a, b, c) = (i % 7, i % 5, i % 3);
            let (y, z) = (
                f64::from(a + b) + f64::from(i) / 64.0,
                f64::from(a - c) / 3.0,
            );
            format!("{i},{a}.5,{b}.25,{c}.75,{y},{z}\n")
        });
        let text: String = std::iter::once("id,a,b,c,y,z\n".to_owned())
            .chain(rows)
            .collect();
        fs::write(&table, text).expect("a file");
        let source = sources::table(TableOptions::new(&table).targets(["y", "z"]).ignore(["id"]));
        train(TinyNet::NETWORK, source, directory.path());
        directory
    });
    directory.path().join("run")
}

/// The same on images that a table names.
pub fn trained_on_images() -> PathBuf {
    static RUN: OnceLock<tempfile::TempDir> = OnceLock::new();
    let directory = RUN.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path();
        let mut text = "file,y\n".to_owned();
        for number in 0..20_u32 {
            let file = fs::File::create(path.join(format!("{number}.png"))).expect("a file");
            let encoder = png::Encoder::new(file, 4, 4);
            let mut writer = encoder.write_header().expect("a header");
            let pixels = (0..16).map(|pixel| (pixel * (number + 1) % 251) as u8);
            let pixels: Vec<u8> = pixels.collect();
            writer.write_image_data(&pixels).expect("an image");
            text += &format!("{number}.png,{}.5\n", number % 7);
        }
        let table = path.join("table.csv");
        fs::write(&table, text).expect("a file");
        let mut options = TableOptions::new(&table).targets(["y"]);
        options.images = Some(ImageOptions::new(path, "file"));
        train(TinyImages::NETWORK, sources::table(options), path);
        directory
    });
    directory.path().join("run")
}

/// Trains in `run` of a directory.
fn train(network: Network, source: Arc<TableSource>, directory: &Path) {
    let logdir = directory.join("run");
    let logdir = logdir.to_string_lossy();
    let arguments = [
        "tiny",
        "--steps=6",
        "--eval-every=3",
        "--log-every=2",
        "--checkpoint-every=6",
        "--threads=1",
        "--quiet",
        "--logdir",
        &logdir,
    ];
    let experiment = Experiment::new("tiny", network, source);
    experiment.run_from(arguments).expect("a run");
}

/// One file of a run; the others are as they were.
pub struct File {
    name: &'static str,
    /// The file in the run.
    file: &'static str,
    run: PathBuf,
    others: Vec<(PathBuf, Vec<u8>)>,
}

impl File {
    pub fn new(file: &'static str) -> Self {
        Self::of(file, file, trained())
    }

    /// What a run on images made of its table.
    pub fn of_images() -> Self {
        Self::of("table-images.json", "table.json", trained_on_images())
    }

    fn of(name: &'static str, file: &'static str, run: PathBuf) -> Self {
        let checkpoints = fs::read_dir(run.join("checkpoints")).expect("checkpoints");
        let checkpoints = checkpoints.map(|entry| entry.expect("an entry").path());
        let files = ["config.json", "network.json", "table.json", "summary.json"];
        let files = files
            .map(|file| run.join(file))
            .into_iter()
            .chain(checkpoints);
        let others = files.filter(|path| !path.ends_with(file)).map(|path| {
            let bytes = fs::read(&path).expect("a file of the run");
            let inside = path.strip_prefix(&run).expect("a file of the run");
            (inside.to_owned(), bytes)
        });
        let others = others.collect();
        Self {
            name,
            file,
            run,
            others,
        }
    }
}

impl Target for File {
    fn name(&self) -> &'static str {
        self.name
    }

    fn seeds(&self) -> Vec<Parts> {
        vec![vec![fs::read(self.run.join(self.file)).expect("a file")]]
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        let run = directory.join("run");
        if !run.is_dir() {
            fs::create_dir_all(run.join("checkpoints")).map_err(sentence)?;
            for (path, bytes) in &self.others {
                fs::write(run.join(path), bytes).map_err(sentence)?;
            }
        }
        fs::write(run.join(self.file), bytes).map_err(sentence)?;
        let mut model = Model::load(&run).map_err(sentence)?;
        if let Some(record) = model.table().cloned() {
            // As `predict` reads new rows, images among them.
            let table = self.run.with_file_name("table.csv");
            let rows = TableRows::open(&table, &record).and_then(|mut rows| rows.next(4));
            let predicted = model.predict(0, &rows.map_err(sentence)?.inputs);
            predicted.map_err(sentence)?;
        }
        let inputs = vec![0.5; model.input_len()];
        let predicted = model.predict(0, &inputs);
        predicted.map(drop).map_err(sentence)
    }
}
