//! A schedule that stops learning after some steps.

use paramalloc_core::optim::{Schedule, ScheduleSettings, SgdSettings};
use seams::{bits, settings, train, trainer};

#[derive(Debug)]
struct Until(u64);

impl Schedule for Until {
    fn factor(&self, step: u64, _total_steps: u64) -> f64 {
        if step < self.0 { 1.0 } else { 0.0 }
    }
}

#[test]
fn a_users_schedule_sets_the_learning_rates() {
    let settings = settings().optimizer(SgdSettings::default());
    let mut stopped = trainer(&settings);
    stopped.set_schedule(Box::new(Until(10)));
    train(&mut stopped, 10);
    let then = bits(&stopped);
    train(&mut stopped, 10);
    assert_eq!(bits(&stopped), then, "the rate is 0");
    let mut constant = trainer(&settings);
    train(&mut constant, 10);
    assert_eq!(bits(&constant), then);
    train(&mut constant, 10);
    assert_ne!(bits(&constant), then);
}

#[test]
fn a_schedule_of_the_settings_is_followed_too() {
    let bits = |schedule| {
        let mut trainer = trainer(&settings().schedule(schedule));
        train(&mut trainer, 12);
        bits(&trainer)
    };
    let warm_up = ScheduleSettings::WarmUp { steps: 8 };
    assert_ne!(bits(warm_up), bits(ScheduleSettings::Constant));
}
