//! The interceptors of a chain and their order.

use super::layout::LayoutRow;
use crate::erased::{Bypassed, Erased, ErasedInterceptor};
use crate::{ChainError, Stage};

/// Interceptors under steady ids, and the order of these from the wire up.
#[derive(Default)]
pub(super) struct Nodes {
    /// By id. Apart from [`Place`], so that a walk touches nothing else; a stand-in where an id is free.
    interceptors: Vec<Box<dyn ErasedInterceptor>>,
    /// By id; `None` where an id is free.
    places: Vec<Option<Place>>,
    /// Ids from the wire up.
    order: Vec<u16>,
}

/// Where an interceptor stands, and what is known of it.
#[derive(Clone, Copy)]
struct Place {
    name: &'static str,
    stage: Stage,
    /// Counted from the wire.
    position: u16,
    bypassed: bool,
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
        let id = self.places.iter().position(Option::is_none).unwrap_or(self.places.len());
        if id >= Self::MAX {
            return Err(ChainError::TooManyInterceptors { limit: Self::MAX });
        }
        if id == self.places.len() {
            self.places.push(None);
            self.interceptors.push(Erased::boxed(Bypassed));
        }
        let at =
            self.order.partition_point(|other| self.place(*other).is_some_and(|place| place.stage <= stage));
        self.order.insert(at, id as u16);
        if let (Some(slot), Some(place)) = (self.interceptors.get_mut(id), self.places.get_mut(id)) {
            *slot = interceptor;
            *place = Some(Place { name, stage, position: 0, bypassed: false });
        }
        self.renumber();
        Ok(id as u16)
    }

    pub(super) fn remove(&mut self, id: u16) {
        self.order.retain(|other| *other != id);
        self.replace(id);
        if let Some(place) = self.places.get_mut(usize::from(id)) {
            *place = None;
        }
        self.renumber();
    }

    /// Puts a stand-in into an interceptor's place and gives back what stood there.
    pub(super) fn bypass(&mut self, id: u16) -> Option<Box<dyn ErasedInterceptor>> {
        self.place_mut(id)?.bypassed = true;
        self.replace(id)
    }

    fn replace(&mut self, id: u16) -> Option<Box<dyn ErasedInterceptor>> {
        self.interceptors
            .get_mut(usize::from(id))
            .map(|slot| std::mem::replace(slot, Erased::boxed(Bypassed)))
    }

    fn renumber(&mut self) {
        for (position, id) in self.order.iter().enumerate() {
            if let Some(Some(place)) = self.places.get_mut(usize::from(*id)) {
                place.position = position as u16;
            }
        }
    }

    #[inline]
    pub(super) fn interceptor(&mut self, id: u16) -> Option<&mut dyn ErasedInterceptor> {
        match self.interceptors.get_mut(usize::from(id)) {
            Some(interceptor) => Some(&mut **interceptor),
            None => None,
        }
    }

    fn place(&self, id: u16) -> Option<&Place> {
        self.places.get(usize::from(id))?.as_ref()
    }

    fn place_mut(&mut self, id: u16) -> Option<&mut Place> {
        self.places.get_mut(usize::from(id))?.as_mut()
    }

    pub(super) fn position(&self, id: u16) -> u16 {
        self.place(id).map_or(u16::MAX, |place| place.position)
    }

    /// The interceptor at a place, counted from the wire.
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
    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn ErasedInterceptor> {
        self.order
            .iter()
            .filter_map(|id| self.interceptors.get(usize::from(*id)).map(|interceptor| &**interceptor))
    }

    /// What is known of each, from the wire up; `errors` are by id.
    pub(super) fn rows(&self, errors: &[u64]) -> Vec<LayoutRow> {
        let row = |(id, interceptor): (&u16, &dyn ErasedInterceptor)| {
            let (local_streams, remote_streams) = interceptor.bound();
            let &Place { name, stage, bypassed, .. } = self.place(*id)?;
            let errors = errors.get(usize::from(*id)).copied().unwrap_or_default();
            Some(LayoutRow { stage, name, local_streams, remote_streams, errors, bypassed })
        };
        self.order.iter().zip(self.iter()).filter_map(row).collect()
    }

    /// Of all interceptors of this name the one farthest from the wire.
    pub(super) fn find(&self, name: &str) -> Option<u16> {
        self.order.iter().rev().copied().find(|id| self.place(*id).is_some_and(|place| place.name == name))
    }
}
