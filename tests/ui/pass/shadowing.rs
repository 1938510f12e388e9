// Only the macro's name is imported, and the user's names hide the usual ones.
#![allow(dead_code, non_camel_case_types)]

use paramalloc_core::layers::{Flatten2D, Linear};
use paramalloc_core::multitask;

struct Option;
struct Some;
struct None;
struct Layer;
struct Tensor;
struct usize;
struct str;
struct f32;
struct core;
struct std;

macro_rules! net {
    ($name:ident, $ty:ty, $classes:expr) => {
        #[multitask(input = (1, 2, 2))]
        struct $name {
            flatten: Flatten2D,
            dense: $ty,
            #[head(classes = $classes)]
            head: Linear<8, { $classes }>,
        }
    };
}

net!(D, (Linear<4, 8>, paramalloc_core::layers::ReLU), 2 + 3);
net!(T, Linear<4, 8>, 2);

fn main() {}
