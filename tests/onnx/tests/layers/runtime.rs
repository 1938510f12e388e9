//! Running a file with tract.

use std::collections::BTreeMap;
use std::io::Cursor;

use tract_onnx::onnx;
use tract_onnx::prelude::*;

/// A loaded file.
pub struct Runtime {
    plan: TypedRunnableModel<TypedModel>,
    names: Vec<String>,
}

impl Runtime {
    /// Loads it; the batch stays open.
    pub fn load(bytes: &[u8]) -> TractResult<Self> {
        let onnx = onnx();
        let file = onnx.proto_model_for_read(&mut Cursor::new(bytes))?;
        let outputs = file.graph.iter().flat_map(|graph| &graph.output);
        let names = outputs.map(|output| output.name.clone()).collect();
        let model = onnx.model_for_proto_model(&file)?;
        let plan = model.into_optimized()?.into_runnable()?;
        Ok(Self { plan, names })
    }

    /// All outputs, by name, for an input of this shape.
    pub fn run(&self, shape: &[usize], input: &[f32]) -> TractResult<BTreeMap<String, Vec<f32>>> {
        let input = Tensor::from_shape(shape, input)?;
        let outputs = self.plan.run(tvec!(input.into()))?;
        let mut named = BTreeMap::new();
        for (name, output) in self.names.iter().zip(&outputs) {
            let output = output.cast_to::<f32>()?;
            named.insert(name.clone(), output.as_slice::<f32>()?.to_vec());
        }
        Ok(named)
    }
}
