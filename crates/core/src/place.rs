//! How the chain names its interceptors: by a steady id, and by their place counted from the wire.

/// An interceptor, whatever comes and goes around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(u16);

impl NodeId {
    /// No interceptor: the chain's owner, or a packet that has been consumed.
    pub(crate) const NOBODY: Self = Self(u16::MAX);
    /// How many interceptors can be told apart.
    pub(crate) const MAX: usize = u16::MAX as usize;

    pub(crate) const fn new(index: usize) -> Option<Self> {
        if index < Self::MAX { Some(Self(index as u16)) } else { None }
    }

    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in the order of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(u16);

impl Place {
    /// Next to the wire.
    pub(crate) const BOTTOM: Self = Self(0);
    /// Above every interceptor: where the application's packets start.
    pub(crate) const TOP: Self = Self(u16::MAX);

    pub(crate) const fn new(from_the_wire: usize) -> Self {
        Self(from_the_wire as u16)
    }

    /// The place towards the application.
    pub(crate) const fn above(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
