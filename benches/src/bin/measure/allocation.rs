//! Allocations forced through the routers' logits.

use paramalloc_core::error::Error;
use paramalloc_core::train::Trainer;

/// So far from even that no draw of noise changes a choice.
const SURE: f32 = 100.0;

/// Sets the logits of all tasks: so many quarters of each layer's components
/// on, the others off.
///
/// # Errors
/// As [`Trainer::set_parameters`].
pub fn switch_on(trainer: &mut Trainer, quarters: usize) -> Result<(), Error> {
    let mut parameters = trainer.parameters();
    for logits in parameters
        .iter_mut()
        .filter(|p| p.path.ends_with(".router.logits"))
    {
        let components = logits.shape[1];
        for (i, pair) in logits.values.chunks_exact_mut(2).enumerate() {
            let on = i % components < components * quarters / 4;
            pair.copy_from_slice(&if on { [SURE, -SURE] } else { [-SURE, SURE] });
        }
    }
    trainer.set_parameters(&parameters)
}
