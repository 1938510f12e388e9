//! Programs that are stopped while they run.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Sends a signal, `-INT` for example.
pub fn signal(child: &Child, signal: &str) {
    let mut kill = Command::new("kill");
    kill.args([signal, &child.id().to_string()]);
    // It may have ended a moment ago.
    let _ = kill.stderr(Stdio::null()).status().unwrap();
}

/// Waits for a file.
pub fn wait_for(path: &Path) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < limit, "{} never came", path.display());
        sleep(Duration::from_millis(10));
    }
}
