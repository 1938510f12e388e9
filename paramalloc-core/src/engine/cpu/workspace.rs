//! Memory of one thread's passes, kept from step to step.

use std::sync::Arc;

use super::places::{Layout, Sizes};
use super::team::Team;
use paramalloc_kernels::geometry::{border_gradient, pad_input};
use paramalloc_kernels::{Geometry, Lane, pages};

/// Memory for passes over one group at a time.
pub struct Workspace {
    /// All activations of the group.
    pub activations: Vec<Lane>,
    /// What does not outlive the group.
    pub scratch: Scratch,
}

/// Memory that a pass over one group needs besides its activations.
#[derive(Default)]
pub struct Scratch {
    /// Borders around inputs and gradients.
    pub borders: Borders,
    /// Gradients; empty where no backward pass runs.
    pub gradients: Gradients,
    /// Outputs of one example.
    pub outputs: Vec<f32>,
    /// Their gradient.
    pub output_gradient: Vec<f32>,
}

/// Gradients of activations on their way down.
#[derive(Default)]
pub struct Gradients {
    /// Gradient of the current field's output.
    pub output: Vec<Lane>,
    /// Gradient of the current field's input.
    pub input: Vec<Lane>,
    /// Gradient inside a stack.
    pub stack: Vec<Lane>,
    /// The next one inside a stack.
    pub next: Vec<Lane>,
    /// What residuals keep for their inputs, the outermost first.
    pub skips: Vec<Vec<Lane>>,
    /// How many of them keep something.
    pub kept: usize,
}

/// Inputs and gradients with borders, and scratch of the weight gradients.
#[derive(Default)]
pub struct Borders {
    padded: Vec<Lane>,
    /// What `padded` holds.
    held: Option<Held>,
    bordered: Vec<Lane>,
    /// Scratch of a weight gradient.
    pub taps: Vec<Lane>,
    /// Parts of images that an operation puts together.
    pub spare: [Vec<Lane>; 2],
    /// Zeros, and as many numbers that nothing reads: one for each channel
    /// into a transposed convolution.
    pub channels: Vec<f32>,
    /// What convolutions by tiles need.
    pub tiles: Tiles,
    /// Who shares the work of a convolution.
    pub team: Arc<Team>,
}

/// What convolutions by tiles need.
#[derive(Default)]
pub struct Tiles {
    /// Tiles and sums of a block.
    pub scratch: Vec<Lane>,
    /// An input with channels side by side.
    pub turned: Vec<Lane>,
    /// The place of the input that `turned` holds.
    pub held: Option<usize>,
}

/// An input with borders: its place, the borders before it and its size.
type Held = (usize, (usize, usize), (usize, usize));

impl Gradients {
    /// The input of the field above is the output of the one below.
    pub fn next_field(&mut self) {
        std::mem::swap(&mut self.output, &mut self.input);
    }
}

impl Workspace {
    /// Memory for `layout`; `backward` for training.
    pub fn new(layout: &Layout, backward: bool) -> Self {
        Self::with_sizes(&layout.sizes, backward)
    }

    /// Memory of these sizes.
    pub fn with_sizes(sizes: &Sizes, backward: bool) -> Self {
        Self {
            activations: pages::zeros(sizes.activations),
            scratch: Scratch::new(sizes, backward),
        }
    }
}

impl Scratch {
    /// Memory of these sizes; `backward` for training.
    pub fn new(sizes: &Sizes, backward: bool) -> Self {
        let bordered = match backward {
            true => sizes.bordered.max(sizes.forward_bordered),
            false => sizes.forward_bordered,
        };
        let tiles = match backward {
            true => sizes.tiles.max(sizes.gradient_tiles),
            false => sizes.tiles,
        };
        let zeros = |n: usize, wanted: bool| pages::zeros(if wanted { n } else { 0 });
        Self {
            borders: Borders {
                padded: zeros(sizes.padded, true),
                held: None,
                bordered: zeros(bordered, true),
                taps: zeros(sizes.taps, backward),
                spare: [zeros(sizes.spare, true), zeros(sizes.spare, true)],
                channels: vec![0.0; sizes.channels],
                tiles: Tiles {
                    scratch: zeros(tiles, true),
                    turned: zeros(sizes.turned, backward),
                    held: None,
                },
                team: Arc::default(),
            },
            gradients: Gradients {
                output: zeros(sizes.gradient, backward),
                input: zeros(sizes.gradient, backward),
                stack: zeros(sizes.gradient, backward),
                next: zeros(sizes.gradient, backward),
                skips: (0..sizes.skips)
                    .map(|_| zeros(sizes.skip, backward))
                    .collect(),
                kept: 0,
            },
            outputs: Vec::new(),
            output_gradient: Vec::new(),
        }
    }
}

impl Borders {
    /// Forgets the held input: its values change.
    pub fn forget(&mut self) {
        self.held = None;
        self.tiles.held = None;
    }

    /// The input `x`, which lies at `place` among the activations, with the
    /// borders that a convolution reads. Components that share their input
    /// share its borders too.
    pub fn padded<'a>(&'a mut self, g: &Geometry, place: usize, x: &'a [Lane]) -> &'a [Lane] {
        self.padded_and_taps(g, place, x).0
    }

    /// [`Self::padded`], and the scratch of a weight gradient.
    pub fn padded_and_taps<'a>(
        &'a mut self,
        g: &Geometry,
        place: usize,
        x: &'a [Lane],
    ) -> (&'a [Lane], &'a mut [Lane]) {
        if !g.needs_padding() {
            return (x, &mut self.taps);
        }
        let key = (place, g.before(), g.padded());
        if self.held != Some(key) {
            pad_input(g, x, &mut self.padded);
            self.held = Some(key);
        }
        (&self.padded, &mut self.taps)
    }

    /// A gradient of a convolution's output with its border.
    pub fn bordered<'a>(&'a mut self, g: &Geometry, gradient: &'a [Lane]) -> &'a [Lane] {
        // Nothing to put beside a row, as under kernels of one column.
        if g.gradient_border() == 0 {
            return gradient;
        }
        border_gradient(g, gradient, &mut self.bordered);
        &self.bordered
    }
}
