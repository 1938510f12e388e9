//! What is done to images between a data source and a network: normalization, and random
//! changes in training.

use std::sync::Arc;

use paramalloc_core::data::{Examples, InputKind, Inputs, Task};
use paramalloc_core::network::shape::Dims;
use paramalloc_core::random::{Purpose, Random, Stream};

use crate::normalization::Normalization;

/// Random changes of images in training; evaluation sees them as they are.
///
/// They are a function of the random word that belongs to an example of a batch, so that a
/// resumed run changes images as an uninterrupted one. What comes in from outside of an
/// image is 0: black, or where images are normalized the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ImageChanges {
    /// A part of an image takes its place, stretched: it has at least this share of the
    /// rows and of the columns, above 0 to 1, the same of both.
    pub crop: Option<f64>,
    /// Half of the images are mirrored, left to right.
    pub flip: bool,
    /// Images are moved by at most so many pixels in each direction, fewer than they have
    /// rows and columns.
    pub shift: usize,
}

impl ImageChanges {
    /// These changes.
    pub fn new(crop: Option<f64>, flip: bool, shift: usize) -> Self {
        Self { crop, flip, shift }
    }

    /// True if images stay as they are.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// Changes an image as `word` says.
    fn change(&self, word: u64, shape: Dims, image: &mut [f32]) {
        let mut stream = Random::new(word).stream(Purpose::Augmentation, 0, 0);
        // Always the same draws: none depends on which changes are made.
        let [crop, top, left] = std::array::from_fn(|_| stream.uniform());
        let flips = stream.bits() & 1 == 1 && self.flip;
        let mut moved = || moved(&mut stream, self.shift);
        let [down, right] = [moved(), moved()];
        let least = self.crop.unwrap_or(1.0) as f32;
        let share = least + (1.0 - least) * crop;
        let rows = places(shape.height, (share, top), (false, down));
        let columns = places(shape.width, (share, left), (flips, right));
        let before = image.to_vec();
        let planes = before.chunks_exact(shape.plane());
        for (from, to) in planes.zip(image.chunks_exact_mut(shape.plane())) {
            for (row, to) in rows.iter().zip(to.chunks_exact_mut(shape.width)) {
                let Some(row) = row else {
                    to.fill(0.0);
                    continue;
                };
                let line = |at: usize| &from[at * shape.width..][..shape.width];
                let (upper, lower) = (line(row.first), line(row.second));
                for (column, to) in columns.iter().zip(to) {
                    *to = column.as_ref().map_or(0.0, |column| {
                        row.between(column.of(upper), column.of(lower))
                    });
                }
            }
        }
    }
}

/// By how many pixels an image moves.
fn moved(stream: &mut Stream, most: usize) -> isize {
    stream.below(2 * most + 1) as isize - most as isize
}

/// Where a row or column of an image comes from: between two of the original.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    first: usize,
    second: usize,
    /// Share of the second.
    share: f32,
}

impl Place {
    fn between(self, first: f32, second: f32) -> f32 {
        match self.share {
            0.0 => first,
            share => first + share * (second - first),
        }
    }

    fn of(self, line: &[f32]) -> f32 {
        self.between(line[self.first], line[self.second])
    }
}

/// Where each of `count` rows or columns comes from, if it does from within the image:
/// of a part of this `share`, whose start is at `start` (0 to 1) of the rest, mirrored, then
/// moved.
fn places(
    count: usize,
    (share, start): (f32, f32),
    (flips, moved): (bool, isize),
) -> Vec<Option<Place>> {
    let last = count - 1;
    let origin = start * (1.0 - share) * count as f32;
    let of = |place: usize| {
        if share >= 1.0 {
            let (first, second, share) = (place, place, 0.0);
            return Place {
                first,
                second,
                share,
            };
        }
        let middle = origin + (place as f32 + 0.5) * share - 0.5;
        let middle = middle.clamp(0.0, last as f32);
        let first = middle as usize;
        Place {
            first,
            second: (first + 1).min(last),
            share: middle - first as f32,
        }
    };
    let place = |index: usize| {
        let before = index.checked_add_signed(-moved)?;
        let before = (before < count).then_some(before)?;
        Some(of(if flips { last - before } else { before }))
    };
    (0..count).map(place).collect()
}

/// Inputs that are normalized, and changed in training.
struct Prepared {
    inner: Arc<dyn Inputs>,
    shape: Dims,
    normalization: Option<Normalization>,
    changes: ImageChanges,
}

impl Inputs for Prepared {
    fn len(&self) -> usize {
        self.inner.len()
    }

    fn input_len(&self) -> usize {
        self.inner.input_len()
    }

    fn write(&self, index: usize, augmentation: Option<u64>, input: &mut [f32]) {
        self.inner.write(index, augmentation, input);
        if let Some(normalization) = &self.normalization {
            normalization.normalize(self.shape, input);
        }
        if let Some(word) = augmentation.filter(|_| !self.changes.are_none()) {
            self.changes.change(word, self.shape, input);
        }
    }

    fn kind(&self) -> InputKind {
        self.inner.kind()
    }
}

/// Normalizes the images of tasks, of this shape, and changes them in training. Tasks and
/// splits that share inputs share them afterwards.
///
/// # Panics
/// If an image has another number of values.
pub fn prepare_images(
    tasks: &mut [Task],
    shape: Dims,
    normalization: Option<&Normalization>,
    changes: ImageChanges,
) {
    if normalization.is_none() && changes.are_none() {
        return;
    }
    let mut made: Vec<(Arc<dyn Inputs>, Arc<dyn Inputs>)> = Vec::new();
    let mut prepare = |examples: &mut Examples| {
        let inner = examples.inputs().clone();
        let known = made.iter().find(|(known, _)| Arc::ptr_eq(known, &inner));
        let prepared = match known {
            Some((_, prepared)) => prepared.clone(),
            None => {
                let prepared: Arc<dyn Inputs> = Arc::new(Prepared {
                    inner: inner.clone(),
                    shape,
                    normalization: normalization.cloned(),
                    changes,
                });
                made.push((inner, prepared.clone()));
                prepared
            }
        };
        *examples = examples.with_inputs(prepared);
    };
    for task in tasks {
        prepare(&mut task.train);
        task.evaluation
            .iter_mut()
            .for_each(|(_, examples)| prepare(examples));
    }
}

#[cfg(test)]
mod tests {
    use paramalloc_core::data::FloatInputs;

    use super::*;

    const SHAPE: Dims = Dims::image(2, 3, 4);

    fn image() -> Vec<f32> {
        (1..=24).map(|value| value as f32).collect()
    }

    fn changed(changes: ImageChanges, word: u64) -> Vec<f32> {
        let mut image = image();
        changes.change(word, SHAPE, &mut image);
        image
    }

    #[test]
    fn half_of_the_images_are_mirrored() {
        let flip = ImageChanges::new(None, true, 0);
        let mirrored: Vec<f32> = image()
            .chunks(4)
            .flat_map(|row| row.iter().rev().copied())
            .collect();
        let all: Vec<_> = (0..100).map(|word| changed(flip, word)).collect();
        let count = all.iter().filter(|image| **image == mirrored).count();
        assert!((30..70).contains(&count), "{count}");
        assert!(
            all.iter()
                .all(|found| *found == mirrored || *found == image())
        );
    }

    #[test]
    fn images_move_by_whole_pixels_and_zeros_come_in() {
        let shift = ImageChanges::new(None, false, 2);
        let mut seen = std::collections::BTreeSet::new();
        for word in 0..400 {
            let found = changed(shift, word);
            let mut moves = (-2..=2).flat_map(|down| (-2..=2).map(move |right| (down, right)));
            let expected = |(down, right): (isize, isize)| -> Vec<f32> {
                let at = |index: usize| {
                    let (row, column) = (index / 4 % 3, index % 4);
                    let row = row.checked_add_signed(-down).filter(|row| *row < 3)?;
                    let column = column.checked_add_signed(-right);
                    let column = column.filter(|column| *column < 4)?;
                    Some(image()[index / 12 * 12 + row * 4 + column])
                };
                (0..24).map(|index| at(index).unwrap_or(0.0)).collect()
            };
            let moved = moves.find(|&by| expected(by) == found);
            seen.insert(moved.expect("a move by whole pixels"));
        }
        assert_eq!(seen.len(), 25);
    }

    #[test]
    fn a_crop_is_a_part_of_the_image() {
        // Values that grow along rows and columns tell where a pixel comes from.
        let shape = Dims::image(1, 20, 20);
        let plane = |row: usize, column: usize| (100 * row + column) as f32;
        let whole: Vec<f32> = (0..400).map(|i| plane(i / 20, i % 20)).collect();
        let half = ImageChanges::new(Some(0.5), false, 0);
        for word in 0..100 {
            let mut image = whole.clone();
            half.change(word, shape, &mut image);
            let (first, last) = (image[0], image[399]);
            let rows = (last / 100.0).floor() - (first / 100.0).floor();
            // The middles of the outer pixels lie within 10 to 20 rows.
            assert!((9.0..=19.0).contains(&rows), "{rows}");
            let step = image[201] - image[200];
            assert!((0.45..=1.01).contains(&step), "{step}");
            assert!(image.iter().all(|value| (0.0..=1919.0).contains(value)));
        }
        let same = changed(ImageChanges::new(Some(1.0), false, 0), 5);
        assert_eq!(same, image());
    }

    #[test]
    fn evaluation_sees_images_normalized_and_unchanged() {
        let inputs = Arc::new(FloatInputs::new(24, image()).unwrap());
        let examples = Examples::new(inputs, vec![0_u16]).unwrap();
        let task = Task::new("a", 2, examples.clone()).evaluated_on("test", examples);
        let mut tasks = vec![task.clone(), task];
        let normalization = Normalization::fit(&tasks, SHAPE);
        let changes = ImageChanges::new(Some(0.5), true, 1);
        prepare_images(&mut tasks, SHAPE, Some(&normalization), changes);
        let read = |examples: &Examples, word| {
            let mut input = vec![0.0; 24];
            examples.write_input(0, word, &mut input);
            input
        };
        let plain = read(&tasks[0].train, None);
        assert_eq!(plain, read(&tasks[1].evaluation[0].1, None));
        assert!((plain.iter().sum::<f32>()).abs() < 1e-4, "{plain:?}");
        assert_ne!(read(&tasks[0].train, Some(3)), plain);
        assert_eq!(
            read(&tasks[0].train, Some(3)),
            read(&tasks[1].train, Some(3))
        );
        assert!(Arc::ptr_eq(
            tasks[0].train.inputs(),
            tasks[1].evaluation[0].1.inputs()
        ));
    }
}
