//! Initial model parameters.

use crate::layers::Init;
use crate::network::plan::{ParameterPlan, Plan};
use crate::random::{Purpose, Random, Stream};

/// The flat vector of initial model parameters. Each parameter has a stream
/// of its own, by its path, so that another field more or less does not
/// change where it starts.
pub fn initial_parameters(plan: &Plan, random: &Random) -> Vec<f32> {
    let mut values = vec![0.0; plan.parameter_len()];
    for parameter in &plan.parameters {
        let values = &mut values[parameter.range.clone()];
        match parameter.init {
            Init::Constant(value) => values.fill(value),
            Init::StandardNormal => {
                let mut stream = stream(random, parameter);
                values.fill_with(|| stream.normal());
            }
            Init::GlorotUniform { fan_in, fan_out } => {
                let bound = (6.0 / (fan_in + fan_out) as f64).sqrt() as f32;
                let mut stream = stream(random, parameter);
                values.fill_with(|| stream.uniform_in(-bound, bound));
            }
        }
    }
    values
}

/// The parameter's own random numbers.
fn stream(random: &Random, parameter: &ParameterPlan) -> Stream {
    random.stream(Purpose::Initialisation, fnv1a(&parameter.path), 0)
}

/// The 64-bit FNV-1a hash (Fowler, Noll and Vo), written out because the
/// start of a run must not change with a version of the standard library.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    fn parameter<'a>(plan: &'a Plan, path: &str) -> &'a ParameterPlan {
        plan.parameters.iter().find(|p| p.path == path).unwrap()
    }

    #[test]
    fn the_hash_is_fnv1a() {
        // Test vectors of the authors.
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn weights_are_uniform_and_biases_are_0() {
        let plan = plan(&[10; 4]);
        let values = initial_parameters(&plan, &Random::new(1));
        // 4 filters of 3 x 3 from 1 channel: a = sqrt(6 / (9 + 36)).
        let weight = &values[parameter(&plan, "conv.0.0.weight").range.clone()];
        let bound = (6.0_f32 / 45.0).sqrt();
        assert!(weight.iter().all(|w| w.abs() <= bound));
        let largest = weight.iter().fold(0.0_f32, |a, w| a.max(w.abs()));
        assert!(largest > 0.8 * bound, "{largest}");
        let bias = &values[parameter(&plan, "conv.0.0.bias").range.clone()];
        assert_eq!(bias, [0.0; 4]);
        let gamma = &values[parameter(&plan, "norm.0.gamma").range.clone()];
        assert_eq!(gamma, [1.0; 4]);
    }

    #[test]
    fn a_start_depends_on_seed_and_path_alone() {
        let (few, many) = (plan(&[10; 2]), plan(&[7, 10, 10]));
        let of = |plan: &Plan, seed, path| {
            let range = parameter(plan, path).range.clone();
            initial_parameters(plan, &Random::new(seed))[range].to_vec()
        };
        // Head 1 lies elsewhere, because head 0 has another width.
        let path = "head.1.weight";
        assert_eq!(of(&few, 1, path), of(&many, 1, path));
        assert_ne!(of(&few, 1, path), of(&few, 2, path));
        assert_ne!(of(&few, 1, path), of(&few, 1, "head.0.weight"));
        let components = ["conv.0.0.weight", "conv.1.0.weight"];
        assert_ne!(of(&few, 1, components[0]), of(&few, 1, components[1]));
    }
}
