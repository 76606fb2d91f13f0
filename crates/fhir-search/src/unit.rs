//! Quantities in different units: converted where UCUM says how.

use std::str::FromStr;

use rust_decimal::Decimal;

/// UCUM.
pub const UCUM: &str = "http://unitsofmeasure.org";

/// How a unit becomes its canonical one: `value × factor + offset`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// The canonical unit: two units convert into each other if it is the same.
    pub canonical: String,
    factor: Decimal,
    offset: Decimal,
}

impl Scale {
    /// The scale of a UCUM code; `None` if it is no UCUM code, one on a scale that is not linear (`[pH]`), or one whose
    /// factor does not fit into 28 digits.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        if code.is_empty() || code.len() > 64 {
            return None;
        }
        let unit = octofhir_ucum::get_canonical_units(code).ok()?;
        let decimal = |text: String| Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok();
        let factor = decimal(unit.factor.to_string()).filter(|factor| !factor.is_zero())?;
        Some(Self { canonical: unit.unit, factor, offset: decimal(unit.offset.to_string())? })
    }

    /// A value in the canonical unit.
    #[must_use]
    pub fn canonical(&self, value: Decimal) -> Option<Decimal> {
        value.checked_mul(self.factor)?.checked_add(self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_convert_where_they_measure_the_same() {
        let in_canonical = |value: &str, code: &str| {
            let scale = Scale::of(code).unwrap();
            (scale.canonical(value.parse().unwrap()).unwrap().normalize(), scale.canonical)
        };
        assert_eq!(in_canonical("1", "g/L"), in_canonical("100", "mg/dL"));
        assert_eq!(in_canonical("1", "kg"), in_canonical("1000", "g"));
        assert_eq!(in_canonical("37", "Cel"), in_canonical("310.15", "K"));
        assert_ne!(in_canonical("1", "kg").1, in_canonical("1", "m").1);
        assert_eq!(Scale::of("[pH]"), None);
        assert_eq!(Scale::of("回"), None);
        assert_eq!(Scale::of(""), None);
    }
}
