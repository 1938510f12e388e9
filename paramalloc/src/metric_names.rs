//! What the results of tasks are called, for people.

use paramalloc_plot::format;

/// The name of each task and of the metric that it is judged by.
#[derive(Clone, Debug)]
pub struct MetricNames {
    named: Vec<(String, String)>,
    has_mean: bool,
}

impl MetricNames {
    /// From the name of each task with that of its metric.
    pub fn new(names: Vec<(String, String)>) -> Self {
        Self {
            named: names,
            has_mean: true,
        }
    }

    /// The same where results are in different units.
    #[must_use]
    pub fn without_mean(self) -> Self {
        Self {
            has_mean: false,
            ..self
        }
    }

    /// The metric of all tasks; nothing where they have different ones, or units, of
    /// which a mean says nothing.
    pub fn common(&self) -> Option<&str> {
        let (_, first) = self.named.first()?;
        let mut all = self.named.iter();
        (self.has_mean && all.all(|(_, metric)| metric == first)).then_some(first)
    }

    /// The metric of each task.
    pub fn metrics(&self) -> Vec<String> {
        self.named
            .iter()
            .map(|(_, metric)| metric.clone())
            .collect()
    }

    /// Names of the tasks.
    pub fn tasks(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(|(task, _)| task.as_str())
    }

    /// The mean of results, one per task; `-` where it says nothing.
    pub fn mean_text(&self, results: &[f64]) -> String {
        let mean = format::mean(results.iter().copied());
        match (self.common(), mean) {
            (Some(metric), Some(mean)) => format::metric(metric, mean),
            _ => "-".to_owned(),
        }
    }

    /// Each result, one per task.
    pub fn texts(&self, results: &[f64]) -> Vec<String> {
        let results = self.named.iter().zip(results);
        results
            .map(|((_, metric), &value)| format::metric(metric, value))
            .collect()
    }

    /// Each result with its task and metric: `age mean absolute error 0.3012`.
    pub fn named_texts(&self, results: &[f64]) -> Vec<String> {
        let texts = self.texts(results);
        (self.named.iter().zip(texts))
            .map(|((task, metric), text)| format!("{task} {} {text}", format::words(metric)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_different_metrics_have_no_mean() {
        let named = |(task, metric): (&str, &str)| (task.to_owned(), metric.to_owned());
        let names = [("digit", "accuracy"), ("age", "mean_absolute_error")].map(named);
        let names = MetricNames::new(names.into());
        assert_eq!(
            (names.common(), names.mean_text(&[0.5, 2.0])),
            (None, "-".to_owned())
        );
        assert_eq!(
            names.named_texts(&[0.5, 2.0]),
            ["digit accuracy 50.00 %", "age mean absolute error 2.000"]
        );
    }
}
