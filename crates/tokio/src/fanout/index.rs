//! Who wants which source: whoever gets it, and whoever waits for it.

use std::collections::BTreeMap;

use interceptor_rewriter::SourceId;

use super::early::Early;

/// What somebody gets and what he waits for.
pub(super) type Wanted = [Option<SourceId>; 2];

/// Sources that somebody wants.
#[derive(Debug)]
pub(super) struct Index<T> {
    sources: BTreeMap<u32, Source<T>>,
}

/// A source that somebody wants.
#[derive(Debug)]
pub(super) struct Source<T> {
    /// By their numbers.
    pub(super) takers: Vec<(u64, T)>,
    pub(super) early: Early,
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self { sources: BTreeMap::new() }
    }
}

impl<T: Clone> Index<T> {
    pub(super) fn source_mut(&mut self, source: SourceId) -> Option<&mut Source<T>> {
        self.sources.get_mut(&source.0)
    }

    /// Taker `id` wanted `before` and wants `after`.
    pub(super) fn note(&mut self, id: u64, taker: &T, before: Wanted, after: Wanted) {
        for source in before.into_iter().flatten().filter(|source| !after.contains(&Some(*source))) {
            self.remove(id, source);
        }
        for source in after.into_iter().flatten().filter(|source| !before.contains(&Some(*source))) {
            let new = || Source { takers: Vec::new(), early: Early::default() };
            let takers = &mut self.sources.entry(source.0).or_insert_with(new).takers;
            if let Err(place) = takers.binary_search_by_key(&id, |(id, _)| *id) {
                takers.insert(place, (id, taker.clone()));
            }
        }
    }

    fn remove(&mut self, id: u64, source: SourceId) {
        let Some(Source { takers, .. }) = self.sources.get_mut(&source.0) else { return };
        if let Ok(place) = takers.binary_search_by_key(&id, |(id, _)| *id) {
            takers.remove(place);
        }
        if takers.is_empty() {
            self.sources.remove(&source.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted() -> impl Strategy<Value = Wanted> {
        let source = || prop::option::of((0..4_u32).prop_map(SourceId));
        (source(), source()).prop_map(|(gets, waits)| [gets, waits])
    }

    proptest! {
        #[test]
        fn has_who_wants_a_source_and_nobody_else_in_order(steps in prop::collection::vec((0..6_usize, wanted()), 1..60)) {
            let mut index = Index::default();
            let mut all = [[None; 2]; 6];
            for (id, after) in steps {
                index.note(id as u64, &id, all[id], after);
                all[id] = after;
                for source in (0..4).map(SourceId) {
                    let expected: Vec<usize> = (0..6).filter(|id| all[*id].contains(&Some(source))).collect();
                    let found = index.source_mut(source);
                    prop_assert_eq!(found.is_some(), !expected.is_empty(), "nothing is kept for nobody");
                    let takers: Vec<usize> = found.into_iter().flat_map(|source| &source.takers).map(|taker| taker.1).collect();
                    prop_assert_eq!(takers, expected);
                }
            }
        }
    }
}
