//! Generated runs of several shapes, for tests.

#![allow(dead_code, reason = "each test takes what it needs")]

use paramalloc_core::summary::{
    DataIdentity, EvaluationMetric, FORMAT, Metric, RoutedLayerSummary, Summary, TaskSummary,
    TrainMetric,
};

/// The coarse classes of CIFAR-100.
const COARSE_CLASSES: [&str; 20] = [
    "aquatic_mammals",
    "fish",
    "flowers",
    "food_containers",
    "fruit_and_vegetables",
    "household_electrical_devices",
    "household_furniture",
    "insects",
    "large_carnivores",
    "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes",
    "large_omnivores_and_herbivores",
    "medium_mammals",
    "non-insect_invertebrates",
    "people",
    "reptiles",
    "small_mammals",
    "trees",
    "vehicles_1",
    "vehicles_2",
];

/// Alphabets of Omniglot.
const ALPHABETS: [&str; 20] = [
    "Gujarati",
    "Sylheti",
    "Arcadian",
    "Tibetan",
    "Old_Church_Slavonic_(Cyrillic)",
    "Angelic",
    "Malay_(Jawi_-_Arabic)",
    "Sanskrit",
    "Cyrillic",
    "Anglo-Saxon_Futhorc",
    "Syriac_(Estrangelo)",
    "Ge_ez",
    "Japanese_(katakana)",
    "Keble",
    "Manipuri",
    "Alphabet_of_the_Magi",
    "Gurmukhi",
    "Korean",
    "Early_Aramaic",
    "Atemayar_Qelisayer",
];

/// A run: its summary and the lines of its metrics.
#[derive(Clone)]
pub struct GeneratedRun {
    pub summary: Summary,
    pub metrics: Vec<Metric>,
}

/// Names and groups of the tasks, names and components of the layers.
struct Shape {
    experiment: &'static str,
    method: &'static str,
    tasks: Vec<(String, &'static str)>,
    layers: Vec<(String, Vec<&'static str>)>,
    steps: u64,
    lines: u64,
}

/// Four digit tasks in two groups, three layers of four components.
pub fn digits() -> GeneratedRun {
    let tasks = [
        ("MNIST", "upright"),
        ("MNIST-2", "upright"),
        ("MNIST-Rot", "rotated"),
        ("MNIST-Rot-2", "rotated"),
    ];
    let layer = |(index, name)| (format!("conv{}", index + 1), vec![name; 4]);
    let kernels = ["conv5x5", "conv3x3", "conv3x3"];
    build(&Shape {
        experiment: "mnist",
        method: "gumbel_matrix",
        tasks: tasks.map(|(name, group)| (name.to_owned(), group)).into(),
        layers: kernels.into_iter().enumerate().map(layer).collect(),
        steps: 150_000,
        lines: 300,
    })
}

/// The same under a fixed router, which has no probabilities.
pub fn fixed() -> GeneratedRun {
    let mut run = digits();
    run.summary.method = "no_sharing".into();
    for layer in &mut run.summary.routed_layers {
        layer.probabilities.clear();
        for (task, row) in layer.allocation.iter_mut().enumerate() {
            row.fill(0);
            row[task] = 1;
        }
    }
    for metric in &mut run.metrics {
        if let Metric::Train(line) = metric {
            line.probabilities.clear();
            (line.auxiliary_loss, line.entropy) = (0.0, 0.0);
        }
    }
    run
}

/// One regression task, without a group, evaluated once.
pub fn single() -> GeneratedRun {
    let mut run = build(&Shape {
        experiment: "synthetic",
        method: "gumbel_matrix",
        tasks: vec![("only & <one>".into(), "")],
        layers: vec![("hidden".into(), vec!["linear16"; 8])],
        steps: 500,
        lines: 5,
    });
    run.summary.metric = "mean_squared_error".into();
    run
}

/// `tasks` tasks with `layers` layers of `components` components each, and
/// hardly any metrics.
pub fn sized(tasks: usize, layers: usize, components: usize) -> GeneratedRun {
    let layer = |index| (format!("layer{index}"), vec!["Linear"; components]);
    build(&Shape {
        experiment: "sized",
        method: "gumbel_matrix",
        tasks: (0..tasks)
            .map(|index| (format!("task {index}"), ""))
            .collect(),
        layers: (0..layers).map(layer).collect(),
        steps: 100,
        lines: 2,
    })
}

/// 40 tasks in three groups, three layers of 16 components.
pub fn clusters() -> GeneratedRun {
    let without = |set, group| (0..10).map(move |i| (format!("{set} without {i}"), group));
    let mut tasks: Vec<_> = COARSE_CLASSES
        .map(|name| (name.to_owned(), "CIFAR-100"))
        .into();
    tasks.extend(without("MNIST", "MNIST"));
    tasks.extend(without("Fashion-MNIST", "Fashion-MNIST"));
    let components = [vec!["conv3x3"; 8], vec!["conv5x5"; 8]].concat();
    let layer = |index| (format!("block{index}"), components.clone());
    build(&Shape {
        experiment: "clusters",
        method: "gumbel_matrix",
        tasks,
        layers: (0..3).map(layer).collect(),
        steps: 800_000,
        lines: 500,
    })
}

/// 20 tasks without groups, eight layers of seven different components.
pub fn alphabets() -> GeneratedRun {
    let names = ALPHABETS.map(str::to_owned).into_iter();
    let components = vec![
        "conv3x3 conv3x3",
        "conv5x5 conv5x5",
        "conv7x7 conv7x7",
        "conv1x7 conv7x1",
        "maxpool3x3",
        "avgpool3x3",
        "identity",
    ];
    let layer = |index| (format!("block{index}"), components.clone());
    let mut run = build(&Shape {
        experiment: "omniglot",
        method: "gumbel_matrix",
        tasks: names.map(|name| (name, "")).collect(),
        layers: (0..8).map(layer).collect(),
        steps: 160_000,
        lines: 160,
    });
    run.summary.finished = false;
    run.summary.total_task_steps = 320_000;
    run.summary.data.real = true;
    run
}

/// A share of 0 to 1 that looks random but depends only on the arguments.
fn noise(seed: [usize; 3]) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in seed {
        state = (state ^ part as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state ^= state >> 29;
    }
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

/// Probability that `task` is connected after a `share` of the run: from 0.5
/// towards what the group likes, with some taste of the task's own.
fn probability(group: usize, task: usize, layer: usize, component: usize, share: f64) -> f32 {
    let place = layer * 100 + component;
    let liked = noise([group + 1000, place, 1]) < 0.45;
    let own = noise([task, place, 2]) < 0.12;
    let side = if liked != own { 1.0 } else { -1.0 };
    let speed = 2.0 + 14.0 * noise([task, place, 3]);
    (1.0 / (1.0 + (-side * speed * share * share).exp())) as f32
}

fn build(shape: &Shape) -> GeneratedRun {
    let group = |task: usize| {
        let name = shape.tasks[task].1;
        shape
            .tasks
            .iter()
            .position(|other| other.1 == name)
            .unwrap_or(0)
    };
    let rows = |layer: usize, share: f64| -> Vec<Vec<f32>> {
        let row = |task: usize| {
            let components = 0..shape.layers[layer].1.len();
            components
                .map(|c| probability(group(task), task, layer, c, share))
                .collect()
        };
        (0..shape.tasks.len()).map(row).collect()
    };
    let layers = shape.layers.iter().enumerate();
    let routed_layers = layers.map(|(index, (name, components))| {
        let probabilities = rows(index, 1.0);
        let used = |row: &Vec<f32>| row.iter().map(|&p| u8::from(p > 0.5)).collect();
        RoutedLayerSummary {
            name: name.clone(),
            router_of: None,
            components: components.iter().map(|&name| name.to_owned()).collect(),
            allocation: probabilities.iter().map(used).collect(),
            probabilities,
            gated: false,
        }
    });
    let accuracy = |task: usize, share: f64| {
        let best = 0.80 + 0.18 * noise([task, 7, 7]);
        best * (1.0 - 0.8 * (-9.0 * share).exp())
    };
    let result = |task: usize, share: f64| {
        let train = accuracy(task, share);
        [
            ("train".to_owned(), train),
            ("test".to_owned(), train * 0.97),
        ]
    };
    let tasks = shape
        .tasks
        .iter()
        .enumerate()
        .map(|(index, (name, group))| TaskSummary {
            metric: None,
            name: name.clone(),
            group: (*group).to_owned(),
            results: result(index, 1.0).into(),
            guess: [].into(),
            parameter_share: 0.3 + 0.4 * noise([index, 5, 5]),
            multiply_add_share: 0.2 + 0.6 * noise([index, 6, 6]),
        });
    let summary = Summary {
        format: FORMAT,
        experiment: shape.experiment.into(),
        method: shape.method.into(),
        seed: 1,
        global_step: shape.steps,
        total_task_steps: shape.steps,
        finished: true,
        results_step: None,
        data: DataIdentity {
            name: "generated".into(),
            real: false,
            files: [].into(),
        },
        metric: "accuracy".into(),
        tasks: tasks.collect(),
        routed_layers: routed_layers.collect(),
    };
    let mut metrics = Vec::new();
    for line in 1..=shape.lines {
        let share = line as f64 / shape.lines as f64;
        let loss = |task: usize| {
            let jitter = 0.75 + 0.5 * noise([task, line as usize, 8]);
            // A task may have had no step since the line before.
            let skipped = line % 50 == 7 && task == 0;
            (!skipped)
                .then(|| (2.3 * (-5.0 * share).exp() + 0.02 + 0.1 * noise([task, 9, 9])) * jitter)
        };
        let names = shape.layers.iter().enumerate();
        metrics.push(Metric::Train(TrainMetric {
            global_step: shape.steps * line / shape.lines,
            task_loss: (0..shape.tasks.len()).map(loss).collect(),
            auxiliary_loss: 0.25 * (-6.0 * share).exp(),
            entropy: 0.693 * (1.0 - 0.9 * share),
            temperature: (50.0 / (shape.steps as f64 * share + 1.0).sqrt()).max(0.5),
            probabilities: names
                .map(|(i, (name, _))| (name.clone(), rows(i, share)))
                .collect(),
        }));
        if line % (shape.lines / 10).max(5) == 0 {
            let results = (0..shape.tasks.len()).map(|task| result(task, share));
            let mut by_split = EvaluationMetric {
                global_step: shape.steps * line / shape.lines,
                results: [].into(),
                ..EvaluationMetric::default()
            };
            for (split, value) in results.flatten() {
                by_split.results.entry(split).or_default().push(value);
            }
            metrics.push(Metric::Evaluation(by_split));
        }
    }
    GeneratedRun { summary, metrics }
}
