use super::*;
use crate::files::sha256_hex;

#[test]
fn the_digits_are_the_same_on_every_machine() {
    let digits = generated_digits(50, 7);
    assert_eq!(
        sha256_hex(&digits.pixels),
        "f757e5946580ef40d3924237186e229f42b1f9f992a716801b1298a2a1eca0b4"
    );
    assert_eq!(digits.classes[..10], [1, 6, 5, 5, 9, 5, 5, 1, 2, 8]);
}

#[test]
fn a_smaller_set_begins_a_larger_one() {
    let [small, large] = [20, 30].map(|count| generated_digits(count, 3));
    assert_eq!(small.classes, large.classes[..20]);
    assert_eq!(small.pixels, large.pixels[..20 * SIDE * SIDE]);
    assert_ne!(small, generated_digits(20, 4));
}

#[test]
fn every_class_is_as_frequent_as_the_others() {
    let mut counts = [0; 10];
    for class in generated_digits(5000, 1).classes {
        counts[usize::from(class)] += 1;
    }
    // Four standard deviations of a binomial count of 500.
    assert!(
        counts.iter().all(|count| (415..=585).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn every_image_has_some_ink_but_is_not_full_of_it() {
    let digits = generated_digits(2000, 5);
    for image in digits.pixels.chunks(SIDE * SIDE) {
        let dark = image.iter().filter(|&&pixel| pixel > 100).count();
        assert!(
            (12..SIDE * SIDE / 2).contains(&dark),
            "{dark} pixels of ink"
        );
    }
}

/// The data must neither be noise nor so easy that all methods reach 100 %.
#[test]
fn the_nearest_class_mean_is_often_but_not_always_right() {
    let train = generated_digits(5000, 1);
    let mut means = vec![[0.0; SIDE * SIDE]; 10];
    let mut counts = [0.0; 10];
    for (image, &class) in train.pixels.chunks(SIDE * SIDE).zip(&train.classes) {
        counts[usize::from(class)] += 1.0;
        for (mean, &pixel) in means[usize::from(class)].iter_mut().zip(image) {
            *mean += f32::from(pixel);
        }
    }
    for (mean, count) in means.iter_mut().zip(counts) {
        mean.iter_mut().for_each(|sum| *sum /= count);
    }
    let test = generated_digits(2000, 2);
    let distance = |image: &[u8], class: usize| -> f32 {
        let pairs = image.iter().zip(&means[class]);
        pairs
            .map(|(&pixel, mean)| (f32::from(pixel) - mean).powi(2))
            .sum()
    };
    let nearest = |image: &[u8]| {
        let by_distance =
            |&a: &usize, &b: &usize| distance(image, a).total_cmp(&distance(image, b));
        (0..10).min_by(by_distance).unwrap()
    };
    let right = test
        .pixels
        .chunks(SIDE * SIDE)
        .zip(&test.classes)
        .filter(|(image, class)| nearest(image) == usize::from(**class))
        .count();
    assert!((1200..1700).contains(&right), "{right} of 2000");
}
