//! Who takes part in a chain: names, places from the wire up, and what was counted of each.

use crate::ChainError;
use crate::Stage;
use crate::place::{NodeId, Place};

/// Interceptors under steady ids, and the order of these from the wire up.
#[derive(Default)]
pub(crate) struct Roster {
    /// By id; `None` where an id is free.
    nodes: Vec<Option<Node>>,
    /// Ids from the wire up.
    order: Vec<NodeId>,
}

/// What is known of one interceptor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) stage: Stage,
    pub(crate) place: Place,
    /// Errors that its hooks have returned.
    pub(crate) errors: u64,
    /// It panicked and takes no part any more.
    pub(crate) bypassed: bool,
}

impl Roster {
    /// Gives a newcomer an id, and a place above all others of its stage.
    pub(crate) fn enter(&mut self, name: &'static str, stage: Stage) -> Result<NodeId, ChainError> {
        let free = self.nodes.iter().position(Option::is_none).unwrap_or(self.nodes.len());
        let id = NodeId::new(free).ok_or(ChainError::TooManyInterceptors { limit: NodeId::MAX })?;
        let node = Node { name, stage, place: Place::TOP, errors: 0, bypassed: false };
        match self.nodes.get_mut(free) {
            Some(slot) => *slot = Some(node),
            None => self.nodes.push(Some(node)),
        }
        let at =
            self.order.partition_point(|other| self.get(*other).is_some_and(|other| other.stage <= stage));
        self.order.insert(at, id);
        self.number();
        Ok(id)
    }

    /// Frees the id of who has gone.
    pub(crate) fn leave(&mut self, id: NodeId) {
        self.order.retain(|other| *other != id);
        if let Some(node) = self.nodes.get_mut(id.index()) {
            *node = None;
        }
        self.number();
    }

    fn number(&mut self) {
        for (position, id) in self.order.iter().enumerate() {
            if let Some(Some(node)) = self.nodes.get_mut(id.index()) {
                node.place = Place::new(position);
            }
        }
    }

    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id.index())?.as_mut()
    }

    /// The name of an interceptor, empty for nobody's.
    pub(crate) fn name(&self, id: NodeId) -> &'static str {
        self.get(id).map_or("", |node| node.name)
    }

    /// The place of an interceptor, [`Place::TOP`] for nobody's.
    pub(crate) fn place(&self, id: NodeId) -> Place {
        self.get(id).map_or(Place::TOP, |node| node.place)
    }

    /// The interceptor at a place, counted from the wire.
    pub(crate) fn at(&self, position: usize) -> Option<NodeId> {
        self.order.get(position).copied()
    }

    /// Ids from the wire up.
    pub(crate) fn order(&self) -> &[NodeId] {
        &self.order
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// How many ids have ever been in use at a time: tables by id need so many entries.
    pub(crate) fn ids(&self) -> usize {
        self.nodes.len()
    }

    /// Of all interceptors of this name the one farthest from the wire.
    pub(crate) fn find(&self, name: &str) -> Option<NodeId> {
        self.order.iter().rev().copied().find(|id| self.name(*id) == name)
    }

    /// Name and errors of each, from the wire up.
    pub(crate) fn errors(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.order.iter().filter_map(|id| self.get(*id)).map(|node| (node.name, node.errors))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(roster: &Roster) -> Vec<&'static str> {
        roster.errors().map(|(name, _)| name).collect()
    }

    #[test]
    fn stands_by_stage_and_among_equals_in_order_of_coming() {
        let mut roster = Roster::default();
        for (name, stage) in
            [("b", Stage::NACK), ("a", Stage::CAPTURE), ("c", Stage::NACK), ("d", Stage::APPLICATION)]
        {
            roster.enter(name, stage).unwrap();
        }
        assert_eq!(names(&roster), ["a", "b", "c", "d"]);
        let c = roster.find("c").unwrap();
        assert_eq!(roster.place(c), Place::new(2));
        roster.leave(roster.find("a").unwrap());
        assert_eq!(roster.place(c), Place::new(1), "places close up");
        roster.enter("e", Stage::RTX).unwrap();
        assert_eq!(names(&roster), ["e", "b", "c", "d"]);
        assert_eq!(roster.ids(), 4, "the freed id is in use again");
        assert_eq!((roster.name(NodeId::NOBODY), roster.place(NodeId::NOBODY)), ("", Place::TOP));
    }
}
