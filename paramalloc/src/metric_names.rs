//! What the results of tasks are called, for people.

use paramalloc_plot::format;

/// The name of each task and of the metric that it is judged by.
#[derive(Clone, Debug)]
pub struct MetricNames(Vec<(String, String)>);

impl MetricNames {
    /// From the name of each task with that of its metric.
    pub fn new(names: Vec<(String, String)>) -> Self {
        Self(names)
    }

    /// The metric of all tasks; nothing where they have different ones, of which a
    /// mean says nothing.
    pub fn common(&self) -> Option<&str> {
        let (_, first) = self.0.first()?;
        let mut all = self.0.iter();
        all.all(|(_, metric)| metric == first).then_some(first)
    }

    /// The metric of each task.
    pub fn metrics(&self) -> Vec<String> {
        self.0.iter().map(|(_, metric)| metric.clone()).collect()
    }

    /// Names of the tasks.
    pub fn tasks(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(task, _)| task.as_str())
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
        let results = self.0.iter().zip(results);
        results
            .map(|((_, metric), &value)| format::metric(metric, value))
            .collect()
    }

    /// Each result with its task and metric: `age mean absolute error 0.3012`.
    pub fn named_texts(&self, results: &[f64]) -> Vec<String> {
        let texts = self.texts(results);
        (self.0.iter().zip(texts))
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
