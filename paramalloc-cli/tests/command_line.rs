//! The command line of `paramalloc` and its exit status.

use std::process::{Command, Stdio};

mod support;

use support::{succeeds, text, tool};

#[test]
fn help_fits_80_columns_and_names_every_subcommand() {
    let help = succeeds(&["--help"]);
    for command in ["plot", "show", "compare", "eval", "prune", "resume"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let own = succeeds(&[command, "--help"]);
        assert!(own.contains("RUN"), "{own}");
        assert!(own.lines().all(|line| line.chars().count() <= 80), "{own}");
    }
    assert!(
        help.lines().all(|line| line.chars().count() <= 80),
        "{help}"
    );
    assert!(succeeds(&["--version"]).starts_with("paramalloc "));
}

#[test]
fn a_wrong_command_line_has_status_2() {
    for arguments in [
        &[][..],
        &["plot"],
        &["plod", "run"],
        &["show", "run", "--all"],
    ] {
        let output = tool(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("Usage: paramalloc"));
        assert_eq!(text(&output.stdout), "");
    }
}

/// Linux has a file that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_a_failure() {
    let run = support::run_of_version_0_1();
    let out = tempfile::tempdir().unwrap();
    let (run, out) = (run.to_str().unwrap(), out.path().to_str().unwrap());
    for arguments in [
        &["--help"][..],
        &["show", run],
        &["compare", run],
        &["plot", run, "--out", out],
    ] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_paramalloc"));
        command.args(arguments).stdout(full).stderr(Stdio::piped());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let message = text(&output.stderr);
        assert!(
            message.contains("cannot write to standard output"),
            "{message}"
        );
    }
}
