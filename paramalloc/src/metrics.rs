//! `metrics.jsonl`: what is summed up between two lines, and the file.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use paramalloc_core::penalty::binary_entropy;
use paramalloc_core::summary::{Metric, TrainMetric};
use paramalloc_core::train::{StepReport, Trainer};
use serde::{Deserialize, Serialize};

use super::folder::cannot_save;
use super::stop::Stop;
use paramalloc_plot::format::mean;

/// The open `metrics.jsonl` of a run.
pub struct MetricsLog {
    path: PathBuf,
    file: File,
    /// The whole lines.
    written: Written,
    crc: crc32fast::Hasher,
}

/// The first bytes of the file: how many, and their CRC-32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub len: u64,
    /// CRC-32 of them.
    pub crc: u32,
}

/// The first `len` bytes of a file, or all if it has less.
fn first_bytes(file: &File, len: u64) -> io::Result<(Written, crc32fast::Hasher)> {
    let mut crc = crc32fast::Hasher::new();
    let mut bytes = BufReader::new(file.take(len));
    let mut found = 0;
    let mut part = [0; 1 << 14];
    loop {
        match bytes.read(&mut part)? {
            0 => break,
            read => {
                crc.update(&part[..read]);
                found += read as u64;
            }
        }
    }
    let written = Written {
        len: found,
        crc: crc.clone().finalize(),
    };
    Ok((written, crc))
}

impl Written {
    /// Of the first `len` bytes of the file at `path`, or all if it has less.
    ///
    /// # Errors
    /// What the system says.
    pub fn of_first(path: &Path, len: u64) -> io::Result<Self> {
        Ok(first_bytes(&File::open(path)?, len)?.0)
    }
}

impl MetricsLog {
    /// Opens the file at `path`, made if need be, and cuts it to its first
    /// `len` bytes.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn open(path: &Path, len: u64) -> Result<Self, Stop> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let cut = options.open(path).and_then(|mut file| {
            file.set_len(len)?;
            let (written, crc) = first_bytes(&file, len)?;
            file.seek(SeekFrom::Start(len))?;
            Ok((file, written, crc))
        });
        let (file, written, crc) = cut.map_err(|e| cannot_save(path, &e))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            written,
            crc,
        })
    }

    /// What the file holds once all of it is on the disk.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn flush(&self) -> Result<Written, Stop> {
        let flushed = self.file.sync_data().map(|()| self.written);
        flushed.map_err(|e| cannot_save(&self.path, &e))
    }

    /// Appends a line.
    ///
    /// # Errors
    /// A sentence naming the file, which ends with the last whole line then.
    pub fn append(&mut self, metric: &Metric) -> Result<(), Stop> {
        let mut line = serde_json::to_vec(metric).map_err(Stop::failure)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            // Best effort: the first error is the one to tell.
            let _ = self.file.set_len(self.written.len);
            let _ = self.file.seek(SeekFrom::Start(self.written.len));
            return Err(cannot_save(&self.path, &error));
        }
        self.crc.update(&line);
        self.written.len += line.len() as u64;
        self.written.crc = self.crc.clone().finalize();
        Ok(())
    }
}

/// Sums over the task steps since the last train line. A checkpoint holds
/// them to the last bit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "SumBits", into = "SumBits")]
pub struct Sums {
    task_loss: Vec<(f64, u32)>,
    auxiliary: f64,
    steps: u32,
}

impl Sums {
    /// For so many tasks.
    pub fn new(tasks: usize) -> Self {
        Self {
            task_loss: vec![(0.0, 0); tasks],
            ..Self::default()
        }
    }

    /// Counts a task step.
    pub fn add(&mut self, task: usize, report: &StepReport) {
        let (sum, count) = &mut self.task_loss[task];
        *sum += report.task_loss;
        *count += 1;
        self.auxiliary += report.auxiliary_loss();
        self.steps += 1;
    }

    /// Number of tasks.
    pub fn tasks(&self) -> usize {
        self.task_loss.len()
    }

    /// True if no task step came since the last line.
    pub fn is_empty(&self) -> bool {
        self.steps == 0
    }

    /// The line, and a new start.
    pub fn line(&mut self, trainer: &Trainer) -> Metric {
        let mean = |&(sum, count): &(f64, u32)| (count > 0).then(|| sum / f64::from(count));
        let probabilities = probabilities(trainer);
        let line = TrainMetric {
            global_step: trainer.global_step(),
            task_loss: self.task_loss.iter().map(mean).collect(),
            auxiliary_loss: self.auxiliary / f64::from(self.steps.max(1)),
            entropy: mean_entropy(&probabilities),
            temperature: temperature(trainer),
            probabilities,
        };
        *self = Self::new(self.task_loss.len());
        Metric::Train(line)
    }
}

/// [`Sums`] with the bits of its numbers, which JSON may not hold.
#[derive(Serialize, Deserialize)]
struct SumBits {
    task_loss: Vec<(u64, u32)>,
    auxiliary: u64,
    steps: u32,
}

impl From<Sums> for SumBits {
    fn from(sums: Sums) -> Self {
        let task_loss = sums.task_loss.iter();
        Self {
            task_loss: task_loss.map(|&(sum, n)| (sum.to_bits(), n)).collect(),
            auxiliary: sums.auxiliary.to_bits(),
            steps: sums.steps,
        }
    }
}

impl From<SumBits> for Sums {
    fn from(bits: SumBits) -> Self {
        let task_loss = bits.task_loss.iter();
        Self {
            task_loss: task_loss
                .map(|&(sum, n)| (f64::from_bits(sum), n))
                .collect(),
            auxiliary: f64::from_bits(bits.auxiliary),
            steps: bits.steps,
        }
    }
}

fn probabilities(trainer: &Trainer) -> BTreeMap<String, Vec<Vec<f32>>> {
    let layers = trainer.routers.layers.iter().enumerate();
    layers
        .map(|(index, layer)| (layer.name.clone(), trainer.routers.probabilities(index)))
        .collect()
}

/// Mean binary entropy of all entries in nats; 0 without entries.
fn mean_entropy(probabilities: &BTreeMap<String, Vec<Vec<f32>>>) -> f64 {
    let entries = probabilities.values().flatten().flatten();
    mean(entries.map(|&p| binary_entropy(p))).unwrap_or_default()
}

/// The temperature of the last task step, of the first learned layer if they
/// differ; 0 where nothing is learned.
pub fn temperature(trainer: &Trainer) -> f64 {
    let learned = trainer.routers.layers.iter().find(|l| l.is_learned());
    let last = trainer.global_step().saturating_sub(1);
    learned.map_or(0.0, |layer| layer.temperature.at(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_that_of_the_formula() {
        let layer = vec![vec![0.5, 1.0], vec![0.0, 0.25]];
        let probabilities = BTreeMap::from([("conv".to_owned(), layer)]);
        // import math
        // (math.log(2) - .25*math.log(.25) - .75*math.log(.75)) / 4
        let expected = 0.31387058129468837;
        assert!((mean_entropy(&probabilities) - expected).abs() < 1e-8);
        assert_eq!(mean_entropy(&BTreeMap::new()), 0.0);
    }

    #[test]
    fn sums_come_back_from_json_to_the_last_bit() {
        let sums = Sums {
            task_loss: vec![(0.1 + 0.2, 3), (f64::INFINITY, 1), (-0.0, 0)],
            auxiliary: f64::MIN_POSITIVE / 3.0,
            steps: 4,
        };
        let json = serde_json::to_string(&sums).unwrap();
        let back: Sums = serde_json::from_str(&json).unwrap();
        assert_eq!(back, sums);
        assert!(back.task_loss[2].0.is_sign_negative());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file() {
        let full = Path::new("/dev/full");
        let mut log = MetricsLog {
            path: full.to_owned(),
            file: File::options().write(true).open(full).unwrap(),
            written: Written::default(),
            crc: crc32fast::Hasher::new(),
        };
        let line = Metric::Evaluation(paramalloc_core::summary::EvaluationMetric {
            global_step: 1,
            results: BTreeMap::new(),
        });
        let error = log.append(&line).unwrap_err();
        let Stop::Failure(sentence) = error else {
            panic!("{error:?}");
        };
        assert!(
            sentence.starts_with("cannot write /dev/full: "),
            "{sentence}"
        );
        assert!(sentence.ends_with("; make room, then go on with --resume"));
        let error = io::Error::from(io::ErrorKind::StorageFull);
        let Stop::Failure(other) = super::super::folder::cannot("write", full, &error) else {
            panic!("{error}");
        };
        assert!(other.ends_with("; make room"), "{other}");
    }
}
