//! Networks that people publish, each as an annotated struct that learns
//! generated data of the same form.

mod celeba;
mod cgc;
mod clusters;
mod constant;
mod depthwise;
mod from_data;
mod generated;
mod joint;
mod learns;
mod mmoe;
mod mnist;
mod nyuv2;
mod omniglot;
mod private;
mod recommender;
mod resnet18;
mod signals;
mod tox21;
