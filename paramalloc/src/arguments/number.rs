//! Numbers as flags have them.

/// Numbers that a setting can hold.
///
/// # Errors
/// The end of a sentence.
pub fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err("it must be a finite number".to_owned()),
        Err(_) => Err("it must be a number".to_owned()),
    }
}
