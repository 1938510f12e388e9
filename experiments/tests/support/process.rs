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

/// The exit status of a program that is to end within ten seconds.
pub fn ends_soon(child: &mut Child) -> Option<i32> {
    let limit = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > limit {
            child.kill().unwrap();
            panic!("it goes on");
        }
        sleep(Duration::from_millis(10));
    }
}

/// Waits for a file.
pub fn wait_for(path: &Path) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < limit, "{} never came", path.display());
        sleep(Duration::from_millis(10));
    }
}
