//! Decimal digits to a double, scaled without the error that scaling a rounded double would add.

/// Digits up to here are an exact integer in a double.
const MANTISSA_MAX: f64 = 9_007_199_254_740_992.0;

/// Above all numbers of 15 digits, each of which survives in a double.
const FIFTEEN_DIGITS: f64 = 1e15;

/// The powers of ten that are exact in a double.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// `text` (digits, perhaps with one point) times `factor`. `0.57` times 1000 is 570, not 569.9999999999999.
/// `None` when the text is no such number or the product is not finite.
pub(crate) fn scaled(text: &str, factor: f64) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return None;
    }
    let mut all = whole.bytes().chain(fraction.bytes());
    let mantissa = all.try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    #[expect(clippy::cast_precision_loss, reason = "what is over 2^53 is not used")]
    let mantissa = mantissa.map_or(f64::INFINITY, |mantissa| mantissa as f64);
    let product = match POWERS.get(fraction.len()) {
        Some(power) if mantissa * factor <= MANTISSA_MAX => mantissa * factor / power,
        Some(_) | None => text.parse::<f64>().ok()? * factor,
    };
    product.is_finite().then_some(product)
}

/// The double next to `value` rounded to 15 significant digits; `None` where only its digits can tell.
pub(crate) fn rounded(value: f64) -> Option<f64> {
    let magnitude = value.abs();
    let power = largest_power(magnitude)?;
    let product = magnitude * power;
    if product < FIFTEEN_DIGITS / 10.0 {
        return None;
    }
    let mantissa = product.round();
    if mantissa / power == magnitude {
        return Some(value);
    }
    // The product is off by a sixteenth at most.
    let clear = (product.fract() - 0.5).abs() > 0.1;
    clear.then_some((mantissa / power).copysign(value))
}

/// The largest power of ten that leaves at most 15 digits before the point.
fn largest_power(magnitude: f64) -> Option<f64> {
    let fitting = POWERS.partition_point(|power| magnitude * power < FIFTEEN_DIGITS);
    POWERS.get(fitting.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::*;

    /// What [`rounded`] says, by writing the digits down and reading them.
    fn rounded_by_text(value: f64) -> f64 {
        format!("{value:.14e}").parse().unwrap()
    }

    /// Doubles of all sizes: any bits, few digits, and sums that are off by a bit.
    fn doubles() -> impl Strategy<Value = f64> {
        let few = (any::<i64>(), 0..18_u32, 0..24_i32)
            .prop_map(|(n, cut, places)| (n / 10_i64.pow(cut)) as f64 / 10_f64.powi(places));
        let off = (0..1_000_000_u32, 1..1_000_u32).prop_map(|(n, d)| f64::from(n) / f64::from(d) * 1.1);
        prop_oneof![any::<f64>().prop_filter("finite", |value| value.is_finite()), few, off]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn rounding_is_what_the_digits_say(value in doubles()) {
            if let Some(rounded) = rounded(value) {
                prop_assert_eq!(rounded, rounded_by_text(value), "{}", value);
            }
        }
    }
}
