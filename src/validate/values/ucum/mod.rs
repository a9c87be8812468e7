//! Units of measure by UCUM (<https://ucum.org/ucum>, case-sensitive symbols): whether a text is a unit, and what it
//! measures, so that two quantities can be compared. It must not convert units whose scale is not a factor (degrees
//! Celsius, pH) or whose size is only agreed (international units).

mod atoms;
mod fault;
mod meant;
mod read;

pub use fault::{Fault, Why};
pub use read::{Canonical, Dimension};

/// Checks a unit such as `mg/dL`, `10*9/L`, `{score}` or `mm[Hg]`, as the reference does: an annotation may hold spaces,
/// and several may follow each other.
///
/// # Errors
/// Where the text stops to be a unit, and why.
pub fn check(unit: &str) -> Result<(), Fault> {
    read::unit(unit).map(|_| ())
}

/// A unit in base units. `None` where no factor leads there: special units such as `Cel`, arbitrary ones such as `[IU]`.
///
/// # Errors
/// As [`check`].
pub fn canonical(unit: &str) -> Result<Option<Canonical>, Fault> {
    read::unit(unit)
}

/// What a unit measures; `None` if it is not a unit, or not one that others can be turned into.
#[must_use]
pub fn dimension(unit: &str) -> Option<Dimension> {
    read::unit(unit).ok().flatten().map(|canonical| canonical.dimension)
}

/// The number by which a value in one unit becomes a value in another; `None` where they measure different things.
#[must_use]
pub fn ratio(from: &str, to: &str) -> Option<f64> {
    let (from, to) = (read::unit(from).ok()??, read::unit(to).ok()??);
    (from.dimension == to.dimension).then(|| from.factor / to.factor)
}

#[cfg(test)]
mod tests;
