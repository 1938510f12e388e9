//! What several tests share: the networks of the oracle and the CPU's ways to
//! train them. The tests are in `tests/`.

pub mod engines;
pub mod networks;
