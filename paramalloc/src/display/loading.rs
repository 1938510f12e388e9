//! What is shown while the data of a run are loaded.

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use paramalloc_data::{Download, Observer};

/// Passes messages on, and shows a bar while a file is downloaded.
pub struct Loading<F> {
    is_quiet: bool,
    tell: F,
    bar: Option<ProgressBar>,
}

impl<F: FnMut(&str)> Loading<F> {
    /// `tell` gets the messages; there is no bar if `is_quiet`.
    pub fn new(is_quiet: bool, tell: F) -> Self {
        Self {
            is_quiet,
            tell,
            bar: None,
        }
    }
}

impl<F: FnMut(&str)> Observer for Loading<F> {
    fn message(&mut self, message: &str) {
        let tell = &mut self.tell;
        match &self.bar {
            Some(bar) => bar.suspend(|| tell(message)),
            None => tell(message),
        }
    }

    fn progress(&mut self, download: &Download<'_>) {
        if self.is_quiet {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| bar(download));
        bar.set_position(download.received);
    }

    fn download_ended(&mut self) {
        self.bar = None;
    }
}

/// A bar on standard error, hidden where that is not a terminal, and removed
/// when it goes out of scope.
fn bar(download: &Download<'_>) -> ProgressBar {
    let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar());
    let bar = ProgressBar::new(download.total)
        .with_style(style)
        .with_message(download.file.to_owned())
        .with_finish(ProgressFinish::AndClear);
    bar.set_position(download.received);
    // The speed is that of this transfer, not of what was there before.
    bar.reset_eta();
    bar
}
