//! A subcommand: a clap struct and a function.

use std::cell::Cell;
use std::rc::Rc;

use clap::Args;
use paramalloc::{Done, Error};

use crate::{experiment, run};

#[derive(Args)]
struct Count {
    /// How often
    times: u32,
}

#[test]
fn a_users_subcommand_runs_and_its_errors_are_those_of_the_program() {
    let counted = Rc::new(Cell::new(0));
    let count = {
        let counted = counted.clone();
        move |Count { times }| match times {
            0 => Err(Error::other("nothing to count")),
            times => {
                counted.set(times);
                Ok(())
            }
        }
    };
    let experiment = experiment().subcommand("count", "Counts", count);
    let done = run(&experiment, &["count", "3"]);
    assert!(matches!(done, Ok(Done::Subcommand)), "{done:?}");
    assert_eq!(counted.get(), 3);
    let failed = run(&experiment, &["count", "0"]).unwrap_err();
    assert_eq!(failed.to_string(), "nothing to count");
    let wrong = run(&experiment, &["count", "many"]).unwrap_err();
    assert!(matches!(wrong, Error::Arguments(_)), "{wrong}");
    let Err(Error::Arguments(help)) = run(&experiment, &["--help"]) else {
        panic!("the help was asked for");
    };
    assert!(help.render().to_string().contains("\n  count "), "{help}");
}
