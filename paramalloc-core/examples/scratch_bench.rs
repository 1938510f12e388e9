use paramalloc_core::kernels::{conv, conv_backward as cb, *};
use std::time::Instant;
fn main() {
    for (name, ci, co, sz, k, s, same) in [
        ("mnist1", 1usize, 4usize, 28usize, 5usize, 1usize, false),
        ("mnist2", 4, 4, 12, 3, 1, false),
        ("mnist3", 4, 4, 5, 3, 1, false),
        ("clus3", 8, 8, 32, 3, 2, true),
        ("clus5", 8, 8, 32, 5, 2, true),
        ("clus5b", 8, 8, 8, 5, 2, true),
        ("omni3", 48, 48, 53, 3, 1, true),
        ("omni7", 48, 48, 53, 7, 1, true),
        ("omni7s", 48, 48, 14, 7, 2, true),
        ("head", 36, 10, 1, 1, 1, false),
    ] {
        let out = if same {
            (sz + s - 1) / s
        } else {
            (sz - k) / s + 1
        };
        let total = if same {
            ((out - 1) * s + k).saturating_sub(sz)
        } else {
            0
        };
        let g = Geometry {
            input: ci,
            output: co,
            size: (sz, sz),
            out: (out, out),
            kernel: (k, k),
            stride: s,
            before: (total / 2, total / 2),
        };
        let l = |n: usize| -> Vec<Lane> {
            (0..n)
                .map(|i| Lane([((i * 37) % 11) as f32 * 0.1; 8]))
                .collect()
        };
        let x = l(g.padded_len());
        let w = vec![0.01; g.weights()];
        let b = vec![0.0; co];
        let mut y = l(g.output_len());
        let gr = l(g.bordered_gradient_len());
        let mut gx = l(g.input_len());
        let mut gw = vec![0.0; g.weights()];
        let mut gb = vec![0.; co];
        let mut sc = l(4 * ci * k * k);
        let fmas = (g.weights() * out * out) as f64;
        for &level in Level::available() {
            let reps = ((2e8 / fmas) as usize).clamp(3, 20000);
            let t = |f: &mut dyn FnMut()| {
                f();
                let t = Instant::now();
                for _ in 0..reps {
                    f();
                }
                t.elapsed().as_secs_f64() / reps as f64
            };
            let a = t(&mut || conv::forward(level, &g, &x, &w, &b, true, &mut y));
            let c = t(&mut || cb::input_gradient(level, &g, &gr, &w, &mut gx));
            let d = t(&mut || cb::weight_gradient(level, &g, &x, &y, &mut gw, &mut gb, &mut sc));
            println!(
                "{name:8} {level:?}: GFLOP/s fwd {:.1} gx {:.1} gw {:.1}  us fwd {:.1}",
                16. * fmas / a / 1e9,
                16. * fmas / c / 1e9,
                16. * fmas / d / 1e9,
                a * 1e6
            );
        }
    }
}
