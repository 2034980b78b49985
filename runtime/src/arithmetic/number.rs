//! Numbers of no particular data type: what the value of an element is while it is converted to another type, and what other
//! languages pass for one.

use num_complex::Complex;

/// A number, by what it can hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Whole(i128),
    /// A real number.
    Real(f64),
    /// A complex number.
    Complex(Complex<f64>),
}

impl Number {
    /// The whole number with exactly this value, if there is one.
    pub(super) fn whole(self) -> Option<i128> {
        if let Number::Whole(value) = self {
            return Some(value);
        }
        let value = self.real()?;
        let (least, end) = (-(2f64.powi(127)), 2f64.powi(127));
        (value.fract() == 0.0 && (least..end).contains(&value)).then_some(value as i128)
    }

    /// The real number with this value, rounded to a `f64`; none where there is an imaginary part.
    pub(super) fn real(self) -> Option<f64> {
        match self {
            Number::Whole(value) => Some(value as f64),
            Number::Real(value) => Some(value),
            Number::Complex(value) => (value.im == 0.0).then_some(value.re),
        }
    }

    /// The complex number with this value, rounded to parts that are `f64`.
    pub(super) fn complex(self) -> Complex<f64> {
        match self {
            Number::Whole(value) => (value as f64).into(),
            Number::Real(value) => value.into(),
            Number::Complex(value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact() {
        for (number, whole) in [
            (Number::Whole(i128::MAX), Some(i128::MAX)),
            (Number::Real(-3.0), Some(-3)),
            (Number::Real(2f64.powi(100)), Some(1 << 100)),
            (Number::Real(-(2f64.powi(127))), Some(i128::MIN)),
            (Number::Real(2f64.powi(127)), None),
            (Number::Real(0.5), None),
            (Number::Real(f64::INFINITY), None),
            (Number::Real(f64::NAN), None),
            (Number::Complex(Complex::new(2.0, 0.0)), Some(2)),
            (Number::Complex(Complex::new(2.0, 1.0)), None),
        ] {
            assert_eq!(number.whole(), whole, "{number:?}");
        }
    }
}
