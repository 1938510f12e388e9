//! Color images that the program draws: 20 kinds of shapes with 5 kinds of
//! colors and surfaces each, in place of the classes of CIFAR-100.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::random::{below, chance, uniform};

/// Rows, and columns, of a image.
pub const TEXTURE_SIDE: usize = 32;

/// Coarse classes, and fine classes of each.
pub const TEXTURE_CLASSES: [usize; 2] = [20, 5];

/// Keeps these drawings apart from others with the same numbers.
const SEED: u64 = 0x74_65_78_74;

type Color = [f32; 3];

/// Draws `per_class` images of each fine class, 3 planes (red, green, blue)
/// of 32 x 32 bytes each. The fine classes of image `i`: `i % 100`, and its
/// coarse class is that divided by 5.
///
/// A image is a function of `seed` and its number alone, the same on every
/// machine.
pub fn generated_textures(per_class: usize, seed: u64) -> Vec<u8> {
    let fine_classes = TEXTURE_CLASSES[0] * TEXTURE_CLASSES[1];
    let kinds: Vec<Kind> = (0..fine_classes).map(Kind::of_class).collect();
    let mut pixels = Vec::with_capacity(per_class * fine_classes * 3 * TEXTURE_SIDE.pow(2));
    let first = ChaCha8Rng::seed_from_u64(SEED + seed);
    for image in 0..per_class * fine_classes {
        let mut random = first.clone();
        random.set_stream(image as u64);
        draw(&kinds[image % fine_classes], &mut random, &mut pixels);
    }
    pixels
}

/// What the images of a fine class have in common.
struct Kind {
    /// Outline, from the coarse class: the radius is
    /// `1 + depth * cos(lobes * angle)`.
    lobes: u32,
    depth: f32,
    /// Height over width.
    aspect: f32,
    surface: Surface,
    colors: [Color; 2],
}

#[derive(Clone, Copy)]
enum Surface {
    Plain,
    Stripes(f32),
    Checks(f32),
    Rings(f32),
    Dots(f32),
}

impl Kind {
    fn of_class(fine: usize) -> Self {
        let (coarse, variant) = (fine / TEXTURE_CLASSES[1], fine % TEXTURE_CLASSES[1]);
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream(fine as u64);
        let frequency = 2.0 + 0.8 * (coarse % 4) as f32;
        // The variants of a coarse class take all surfaces in turn.
        let surface = match (variant + coarse) % 5 {
            0 => Surface::Plain,
            1 => Surface::Stripes(frequency),
            2 => Surface::Checks(frequency),
            3 => Surface::Rings(frequency),
            _ => Surface::Dots(frequency),
        };
        Self {
            lobes: 2 + (coarse % 5) as u32,
            depth: [0.08, 0.28, 0.45, 0.62][coarse / 5],
            aspect: [1.0, 0.6, 1.5][coarse % 3],
            surface,
            colors: [color(&mut random), color(&mut random)],
        }
    }
}

fn draw(kind: &Kind, random: &mut ChaCha8Rng, pixels: &mut Vec<u8>) {
    let scene = Scene::random(kind, random);
    let noise = uniform(random, 0.02, 0.12);
    let mut grain = [0; 3 * TEXTURE_SIDE * TEXTURE_SIDE];
    random.fill_bytes(&mut grain);
    let area = TEXTURE_SIDE * TEXTURE_SIDE;
    let start = pixels.len();
    pixels.resize(start + 3 * area, 0);
    let image = &mut pixels[start..];
    for place in 0..area {
        let at = [place % TEXTURE_SIDE, place / TEXTURE_SIDE];
        let color = scene.color_at(at.map(|at| (at as f32 + 0.5) / 16.0 - 1.0));
        for (plane, value) in color.into_iter().enumerate() {
            let grain = f32::from(grain[plane * area + place]) / 127.5 - 1.0;
            let value = (value + noise * grain).clamp(0.0, 1.0);
            image[plane * area + place] = (value * 255.0 + 0.5) as u8;
        }
    }
}

/// One image: the kind as it is seen this time.
struct Scene {
    lobes: u32,
    depth: f32,
    surface: Surface,
    colors: [Color; 2],
    ground: Color,
    /// Change of the ground across the image.
    slope: [f32; 2],
    middle: [f32; 2],
    /// Rows of the map from the image to the unit shape.
    map: [[f32; 2]; 2],
    /// Where the surface's pattern begins.
    phase: [f32; 2],
    /// Something in front: middle, radius, color.
    obstacle: Option<([f32; 2], f32, Color)>,
}

impl Scene {
    fn random(kind: &Kind, random: &mut ChaCha8Rng) -> Self {
        // The tangent of a quarter turn at most: shapes lie any way round.
        let half = uniform(random, -0.6, 0.6);
        let cosine = (1.0 - half * half) / (1.0 + half * half);
        let sine = 2.0 * half / (1.0 + half * half);
        let size = uniform(random, 0.42, 0.8);
        let stretch = kind.aspect * uniform(random, 0.85, 1.2);
        let [across, along] = [1.0 / size, 1.0 / (size * stretch.min(1.4))];
        let bright = uniform(random, 0.65, 1.15);
        let colors = kind
            .colors
            .map(|color| color.map(|value| bright * (value + uniform(random, -0.2, 0.2))));
        // The ground tells nothing about the class.
        let ground = color(random).map(|value| 0.3 + 0.4 * value);
        Self {
            lobes: kind.lobes,
            depth: kind.depth * uniform(random, 0.7, 1.2),
            surface: kind.surface,
            colors,
            ground,
            slope: pair(random, 0.25),
            middle: pair(random, 0.3),
            map: [
                [cosine * across, sine * across],
                [-sine * along, cosine * along],
            ],
            phase: pair(random, 1.0),
            obstacle: chance(random, 0.4)
                .then(|| (pair(random, 0.9), uniform(random, 0.2, 0.4), color(random))),
        }
    }

    /// The color at a place of the image, each coordinate -1 to 1.
    fn color_at(&self, at: [f32; 2]) -> Color {
        if let Some((middle, radius, color)) = self.obstacle {
            let [x, y] = [at[0] - middle[0], at[1] - middle[1]];
            if x * x + y * y < radius * radius {
                return color;
            }
        }
        let from = [at[0] - self.middle[0], at[1] - self.middle[1]];
        let point = self.map.map(|row| row[0] * from[0] + row[1] * from[1]);
        if self.is_inside(point) {
            self.colors[usize::from(self.pattern(point))]
        } else {
            let change = self.slope[0] * at[0] + self.slope[1] * at[1];
            self.ground.map(|value| value + change)
        }
    }

    fn is_inside(&self, [x, y]: [f32; 2]) -> bool {
        let radius = (x * x + y * y).sqrt();
        if radius < 1e-3 {
            return true;
        }
        // cos(lobes * angle) is the real part of ((x + iy) / radius)^lobes.
        let (real, imaginary) = (x / radius, y / radius);
        let mut power = [1.0, 0.0];
        for _ in 0..self.lobes {
            power = [
                power[0] * real - power[1] * imaginary,
                power[0] * imaginary + power[1] * real,
            ];
        }
        radius < (1.0 + self.depth * power[0]) / (1.0 + self.depth * 0.5)
    }

    /// Which of the two colors the surface has at a point.
    fn pattern(&self, point: [f32; 2]) -> bool {
        let wave = |at: f32| at - at.floor();
        let at = |frequency: f32| [0, 1].map(|i| wave(point[i] * frequency * 0.5 + self.phase[i]));
        match self.surface {
            Surface::Plain => false,
            Surface::Stripes(frequency) => at(frequency)[1] < 0.5,
            Surface::Checks(frequency) => {
                let [x, y] = at(frequency);
                (x < 0.5) != (y < 0.5)
            }
            Surface::Rings(frequency) => {
                let radius = (point[0] * point[0] + point[1] * point[1]).sqrt();
                wave(radius * frequency * 0.7 + self.phase[0]) < 0.5
            }
            Surface::Dots(frequency) => {
                let [x, y] = at(frequency).map(|at| at - 0.5);
                x * x + y * y < 0.08
            }
        }
    }
}

fn color(random: &mut ChaCha8Rng) -> Color {
    // One strong, one weak and one plane between, so that few are gray.
    let strong = below(random, 3);
    let weak = (strong + 1 + below(random, 2)) % 3;
    let mut color = [uniform(random, 0.2, 0.8); 3];
    color[strong] = uniform(random, 0.6, 0.95);
    color[weak] = uniform(random, 0.05, 0.4);
    color
}

/// Two numbers from `-reach` to `reach`.
fn pair(random: &mut ChaCha8Rng, reach: f32) -> [f32; 2] {
    [(); 2].map(|()| uniform(random, -reach, reach))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::sha256_hex;

    const LEN: usize = 3 * TEXTURE_SIDE * TEXTURE_SIDE;

    #[test]
    fn the_images_are_the_same_on_every_machine() {
        let images = generated_textures(1, 7);
        assert_eq!(images.len(), 100 * LEN);
        assert_eq!(
            sha256_hex(&images),
            "d8061309dbc0c9a897a4f18ce4bdf68a1e859b661056d27f67818ee6a782b174"
        );
        assert_eq!(images, generated_textures(2, 7)[..images.len()]);
        assert_ne!(images, generated_textures(1, 8));
    }

    /// The share of test images of coarse class 3 whose mean image of a
    /// fine class is the nearest: over the chance of 1 in 5, far from all.
    #[test]
    fn the_nearest_class_mean_is_often_but_not_always_right() {
        let of_class = |fine: usize, images: &[u8]| -> Vec<Vec<f32>> {
            let chunks = images.chunks(LEN).skip(fine).step_by(100);
            chunks
                .map(|p| p.iter().map(|&b| f32::from(b)).collect())
                .collect()
        };
        let [train, test] = [(40, 1), (20, 2)].map(|(count, seed)| generated_textures(count, seed));
        let means: Vec<Vec<f32>> = (15..20)
            .map(|fine| {
                let images = of_class(fine, &train);
                let mean = |i| images.iter().map(|p| p[i]).sum::<f32>() / images.len() as f32;
                (0..LEN).map(mean).collect()
            })
            .collect();
        let distance =
            |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum() };
        let mut right = 0;
        for fine in 0..5 {
            for image in of_class(15 + fine, &test) {
                let nearest = (0..5).min_by(|&a, &b| {
                    distance(&image, &means[a]).total_cmp(&distance(&image, &means[b]))
                });
                right += usize::from(nearest == Some(fine));
            }
        }
        assert!((35..95).contains(&right), "{right} of 100");
    }
}
