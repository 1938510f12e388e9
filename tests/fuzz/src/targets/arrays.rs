//! A user's own `.npz` files.

use std::fs;
use std::path::Path;

use paramalloc_core::network::shape::Dims;
use paramalloc_data::{NewInputs, OwnOptions, own_tasks};

use crate::mutate::Parts;
use crate::pack;
use crate::target::{Target, Verdict, sentence};

/// Arrays `x` and `y`, whose `x` are images or not.
pub struct Own {
    pub is_image: bool,
}

impl Own {
    fn input(&self) -> Dims {
        match self.is_image {
            true => Dims::image(1, 2, 2),
            false => Dims::features(3),
        }
    }
}

impl Target for Own {
    fn name(&self) -> &'static str {
        match self.is_image {
            true => "npz-images",
            false => "npz",
        }
    }

    fn seeds(&self) -> Vec<Parts> {
        let (shape, len) = match self.is_image {
            true => ("6, 1, 2, 2", 24_u8),
            false => ("6, 3", 18),
        };
        let floats: Vec<u8> = (0..len).flat_map(|v| f32::from(v).to_le_bytes()).collect();
        let doubles: Vec<u8> = (0..len).flat_map(|v| f64::from(v).to_be_bytes()).collect();
        let bytes: Vec<u8> = (0..len).collect();
        let classes: Vec<u8> = (0..6_i64).flat_map(|v| (v % 2).to_le_bytes()).collect();
        let values: Vec<u8> = (0..6_u8).flat_map(|v| f32::from(v).to_le_bytes()).collect();
        let x = [("<f4", floats), (">f8", doubles), ("|u1", bytes)];
        let y = [("<i8", "6,", classes), ("<f4", "6, 1", values)];
        let mut seeds = Vec::new();
        for (x_type, x) in &x {
            for (y_type, y_shape, y) in &y {
                seeds.push(vec![
                    pack::npy_header(x_type, shape),
                    x.clone(),
                    pack::npy_header(y_type, y_shape),
                    y.clone(),
                ]);
            }
        }
        seeds
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        let arrays = ["x.npy", "y.npy"].into_iter().zip(parts.chunks(2));
        let arrays: Vec<(String, Vec<u8>)> = arrays
            .map(|(name, parts)| (name.to_owned(), pack::npy(&parts[0], &parts[1])))
            .collect();
        let files = arrays.iter().map(|(name, file)| (name.clone(), &file[..]));
        pack::zip(&files.collect::<Vec<_>>())
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        let path = directory.join("task.npz");
        fs::write(&path, bytes).map_err(sentence)?;
        let options = OwnOptions::new(self.input());
        let tasks = own_tasks(directory, &options, &mut |_: &str| {});
        let inputs = NewInputs::open(&path, self.input()).and_then(|mut inputs| inputs.next(9));
        tasks.map(drop).and(inputs.map(drop)).map_err(sentence)
    }
}
