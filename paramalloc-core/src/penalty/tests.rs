use super::*;
use crate::routing::{Method, RouterOverride, RouterSettings, Routers};
use crate::testing::plan;

fn every_penalty() -> Penalties {
    Penalties::default()
        .budget(0.25)
        .budget_penalty(2.0)
        .connection_penalty(0.01)
        .disconnect_penalty(0.5)
        .entropy_penalty(0.1)
        .entropy_penalty_alpha(2.0)
}

/// Logits of task 1 in the layers `conv` and `mix`.
const LOGITS: [f32; 10] = [0.25, -0.5, -1.0, 0.75, 2.0, 0.0, 0.0, 1.5, 0.5, 0.25];

/// Two learned layers of 3 and 2 components and a fixed one of 2; two tasks.
fn routers() -> Routers {
    let mut settings = RouterSettings::default();
    let fixed = RouterOverride {
        method: Some(Method::SharedBottom),
        ..RouterOverride::default()
    };
    settings.fields.insert("last".into(), fixed);
    let mut routers = Routers::new(&settings, &plan(&[5, 5])).unwrap();
    assert_eq!(routers.parameters.len(), 20);
    routers.parameters[6..12].copy_from_slice(&LOGITS[..6]);
    routers.parameters[16..].copy_from_slice(&LOGITS[6..]);
    routers
}

/// Terms and gradient of task 1 at step 250 of 1000; the gradient is that of
/// the first of each pair of logits.
fn computed(penalties: Penalties) -> (PenaltyValues, Vec<f32>) {
    let routers = routers();
    let mut gradient = vec![0.0; 20];
    let values = added(penalties, &routers, 250, &mut gradient);
    let (own, others) = ([6..12, 16..20], [0..6, 12..16]);
    assert!(
        others
            .into_iter()
            .all(|r| gradient[r].iter().all(|&g| g == 0.0))
    );
    let own: Vec<f32> = own.into_iter().flat_map(|r| gradient[r].to_vec()).collect();
    assert!(own.chunks(2).all(|pair| pair[0] == -pair[1]));
    (values, own.into_iter().step_by(2).collect())
}

fn added(
    penalties: Penalties,
    routers: &Routers,
    global_step: u64,
    gradient: &mut [f32],
) -> PenaltyValues {
    let step = PenaltyStep {
        task: 1,
        global_step,
        total_task_steps: 1000,
    };
    let plan = plan(&[5, 5]);
    let mut set = PenaltySet::new(penalties, &plan).unwrap();
    set.add((&plan, routers), step, gradient, Some((0.0, &[])))
}

fn close(value: f64, expected: f64) -> bool {
    (value - expected).abs() <= 1e-6 * expected.abs()
}

/// Values by numpy in float64, gradients by central differences there:
///
/// ```python
/// P = lambda l: np.exp(l[:, 0]) / np.exp(l).sum(1)
/// def terms(la, lb, C=7):
///     pa, pb = P(la), P(lb); p = np.concatenate([pa, pb])
///     H = -(p * np.log(p) + (1 - p) * np.log(1 - p))
///     return [2.0 * max(0, p.sum() / C - 0.25), 0.01 * p.sum(),
///             0.5 * (np.prod(1 - pa) + np.prod(1 - pb)),
///             0.1 * (250 / 1000) ** 2 * H.sum()]
/// ```
#[test]
fn terms_and_gradients() {
    let none = Penalties::default();
    let cases = [
        (
            Penalties {
                budget: 0.25,
                budget_penalty: 2.0,
                ..none
            },
            [
                0.06225571250,
                0.03603692148,
                0.02999816726,
                0.04261327201,
                0.07032402364,
            ],
        ),
        (
            Penalties {
                connection_penalty: 0.01,
                ..none
            },
            [
                0.00217894994,
                0.00126129225,
                0.00104993585,
                0.00149146452,
                0.00246134083,
            ],
        ),
        (
            Penalties {
                disconnect_penalty: 0.5,
                ..none
            },
            [
                -0.01106419174,
                -0.00241176967,
                -0.01434866519,
                -0.03264991076,
                -0.10061647188,
            ],
        ),
        (
            Penalties {
                entropy_penalty: 0.1,
                entropy_penalty_alpha: 2.0,
                ..none
            },
            [
                -0.00102138278,
                0.00137953840,
                -0.00131241982,
                0.00139824799,
                -0.00038458450,
            ],
        ),
        (
            every_penalty(),
            [
                0.05234908791,
                0.03626598246,
                0.01538701810,
                0.01285307376,
                -0.02821569192,
            ],
        ),
    ];
    for (penalties, expected) in cases {
        let (_, gradient) = computed(penalties);
        for (g, e) in gradient.iter().zip(expected) {
            assert!(
                (f64::from(*g) - e).abs() < 1e-8,
                "{gradient:?} {expected:?}"
            );
        }
    }
    let (values, _) = computed(every_penalty());
    let value = |name| values.get(name).unwrap();
    assert!(close(value("budget"), 0.2007499999648913), "{values:?}");
    assert!(
        close(value("connection"), 0.024526249998771194),
        "{values:?}"
    );
    assert!(
        close(value("disconnect"), 0.19526720483470422),
        "{values:?}"
    );
    assert!(close(value("entropy"), 0.016078590263523675), "{values:?}");
    assert!(close(values.sum(), 0.4366220450618904), "{values:?}");
}

#[test]
fn below_the_budget_there_is_no_budget_term() {
    let penalties = Penalties {
        budget: 0.4,
        budget_penalty: 2.0,
        ..Penalties::default()
    };
    let (values, gradient) = computed(penalties);
    assert_eq!((values.sum(), gradient), (0.0, vec![0.0; 5]));
}

#[test]
fn certain_connections_have_finite_gradients() {
    let mut routers = routers();
    routers
        .parameters
        .copy_from_slice(&[200.0, -200.0].repeat(10));
    routers.parameters[16..].copy_from_slice(&[-200.0, 200.0, -200.0, 200.0]);
    let mut gradient = vec![0.0; 20];
    let values = added(every_penalty(), &routers, 1000, &mut gradient);
    let value = |name| values.get(name).unwrap();
    assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
    // The three of `conv` are on; of `mix` none is.
    assert_eq!((value("disconnect"), value("entropy")), (0.5, 0.0));
    assert!(close(value("connection"), 0.03));
}

#[test]
fn penalties_are_checked_by_name() {
    type Spoil = fn(&mut Penalties);
    let cases: [(&str, Spoil); 4] = [
        ("budget = 1.5", |p| p.budget = 1.5),
        ("connection_penalty = -1", |p| p.connection_penalty = -1.0),
        ("entropy_penalty_alpha = NaN", |p| {
            p.entropy_penalty_alpha = f64::NAN
        }),
        ("l2_penalty = inf", |p| p.l2_penalty = f64::INFINITY),
    ];
    for (expected, spoil) in cases {
        let mut penalties = every_penalty();
        spoil(&mut penalties);
        let sentence = penalties.check().unwrap_err().to_string();
        assert!(sentence.contains(expected), "{sentence}");
    }
}

/// What a component costs counts in proportion to the mean, and so does its share
/// of the budget.
#[test]
fn budgets_count_parameters_or_multiply_adds() {
    let (plan, routers) = (plan(&[5, 5]), routers());
    let stacks: Vec<_> = plan.routed().flat_map(|field| &field.components).collect();
    let amounts = |unit: PenaltyUnit| -> Vec<f64> {
        let amount = |stack: &&crate::network::plan::Stack| match unit {
            PenaltyUnit::Components => 1.0,
            PenaltyUnit::Parameters => stack.parameters.len() as f64,
            PenaltyUnit::MultiplyAdds => stack.multiply_adds() as f64,
        };
        stacks.iter().map(amount).collect()
    };
    let mut probabilities = vec![0.0; routers.component_len()];
    routers.task_probabilities(1, &mut probabilities);
    let learned = routers.layers.iter().filter(|layer| layer.is_learned());
    let learned: Vec<usize> = learned.flat_map(|layer| layer.components.clone()).collect();
    for unit in PenaltyUnit::ALL {
        let amounts = amounts(unit);
        let all: f64 = amounts.iter().sum();
        let used = learned
            .iter()
            .map(|&j| amounts[j] * f64::from(probabilities[j]));
        let share = used.sum::<f64>() / all;
        let penalties = Penalties::default().budget_unit(unit).budget(0.01);
        let penalties = penalties.budget_penalty(3.0).connection_penalty(0.5);
        let (values, gradient) = computed(penalties);
        assert!(
            close(values.get("budget").unwrap(), 3.0 * (share - 0.01)),
            "{unit}"
        );
        let connection = 0.5 * share * amounts.len() as f64;
        assert!(
            close(values.get("connection").unwrap(), connection),
            "{unit}"
        );
        for (&j, gradient) in learned.iter().zip(gradient) {
            let p = f64::from(probabilities[j]);
            let slope = (3.0 / all + 0.5 * amounts.len() as f64 / all) * amounts[j];
            let expected = slope * p * (1.0 - p);
            assert!((f64::from(gradient) - expected).abs() < 1e-6, "{unit}, {j}");
        }
        assert_eq!(unit.to_string().parse::<PenaltyUnit>().unwrap(), unit);
    }
    assert!("flops".parse::<PenaltyUnit>().is_err());
}
