//! `exp`, `ln` and powers as the server computes them, to the last digit: it has algorithms of its own where the
//! system's library may round otherwise. Knows nothing of queries.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E};

/// `e^x`: the argument is brought near zero by a multiple of ln 2, divided by 16, put into a Taylor series, and squared
/// four times.
pub(super) fn exp(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 0.693_147_180_559_663;
    const LN_2_LOW: f64 = 2.823_529_056_303_157_7e-13;
    const OVERFLOW: f64 = 7.097_827_128_933_84e2;
    if x.is_nan() || x == f64::INFINITY || x > OVERFLOW {
        return if x.is_nan() { x } else { f64::INFINITY };
    }
    if x == f64::NEG_INFINITY {
        return 0.0;
    }
    if x < -800.0 {
        return 0.0;
    }
    let exponent = (x * LOG2_E).round_ties_even();
    let near = (-exponent).mul_add(LN_2_LOW, (-exponent).mul_add(LN_2_HIGH, x)) * 0.0625;
    let series = [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0]
        .into_iter()
        .fold(1.0 / 40320.0, |sum, factorial| near.mul_add(sum, 1.0 / factorial));
    let mut less_one = near * series;
    for _ in 0..3 {
        less_one *= less_one + 2.0;
    }
    let value = less_one.mul_add(less_one + 2.0, 1.0);
    scale(value, exponent)
}

/// `value * 2^exponent`.
fn scale(value: f64, exponent: f64) -> f64 {
    // In two steps, so that neither power leaves the range of floats.
    let half = (exponent / 2.0).trunc();
    value * half.exp2() * (exponent - half).exp2()
}

/// A fraction from 0.5 up to 1 and the power of two that it is multiplied by.
fn fraction_and_exponent(x: f64) -> (f64, i32) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    const NORMAL: f64 = 4_503_599_627_370_496.0;
    let (normal, shift) = if x.abs() < f64::MIN_POSITIVE { (x * NORMAL, -52) } else { (x, 0) };
    let bits = normal.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - 1022;
    (f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)), exponent + shift)
}

/// The natural logarithm: `ln(f·2^k)` from a polynomial in `s = f / (2 + f)`.
pub(super) fn ln(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const ODD: [f64; 4] =
        [0.147_981_986_051_165_86, 0.181_835_721_616_180_5, 0.285_714_287_436_623_9, 0.666_666_666_666_673_5];
    const EVEN: [f64; 3] = [0.153_138_376_992_093_73, 0.222_221_984_321_497_84, 0.399_999_999_994_094_2];
    match x {
        x if x.is_nan() || x == f64::INFINITY => return x,
        x if x < 0.0 => return f64::NAN,
        0.0 => return f64::NEG_INFINITY,
        _ => {}
    }
    let (mut fraction, mut exponent) = fraction_and_exponent(x);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let square = s * s;
    let fourth = square * square;
    let polynomial = |terms: &[f64]| terms.iter().fold(0.0, |sum, term| term + fourth * sum);
    let rest = square * polynomial(&ODD) + fourth * polynomial(&EVEN);
    let half = 0.5 * f * f;
    k * LN_2_HIGH - ((half - (s * (half + rest) + k * LN_2_LOW)) - f)
}

/// `x^y`: the whole part of the exponent by repeated squaring, the rest by `exp` and `ln`.
pub(super) fn power(x: f64, y: f64) -> f64 {
    let special = x.is_nan() || y.is_nan() || x == 0.0 || x.is_infinite() || y.is_infinite() || y.abs() >= 9.3e18;
    if special || x == 1.0 || y == 0.0 {
        return x.powf(y);
    }
    if y == 1.0 {
        return x;
    }
    if y == 0.5 || y == -0.5 {
        return if y > 0.0 { x.sqrt() } else { 1.0 / x.sqrt() };
    }
    let (mut whole, mut rest) = (y.abs().trunc(), y.abs().fract());
    if rest != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    let mut result = 1.0;
    let mut exponent = 0_i64;
    if rest != 0.0 {
        if rest > 0.5 {
            rest -= 1.0;
            whole += 1.0;
        }
        result = exp(rest * ln(x));
    }
    let (mut base, base_exponent) = fraction_and_exponent(x);
    let mut base_exponent = i64::from(base_exponent);
    while whole >= 1.0 {
        // Beyond this the result is zero or infinite whatever follows.
        if base_exponent.abs() > 1 << 12 {
            exponent += base_exponent;
            break;
        }
        if whole % 2.0 >= 1.0 {
            result *= base;
            exponent += base_exponent;
        }
        base *= base;
        base_exponent <<= 1;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        whole = (whole / 2.0).trunc();
    }
    if y < 0.0 {
        result = 1.0 / result;
        exponent = -exponent;
    }
    scale(result, super::number::from_i64(exponent.clamp(-2100, 2100)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_digits_are_the_servers() {
        assert_eq!(exp(1.5), 4.481_689_070_338_065);
        assert_eq!(ln(3.0), 1.098_612_288_668_109_6);
        assert_eq!((exp(0.0), exp(-800.0), exp(800.0), ln(0.0)), (1.0, 0.0, f64::INFINITY, f64::NEG_INFINITY));
        assert!(ln(-1.0).is_nan() && power(-2.0, 0.5).is_nan());
    }

    #[test]
    fn powers_of_whole_numbers_are_exact() {
        for (x, y, power_of) in
            [(2.0, 10.0, 1024.0), (10.0, 15.0, 1e15), (3.0, -1.0, 1.0 / 3.0), (-2.0, 3.0, -8.0), (4.0, 0.5, 2.0)]
        {
            assert_eq!(power(x, y), power_of, "{x}^{y}");
        }
    }

    proptest::proptest! {
        #[test]
        fn all_is_near_what_the_library_computes(x in 1e-300_f64..1e300, y in -700.0_f64..700.0, small in 0.001_f64..1000.0, e in -40.0_f64..40.0) {
            let near = |ours: f64, theirs: f64| ours == theirs || (ours - theirs).abs() <= theirs.abs() * 1e-13;
            proptest::prop_assert!(near(ln(x), x.ln()));
            proptest::prop_assert!(near(exp(y), y.exp()));
            proptest::prop_assert!(near(power(small, e), small.powf(e)), "{} {}", power(small, e), small.powf(e));
        }
    }
}
