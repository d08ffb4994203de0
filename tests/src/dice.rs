//! Numbers that look random and are the same for a seed.

/// Marsaglia's xorshift.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Begins with a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // Nothing comes of zero but zeros.
        Self(seed.max(1))
    }

    /// A number below this one, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// A place in a list of this length, which is not empty.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap_or(u64::MAX))).unwrap_or(0)
    }
}

/// A number from the environment.
#[must_use]
pub fn given(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// The seed: `EXUVIA_TEST_SEED`, or always the same.
#[must_use]
pub fn seed() -> u64 {
    given("EXUVIA_TEST_SEED", 0x5EED)
}
