//! The interface of a router. Routers are tiny and live on the host, on every
//! device: which component may be skipped is decided before any kernel runs.

use crate::error::Error;

/// What the choice of components at one training step depends on, besides
/// the parameters.
#[derive(Clone, Copy, Debug)]
pub struct Draw<'a> {
    /// Independent draws from `U[0, 1)`, [`Router::uniforms`] of them for
    /// each component: `[components, uniforms]`.
    pub uniform: &'a [f32],
    /// Temperature of this step, above 0.
    pub temperature: f32,
}

/// Weights of one routed layer's components for one task: `out = sum_j w_j
/// f_j(x)` (paper, section 3). `row` is the task's row of the router's
/// parameters, `[components, row_width]`, empty for a fixed router.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a router",
    label = "not a router",
    note = "write a value of a type that implements `paramalloc_core::routing::Router`"
)]
pub trait Router: Send + Sync {
    /// Name of the router, with all that tells it from others: a network that
    /// names the router is stored and compared by it.
    fn name(&self) -> &str;

    /// Parameters per task and component; 0 for a fixed router.
    fn row_width(&self) -> usize;

    /// Uniform draws per component and training step.
    fn uniforms(&self) -> usize;

    /// True if `weights_backward` needs `dL/dw` also for components of weight
    /// 0; their forward output is then computed in training. If false, they
    /// do not run at all.
    fn learns_from_inactive(&self) -> bool;

    /// Checks that the router can serve `tasks` tasks and `components`
    /// components.
    ///
    /// # Errors
    /// Says what does not fit and what to do; [`Error::other`] makes an error
    /// of a sentence.
    fn check(&self, tasks: usize, components: usize) -> Result<(), Error>;

    /// Initial parameters of one task, `[components, row_width]`.
    fn initial_row(&self, task: usize, row: &mut [f32]);

    /// Writes the weights in training to all of `weights`, `[components]`.
    fn sample(&self, task: usize, row: &[f32], draw: Draw<'_>, weights: &mut [f32]);

    /// Adds to `grad_row` the gradient that arrives through the weights of
    /// [`Self::sample`] for the same `row` and `draw`: `grad_weights` is `[components]`,
    /// `grad_row` as `row`.
    fn sample_backward(
        &self,
        row: &[f32],
        draw: Draw<'_>,
        grad_weights: &[f32],
        grad_row: &mut [f32],
    );

    /// Writes the weights at evaluation, without noise, to all of `weights`,
    /// `[components]`.
    fn evaluate(&self, task: usize, row: &[f32], weights: &mut [f32]);

    /// Writes the connection probabilities, 0 to 1, to all of `probabilities`,
    /// `[components]`. A fixed router gives its 0/1 connections.
    fn probabilities(&self, task: usize, row: &[f32], probabilities: &mut [f32]);

    /// Adds to `grad_row` the gradient that arrives through the connection
    /// probabilities: `grad_probabilities` is `[components]`, `grad_row` as `row`.
    fn probabilities_backward(&self, row: &[f32], grad_probabilities: &[f32], grad_row: &mut [f32]);
}
