//! Checkpoints: everything that the rest of a run depends on, in one
//! safetensors file. Which batch and which noise come next are functions of
//! the seed and the step, so parameters, optimizer state and step are all there is.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::tensors::{NamedTensor, from_safetensors, to_safetensors};
use super::trainer::Trainer;
use crate::engine::cpu::numerics;
use crate::error::{Error, FileError};
use crate::network::plan::Plan;

/// The version of the format; another one is refused.
pub const FORMAT: u32 = 3;

/// Name of the metadata entry that holds the header.
const KEY: &str = "paramalloc";

/// What a checkpoint says besides its tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header<E> {
    /// Name of the network.
    network: String,
    /// The components of each field as written, by the field's name: networks
    /// may differ in what has no parameters.
    fields: Vec<(String, Vec<String>)>,
    global_step: u64,
    /// Updates of the optimizer.
    updates: u64,
    /// Name of the optimizer.
    optimizer: String,
    /// Names of its state slots.
    slots: Vec<String>,
    /// How its numbers are rounded ([`numerics`]).
    #[serde(default = "first_numerics", skip_serializing_if = "is_first_numerics")]
    numerics: u32,
    /// What the training loop keeps.
    extra: E,
}

/// The only way that there was before [`numerics`].
fn first_numerics() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_first_numerics(numerics: &u32) -> bool {
    *numerics == first_numerics()
}

/// A header with what its reader checks first.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    format: u32,
    /// CRC-32 of the header and of all tensors in the order of their names: a
    /// safetensors file does not notice a flipped bit.
    checksum: u32,
    /// The header as JSON.
    header: String,
}

/// The only entry that can be read of any version.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// What the names of the parameters' tensors begin with.
const PARAMETER: &str = "parameter/";

/// What the names of a state slot's tensors begin with.
fn prefix(slot: &str) -> String {
    format!("state.{slot}/")
}

impl Trainer {
    /// The bytes of a checkpoint, with what the training loop keeps.
    ///
    /// # Errors
    /// If `extra` cannot be written as JSON.
    pub fn checkpoint<E: Serialize>(&self, extra: &E) -> Result<Vec<u8>, Error> {
        let mut tensors = under(PARAMETER, self.parameters());
        let mut slots = Vec::new();
        for (slot, values) in self.optimizer_state() {
            tensors.extend(under(&prefix(&slot), values));
            slots.push(slot);
        }
        let header = Header {
            network: self.plan.name.clone(),
            fields: fields(&self.plan),
            global_step: self.global_step(),
            updates: self.updates(),
            optimizer: self.optimization.optimizer.name().to_string(),
            slots,
            numerics: numerics(&self.plan, self.convolution),
            extra,
        };
        let header = json(&header)?;
        let sealed = seal(FORMAT, header, &mut tensors)?;
        to_safetensors(&tensors, HashMap::from([(KEY.to_string(), sealed)]))
    }

    /// Resumes from a checkpoint; returns what the training loop kept.
    ///
    /// # Errors
    /// If it is damaged, of another version, of another network or optimizer,
    /// or of a run whose gradients are summed in another order: then nothing
    /// is changed, and the error names what differs.
    pub fn restore<E: DeserializeOwned>(&mut self, bytes: &[u8]) -> Result<E, Error> {
        let (tensors, header): (_, Header<E>) = open(bytes)?;
        let parameters = self.parameters_in(&tensors, &header)?;
        self.check_optimizer(&header)?;
        let supported = numerics(&self.plan, self.convolution);
        if header.numerics != supported {
            let found = header.numerics;
            return Err(Error::File(FileError::Numerics { found, supported }));
        }
        let slots: Vec<_> = (header.slots.iter())
            .map(|slot| part(&tensors, &prefix(slot)))
            .collect();
        self.set_state(&parameters, &slots, header.global_step, header.updates)?;
        Ok(header.extra)
    }

    /// Takes the parameters of a checkpoint and its step, for evaluating it:
    /// the optimizer may be another one, whose state stays as it is. Returns
    /// what the training loop kept.
    ///
    /// # Errors
    /// As [`Self::restore`], but for the optimizer.
    pub fn restore_parameters<E: DeserializeOwned>(&mut self, bytes: &[u8]) -> Result<E, Error> {
        let (tensors, header): (_, Header<E>) = open(bytes)?;
        let parameters = self.parameters_in(&tensors, &header)?;
        self.set_parameters(&parameters)?;
        self.set_global_step(header.global_step);
        Ok(header.extra)
    }

    /// The parameters of a checkpoint, if it is of this network.
    fn parameters_in<E>(
        &self,
        tensors: &[NamedTensor],
        header: &Header<E>,
    ) -> Result<Vec<NamedTensor>, Error> {
        if header.network != self.plan.name {
            return Err(Error::File(FileError::OtherNetwork {
                kind: "a checkpoint",
                found: header.network.clone(),
                expected: self.plan.name.to_string(),
            }));
        }
        let parameters = part(tensors, PARAMETER);
        match difference(&header.fields, &fields(&self.plan)) {
            Some(difference) if self.fits(&parameters) => Err(Error::File(difference)),
            _ => Ok(parameters),
        }
    }

    /// Checks that the checkpoint has the state that the optimizer needs.
    fn check_optimizer<E>(&self, header: &Header<E>) -> Result<(), FileError> {
        let own = &self.optimization.optimizer;
        if header.optimizer == own.name() && header.slots == own.slots() {
            return Ok(());
        }
        let text = |name: &str, slots: String| format!("`{name}` with the state [{slots}]");
        Err(FileError::OtherOptimizer {
            found: text(&header.optimizer, header.slots.join(", ")),
            expected: text(own.name(), own.slots().join(", ")),
        })
    }

    /// True if all parameters are there in their shapes. Where they are not,
    /// that says more than how the fields are written.
    fn fits(&self, stored: &[NamedTensor]) -> bool {
        let is_there = |own: &NamedTensor| {
            let mut stored = stored.iter();
            stored.any(|t| t.path == own.path && t.shape == own.shape)
        };
        self.parameters().iter().all(is_there)
    }
}

/// The tensors with `prefix` before their paths.
fn under(prefix: &str, mut tensors: Vec<NamedTensor>) -> Vec<NamedTensor> {
    for tensor in &mut tensors {
        tensor.path.insert_str(0, prefix);
    }
    tensors
}

/// The tensors whose names begin with `prefix`, without it.
fn part(tensors: &[NamedTensor], prefix: &str) -> Vec<NamedTensor> {
    let part = tensors.iter().filter_map(|tensor| {
        let path = tensor.path.strip_prefix(prefix)?.to_string();
        Some(NamedTensor {
            path,
            ..tensor.clone()
        })
    });
    part.collect()
}

fn fields(plan: &Plan) -> Vec<(String, Vec<String>)> {
    let fields = plan.fields.iter().map(|field| {
        let labels = field.components.iter().map(|stack| stack.label.clone());
        (field.name.clone(), labels.collect())
    });
    fields.collect()
}

/// The first field that differs between a checkpoint and the network.
fn difference(
    found: &[(String, Vec<String>)],
    expected: &[(String, Vec<String>)],
) -> Option<FileError> {
    (0..found.len().max(expected.len()))
        .map(|index| (found.get(index), expected.get(index)))
        .find(|(found, expected)| found != expected)
        .map(|(found, expected)| FileError::OtherField {
            found: found.cloned(),
            expected: expected.cloned(),
        })
}

/// The step and what the training loop kept of a checkpoint, without loading
/// it into a trainer.
///
/// # Errors
/// If it is not a whole checkpoint of this version.
pub fn read_extra<E: DeserializeOwned>(bytes: &[u8]) -> Result<(u64, E), Error> {
    let (_, header) = open(bytes)?;
    Ok((header.global_step, header.extra))
}

/// The tensors and the header, once both are known to be whole.
fn open<E: DeserializeOwned>(bytes: &[u8]) -> Result<(Vec<NamedTensor>, Header<E>), Error> {
    let (mut tensors, metadata) = from_safetensors(bytes)?;
    let Some(text) = metadata.get(KEY) else {
        return Err(Error::File(FileError::OtherKind {
            expected: "a checkpoint",
        }));
    };
    let header = unseal(text, FORMAT, &mut tensors)?;
    let header = serde_json::from_str(&header).map_err(FileError::Header)?;
    Ok((tensors, header))
}

/// The metadata entry of a file with this header and these tensors, which are
/// sorted by name.
pub(crate) fn seal(
    format: u32,
    header: String,
    tensors: &mut [NamedTensor],
) -> Result<String, FileError> {
    json(&Sealed {
        format,
        checksum: checksum(&header, tensors),
        header,
    })
}

/// The header in a metadata entry, if the file is of this format and whole.
pub(crate) fn unseal(
    text: &str,
    format: u32,
    tensors: &mut [NamedTensor],
) -> Result<String, FileError> {
    let version: Version = serde_json::from_str(text).map_err(FileError::Header)?;
    if version.format != format {
        return Err(FileError::Format {
            found: version.format,
            supported: format,
        });
    }
    let sealed: Sealed = serde_json::from_str(text).map_err(FileError::Header)?;
    if checksum(&sealed.header, tensors) != sealed.checksum {
        return Err(FileError::Checksum);
    }
    Ok(sealed.header)
}

fn json(value: &impl Serialize) -> Result<String, FileError> {
    serde_json::to_string(value).map_err(FileError::WriteHeader)
}

/// CRC-32 over the header, then names, shapes and values; sorts the tensors
/// by name.
fn checksum(header: &str, tensors: &mut [NamedTensor]) -> u32 {
    tensors.sort_by(|a, b| a.path.cmp(&b.path));
    let mut crc = crc32fast::Hasher::new();
    crc.update(header.as_bytes());
    let mut bytes = Vec::new();
    for tensor in tensors {
        crc.update(tensor.path.as_bytes());
        bytes.clear();
        bytes.extend(tensor.shape.iter().flat_map(|&n| (n as u64).to_le_bytes()));
        bytes.extend(tensor.values.iter().flat_map(|v| v.to_le_bytes()));
        crc.update(&bytes);
    }
    crc.finalize()
}

#[cfg(test)]
mod tests;
