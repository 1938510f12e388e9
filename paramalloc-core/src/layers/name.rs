//! Short names of components, for pictures.

use super::spec::{PoolKind, Spec};

impl Spec {
    /// What tells a component from others beside it: `conv3x3 conv3x3/2`, with
    /// the rows and columns of each window and, after a slash, a stride above
    /// one. What changes no shape (norms, ReLU, dropout) is left out, unless
    /// there is nothing else; then it is as written.
    pub fn short_name(&self) -> String {
        let mut parts = Vec::new();
        self.push_names(&mut parts);
        match parts.is_empty() {
            true => self.to_string(),
            false => parts.join(" "),
        }
    }

    fn push_names(&self, parts: &mut Vec<String>) {
        let window = |name: &str, rows: usize, columns: usize, stride: usize| match stride {
            1 => format!("{name}{rows}x{columns}"),
            stride => format!("{name}{rows}x{columns}/{stride}"),
        };
        match self {
            Spec::Conv2D(conv) => parts.push(window(
                "conv",
                conv.kernel_height,
                conv.kernel_width,
                conv.stride,
            )),
            Spec::Pool2D(pool) => {
                let name = match pool.kind {
                    PoolKind::Average => "avgpool",
                    PoolKind::Max => "maxpool",
                };
                parts.push(window(name, pool.kernel, pool.kernel, pool.stride));
            }
            Spec::Linear { output, .. } => parts.push(format!("linear{output}")),
            Spec::Identity => parts.push("identity".to_owned()),
            Spec::Sequence(specs) | Spec::AnyOf(specs) => {
                specs.iter().for_each(|spec| spec.push_names(parts));
            }
            Spec::Custom(custom) => parts.push(custom.name.to_string()),
            Spec::GroupNorm { .. } | Spec::ReLU | Spec::Dropout { .. } | Spec::Flatten2D => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::{
        AvgPool2D, Conv2D, GroupNorm, Identity, Layer, Linear, MaxPool2D, ReLU, RectConv2D, Same,
    };

    fn name<L: Layer>() -> String {
        L::SPEC.short_name()
    }

    #[test]
    fn a_name_is_what_the_windows_are() {
        type Norm = (GroupNorm<8, 4>, ReLU);
        type Twice = (Conv2D<8, 8, 3, 1, Same>, Norm, Conv2D<8, 8, 3, 2, Same>);
        type Cross = (
            RectConv2D<8, 8, 1, 7, 1, Same>,
            RectConv2D<8, 8, 7, 1, 2, Same>,
        );
        assert_eq!(name::<Twice>(), "conv3x3 conv3x3/2");
        assert_eq!(name::<Cross>(), "conv1x7 conv7x1/2");
        assert_eq!(name::<(MaxPool2D<3, 1, Same>, ReLU)>(), "maxpool3x3");
        assert_eq!(name::<AvgPool2D<2>>(), "avgpool2x2/2");
        assert_eq!(name::<(Linear<8, 16>, ReLU)>(), "linear16");
        assert_eq!(name::<Identity>(), "identity");
        assert_eq!(name::<Norm>(), "GroupNorm<8, 4> ReLU");
    }
}
