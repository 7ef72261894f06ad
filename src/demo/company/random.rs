//! A small seeded generator, independent of crates and their versions, so that the company is
//! always the same.
//!
//! SplitMix64 (Steele, Lea and Flood, 2014). Not for secrets.

/// A deterministic stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// Each table uses a separate stream, so that a change to one does not affect the others.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, inclusive; `low` if the range is empty.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low))
            .unwrap_or(0)
            .saturating_add(1);
        let offset = i64::try_from(self.next() % width).unwrap_or(0);
        low.saturating_add(offset)
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of the items; the default of the type if there are none.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let last = i64::try_from(items.len()).unwrap_or(1).saturating_sub(1);
        let index = usize::try_from(self.between(0, last)).unwrap_or(0);
        items.get(index).copied().unwrap_or_default()
    }

    /// A number from `low` to `high`, with small ones much more frequent.
    pub(super) fn skewed(&mut self, low: i64, high: i64) -> i64 {
        let limit = self.between(low, high);
        let limit = self.between(low, limit);
        self.between(low, limit)
    }

    /// A version 4 UUID (RFC 9562) in its text form.
    pub(super) fn uuid(&mut self) -> String {
        let high = (self.next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000;
        let low = (self.next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}
