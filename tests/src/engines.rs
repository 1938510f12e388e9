//! The ways to train a network on the CPU. All give the same numbers.

use std::sync::Arc;

use paramalloc_core::engine::Engine;
use paramalloc_core::engine::cpu::{Convolution, CpuEngine};
use paramalloc_core::engine::tape::TapeEngine;
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::error::Error;
use paramalloc_core::network::TaskHead;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prelude::dfdx::prelude::Cpu;
use paramalloc_core::routing::Routers;
use paramalloc_core::train::{TrainSettings, Trainer};
use paramalloc_kernels::Level;

/// A way to train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The engine of the CPU with some threads.
    Cpu(usize),
    /// The same without leaving out what is inactive.
    Dense,
    /// The same with an instruction set of this machine.
    Level(Level),
    /// The same with Winograd's algorithm wherever it can be, or nowhere.
    Convolution(Convolution),
    /// Typed dfdx tensors with the CPU's kernels as operations.
    Tape,
    /// Typed dfdx tensors with operations composed of dfdx's, as on a GPU.
    Composed,
}

impl Kind {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Kind::Cpu(1),
            Kind::Cpu(2),
            Kind::Dense,
            Kind::Convolution(Convolution::Direct),
            Kind::Convolution(Convolution::Winograd),
            Kind::Tape,
            Kind::Composed,
        ];
        all.extend(Level::available().iter().map(|&level| Kind::Level(level)));
        all
    }

    /// A trainer of network `N`.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn trainer<N: TypedNetwork>(
        self,
        settings: &TrainSettings,
        outputs: &[usize],
    ) -> Result<Trainer, Error> {
        self.trainer_of::<N, usize>(settings, outputs)
    }

    /// A trainer of network `N` for these tasks or heads.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn trainer_of<N: TypedNetwork, T>(
        self,
        settings: &TrainSettings,
        tasks: &[T],
    ) -> Result<Trainer, Error>
    where
        for<'a> &'a T: Into<TaskHead>,
    {
        Trainer::with_engine(&N::NETWORK, settings, tasks, |plan, routers, parameters| {
            self.engine::<N>(plan, routers, parameters)
        })
    }

    fn engine<N: TypedNetwork>(
        self,
        plan: Arc<Plan>,
        routers: &Routers,
        parameters: Vec<f32>,
    ) -> Result<Box<dyn Engine>, Error> {
        let cpu = |threads| {
            CpuEngine::new(
                plan.clone(),
                &routers.learned(),
                parameters.clone(),
                threads,
            )
        };
        let tape = |composed| {
            TapeEngine::<N, Cpu>::new(Cpu::default(), plan.clone(), parameters.clone(), composed)
        };
        Ok(match self {
            Kind::Cpu(threads) => Box::new(cpu(threads)?),
            Kind::Dense => Box::new(cpu(1)?.dense()),
            Kind::Convolution(how) => Box::new(cpu(2)?.with_convolution(how)),
            Kind::Level(level) => Box::new(cpu(1)?.with_level(level)),
            Kind::Tape => Box::new(tape(false)?),
            Kind::Composed => Box::new(tape(true)?),
        })
    }
}
