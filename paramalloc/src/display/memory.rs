//! How much memory this process has.

/// Bytes of memory that this process has by now, where the system says so.
#[cfg(target_os = "linux")]
pub fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Bytes of memory that this process has by now, where the system says so.
#[cfg(not(target_os = "linux"))]
pub fn resident() -> Option<u64> {
    None
}

/// `812 MB` or `1.4 GB`.
pub fn text(bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    match megabytes {
        1000.0.. => format!("{:.1} GB", megabytes / 1e3),
        _ => format!("{megabytes:.0} MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told() {
        assert_eq!(
            (text(812_000_000), text(1_449_000_000)),
            ("812 MB".to_owned(), "1.4 GB".to_owned())
        );
        #[cfg(target_os = "linux")]
        assert!(resident().unwrap() > 1_000_000);
    }
}
