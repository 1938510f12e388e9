//! Users and items as embeddings, with several things to predict of a pair:
//! He et al., "Neural Collaborative Filtering", WWW 2017, section 3.3 (the
//! embeddings of user and item go through dense layers). Tasks are clicks and
//! ratings.

use std::sync::Arc;

use paramalloc_core::data::{Examples, IndexInputs, Task};
use paramalloc_core::prelude::*;
use paramalloc_core::random::{Purpose, Random};

use crate::learns::{agrees, learns, parameters};

const USERS: u32 = 12;
const ITEMS: u32 = 16;

/// A user, 0 to 11, and an item, 12 to 27.
#[multitask(input = 2)]
struct Recommender {
    table: Embedding<28, 8>,
    flatten: Flatten2D,
    #[routed(4)]
    dense: (Linear<16, 32>, ReLU),
    #[head(tasks = [labels(1), value])]
    head: PerTaskLinear<32>,
}

/// A row of 8 values for each user and item, 4 dense components, and the heads.
const PARAMETERS: usize = 28 * 8 + 4 * (16 * 32 + 32) + 2 * (32 + 1);

/// How much each user likes each item is a product of two hidden features.
fn tasks() -> Vec<Task> {
    let mut stream = Random::new(5).stream(Purpose::Data, 7, 0);
    let features: Vec<f32> = (0..2 * (USERS + ITEMS))
        .map(|_| stream.uniform_in(-1.5, 1.5))
        .collect();
    let of = |index: u32| {
        [
            features[2 * index as usize],
            features[2 * index as usize + 1],
        ]
    };
    let pairs: Vec<u32> = (0..USERS)
        .flat_map(|user| (USERS..USERS + ITEMS).flat_map(move |item| [user, item]))
        .collect();
    let liked: Vec<f32> = (pairs.chunks_exact(2))
        .map(|pair| {
            of(pair[0])
                .iter()
                .zip(of(pair[1]))
                .map(|(u, i)| u * i)
                .sum()
        })
        .collect();
    let clicked: Vec<f32> = liked
        .iter()
        .map(|&liked| if liked > 0.0 { 1.0 } else { 0.0 })
        .collect();
    let inputs = Arc::new(IndexInputs::new(2, pairs, USERS + ITEMS).unwrap());
    let clicks = Examples::new(inputs.clone(), clicked).unwrap();
    let ratings = Examples::new(inputs, liked).unwrap();
    vec![
        Task::new("click", 1, clicks),
        Task::new("rating", 1, ratings),
    ]
}

#[test]
fn recommender() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 2_466);
    assert_eq!(parameters::<Recommender>(&tasks), PARAMETERS);
    agrees::<Recommender>(&tasks);
    learns::<Recommender>(&tasks, 400);
}
