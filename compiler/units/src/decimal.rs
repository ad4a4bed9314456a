//! Decimal digits to a double, scaled without the error that scaling a rounded double would add.

/// Digits up to here are an exact integer in a double.
const MANTISSA_MAX: f64 = 9_007_199_254_740_992.0;

/// `text` (digits, perhaps with one point) times `factor`. `0.57` times 1000 is 570, not 569.9999999999999.
/// `None` when the text is no such number or the product is not finite.
pub(crate) fn scaled(text: &str, factor: f64) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return None;
    }
    let mantissa: f64 = format!("{whole}{fraction}").parse().ok()?;
    let product = match i32::try_from(fraction.len()) {
        Ok(places) if places <= 22 && mantissa * factor <= MANTISSA_MAX => mantissa * factor / 10f64.powi(places),
        Ok(_) | Err(_) => text.parse::<f64>().ok()? * factor,
    };
    product.is_finite().then_some(product)
}

/// A measured double times `factor`, by way of its shortest decimal form.
pub(crate) fn rescaled(value: f64, factor: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let magnitude = scaled(&format!("{}", value.abs()), factor)?;
    Some(if value < 0.0 { -magnitude } else { magnitude })
}
