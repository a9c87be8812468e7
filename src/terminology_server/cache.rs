//! Answers kept for a while: bounded, the least lately used forgotten first. Pure: the time is handed in.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// What is kept, by question.
#[derive(Debug)]
pub struct Cache<T> {
    most: usize,
    keep: Duration,
    kept: HashMap<String, Slot<T>>,
    /// Questions by when they were last used.
    order: BTreeMap<u64, String>,
    clock: u64,
}

#[derive(Debug)]
struct Slot<T> {
    value: T,
    since: Instant,
    used: u64,
}

impl<T> Cache<T> {
    /// Keeps `most` answers at most, each for as long as `keep`.
    #[must_use]
    pub fn new(most: usize, keep: Duration) -> Self {
        Self { most, keep, kept: HashMap::new(), order: BTreeMap::new(), clock: 0 }
    }

    /// What was kept, if it is not too old.
    pub fn get(&mut self, key: &str, now: Instant) -> Option<&T> {
        let slot = self.kept.get_mut(key)?;
        if now.saturating_duration_since(slot.since) >= self.keep {
            let used = slot.used;
            self.kept.remove(key);
            self.order.remove(&used);
            return None;
        }
        self.clock += 1;
        if let Some(key) = self.order.remove(&slot.used) {
            self.order.insert(self.clock, key);
        }
        slot.used = self.clock;
        self.kept.get(key).map(|slot| &slot.value)
    }

    /// Keeps an answer, and forgets another where there is no room.
    pub fn put(&mut self, key: String, value: T, now: Instant) {
        if self.most == 0 {
            return;
        }
        self.clock += 1;
        let used = self.clock;
        if let Some(old) = self.kept.insert(key.clone(), Slot { value, since: now, used }) {
            self.order.remove(&old.used);
        }
        self.order.insert(used, key);
        while self.kept.len() > self.most {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            self.kept.remove(&oldest);
        }
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Cache;

    const KEEP: Duration = Duration::from_secs(10);

    #[test]
    fn the_least_lately_used_is_forgotten_first() {
        let now = Instant::now();
        let mut cache = Cache::new(2, KEEP);
        cache.put("a".to_owned(), 1, now);
        cache.put("b".to_owned(), 2, now);
        assert_eq!(cache.get("a", now), Some(&1));
        cache.put("c".to_owned(), 3, now);
        for (key, expected) in [("a", Some(&1)), ("b", None), ("c", Some(&3))] {
            assert_eq!(cache.get(key, now), expected, "{key}");
        }
        assert_eq!(cache.len(), 2);
    }

    #[test]
    fn an_answer_is_forgotten_when_its_time_is_over_however_often_it_was_used() {
        let now = Instant::now();
        let mut cache = Cache::new(2, KEEP);
        cache.put("a".to_owned(), 1, now);
        assert_eq!(cache.get("a", now + KEEP / 2), Some(&1));
        assert_eq!(cache.get("a", now + KEEP), None);
        assert!(cache.is_empty() && cache.order.is_empty());
    }

    #[test]
    fn it_never_holds_more_than_it_may_nor_forgets_to_forget() {
        let now = Instant::now();
        let mut cache = Cache::new(10, KEEP);
        for n in 0..1_000 {
            cache.put(format!("{}", n % 37), n, now);
            cache.get(&format!("{}", n % 5), now);
            assert!(cache.len() <= 10 && cache.order.len() == cache.len());
        }
        let mut none = Cache::new(0, KEEP);
        none.put("a".to_owned(), 1, now);
        assert!(none.is_empty());
    }
}
