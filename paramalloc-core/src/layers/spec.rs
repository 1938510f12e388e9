//! A layer or a stack as a value.

use std::fmt;

use super::Spec;
use super::operation::Kind;
use super::parameter::ParameterSpec;
use crate::network::shape::Dims;

impl Spec {
    /// What tells a component from others beside it: `conv3x3 conv3x3/2`, with
    /// the rows and columns of each window and, after a slash, a stride above
    /// one. What changes no shape (norms, activations, dropout) is left out,
    /// unless there is nothing else; then it is as written.
    pub fn short_name(&self) -> String {
        let mut names = Vec::new();
        self.push_names(&mut names);
        match names.is_empty() {
            true => self.to_string(),
            false => names.join(" "),
        }
    }

    fn push_names(&self, names: &mut Vec<String>) {
        match self {
            Self::Sequence(parts) | Self::AnyOf(parts) => {
                parts.iter().for_each(|part| part.push_names(names));
            }
            Self::Residual(parts) => {
                let inside: Vec<String> = parts.iter().map(Spec::short_name).collect();
                names.push(format!("x+({})", inside.join(" ")));
            }
            _ => names.extend(self.layer().and_then(|layer| layer.short_name())),
        }
    }

    /// The parameters of one layer, in order.
    pub(crate) fn parameters(&self) -> Vec<ParameterSpec> {
        self.layer().map_or(Vec::new(), |layer| layer.parameters())
    }

    /// What one layer computes for an input that its shape rule accepts.
    pub(crate) fn operation(&self, input: Dims) -> Option<Kind> {
        self.layer().and_then(|layer| layer.operation(input))
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.layer()) {
            (_, Some(layer)) => layer.fmt(f),
            (Self::AnyOf(parts), _) => write_joined(parts, " | ", f),
            (Self::Sequence(parts), _) => write_joined(parts, " ", f),
            (Self::Residual(parts), _) => {
                f.write_str("Residual<")?;
                write_joined(parts, " ", f)?;
                f.write_str(">")
            }
            (_, None) => f.write_str(self.kind()),
        }
    }
}

fn write_joined(parts: &[Spec], separator: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{part}")?;
    }
    Ok(())
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::{
        AnyOf, AvgPool2D, Bilinear, Conv1D, Conv2D, ConvTranspose2D, DepthwiseConv2D,
        DilatedConv2D, Dropout, DropoutOneIn, Embedding, Flatten2D, GELU, GlobalAvgPool2D,
        GroupNorm, GroupedConv2D, Identity, InstanceNorm, Layer, LayerNorm, LeakyReLU, Linear,
        MaxPool1D, MaxPool2D, ReLU, RectConv2D, Same, SiLU, Sigmoid, Softplus, Spec, Tanh,
        Upsample2D,
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
        assert_eq!(name::<DepthwiseConv2D<4, 3, 2>>(), "depthwise3x3/2");
        assert_eq!(name::<DilatedConv2D<4, 4, 3, 2>>(), "conv3x3@2");
        assert_eq!(
            name::<(Conv1D<1, 4, 5>, MaxPool1D<2>)>(),
            "conv5 maxpool2/2"
        );
        assert_eq!(name::<Identity>(), "identity");
        assert_eq!(name::<Norm>(), "GroupNorm<8, 4> ReLU");
    }

    #[test]
    fn a_layer_reads_as_it_is_written() {
        fn shown<L: Layer>() -> String {
            L::SPEC.to_string()
        }
        assert_eq!(shown::<DepthwiseConv2D<4, 3>>(), "DepthwiseConv2D<4, 3>");
        let grouped = shown::<GroupedConv2D<4, 6, 3, 2, 2, Same>>();
        assert_eq!(grouped, "GroupedConv2D<4, 6, 3, 2, 2, Same>");
        assert_eq!(
            shown::<DilatedConv2D<4, 6, 3, 2>>(),
            "DilatedConv2D<4, 6, 3, 2>"
        );
        let larger = shown::<(ConvTranspose2D<4, 6, 2, 2>, Upsample2D<2, Bilinear>)>();
        assert_eq!(
            larger,
            "ConvTranspose2D<4, 6, 2, 2> Upsample2D<2, Bilinear>"
        );
        let signal = shown::<(Conv1D<1, 4, 5, 2>, MaxPool1D<2>, Embedding<9, 4>)>();
        assert_eq!(signal, "Conv1D<1, 4, 5, 2> MaxPool1D<2> Embedding<9, 4>");
    }

    /// Networks that runs have stored are read again by these texts.
    #[test]
    fn the_stored_form_stays() {
        fn stored<L: Layer>(text: &str) {
            assert_eq!(serde_json::to_string(&L::SPEC).unwrap(), text);
            let read: Spec = serde_json::from_str(text).unwrap();
            assert!(read == L::SPEC, "{read}");
        }
        stored::<Conv2D<1, 4, 3>>(
            r#"{"Conv2D":{"input":1,"output":4,"kernel_height":3,"kernel_width":3,"stride":1,"padding":"Valid"}}"#,
        );
        stored::<RectConv2D<2, 4, 1, 7, 2, Same>>(
            r#"{"Conv2D":{"input":2,"output":4,"kernel_height":1,"kernel_width":7,"stride":2,"padding":"Same"}}"#,
        );
        stored::<AvgPool2D<2>>(
            r#"{"Pool2D":{"kind":"Average","kernel":2,"stride":2,"padding":"Valid"}}"#,
        );
        stored::<MaxPool2D<3, 1, Same>>(
            r#"{"Pool2D":{"kind":"Max","kernel":3,"stride":1,"padding":"Same"}}"#,
        );
        stored::<GroupNorm<8, 4>>(r#"{"GroupNorm":{"channels":8,"groups":4}}"#);
        stored::<Linear<12, 8>>(r#"{"Linear":{"input":12,"output":8}}"#);
        stored::<ReLU>(r#""ReLU""#);
        stored::<DropoutOneIn<2>>(r#"{"Dropout":{"one_in":2}}"#);
        stored::<Dropout>(r#"{"Dropout":{"one_in":2}}"#);
        stored::<Dropout<20>>(r#"{"Dropout":{"percent":20}}"#);
        stored::<LayerNorm<8>>(r#"{"LayerNorm":{"channels":8}}"#);
        stored::<InstanceNorm<8>>(r#"{"InstanceNorm":{"channels":8}}"#);
        stored::<GlobalAvgPool2D>(r#""GlobalAvgPool2D""#);
        stored::<GroupedConv2D<4, 6, 3, 2>>(
            r#"{"GroupedConv2D":{"input":4,"output":6,"kernel":3,"groups":2,"stride":1,"padding":"Valid"}}"#,
        );
        stored::<DepthwiseConv2D<4, 3, 2, Same>>(
            r#"{"GroupedConv2D":{"input":4,"output":4,"kernel":3,"groups":4,"stride":2,"padding":"Same"}}"#,
        );
        stored::<DilatedConv2D<4, 6, 3, 2>>(
            r#"{"DilatedConv2D":{"input":4,"output":6,"kernel":3,"dilation":2,"padding":"Valid"}}"#,
        );
        stored::<ConvTranspose2D<4, 6, 3, 2, Same>>(
            r#"{"ConvTranspose2D":{"input":4,"output":6,"kernel":3,"stride":2,"padding":"Same"}}"#,
        );
        stored::<Upsample2D<2>>(r#"{"Upsample2D":{"factor":2,"kind":"Nearest"}}"#);
        stored::<Upsample2D<3, Bilinear>>(r#"{"Upsample2D":{"factor":3,"kind":"Bilinear"}}"#);
        stored::<Conv1D<3, 4, 5>>(
            r#"{"Along":{"kind":{"Conv":{"input":3,"output":4}},"kernel":5,"stride":1,"padding":"Valid"}}"#,
        );
        stored::<MaxPool1D<2>>(
            r#"{"Along":{"kind":{"Pool":"Max"},"kernel":2,"stride":2,"padding":"Valid"}}"#,
        );
        stored::<Embedding<9, 4>>(r#"{"Embedding":{"rows":9,"width":4}}"#);
        stored::<Flatten2D>(r#""Flatten2D""#);
        stored::<Identity>(r#""Identity""#);
        stored::<GELU>(r#""GELU""#);
        stored::<LeakyReLU>(r#""LeakyReLU""#);
        stored::<Sigmoid>(r#""Sigmoid""#);
        stored::<SiLU>(r#""SiLU""#);
        stored::<Softplus>(r#""Softplus""#);
        stored::<Tanh>(r#""Tanh""#);
        stored::<(ReLU, Flatten2D)>(r#"{"Sequence":["ReLU","Flatten2D"]}"#);
        stored::<AnyOf<(ReLU, Identity)>>(r#"{"AnyOf":["ReLU","Identity"]}"#);
    }
}
