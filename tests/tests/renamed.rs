//! The macro finds `paramalloc-core` under the name that Cargo.toml gives it.

use paramalloc_core::network::{Multitask, Outputs};
use renamed::Net;

#[test]
fn a_network_may_live_in_a_crate_that_renames_the_dependency() {
    assert_eq!(Net::NETWORK.fields.len(), 1);
    assert_eq!(Net::NETWORK.head.outputs, Outputs::Equal(3));
}
