//! The macro finds `paramalloc-core` or `paramalloc` under the name that
//! Cargo.toml gives it.

use paramalloc_core::network::{Multitask, Outputs};

#[test]
fn a_network_may_live_in_a_crate_that_renames_the_dependency() {
    use renamed::Net;
    assert_eq!(Net::NETWORK.fields.len(), 1);
    assert_eq!(Net::NETWORK.head.outputs, Outputs::Equal(3));
}

#[test]
fn a_network_may_live_in_a_crate_that_depends_on_paramalloc_alone() {
    use renamed_paramalloc::Net;
    assert_eq!(Net::NETWORK.fields.len(), 1);
    assert_eq!(Net::NETWORK.head.outputs, Outputs::Equal(5));
}
