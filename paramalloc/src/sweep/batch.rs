//! The batch file of an array of SLURM jobs.

use std::path::Path;

use crate::shell::quoted;

/// A batch file that runs each of `runs` runs of the grid in `file` as one job
/// of an array, by `program`. It is begun where the sweep is.
pub fn batch_file(program: &str, file: &Path, name: &str, runs: usize, threads: usize) -> String {
    let grid = quoted(&file.display().to_string());
    let last = runs.saturating_sub(1);
    format!(
        "#!/bin/sh
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={threads}
# A job that is submitted again resumes its run.
exec {program} sweep {grid} --array-index \"$SLURM_ARRAY_TASK_ID\"
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_for_each_run() {
        let file = batch_file("./mnist", Path::new("my grid.toml"), "grid", 12, 4);
        assert!(file.starts_with("#!/bin/sh\n"));
        assert!(file.contains("--array=0-11\n") && file.contains("--cpus-per-task=4\n"));
        assert!(file.contains("exec ./mnist sweep 'my grid.toml' --array-index"));
    }
}
