//! The files of published data sets: idx, zip and tar.

use std::fs;
use std::path::Path;

use paramalloc_data::published::{Downloader, LocalFile, Locations};
use paramalloc_data::{
    CIFAR_100, DataChoice, DataOptions, IdxShape, OMNIGLOT, OmniglotOptions, cifar_tasks_from,
    labelled_images, omniglot_tasks_from,
};

use crate::mutate::Parts;
use crate::pack;
use crate::target::{Target, Verdict, sentence};

/// A file of images in the idx format, gzipped or not, and its labels, one behind
/// the other.
pub struct Idx {
    images: LocalFile,
    labels: LocalFile,
}

impl Idx {
    pub fn new() -> Self {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let empty = LocalFile::read(file.path().to_owned()).expect("an empty file");
        Self {
            images: empty.clone(),
            labels: empty,
        }
    }
}

impl Target for Idx {
    fn name(&self) -> &'static str {
        "idx"
    }

    fn seeds(&self) -> Vec<Parts> {
        let header = |sizes: &[u32]| -> Vec<u8> {
            let magic = 0x0800 + sizes.len() as u32;
            let words = [magic].into_iter().chain(sizes.iter().copied());
            words.flat_map(u32::to_be_bytes).collect()
        };
        let images = [header(&[6, 4, 4]), (0..96).collect()].concat();
        let labels = [header(&[6]), vec![0, 1, 2, 9, 4, 5]].concat();
        // How many blocks of gzip the images are in.
        (0..3_u8)
            .map(|blocks| vec![vec![blocks], images.clone(), labels.clone()])
            .collect()
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        let [blocks, images, labels] = &parts[..] else {
            return parts.concat();
        };
        let images = match blocks.first() {
            None | Some(0) => images.clone(),
            Some(1) => pack::gzip(images),
            Some(_) => {
                let (first, rest) = images.split_at(images.len() / 2);
                [pack::gzip(first), pack::gzip(rest)].concat()
            }
        };
        let len = (images.len() as u32).to_le_bytes();
        [&len[..], &images, labels].concat()
    }

    fn read(&mut self, bytes: &[u8], _: &Path) -> Verdict {
        let (len, rest) = bytes.split_at(bytes.len().min(4));
        let len = len.first_chunk().map_or(0, |&len| u32::from_le_bytes(len));
        let (images, labels) = rest.split_at(rest.len().min(len as usize));
        self.images.bytes = images.to_vec();
        self.labels.bytes = labels.to_vec();
        let shape = IdxShape {
            rows: 4,
            columns: 4,
            classes: 10,
        };
        let read = labelled_images(&self.images, &self.labels, shape);
        read.map(drop).map_err(sentence)
    }
}

/// The published data in this directory, and nothing else.
fn only(directory: &Path) -> (Locations, DataOptions) {
    let locations = Locations {
        data_dir: Some(directory.to_owned()),
        ..Locations::default()
    };
    let options = DataOptions::default().data(DataChoice::Real);
    (locations, options)
}

/// A zip archive of Omniglot.
pub struct Zip;

impl Target for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn seeds(&self) -> Vec<Parts> {
        let png = pack::png(&[
            (b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 0]),
            (b"IDAT", &[0, 0, 255, 0, 255, 0]),
            (b"IEND", &[]),
        ]);
        let names = [
            "Gujarati/character01/0001_01.png",
            "Gujarati/character02/0002_20.png",
        ];
        let files = names.map(|name| {
            [
                format!("images_background/{name}").into_bytes(),
                png.clone(),
            ]
        });
        vec![
            files.concat(),
            vec![b"images_background/".to_vec(), Vec::new()],
        ]
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        let files = parts.chunks(2).map(|file| {
            let name = String::from_utf8_lossy(&file[0]).into_owned();
            (name, file.get(1).map_or(&[][..], Vec::as_slice))
        });
        pack::zip(&files.collect::<Vec<_>>())
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        let place = directory.join(OMNIGLOT.directory);
        let write = fs::create_dir_all(&place)
            .and_then(|()| fs::write(place.join("images_background.zip"), bytes))
            .and_then(|()| fs::write(place.join("images_evaluation.zip"), pack::zip(&[])));
        write.map_err(sentence)?;
        let (locations, options) = only(directory);
        let omniglot = OmniglotOptions::default().alphabets(1);
        let tasks = omniglot_tasks_from(
            &OMNIGLOT,
            &locations,
            &Downloader::default(),
            &options,
            &omniglot,
            &mut |_: &str| {},
        );
        tasks.map(drop).map_err(sentence)
    }
}

/// A gzipped tar archive of CIFAR-100.
pub struct Tar;

impl Target for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn seeds(&self) -> Vec<Parts> {
        let record = |label: u8| [vec![label % 20, label], vec![7; 3072]].concat();
        let entry = |name: &str, content: Vec<u8>| {
            let mut header = tar::Header::new_gnu();
            header.set_path(name).expect("a short name");
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            [header.as_bytes().to_vec(), content]
        };
        let train = entry(
            "cifar-100-binary/train.bin",
            [record(1), record(2)].concat(),
        );
        let test = entry("cifar-100-binary/test.bin", record(3));
        let other = entry("cifar-100-binary/fine_label_names.txt", b"apple\n".to_vec());
        let mut long = entry("././@LongLink", vec![b'x'; 150]);
        long[0][156] = b'L';
        let mut extended = entry("PaxHeader", b"30 mtime=1350885563.922907\n".to_vec());
        extended[0][156] = b'x';
        vec![
            [other.clone(), train.clone(), test.clone()].concat(),
            [long, train.clone(), test.clone()].concat(),
            [extended, train, other, test].concat(),
        ]
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        pack::gzip(&pack::tar(parts))
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        let place = directory.join(CIFAR_100.directory);
        let write = fs::create_dir_all(&place)
            .and_then(|()| fs::write(place.join("cifar-100-binary.tar.gz"), bytes));
        write.map_err(sentence)?;
        let (locations, options) = only(directory);
        let downloader = Downloader::default();
        let observer = &mut |_: &str| {};
        let tasks = cifar_tasks_from(&CIFAR_100, &locations, &downloader, &options, observer);
        tasks.map(drop).map_err(sentence)
    }
}
