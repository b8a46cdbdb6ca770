//! The interceptors of a chain and their order.

use slab::Slab;

use super::layout::LayoutRow;
use crate::erased::{Bypassed, Erased, ErasedInterceptor};
use crate::{ChainError, Stage};

/// One interceptor in its place.
pub(super) struct Node {
    pub(super) interceptor: Box<dyn ErasedInterceptor>,
    pub(super) name: &'static str,
    pub(super) stage: Stage,
    /// Counted from the wire.
    pub(super) position: u16,
    bypassed: bool,
}

impl Node {
    /// Puts a stand-in into its place and gives back what stood there.
    pub(super) fn bypass(&mut self) -> Box<dyn ErasedInterceptor> {
        self.bypassed = true;
        std::mem::replace(&mut self.interceptor, Erased::boxed(Bypassed))
    }

    pub(super) fn row(&self, errors: u64) -> LayoutRow {
        let (local_streams, remote_streams) = self.interceptor.bound();
        let &Self { stage, name, bypassed, .. } = self;
        LayoutRow { stage, name, local_streams, remote_streams, errors, bypassed }
    }
}

/// Interceptors under steady ids, and the order of these from the wire up.
#[derive(Default)]
pub(super) struct Nodes {
    slots: Slab<Node>,
    order: Vec<u16>,
}

impl Nodes {
    /// Ids are `u16`, and `u16::MAX` means "above all of them".
    const MAX: usize = u16::MAX as usize - 1;

    pub(super) fn insert(
        &mut self,
        name: &'static str,
        stage: Stage,
        interceptor: Box<dyn ErasedInterceptor>,
    ) -> Result<u16, ChainError> {
        if self.slots.len() >= Self::MAX {
            return Err(ChainError::TooManyInterceptors { limit: Self::MAX });
        }
        let node = Node { interceptor, name, stage, position: 0, bypassed: false };
        let id = self.slots.insert(node) as u16;
        let at = self.order.partition_point(|other| self.get(*other).is_some_and(|node| node.stage <= stage));
        self.order.insert(at, id);
        self.renumber();
        Ok(id)
    }

    pub(super) fn remove(&mut self, id: u16) -> Option<Node> {
        self.order.retain(|other| *other != id);
        let node = self.slots.try_remove(usize::from(id));
        self.renumber();
        node
    }

    fn renumber(&mut self) {
        for (position, id) in self.order.iter().enumerate() {
            if let Some(node) = self.slots.get_mut(usize::from(*id)) {
                node.position = position as u16;
            }
        }
    }

    #[inline]
    pub(super) fn get(&self, id: u16) -> Option<&Node> {
        self.slots.get(usize::from(id))
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: u16) -> Option<&mut Node> {
        self.slots.get_mut(usize::from(id))
    }

    pub(super) fn position(&self, id: u16) -> u16 {
        self.get(id).map_or(u16::MAX, |node| node.position)
    }

    /// The interceptor at a place, counted from the wire.
    #[inline]
    pub(super) fn at(&self, position: usize) -> Option<u16> {
        self.order.get(position).copied()
    }

    /// Ids from the wire up.
    pub(super) fn order(&self) -> &[u16] {
        &self.order
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Interceptors from the wire up.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.order.iter().filter_map(|id| self.get(*id))
    }

    /// The last added interceptor of this name.
    pub(super) fn find(&self, name: &str) -> Option<u16> {
        self.order.iter().rev().copied().find(|id| self.get(*id).is_some_and(|node| node.name == name))
    }
}
