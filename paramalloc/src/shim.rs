//! Stands for what comes with the data crate.
#![allow(missing_docs)]
use std::fmt::Debug;
use std::rc::Rc;

use paramalloc_core::data::Task;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::summary::DataIdentity;
use paramalloc_data::{DataError, DataOptions, OmniglotOptions, OwnOptions, SyntheticOptions};
use serde_json::{Map, Value, json};

pub trait DataSource: Debug {
    fn name(&self) -> &str;
    fn options(&self) -> Map<String, Value>;
    fn load(&self, options: &DataOptions, say: &mut dyn FnMut(&str)) -> Result<Dataset, DataError>;
}
impl DataSource for Rc<dyn DataSource> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn options(&self) -> Map<String, Value> {
        (**self).options()
    }
    fn load(&self, options: &DataOptions, say: &mut dyn FnMut(&str)) -> Result<Dataset, DataError> {
        (**self).load(options, say)
    }
}
pub struct Dataset {
    pub tasks: Vec<Task>,
    pub identity: DataIdentity,
}

type Load =
    dyn Fn(&DataOptions, &mut dyn FnMut(&str)) -> Result<(Vec<Task>, DataIdentity), DataError>;
#[derive(Clone)]
struct Source {
    name: &'static str,
    options: Map<String, Value>,
    load: Rc<Load>,
}
impl Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
impl DataSource for Source {
    fn name(&self) -> &str {
        self.name
    }
    fn options(&self) -> Map<String, Value> {
        self.options.clone()
    }
    fn load(&self, options: &DataOptions, say: &mut dyn FnMut(&str)) -> Result<Dataset, DataError> {
        let (tasks, identity) = (self.load)(options, say)?;
        Ok(Dataset { tasks, identity })
    }
}
pub mod sources {
    use super::*;
    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
    pub fn mnist() -> Rc<dyn DataSource> {
        Rc::new(Source {
            name: "mnist",
            options: Map::new(),
            load: Rc::new(paramalloc_data::mnist_tasks),
        })
    }
    pub fn clusters() -> Rc<dyn DataSource> {
        Rc::new(Source {
            name: "clusters",
            options: Map::new(),
            load: Rc::new(paramalloc_data::cluster_tasks),
        })
    }
    pub fn omniglot(options: OmniglotOptions) -> Rc<dyn DataSource> {
        let written =
            map(json!({"alphabets": options.alphabets, "image_size": options.image_size}));
        Rc::new(Source {
            name: "omniglot",
            options: written,
            load: Rc::new(move |data, say| paramalloc_data::omniglot_tasks(data, &options, say)),
        })
    }
    pub fn synthetic(options: SyntheticOptions) -> Rc<dyn DataSource> {
        let written = map(
            json!({"relatedness": options.relatedness, "dims": options.dims, "train": options.train_examples, "test": options.test_examples, "seed": options.seed}),
        );
        Rc::new(Source {
            name: "synthetic",
            options: written,
            load: Rc::new(move |_, _| paramalloc_data::synthetic_tasks(&options)),
        })
    }
    pub fn directory(input: Dims) -> Rc<dyn DataSource> {
        let written = map(json!({"input": input}));
        Rc::new(Source {
            name: "directory",
            options: written,
            load: Rc::new(move |data, say| {
                paramalloc_data::own_tasks(data.folder()?, &OwnOptions::new(input), say)
            }),
        })
    }
    pub fn by_name(name: &str, options: &Map<String, Value>) -> Option<Rc<dyn DataSource>> {
        let get = |key: &str| options.get(key).cloned().unwrap_or_default();
        Some(match name {
            "mnist" => mnist(),
            "clusters" => clusters(),
            "omniglot" => omniglot(OmniglotOptions {
                alphabets: get("alphabets").as_u64()? as usize,
                image_size: get("image_size").as_u64()? as usize,
            }),
            "synthetic" => synthetic(SyntheticOptions {
                relatedness: serde_json::from_value(get("relatedness")).ok()?,
                dims: get("dims").as_u64()? as usize,
                train_examples: get("train").as_u64()? as usize,
                test_examples: get("test").as_u64()? as usize,
                seed: get("seed").as_u64()?,
            }),
            "directory" => directory(serde_json::from_value(get("input")).ok()?),
            _ => return None,
        })
    }
}
