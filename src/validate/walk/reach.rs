//! Which entries of a bundle can be reached from which others, in time that grows with entries and references only.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Entries and what refers to what, both ways, and which have been reached.
pub(super) struct Reach {
    forth: Lists,
    back: Lists,
    pub(super) seen: Vec<bool>,
    /// Entries not reached that refer to one that is: in which round they come up, and which.
    waiting: BinaryHeap<Reverse<(u32, u32)>>,
    /// What has been done, for tests.
    pub(super) steps: usize,
}

/// For each entry a list of others, all in one.
struct Lists {
    starts: Vec<u32>,
    ends: Vec<u32>,
}

impl Lists {
    fn new(count: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for (from, _) in edges.clone() {
            if let Some(start) = starts.get_mut(from as usize + 1) {
                *start += 1;
            }
        }
        for at in 1..starts.len() {
            let before = starts.get(at - 1).copied().unwrap_or(0);
            if let Some(start) = starts.get_mut(at) {
                *start += before;
            }
        }
        let mut free = starts.clone();
        let mut ends = vec![0; starts.last().copied().unwrap_or(0) as usize];
        for (from, to) in edges {
            if let Some(place) = free.get_mut(from as usize)
                && let Some(end) = ends.get_mut(*place as usize)
            {
                *end = to;
                *place += 1;
            }
        }
        Self { starts, ends }
    }

    fn of(&self, at: u32) -> &[u32] {
        let bound = |at: usize| self.starts.get(at).map(|start| *start as usize);
        let range = bound(at as usize).zip(bound(at as usize + 1));
        range.and_then(|(start, end)| self.ends.get(start..end)).unwrap_or_default()
    }
}

impl Reach {
    /// So many entries, and which refers to which.
    pub(super) fn new(count: usize, edges: &[(u32, u32)]) -> Self {
        let forth = Lists::new(count, edges.iter().copied());
        let back = Lists::new(count, edges.iter().map(|(from, to)| (*to, *from)));
        Self { forth, back, seen: vec![false; count], waiting: BinaryHeap::new(), steps: count + edges.len() }
    }

    /// Reaches an entry and all it leads to, in a round at a place.
    pub(super) fn forward(&mut self, from: usize, (round, place): (u32, u32)) {
        let mut open = vec![u32::try_from(from).unwrap_or(u32::MAX)];
        while let Some(at) = open.pop() {
            match self.seen.get_mut(at as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            self.steps += 1 + self.forth.of(at).len() + self.back.of(at).len();
            open.extend_from_slice(self.forth.of(at));
            for behind in self.back.of(at) {
                if self.seen.get(*behind as usize) == Some(&false) {
                    // rounds go through the entries in their order; those that were passed come up in the next
                    self.waiting.push(Reverse((round + u32::from(*behind <= place), *behind)));
                }
            }
        }
    }

    /// Reaches what leads to what has been reached, and all that leads to; gives those entries that had to be found so.
    pub(super) fn backward(&mut self) -> Vec<usize> {
        let mut found = Vec::new();
        while let Some(Reverse((round, at))) = self.waiting.pop() {
            if self.seen.get(at as usize) == Some(&false) {
                found.push(at as usize);
                self.forward(at as usize, (round, at));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    fn reached(count: usize, edges: &[(u32, u32)]) -> (Vec<usize>, Vec<usize>) {
        let mut reach = Reach::new(count, edges);
        reach.forward(0, (0, 0));
        let back = reach.backward();
        let unseen = reach.seen.iter().enumerate().filter(|(_, seen)| !**seen).map(|(at, _)| at).collect();
        (back, unseen)
    }

    #[test]
    fn entries_are_reached_forwards_then_backwards_and_the_rest_is_left() {
        assert_eq!(reached(4, &[(0, 1), (1, 2)]), (vec![], vec![3]));
        assert_eq!(reached(4, &[(0, 1), (2, 1), (2, 3)]), (vec![2], vec![]));
        // 1 leads to 2 and 2 leads back: 2 is found in the first round, 1 only in the second
        assert_eq!(reached(3, &[(1, 2), (2, 0)]), (vec![2, 1], vec![]));
        // here 1 comes first and leads to 2, so 2 need not be found by itself
        assert_eq!(reached(3, &[(1, 2), (2, 0), (1, 0)]), (vec![1], vec![]));
        assert_eq!(reached(2, &[(0, 0), (7, 1), (1, 9)]), (vec![], vec![1]));
    }

    #[test]
    fn the_work_grows_with_entries_and_references() {
        let steps = |count: u32| {
            let edges: Vec<_> = (1..count).flat_map(|at| [(at, at - 1), (at, 0)]).collect();
            let mut reach = Reach::new(count as usize, &edges);
            reach.forward(0, (0, 0));
            reach.backward();
            assert!(reach.seen.iter().all(|seen| *seen));
            reach.steps
        };
        for count in [10, 100, 1_000, 10_000] {
            assert!(steps(count) <= 12 * count as usize, "{count}: {}", steps(count));
        }
    }
}
