use super::*;
use crate::optim::ScheduleSettings;

fn optimization(settings: &TrainSettings) -> Optimization {
    Optimization::new(settings).unwrap()
}

#[test]
fn groups_have_learning_rates_of_their_own() {
    let mut settings = TrainSettings {
        learning_rate: 5e-3,
        ..TrainSettings::default()
    };
    let rates = |settings: &TrainSettings, step| {
        let mut optimization = optimization(settings);
        let updates = optimization.next(step, 100, 1.0, 0.5);
        assert_eq!(updates.map(|u| (u.number, u.l2)), [(1, 0.5), (1, 0.0)]);
        updates.map(|u| u.learning_rate)
    };
    assert_eq!(rates(&settings, 0), [5e-3, 5e-3]);
    settings.router_learning_rate = Some(0.5);
    assert_eq!(rates(&settings, 0), [5e-3, 0.5]);
    settings.schedule = ScheduleSettings::WarmUp { steps: 4 };
    assert_eq!(rates(&settings, 1), [2.5e-3, 0.25]);
    assert_eq!(rates(&settings, 9), [5e-3, 0.5]);
}

#[test]
fn clipping_is_by_the_norm_of_all_gradients_together() {
    let scale = |clip_norm, norm| {
        let settings = TrainSettings {
            clip_norm,
            ..TrainSettings::default()
        };
        optimization(&settings).scale(norm)
    };
    let norm = Some(5.0);
    assert_eq!(scale(Some(1.0), norm), 0.2);
    assert_eq!(scale(Some(10.0), norm), 1.0);
    assert_eq!(scale(None, norm), 1.0);
}

#[test]
fn settings_are_checked_by_name() {
    type Spoil = fn(&mut TrainSettings);
    let cases: [(&str, Spoil); 4] = [
        ("learning_rate = 0", |s| s.learning_rate = 0.0),
        ("router_learning_rate = -1", |s| {
            s.router_learning_rate = Some(-1.0)
        }),
        ("clip_norm = NaN", |s| s.clip_norm = Some(f64::NAN)),
        ("schedule.minimum = -1", |s| {
            s.schedule = ScheduleSettings::Cosine {
                warm_up: 0,
                minimum: -1.0,
            }
        }),
    ];
    for (expected, spoil) in cases {
        let mut settings = TrainSettings::default();
        spoil(&mut settings);
        let sentence = settings.check().unwrap_err().to_string();
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}
