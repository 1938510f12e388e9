//! Gradient descent with momentum, written outside: it trains to the bits of
//! the one inside, and a run resumes with it exactly.

use paramalloc_core::error::{Error, FileError};
use paramalloc_core::optim::{Optimizer, SgdSettings, UpdateStep};
use seams::{bits, settings, train, trainer};

#[derive(Debug)]
struct Descent;

impl Optimizer for Descent {
    fn name(&self) -> &str {
        "descent"
    }

    fn slots(&self) -> &[&str] {
        &["speed"]
    }

    fn update(
        &self,
        step: UpdateStep,
        state: &mut [&mut [f32]],
        parameters: &mut [f32],
        gradient: Option<&[f32]>,
    ) {
        let rate = step.learning_rate as f32;
        for (i, (p, speed)) in parameters.iter_mut().zip(&mut *state[0]).enumerate() {
            *speed = 0.9 * *speed + gradient.map_or(0.0, |g| g[i]);
            *p -= rate * *speed;
        }
    }
}

#[test]
fn a_users_optimizer_trains_as_the_one_inside() {
    // Clipping and the L2 penalty are applied before either.
    let mut common = settings().clip_norm(0.5);
    common.penalties.l2_penalty = 0.01;
    let mut inside = trainer(
        &common
            .clone()
            .optimizer(SgdSettings::default().momentum(0.9)),
    );
    let mut outside = trainer(&common);
    outside.set_optimizer(Box::new(Descent)).unwrap();
    let start = bits(&outside);
    train(&mut inside, 30);
    train(&mut outside, 30);
    assert_eq!(bits(&outside), bits(&inside));
    assert_ne!(bits(&outside), start);
}

#[test]
fn a_run_with_a_users_optimizer_resumes_exactly() {
    let new = || {
        let mut trainer = trainer(&settings());
        trainer.set_optimizer(Box::new(Descent)).unwrap();
        trainer
    };
    let mut whole = new();
    train(&mut whole, 40);
    let mut half = new();
    train(&mut half, 20);
    let checkpoint = half.checkpoint(&()).unwrap();
    let mut resumed = new();
    resumed.restore::<()>(&checkpoint).unwrap();
    train(&mut resumed, 20);
    assert_eq!(bits(&resumed), bits(&whole));

    let refused = trainer(&settings()).restore::<()>(&checkpoint);
    let other = |e: &Error| matches!(e, Error::File(FileError::OtherOptimizer { .. }));
    assert!(refused.is_err_and(|e| other(&e)));
}

#[test]
fn slots_need_names_of_their_own() {
    #[derive(Debug)]
    struct Twice;
    impl Optimizer for Twice {
        fn name(&self) -> &str {
            "twice"
        }
        fn slots(&self) -> &[&str] {
            &["m", "m"]
        }
        fn update(&self, _: UpdateStep, _: &mut [&mut [f32]], _: &mut [f32], _: Option<&[f32]>) {}
    }
    let refused = trainer(&settings()).set_optimizer(Box::new(Twice));
    assert!(matches!(refused, Err(Error::Slots { .. })));
}
