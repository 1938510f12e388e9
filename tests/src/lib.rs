//! What several tests share: the networks of the oracle, made-up tasks for
//! them, the CPU's ways to train them, and comparison. The tests are in
//! `tests/`.

pub mod compare;
pub mod engines;
pub mod made;
pub mod networks;
