//! Seeded chance: the same numbers on every machine, and for each person their own, so that people can be played in any
//! order. SplitMix64 (Steele, Lea and Flood 2014); good enough for made-up lives.

/// A sequence of numbers.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn of(seed: u64, person: u32) -> Self {
        let mut dice = Self(seed ^ (person as u64).wrapping_mul(0xD134_2543_DE82_EF95));
        // the first numbers of neighbouring seeds are alike
        dice.next();
        dice.next();
        dice
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `below`, without it.
    pub(super) fn below(&mut self, below: usize) -> usize {
        let below = u64::try_from(below).unwrap_or(1).max(1);
        usize::try_from(self.next() % below).unwrap_or(0)
    }

    /// A number from `from` to `to`, both within.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from + 1).unwrap_or(1).max(1);
        from + i64::try_from(self.next() % width).unwrap_or(0)
    }

    /// True so many times in a thousand.
    pub(super) fn chance(&mut self, in_a_thousand: u32) -> bool {
        self.below(1000) < usize::try_from(in_a_thousand).unwrap_or(0)
    }

    /// One of these, by weight.
    pub(super) fn pick<T: Copy>(&mut self, weighted: &[(u32, T)], otherwise: T) -> T {
        let all: u32 = weighted.iter().map(|(weight, _)| weight).sum();
        let mut drawn = u32::try_from(self.below(usize::try_from(all).unwrap_or(1))).unwrap_or(0);
        for (weight, one) in weighted {
            if drawn < *weight {
                return *one;
            }
            drawn -= weight;
        }
        otherwise
    }
}
