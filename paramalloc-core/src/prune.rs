//! The network of one task alone: only the components that it uses, with its
//! own head. Its logits are those of the whole network, bit for bit, because
//! an inactive component has no part in the sum.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::engine::cpu::{Convolution, CpuEngine};
use crate::engine::{Allocation, Engine};
use crate::error::{Error, FileError, NetworkError};
use crate::network::Network;
use crate::network::plan::{FieldPlan, HeadPlan, ParameterPlan, Plan, Stack};
use crate::network::shape::Dims;
use crate::train::{NamedTensor, Trainer, Usage, checkpoint, from_safetensors, to_safetensors};

/// The version of the file's format; another one is refused.
pub const FORMAT: u32 = 2;

/// Name of the metadata entry that holds the manifest, its version and a
/// CRC-32 of it and of all tensors.
const KEY: &str = "paramalloc.pruned";

/// What a pruned network consists of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the network's struct.
    pub network: String,
    /// Number of the task in the whole network.
    pub task: usize,
    /// Name of the task.
    pub task_name: String,
    /// Width of its head.
    pub outputs: usize,
    /// The stacks of the shared fields and of the task's own as written, in
    /// data-flow order.
    pub shared_stacks: Vec<String>,
    /// The routed layers, in data-flow order.
    pub routed_layers: Vec<PrunedLayer>,
    /// Size of this network and of the whole one.
    pub size: PrunedSize,
    /// How wide convolutions are computed, so that the logits are those of the
    /// whole network. All were direct before there was a choice.
    #[serde(default = "direct")]
    pub convolution: Convolution,
}

fn direct() -> Convolution {
    Convolution::Direct
}

/// What is left of a routed layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrunedLayer {
    /// Name of the field.
    pub name: String,
    /// Components of the whole network's layer.
    pub of: usize,
    /// The components that are left.
    pub components: Vec<PrunedComponent>,
}

/// A component that the task uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrunedComponent {
    /// Its number in the whole network's layer.
    pub index: usize,
    /// Its weight at evaluation.
    pub weight: f32,
    /// Its stack as written.
    pub stack: String,
}

/// Sizes, each with the head of this task and of no other: a task that uses all
/// components has the whole network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrunedSize {
    /// Model parameters left, those of the task's head among them.
    pub parameters: u64,
    /// Model parameters of the whole network.
    pub whole_parameters: u64,
    /// Multiply-adds per example left.
    pub multiply_adds: u64,
    /// Multiply-adds per example of the whole network.
    pub whole_multiply_adds: u64,
}

/// A task's network, ready to run on the CPU.
pub struct PrunedNetwork {
    /// What it consists of.
    pub manifest: Manifest,
    engine: CpuEngine,
    weights: Vec<f32>,
    input: Dims,
}

impl fmt::Debug for PrunedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrunedNetwork")
            .field("manifest", &self.manifest)
            .finish_non_exhaustive()
    }
}

/// The network of one task of a trainer, as the bytes of a safetensors file
/// with the manifest in its metadata. Parameters keep their paths.
///
/// # Errors
/// If there is no such task.
pub fn prune(trainer: &Trainer, task: usize, name: &str) -> Result<(Manifest, Vec<u8>), Error> {
    let plan = trainer.plan();
    let Some(head) = plan.heads.get(task) else {
        let tasks = plan.heads.len();
        return Err(Error::NoTask {
            network: plan.name.to_string(),
            task,
            tasks,
        });
    };
    if let Some(field) = plan.fields.iter().find(|field| field.gate.is_some()) {
        return Err(Error::Network(NetworkError::PruneGates {
            network: plan.name.clone(),
            field: field.name.clone(),
        }));
    }
    let weights = trainer.evaluation_weights(task);
    let kept = kept_ranges(plan, &weights, task);
    let is_kept = |p: &ParameterPlan| kept.iter().any(|r| r.contains(&p.range.start));
    let paths: Vec<&str> = plan
        .parameters
        .iter()
        .filter(|p| is_kept(p))
        .map(|p| p.path.as_str())
        .collect();
    let mut tensors = trainer.parameters();
    tensors.retain(|t| paths.contains(&t.path.as_str()));
    let (active, whole) = (Usage::active(plan, &weights), Usage::whole(plan));
    let head_parameters = head.stack.parameters.len() as u64;
    let head_multiply_adds = head.stack.multiply_adds();
    let manifest = Manifest {
        network: plan.name.clone(),
        task,
        task_name: name.to_string(),
        outputs: head.outputs,
        shared_stacks: (plan.fields.iter())
            .filter(|field| field.routed.is_none())
            .map(|field| field.components[0].label.clone())
            .collect(),
        routed_layers: plan
            .routed()
            .map(|field| pruned_layer(field, &weights))
            .collect(),
        size: PrunedSize {
            parameters: active.parameters + head_parameters,
            whole_parameters: whole.parameters + head_parameters,
            multiply_adds: active.multiply_adds + head_multiply_adds,
            whole_multiply_adds: whole.multiply_adds + head_multiply_adds,
        },
        convolution: trainer.convolution(),
    };
    let json = serde_json::to_string(&manifest).map_err(FileError::WriteHeader)?;
    let sealed = checkpoint::seal(FORMAT, json, &mut tensors)?;
    let bytes = to_safetensors(&tensors, HashMap::from([(KEY.to_string(), sealed)]))?;
    Ok((manifest, bytes))
}

fn kept_ranges(plan: &Plan, weights: &[f32], task: usize) -> Vec<Range<usize>> {
    let mut kept = vec![plan.heads[task].stack.parameters.clone()];
    for field in &plan.fields {
        for (j, stack) in field.components.iter().enumerate() {
            let is_used = match field.routed {
                Some(_) => weights[field.first_component + j] != 0.0,
                None => field.is_open(j, task),
            };
            if is_used {
                kept.push(stack.parameters.clone());
            }
        }
    }
    kept
}

fn pruned_layer(field: &FieldPlan, weights: &[f32]) -> PrunedLayer {
    let weights = &weights[field.first_component..][..field.components.len()];
    let components = weights.iter().zip(&field.components).enumerate();
    PrunedLayer {
        name: field.name.clone(),
        of: field.components.len(),
        components: components
            .filter(|(_, (weight, _))| **weight != 0.0)
            .map(|(index, (&weight, stack))| PrunedComponent {
                index,
                weight,
                stack: stack.label.clone(),
            })
            .collect(),
    }
}

impl PrunedNetwork {
    /// Loads what [`prune`] wrote of `network`.
    ///
    /// # Errors
    /// If the file is damaged, or of another network or version.
    pub fn load(network: &Network, bytes: &[u8]) -> Result<Self, Error> {
        let (mut tensors, metadata) = from_safetensors(bytes)?;
        let manifest = read_manifest(&network.name, &metadata, &mut tensors)?;
        let whole = Plan::of_task(network, manifest.task, manifest.outputs)?;
        let mut small = Smaller {
            head: &network.head.name,
            manifest: &manifest,
            tensors: &tensors,
            values: Vec::new(),
        };
        let plan = small.plan(&whole)?;
        let parameters = small.values;
        let weights: Vec<f32> = (manifest.routed_layers.iter())
            .flat_map(|layer| layer.components.iter().map(|c| c.weight))
            .collect();
        let learned = vec![false; manifest.routed_layers.len()];
        let input = plan.input;
        let engine = CpuEngine::new(Arc::new(plan), &learned, parameters, 1)?
            .with_convolution(manifest.convolution);
        Ok(Self {
            manifest,
            engine,
            weights,
            input,
        })
    }

    /// Logits of some examples, `[examples, outputs]`, or `[examples, rows,
    /// columns, outputs]` of a head per pixel; `inputs` has
    /// `[examples, channels, rows, columns]`.
    ///
    /// # Errors
    /// If the length of `inputs` is not that of whole examples. None at all
    /// gives no logits.
    pub fn logits(&mut self, inputs: &[f32]) -> Result<Vec<f32>, Error> {
        let example = self.input.len();
        if !inputs.len().is_multiple_of(example) {
            return Err(Error::InputLength {
                network: self.manifest.network.clone(),
                task: self.manifest.task,
                found: inputs.len(),
                example,
                shape: self.input.to_string(),
            });
        }
        let learns = vec![false; self.weights.len()];
        let allocation = Allocation {
            task: 0,
            weights: &self.weights,
            learns: &learns,
        };
        self.engine
            .logits(allocation, inputs, inputs.len() / example)
    }
}

fn read_manifest(
    network: &str,
    metadata: &HashMap<String, String>,
    tensors: &mut [NamedTensor],
) -> Result<Manifest, FileError> {
    let text = metadata.get(KEY).ok_or(FileError::OtherKind {
        expected: "a pruned network",
    })?;
    let json = checkpoint::unseal(text, FORMAT, tensors)?;
    let manifest: Manifest = serde_json::from_str(&json).map_err(FileError::Header)?;
    if manifest.network != network {
        return Err(FileError::OtherNetwork {
            kind: "a pruned network",
            found: manifest.network,
            expected: network.to_string(),
        });
    }
    Ok(manifest)
}

/// The numbers of the components that the manifest keeps of a routed field, and
/// how each is written.
fn kept_components<'a>(
    field: &FieldPlan,
    layer: Option<&'a PrunedLayer>,
) -> Result<Vec<(usize, &'a str)>, FileError> {
    let fits = |l: &&PrunedLayer| l.name == field.name && l.of == field.components.len();
    let layer = layer.filter(fits).ok_or_else(|| misfit(field))?;
    let components = layer.components.iter();
    Ok(components.map(|c| (c.index, c.stack.as_str())).collect())
}

fn misfit(field: &FieldPlan) -> FileError {
    FileError::Manifest {
        field: field.name.to_string(),
    }
}

/// Builds the smaller plan and its parameters.
struct Smaller<'a> {
    /// Name of the head's field.
    head: &'a str,
    manifest: &'a Manifest,
    tensors: &'a [NamedTensor],
    values: Vec<f32>,
}

impl Smaller<'_> {
    fn plan(&mut self, whole: &Plan) -> Result<Plan, FileError> {
        let mut fields = Vec::new();
        let (mut first_component, mut layers) = (0, self.manifest.routed_layers.iter());
        let mut shared = self.manifest.shared_stacks.iter();
        for field in &whole.fields {
            let kept = match field.routed {
                None => {
                    let label = shared.next().ok_or_else(|| misfit(field))?;
                    vec![(0, label.as_str())]
                }
                Some(_) => kept_components(field, layers.next())?,
            };
            fields.push(Arc::new(self.field(
                whole,
                field,
                &kept,
                first_component,
            )?));
            first_component += if field.routed.is_some() {
                kept.len()
            } else {
                0
            };
        }
        let head = &whole.heads[0];
        let stack = self.stack(whole, &head.stack, Some(self.head))?;
        Ok(Plan {
            name: whole.name.clone(),
            input: whole.input,
            fields,
            heads: vec![HeadPlan {
                outputs: head.outputs,
                pixels: head.pixels,
                loss: head.loss.clone(),
                weight: head.weight,
                class_weights: head.class_weights.clone(),
                stack,
            }],
            parameters: Vec::new(),
            dropouts: whole.dropouts.clone(),
        })
    }

    /// A field with the kept ones of its components.
    fn field(
        &mut self,
        whole: &Plan,
        field: &FieldPlan,
        kept: &[(usize, &str)],
        first_component: usize,
    ) -> Result<FieldPlan, FileError> {
        let components = (kept.iter())
            .map(|&(j, label)| match field.components.get(j) {
                Some(stack) if stack.label != label => Err(FileError::OtherComponent {
                    field: field.name.to_string(),
                    component: j,
                    found: label.to_string(),
                    expected: stack.label.clone(),
                }),
                Some(stack) => {
                    let own = field.private.then_some(field.name.as_str());
                    self.stack(whole, stack, own)
                }
                None => Err(FileError::NoComponent {
                    field: field.name.to_string(),
                    component: j,
                }),
            })
            .collect::<Result<_, _>>()?;
        Ok(FieldPlan {
            components,
            first_component,
            name: field.name.clone(),
            input: field.input,
            output: field.output,
            private: false,
            routed: field.routed,
            router: None,
            router_of: None,
            gate: None,
        })
    }

    /// The path in the file of a parameter of a task's own in this field: the
    /// plan has one task, 0, the file its number in the whole network.
    fn own_path(&self, path: &str, field: &str) -> String {
        let task = self.manifest.task;
        let of_task = path.strip_prefix(&format!("{field}.0"));
        of_task.map_or_else(|| path.to_string(), |rest| format!("{field}.{task}{rest}"))
    }

    /// A stack with its parameters moved to the end of the values so far; one
    /// of a task's own has the number of the task in the file, behind the name
    /// `own` of its field.
    fn stack(
        &mut self,
        whole: &Plan,
        stack: &Stack,
        own: Option<&str>,
    ) -> Result<Stack, FileError> {
        let start = self.values.len();
        let moved = |range: &Range<usize>| {
            let shift = |place: usize| start + place - stack.parameters.start;
            shift(range.start)..shift(range.end)
        };
        let mut operations = stack.operations.clone();
        for operation in &mut operations {
            operation.parameters = moved(&operation.parameters);
        }
        for parameter in &whole.parameters {
            if stack.parameters.contains(&parameter.range.start) {
                let path = match own {
                    None => parameter.path.clone(),
                    Some(field) => self.own_path(&parameter.path, field),
                };
                let found = self.tensors.iter().find(|t| t.path == path);
                let tensor = found
                    .filter(|t| t.shape == parameter.shape)
                    .ok_or_else(|| FileError::MissingTensor {
                        path,
                        shape: parameter.shape.clone(),
                    })?;
                self.values.extend_from_slice(&tensor.values);
            }
        }
        let parameters = start..self.values.len();
        Ok(Stack {
            operations,
            parameters,
            label: stack.label.clone(),
            name: stack.name.clone(),
        })
    }
}
