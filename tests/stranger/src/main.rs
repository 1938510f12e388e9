//! Trains the two tasks on points.

fn main() -> std::process::ExitCode {
    stranger::experiment().main()
}
