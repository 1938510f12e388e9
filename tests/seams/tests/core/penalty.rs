//! Penalties written outside that are also inside: they train to the same
//! bits, and their values are reported under their names.

use paramalloc_core::error::Error;
use paramalloc_core::optim::SgdSettings;
use paramalloc_core::penalty::{Connections, Parameters, Penalties, Penalty};
use seams::{bits, settings, train, trainer};

/// What `connection_penalty` is.
#[derive(Debug)]
struct FewConnections(f64);

impl Penalty for FewConnections {
    fn name(&self) -> &str {
        "few_connections"
    }

    fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
        gradient.iter_mut().for_each(|g| *g += self.0);
        let sum: f64 = connections
            .probabilities
            .iter()
            .map(|&p| f64::from(p))
            .sum();
        self.0 * sum
    }
}

/// What `l2_penalty` is.
#[derive(Debug)]
struct SmallWeights(f32);

impl Penalty for SmallWeights {
    fn name(&self) -> &str {
        "small_weights"
    }

    fn is_on_parameters(&self) -> bool {
        true
    }

    fn on_parameters(&self, parameters: &Parameters<'_>, gradient: &mut [f32]) -> f64 {
        let mut squares = 0.0;
        for parameter in parameters.list.iter().filter(|p| p.decayed) {
            let range = parameter.range.clone();
            let values = &parameters.values[range.clone()];
            for (g, &value) in gradient[range].iter_mut().zip(values) {
                *g += self.0 * value;
                squares += f64::from(value) * f64::from(value);
            }
        }
        f64::from(self.0) * squares / 2.0
    }
}

#[test]
fn users_penalties_are_added_and_reported() {
    let inside = Penalties::default()
        .connection_penalty(0.1)
        .l2_penalty(0.25);
    let mut inside = trainer(&settings().penalties(inside));
    let mut outside = trainer(&settings());
    outside.add_penalty(Box::new(FewConnections(0.1))).unwrap();
    outside.add_penalty(Box::new(SmallWeights(0.25))).unwrap();
    let mut without = trainer(&settings());
    let (a, b) = (train(&mut inside, 20), train(&mut outside, 20));
    train(&mut without, 20);
    assert_eq!(bits(&outside), bits(&inside));
    assert_ne!(bits(&outside), bits(&without));
    for (a, b) in a.iter().zip(&b) {
        let names = [("connection", "few_connections"), ("l2", "small_weights")];
        for (inside, outside) in names {
            let (a, b) = (a.penalties.get(inside), b.penalties.get(outside));
            let (a, b) = (a.expect(inside), b.expect(outside));
            assert!(
                a > 0.0 && (a - b).abs() < 1e-6 * a,
                "{outside}: {b}, not {a}"
            );
        }
        let sum: f64 = b.penalties.iter().map(|(_, value)| value).sum();
        assert_eq!(b.auxiliary_loss(), sum);
    }
}

#[test]
fn clipping_counts_a_users_penalty() {
    let plain = SgdSettings::default().momentum(0.0);
    let settings = settings().optimizer(plain).clip_norm(1e-2);
    let mut trainer = trainer(&settings);
    let penalty = Box::new(SmallWeights(1e4));
    trainer.add_penalty(penalty).unwrap();
    let before = bits(&trainer);
    train(&mut trainer, 1);
    let moved = before.iter().zip(bits(&trainer)).map(|(&a, b)| {
        let difference = f32::from_bits(a) - f32::from_bits(b);
        f64::from(difference).powi(2)
    });
    let (moved, limit) = (moved.sum::<f64>().sqrt(), settings.learning_rate * 1e-2);
    assert!((moved - limit).abs() < 1e-3 * limit, "{moved}, not {limit}");
}

#[test]
fn a_penalty_has_a_name_of_its_own() {
    let mut trainer = trainer(&settings());
    trainer.add_penalty(Box::new(SmallWeights(0.1))).unwrap();
    let again = trainer.add_penalty(Box::new(SmallWeights(0.2)));
    assert!(matches!(again, Err(Error::AddPenalty { .. })), "{again:?}");
}
