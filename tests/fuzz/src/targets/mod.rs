//! The readers.

mod arrays;
mod images;
mod published;
mod run;
mod settings;
mod stored;
mod table;
mod tensors;

use crate::target::Target;

/// All of them.
pub fn all() -> Vec<Box<dyn Target>> {
    vec![
        Box::new(published::Idx::new()),
        Box::new(published::Zip),
        Box::new(published::Tar),
        Box::new(arrays::Own { is_image: false }),
        Box::new(arrays::Own { is_image: true }),
        Box::new(table::Arrays),
        Box::new(table::Text),
        Box::new(images::Png),
        Box::new(images::Jpeg),
        Box::new(tensors::Checkpoint::new()),
        Box::new(tensors::Pruned::new()),
        Box::new(stored::NetworkFile),
        Box::new(stored::Manifest),
        Box::new(stored::ConfusionFile),
        Box::new(stored::Summary::new()),
        Box::new(stored::Metrics::new()),
        Box::new(settings::Config { is_json: false }),
        Box::new(settings::Config { is_json: true }),
        Box::new(run::File::new("config.json")),
        Box::new(run::File::new("network.json")),
        Box::new(run::File::new("table.json")),
        Box::new(run::File::of_images()),
    ]
}
