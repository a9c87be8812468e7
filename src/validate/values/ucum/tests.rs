//! What UCUM units are and are not, in tables, and that no text makes the reader panic.

use proptest::prelude::*;

use super::atoms::{ATOMS, PREFIXES, Scale};
use super::meant::MEANT;
use super::{Why, canonical, check, dimension, ratio};

#[test]
fn units_in_clinical_use_pass() {
    let right = [
        "kg",
        "g",
        "mg",
        "ug",
        "cm",
        "mm[Hg]",
        "Cel",
        "[degF]",
        "%",
        "/min",
        "{beats}/min",
        "{beats per minute}/min",
        "mmol/L",
        "mmol/mol",
        "mg/dL",
        "10*9/L",
        "10*3/uL",
        "10^12/L",
        "kg/m2",
        "mL/min/{1.73_m2}",
        "mL/min/1.73.m2",
        "[IU]/L",
        "m[IU]/L",
        "k[IU]/L",
        "[in_i]",
        "[lb_av]",
        "[pH]",
        "h",
        "min",
        "d",
        "wk",
        "mo",
        "a",
        "s",
        "ms",
        "1",
        "{score}",
        "{}",
        "m/s2",
        "m.s-2",
        "kg.m/s2",
        "(kg.m)/s2",
        "/(m.s)",
        "m+2",
        "dB",
        "B[10.nV]",
        "[m/s2/Hz^(1/2)]",
        "[arb'U]",
        "mg{total}{daily}",
        "meq/L",
        "[APL'U]",
        "10*",
        "L/(min.m2)",
        "mosm/kg",
        "ug/kg/h",
        "cm[H2O]",
        "eq",
        "[CFU]/mL",
        "nmol/L",
        "pg/mL",
        "fL",
        "U/L",
        "kat/L",
        "KiBy/s",
        "KiBy",
        "m[H2O]{abs}",
        "2.{a}",
        "[ppm]",
        "[drp]",
        "Gy",
        "[mi_us]",
        "''",
        "deg",
        "dar",
        "[CCID_50]",
        "t",
    ];
    for unit in right {
        assert_eq!(check(unit), Ok(()), "{unit}");
    }
}

#[test]
fn what_is_not_a_unit_is_told_with_its_place() {
    let wrong = [
        ("", 0, Why::ExpectedUnit),
        ("mcg", 0, Why::Meant("ug")),
        ("beats", 0, Why::Unknown),
        ("mmHg", 0, Why::Meant("mm[Hg]")),
        ("ml/hr", 3, Why::Meant("h")),
        ("mg/bananas", 3, Why::Unknown),
        ("2m", 0, Why::Unknown),
        ("KG", 0, Why::Unknown),
        ("CEL", 0, Why::Meant("Cel")),
        ("MOL", 0, Why::Meant("mol")),
        ("kmin", 0, Why::NotMetric),
        ("m[in_i]", 0, Why::NotMetric),
        ("mg/", 3, Why::ExpectedUnit),
        ("mg//L", 3, Why::ExpectedUnit),
        (".m", 0, Why::ExpectedUnit),
        ("m..s", 2, Why::ExpectedUnit),
        ("()", 1, Why::ExpectedUnit),
        ("m*s", 0, Why::Unknown),
        ("m s", 1, Why::ExpectedOperator),
        ("m2s", 2, Why::ExpectedOperator),
        ("{a}m", 3, Why::ExpectedOperator),
        ("m(s)", 1, Why::ExpectedOperator),
        ("µg", 0, Why::Sign),
        ("°C", 0, Why::Sign),
        ("-1", 0, Why::Sign),
        ("m-", 2, Why::Exponent),
        ("m+s", 2, Why::Exponent),
        ("m99999999999", 1, Why::TooLarge),
        ("2147483648", 0, Why::TooLarge),
        ("m[Hg", 1, Why::Bracket),
        ("m]", 1, Why::Bracket),
        ("[[m]]", 1, Why::Bracket),
        ("]", 0, Why::Bracket),
        ("(m", 0, Why::Parenthesis),
        ("m)", 1, Why::Parenthesis),
        ("(m s)", 2, Why::ExpectedOperator),
        ("{a", 0, Why::OpenAnnotation),
        ("{é}", 1, Why::Annotation),
        ("m{a}2", 4, Why::ExpectedOperator),
    ];
    for (unit, at, why) in wrong {
        let fault = check(unit).expect_err(unit);
        assert_eq!((fault.at, fault.why), (at, why), "{unit}");
    }
}

#[test]
fn a_fault_is_told_from_the_first_character_on() {
    let text = check("mg/bananas").unwrap_err().to_string();
    assert_eq!(text, "is not a UCUM unit: there is no unit of this name, at character 4");
    let text = check("MOL").unwrap_err().to_string();
    assert_eq!(text, "is not a UCUM unit: there is no unit of this name (is mol meant?), at character 1");
}

#[test]
fn what_people_mean_is_a_unit_and_what_they_write_is_not() {
    for (written, meant) in MEANT {
        assert_eq!(check(meant), Ok(()), "{meant}");
        assert_eq!(check(written).unwrap_err().why, Why::Meant(meant), "{written}");
    }
}

#[test]
fn parentheses_have_a_depth_they_may_not_pass() {
    let nested = |depth: usize| format!("{}m{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(check(&nested(32)), Ok(()));
    assert_eq!(check(&nested(33)).unwrap_err().why, Why::TooDeep);
    assert_eq!(check(&"(".repeat(1_000_000)).unwrap_err().why, Why::TooDeep);
}

#[test]
fn units_of_one_kind_can_be_compared() {
    let rows = [
        ("g", "mg", 1000.0),
        ("kg", "[lb_av]", 2.204_622_621_848_775_8),
        ("h", "min", 60.0),
        ("a", "d", 365.25),
        ("mo", "d", 30.4375),
        ("m", "[in_i]", 39.370_078_740_157_48),
        ("mmol/L", "umol/mL", 1.0),
        ("mm[Hg]", "Pa", 133.322),
        ("N", "kg.m/s2", 1.0),
        ("J", "N.m", 1.0),
        ("V", "W/A", 1.0),
        ("L", "dm3", 1.0),
        ("%", "1", 0.01),
        ("10*9/L", "/nL", 1.0),
        ("a", "s", 31_557_600.0),
        ("m/s/s", "m/(s.s)", 1.0),
        ("{score}", "1", 1.0),
    ];
    for (from, to, expected) in rows {
        let found = ratio(from, to).expect(from);
        assert!((found / expected - 1.0).abs() < 1e-12, "{from} in {to}: {found}");
    }
    assert_eq!(ratio("g", "m"), None);
    assert_eq!(ratio("m/s.s", "m/(s.s)"), None);
}

#[test]
fn special_and_arbitrary_units_are_units_without_a_factor() {
    for unit in ["Cel", "[pH]", "[IU]/L", "dB", "[degF].m"] {
        assert_eq!(canonical(unit), Ok(None), "{unit}");
        assert_eq!(dimension(unit), None, "{unit}");
    }
    assert_eq!(dimension("kg.m/s2"), Some([1, -2, 1, 0, 0, 0, 0]));
}

#[test]
fn the_table_is_in_order_and_no_prefix_makes_one_unit_of_another() {
    assert!(ATOMS.is_sorted_by(|a, b| a.code < b.code));
    assert_eq!(ATOMS.iter().filter(|atom| atom.scale == Scale::Special).count(), 21);
    for atom in ATOMS.iter().filter(|atom| atom.metric) {
        for (prefix, _) in PREFIXES {
            let whole = format!("{prefix}{}", atom.code);
            assert!(!ATOMS.iter().any(|other| other.code == whole), "{whole}");
            assert_eq!(check(&whole), Ok(()), "{whole}");
        }
    }
    for atom in &ATOMS {
        assert_eq!(check(atom.code), Ok(()), "{}", atom.code);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), likely in "[a-zA-Z0-9\\[\\]{}()./*^%' +-]{0,30}") {
        let _ = check(&text);
        if let Err(fault) = check(&likely) {
            prop_assert!(fault.at <= likely.len());
        }
    }

    #[test]
    fn a_unit_over_itself_is_one(left in 0..ATOMS.len(), right in 0..ATOMS.len()) {
        let unit = format!("{}/{}", ATOMS[left].code, ATOMS[right].code);
        if let Some(whole) = canonical(&format!("({unit})/({unit})")).unwrap() {
            prop_assert_eq!(whole.dimension, [0; 7]);
            prop_assert!((whole.factor - 1.0).abs() < 1e-9);
        }
    }
}
