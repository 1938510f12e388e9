// Routers of other fields that a field cannot use.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Names {
    #[routed(4, router_of = second)]
    first: Linear<8, 8>,
    #[routed(4)]
    second: Linear<8, 8>,
    #[routed(4, router_of = thrid)]
    third: Linear<8, 8>,
    #[routed(4, router_of = fourth)]
    fourth: Linear<8, 8>,
    #[routed(4, router_of = "second")]
    fifth: Linear<8, 8>,
    #[routed(4, router = paramalloc_core::routing::NoSharing, router_of = second)]
    sixth: Linear<8, 8>,
    #[routed(4, gate, router_of = second)]
    seventh: Linear<8, 8>,
    #[private(router_of = second)]
    eighth: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

#[multitask(input = 8)]
struct Kinds {
    stem: Linear<8, 8>,
    #[routed(4)]
    first: Linear<8, 8>,
    #[routed(3, router_of = first)]
    fewer: Linear<8, 8>,
    #[routed(2, router_of = first)]
    fine: AnyOf<(Linear<8, 8>, (Linear<8, 8>, ReLU))>,
    #[routed(4, router_of = fine)]
    second_hand: Linear<8, 8>,
    #[routed(4, router_of = stem)]
    of_shared: Linear<8, 8>,
    #[private]
    own: Linear<8, 8>,
    #[routed(4, router_of = own)]
    of_private: Linear<8, 8>,
    #[routed(4, gate)]
    experts: Linear<8, 8>,
    #[routed(4, router_of = experts)]
    of_gates: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
