//! Networks that are stored as JSON and read again: they are equal, and train
//! to the same bits once the user's parts are bound.

use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::network::Registry;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prelude::dfdx::prelude::{Device, Tape};
use paramalloc_core::prelude::*;
use paramalloc_core::routing::SharedBottom;
use tests::compare::{bits, flat};
use tests::made::{Run, random_tasks};
use tests::networks::{ClustersSmall, Mnist, OmniglotSmall, Synthetic};

/// `C * x`, of which there is one for each `C`.
struct Times<const C: usize>;

impl<const C: usize> CustomLayer for Times<C> {
    const NAME: &'static str = "Times";
    const RULE: ShapeRule = ShapeRule::KeepChannels(C);

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        x * C as f32
    }
}

impl<const C: usize> Layer for Times<C> {
    const SPEC: Spec = Spec::custom::<Self>();
}

#[multitask(input = 3, tasks = 2)]
struct Users {
    first: (Linear<3, 4>, Times<4>),
    #[routed(router = SharedBottom)]
    mixed: AnyOf<(Times<4>, Identity, (Linear<4, 4>, Times<4>))>,
    last: (Linear<4, 2>, Times<2>),
    #[head(classes = 3)]
    head: Linear<2, 3>,
}

const ROUTER: &SharedBottom = &SharedBottom;

fn stored(network: &Network) -> Network {
    let text = serde_json::to_string_pretty(network).unwrap();
    let read: Network = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, network);
    assert_eq!(serde_json::to_string_pretty(&read).unwrap(), text);
    read
}

#[test]
fn a_stored_network_is_read_as_it_was() {
    let networks = [
        (Mnist::NETWORK, vec![10; 4]),
        (ClustersSmall::NETWORK, vec![5, 5, 9, 9, 9]),
        (OmniglotSmall::NETWORK, vec![14, 20, 7]),
        (Synthetic::NETWORK, vec![1; 4]),
        (Users::NETWORK, vec![3; 2]),
    ];
    for (network, outputs) in networks {
        let read = stored(&network);
        let [before, after] = [&network, &read].map(|n| Plan::new(n, &outputs).unwrap());
        let paths = |plan: &Plan| -> Vec<String> {
            plan.parameters.iter().map(|p| p.path.clone()).collect()
        };
        assert_eq!(paths(&before), paths(&after), "{}", network.name);
    }
}

#[test]
fn parts_of_a_users_own_are_bound_by_name() {
    let mut read = stored(&Users::NETWORK);
    let refused = |network: &mut Network, registry: &Registry, part: (&str, &str)| {
        let error = network.bind(registry).unwrap_err();
        let Error::Network(NetworkError::Unbound {
            network,
            what,
            name,
        }) = &error
        else {
            panic!("{error}");
        };
        assert_eq!(network, "Users");
        assert_eq!((*what, name.as_str()), part, "{error}");
    };
    let settings = TrainSettings::default().learning_rate(0.05);
    let unbound = Trainer::new(&read, &settings, &[3, 3], 1).err().unwrap();
    assert!(matches!(
        unbound,
        Error::Network(NetworkError::Unbound { what: "router", .. })
    ));

    let registry = Registry::new();
    refused(&mut read, &registry, ("layer", "Times"));
    let registry = registry.layer::<Times<4>>();
    refused(&mut read, &registry, ("router", "shared_bottom"));
    let registry = registry.router(ROUTER);
    // Another width is another layer.
    refused(&mut read, &registry, ("layer", "Times"));
    let registry = registry.layer::<Times<2>>();
    read.bind(&registry).unwrap();
    // What is bound stays so.
    read.bind(&Registry::new()).unwrap();

    let tasks = random_tasks(&Plan::new(&Users::NETWORK, &[3, 3]).unwrap(), 22, 11);
    let trained = [&Users::NETWORK, &read].map(|network| {
        let trainer = Trainer::new(network, &settings, &[3, 3], 1).unwrap();
        let mut run = Run::new(trainer, &tasks, &settings);
        run.steps(20);
        bits(&flat(&run.parameters()))
    });
    assert_eq!(trained[0], trained[1]);
}
