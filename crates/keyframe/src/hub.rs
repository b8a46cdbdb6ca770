//! Whose picture a viewer sees: a map for the owner of many chains.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Which remote stream of which chain each viewer's local stream is forwarded from. Cheap to clone, `Send` and `Sync`.
///
/// A pure map: it holds no chain and sends nothing. When a viewer's chain says [`KeyframeRequested`](interceptor_core::KeyframeRequested), its owner
/// asks here who can answer, and has that chain told [`KeyframeNeeded`](interceptor_core::KeyframeNeeded), where the publisher's
/// [`Keyframe`](crate::Keyframe) makes one request of all. `C` names a chain: a connection's name, or any key that the owner has for its sessions.
///
/// ```
/// use interceptor_keyframe::KeyframeHub;
///
/// let hub = KeyframeHub::<&str>::default();
/// hub.link("viewer-1", 0xa, "camera", 0x1);
/// hub.link("viewer-2", 0xb, "camera", 0x1);
/// assert_eq!(hub.publisher_of(&"viewer-2", 0xb), Some(("camera", 0x1)));
/// assert_eq!(hub.unlink(&"viewer-1", 0xa), Some(("camera", 0x1)));
/// assert_eq!(hub.unlink_chain(&"camera"), 1);
/// assert_eq!(hub.publisher_of(&"viewer-2", 0xb), None);
/// ```
#[derive(Debug)]
pub struct KeyframeHub<C = Arc<str>> {
    links: Arc<RwLock<Links<C>>>,
}

/// A viewer's chain and local SSRC; the publisher's chain and remote SSRC.
type Links<C> = BTreeMap<(C, u32), (C, u32)>;

impl<C> Clone for KeyframeHub<C> {
    fn clone(&self) -> Self {
        Self { links: Arc::clone(&self.links) }
    }
}

impl<C> Default for KeyframeHub<C> {
    fn default() -> Self {
        Self { links: Arc::default() }
    }
}

impl<C: Clone + Ord> KeyframeHub<C> {
    /// What the viewer's local stream shows is that remote stream from now on. Gives what it showed before.
    pub fn link(&self, viewer: C, local_ssrc: u32, publisher: C, remote_ssrc: u32) -> Option<(C, u32)> {
        self.write().insert((viewer, local_ssrc), (publisher, remote_ssrc))
    }

    /// The viewer's local stream shows nothing from now on. Gives what it showed before.
    pub fn unlink(&self, viewer: &C, local_ssrc: u32) -> Option<(C, u32)> {
        self.write().remove(&(viewer.clone(), local_ssrc))
    }

    /// A chain is gone, and with it all that it saw or showed. Gives how many streams these were.
    pub fn unlink_chain(&self, chain: &C) -> usize {
        let mut links = self.write();
        let before = links.len();
        links.retain(|(viewer, _), (publisher, _)| viewer != chain && publisher != chain);
        before - links.len()
    }

    /// Whom to ask for a key frame of a viewer's local stream.
    #[must_use]
    pub fn publisher_of(&self, viewer: &C, local_ssrc: u32) -> Option<(C, u32)> {
        self.read().get(&(viewer.clone(), local_ssrc)).cloned()
    }

    /// How many local streams show something.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Does nobody show anything?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    fn read(&self) -> RwLockReadGuard<'_, Links<C>> {
        self.links.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Links<C>> {
        self.links.write().unwrap_or_else(PoisonError::into_inner)
    }
}
