//! A network as the engine runs it.

use std::sync::Arc;

use dfdx::prelude::Cpu;

use super::convolution::Convolution;
use super::pass::{Network, Pass};
use super::places::Layout;
use super::program::Program;
use super::segments::Segment;
use super::threads::Threads;
use super::transformed::Transformed;
use crate::engine::Allocation;
use crate::network::plan::Plan;
use paramalloc_kernels::Level;

/// What stays the same from step to step.
pub struct Resolved {
    pub plan: Arc<Plan>,
    pub layout: Layout,
    /// For a network with products over the whole batch.
    pub program: Option<Program>,
    pub segments: Vec<Segment>,
    pub level: Level,
    pub device: Cpu,
    pub dense: bool,
    pub convolution: Convolution,
    /// Which routed layers have a router that learns.
    pub learned: Vec<bool>,
}

impl Resolved {
    /// A pass without transformed weights: [`Self::transform`] gives it some.
    pub fn pass<'a>(
        &'a self,
        parameters: &'a [f32],
        allocation: Allocation<'a>,
        masks: Option<&'a [Vec<f32>]>,
    ) -> Network<'a> {
        Network {
            plan: &self.plan,
            layout: &self.layout,
            task: allocation.task,
            pass: Pass {
                task: allocation.task,
                parameters,
                weights: allocation.weights,
                learns: allocation.learns,
                dense: self.dense,
                training: masks.is_some(),
                masks,
                transformed: &[],
                level: self.level,
                device: &self.device,
            },
        }
    }

    /// Transforms the weights of what runs in any of some passes.
    pub fn transform<'a>(
        &self,
        (transformed, threads): (&'a mut Transformed, &mut Threads),
        networks: &mut [Network<'a>],
    ) {
        transformed.compute(threads, &self.plan, &self.layout, networks);
        let transformed = &*transformed;
        for network in networks {
            network.pass.transformed = transformed.lanes();
        }
    }
}
