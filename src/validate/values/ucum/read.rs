//! Reads a unit by the grammar of UCUM (sections 5 to 12) and works out what it is in base units. It must not allocate,
//! and parentheses deeper than [`DEEPEST`] are refused: it calls itself once for each.

use super::atoms::{self, Atom, PREFIXES, Scale};
use super::fault::{Fault, Why};
use super::meant;

/// Exponents of metre, second, gram, radian, kelvin, coulomb and candela.
pub type Dimension = [i32; 7];

const DEEPEST: usize = 32;

/// A unit as a number of base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Canonical {
    /// How many base units one of it is; a float, so compare two such numbers with some tolerance.
    pub factor: f64,
    pub dimension: Dimension,
}

const ONE: Canonical = Canonical { factor: 1.0, dimension: [0; 7] };

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// No special or arbitrary unit so far.
    comparable: bool,
}

pub(super) fn unit(text: &str) -> Result<Option<Canonical>, Fault> {
    let mut reader = Reader { text, at: 0, comparable: true };
    let whole = reader.term(0)?;
    match reader.peek() {
        None => Ok(reader.comparable.then_some(whole)),
        Some(b')') => Err(reader.fault(Why::Parenthesis)),
        Some(_) => Err(reader.fault(Why::ExpectedOperator)),
    }
}

impl Reader<'_> {
    const fn fault(&self, why: Why) -> Fault {
        Fault { at: self.at, why }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Components joined by full stops and slashes, worked out from left to right; a slash may come first.
    fn term(&mut self, depth: usize) -> Result<Canonical, Fault> {
        let mut product = ONE;
        let mut divides = self.skip(b'/');
        loop {
            let component = self.component(depth)?;
            product = product.times(component, if divides { -1 } else { 1 });
            divides = match self.peek() {
                Some(b'.') => false,
                Some(b'/') => true,
                _ => return Ok(product),
            };
            self.at += 1;
        }
    }

    fn skip(&mut self, sign: u8) -> bool {
        let there = self.peek() == Some(sign);
        self.at += usize::from(there);
        there
    }

    fn component(&mut self, depth: usize) -> Result<Canonical, Fault> {
        let value = match self.peek() {
            Some(b'{') => ONE,
            Some(b'(') => {
                if depth >= DEEPEST {
                    return Err(self.fault(Why::TooDeep));
                }
                let open = self.fault(Why::Parenthesis);
                self.at += 1;
                let inner = self.term(depth + 1)?;
                if !self.skip(b')') {
                    return Err(if self.peek().is_none() { open } else { self.fault(Why::ExpectedOperator) });
                }
                inner
            }
            Some(b'[' | b'%' | b'*' | b'^' | b'\'' | b'"' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9') => {
                self.symbol_or_number()?
            }
            Some(b']') => return Err(self.fault(Why::Bracket)),
            None | Some(b'.' | b'/' | b')') => return Err(self.fault(Why::ExpectedUnit)),
            Some(_) => return Err(self.fault(Why::Sign)),
        };
        while self.peek() == Some(b'{') {
            self.annotation()?;
        }
        Ok(value)
    }

    /// Braces and what is between them, which means nothing to UCUM.
    fn annotation(&mut self) -> Result<(), Fault> {
        let open = self.fault(Why::OpenAnnotation);
        loop {
            self.at += 1;
            match self.peek() {
                None => return Err(open),
                Some(b'}') => break,
                Some(b' '..=b'~') => {}
                Some(_) => return Err(self.fault(Why::Annotation)),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// A number, or a unit with its exponent. Digits belong to a unit only before its other signs (`10*`) or in brackets.
    fn symbol_or_number(&mut self) -> Result<Canonical, Fault> {
        let start = self.at;
        let digits = self.digits();
        let mut within = None;
        while let Some(sign) = self.peek() {
            match sign {
                b'[' if within.is_some() => return Err(self.fault(Why::Bracket)),
                b'[' => within = Some(self.at),
                b']' if within.take().is_none() => return Err(self.fault(Why::Bracket)),
                b']' | b'a'..=b'z' | b'A'..=b'Z' | b'%' | b'*' | b'^' | b'\'' | b'"' | b'_' => {}
                b'!'..=b'~' if within.is_some() => {}
                _ => break,
            }
            self.at += 1;
        }
        if let Some(at) = within {
            return Err(Fault { at, why: Why::Bracket });
        }
        let symbol = self.text.get(start..self.at).unwrap_or_default();
        if symbol.len() == digits {
            let number = i32::try_from(number(symbol)).map_err(|_| Fault { at: start, why: Why::TooLarge })?;
            return Ok(Canonical { factor: f64::from(number), ..ONE });
        }
        let (prefix, atom) = find(symbol).map_err(|why| Fault { at: start, why })?;
        let exponent = self.exponent()?;
        let Scale::Factor(factor) = atom.scale else {
            self.comparable = false;
            return Ok(ONE);
        };
        let base = Canonical { factor: prefix * factor, dimension: atom.dimension.map(i32::from) };
        Ok(ONE.times(base, exponent))
    }

    /// How many digits come next, and passes over them.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn exponent(&mut self) -> Result<i32, Fault> {
        let sign = if self.peek() == Some(b'-') { -1 } else { 1 };
        let signed = self.skip(b'-') || self.skip(b'+');
        let start = self.at;
        if self.digits() == 0 {
            return if signed { Err(self.fault(Why::Exponent)) } else { Ok(1) };
        }
        let digits = self.text.get(start..self.at).unwrap_or_default();
        match i32::try_from(number(digits)) {
            Ok(exponent) => Ok(sign * exponent),
            Err(_) => Err(Fault { at: start, why: Why::TooLarge }),
        }
    }
}

impl Canonical {
    /// This and another to a power; exponents beyond all sense stay at the largest there is.
    fn times(mut self, other: Self, power: i32) -> Self {
        self.factor *= other.factor.powi(power);
        for (own, its) in self.dimension.iter_mut().zip(other.dimension) {
            *own = own.saturating_add(its.saturating_mul(power));
        }
        self
    }
}

/// The number that digits stand for, or the largest there is.
fn number(digits: &str) -> u64 {
    digits.parse().unwrap_or(u64::MAX)
}

/// A unit by its symbol, whole or after a prefix.
fn find(symbol: &str) -> Result<(f64, &'static Atom), Why> {
    if let Some(atom) = atoms::named(symbol) {
        return Ok((1.0, atom));
    }
    let mut why = Why::Unknown;
    for (prefix, factor) in PREFIXES {
        if let Some(atom) = symbol.strip_prefix(prefix).and_then(atoms::named) {
            if atom.metric {
                return Ok((factor, atom));
            }
            why = Why::NotMetric;
        }
    }
    Err(meant::by(symbol).map_or(why, Why::Meant))
}
