//! Chance that can be thrown again: the same seed gives the same inputs.

/// `SplitMix64`.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one; 0 below 0.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        if most == 0 { 0 } else { usize::try_from(self.throw() % most as u64).unwrap_or(0) }
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Start and end of a piece.
    pub(crate) fn span(&mut self, length: usize, most: usize) -> (usize, usize) {
        let start = self.below(length + 1);
        (start, (start + self.below(most)).min(length))
    }
}
