//! Every layer of the language, exported and computed by tract, against this library's
//! own evaluation.

mod cases;
mod compare;
mod heads;
mod runtime;
mod shared_router;

use std::collections::BTreeSet;

use paramalloc_core::layers::Spec;

use cases::{ALL, cases, kind};
use compare::compare;

#[test]
fn every_layer_alone_and_routed() {
    let (mut seen, mut failed) = (BTreeSet::new(), Vec::new());
    for (input, spec) in cases() {
        names(&spec, &mut seen);
        if let Err(how) = compare(input, &spec) {
            failed.push(format!("{spec} on {input}: {how}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let missing: Vec<&str> = ALL
        .into_iter()
        .filter(|name| !seen.contains(name))
        .collect();
    assert!(missing.is_empty(), "no case has {missing:?}");
}

fn names(spec: &Spec, seen: &mut BTreeSet<&'static str>) {
    seen.insert(kind(spec));
    if let Spec::Sequence(parts) | Spec::Residual(parts) | Spec::AnyOf(parts) = spec {
        parts.iter().for_each(|part| names(part, seen));
    }
}
