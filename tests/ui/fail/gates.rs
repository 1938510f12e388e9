// Gates that do not go with what is beside them.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[routed(4, gate, router = paramalloc_core::routing::NoSharing)]
    both: Linear<8, 8>,
    #[routed(4, private = 1)]
    private: Linear<8, 8>,
    #[routed(1, gate)]
    one: Linear<8, 8>,
    #[routed(gate)]
    none: Linear<8, 8>,
    #[routed(4, gate = 2)]
    value: Linear<8, 8>,
    #[routed(1, gate, private = 1)]
    fine: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
