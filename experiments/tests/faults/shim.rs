//! `shim.c`, which makes calls of a program fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The shim, compiled by the compiler that links Rust programs too.
pub struct Shim(PathBuf);

/// The calls that fail.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Number of the first one, from 1.
    pub at: usize,
    /// Error number of the system.
    pub code: i32,
    /// True if all later ones fail too.
    pub lasting: bool,
    /// The one kind of call that is counted.
    pub only: Option<&'static str>,
}

pub const EIO: i32 = 5;
pub const EAGAIN: i32 = 11;
pub const EINVAL: i32 = 22;
pub const ENOSPC: i32 = 28;
pub const EROFS: i32 = 30;
pub const ENOLCK: i32 = 37;
pub const ENOSYS: i32 = 38;
pub const EOPNOTSUPP: i32 = 95;
/// What Linux says of locks on NFS without a lock service.
pub const ENOTSUPP: i32 = 524;

impl Shim {
    /// None, and a line that says so, where there is no C compiler.
    pub fn new(directory: &Path) -> Option<Self> {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/shim.c");
        let library = directory.join("shim.so");
        let cc = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let mut compiler = Command::new(&cc);
        compiler.args(["-O1", "-U_FORTIFY_SOURCE", "-shared", "-fPIC", "-o"]);
        compiler.arg(&library).args([source, "-ldl", "-lpthread"]);
        match compiler.status() {
            Ok(status) => assert!(status.success(), "{source} does not compile"),
            Err(error) => {
                eprintln!("no calls are made to fail: {}: {error}", cc.display());
                return None;
            }
        }
        Some(Self(library))
    }

    /// Makes calls of `command` below `under` fail as `fault` says. The result tells
    /// which ones failed, once it has run.
    pub fn preload(&self, command: &mut Command, under: &Path, fault: Fault) -> Failures {
        let under = fs::canonicalize(under).unwrap();
        let log = self.0.with_file_name("failures");
        let _ = fs::remove_file(&log);
        command.env("LD_PRELOAD", &self.0);
        command.env("FAULT_UNDER", under).env("FAULT_LOG", &log);
        command.env("FAULT_AT", fault.at.to_string());
        command.env("FAULT_ERRNO", fault.code.to_string());
        if fault.lasting {
            command.env("FAULT_LASTING", "1");
        }
        if let Some(only) = fault.only {
            command.env("FAULT_ONLY", only);
        }
        Failures(log)
    }
}

/// Where the failures of a program are noted.
pub struct Failures(PathBuf);

impl Failures {
    /// The first call that failed, and its file; `None` if none did.
    pub fn first(&self) -> Option<String> {
        let log = fs::read_to_string(&self.0).ok()?;
        log.lines().next().map(str::to_owned)
    }
}
