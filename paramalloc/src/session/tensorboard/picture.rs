//! The allocation as a picture: a row per task, a column per component.

use super::messages::Image;

/// Pixels of a cell, both ways.
const CELL: usize = 16;
/// Most rows or columns of pixels: of many tasks each cell is smaller.
const LARGEST: usize = 1024;

/// Connection probabilities, `[tasks][components]`, as gray: 1 is black. Absent
/// if there are none, or more than a picture shows.
pub fn picture(probabilities: &[Vec<f32>]) -> Option<Image> {
    let (rows, columns) = (probabilities.len(), probabilities.first()?.len());
    let largest = rows.max(columns);
    if columns == 0 || largest > LARGEST {
        return None;
    }
    let cell = (LARGEST / largest).min(CELL);
    let (height, width) = (rows * cell, columns * cell);
    let mut pixels = Vec::with_capacity(height * width);
    for row in probabilities {
        let gray = |p: &f32| (255.0 * (1.0 - p.clamp(0.0, 1.0))).round() as u8;
        let line: Vec<u8> = row
            .iter()
            .flat_map(|p| std::iter::repeat_n(gray(p), cell))
            .collect();
        for _ in 0..cell {
            pixels.extend_from_slice(&line);
        }
    }
    let mut encoded = Vec::new();
    let mut encoder = png::Encoder::new(&mut encoded, width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(Image {
        height: height as i32,
        width: width as i32,
        colorspace: 1,
        encoded,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_as_dark_as_its_probability() {
        let image = picture(&[vec![0.0, 1.0], vec![0.5, 1.0]]).unwrap();
        assert_eq!((image.height, image.width), (32, 32));
        let decoder = png::Decoder::new(std::io::Cursor::new(image.encoded));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let at = |row: usize, column: usize| pixels[row * 32 + column];
        assert_eq!(
            [at(0, 0), at(15, 16), at(16, 0), at(31, 31)],
            [255, 0, 128, 0]
        );
        assert!(picture(&[]).is_none() && picture(&[vec![]]).is_none());
        let many = picture(&vec![vec![0.5; 3]; 700]).unwrap();
        assert_eq!((many.height, many.width), (700, 3));
    }
}
