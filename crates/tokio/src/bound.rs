//! Which streams the session's handles stand for, and whose packets go to which reader.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use interceptor_core::Chain;
use interceptor_packet::RtpPacket;

use crate::inbox::{Inbox, Wakers};

/// Tells a stream from earlier and later ones of the same SSRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(u64);

/// The streams that were bound by the session and not by its chain alone. Handles unbind by generation: one that has
/// outlived its stream ends no newer one.
pub(crate) struct Bound {
    /// By media SSRC.
    local: HashMap<u32, Generation, FixedState>,
    /// By media SSRC.
    remote: HashMap<u32, Remote, FixedState>,
    last: u64,
}

/// A remote stream and its reader.
struct Remote {
    generation: Generation,
    inbox: Arc<Inbox<RtpPacket>>,
}

impl Bound {
    /// SSRCs come off the wire: a peer that knew the hash's seed could make them collide.
    pub(crate) fn new(seed: u64) -> Self {
        let hash = || FixedState::with_seed(seed);
        Self { local: HashMap::with_hasher(hash()), remote: HashMap::with_hasher(hash()), last: 0 }
    }

    fn next(&mut self) -> Generation {
        self.last += 1;
        Generation(self.last)
    }

    /// A local stream begins.
    pub(crate) fn add_local(&mut self, ssrc: u32) -> Generation {
        let generation = self.next();
        self.local.insert(ssrc, generation);
        generation
    }

    /// A remote stream begins, whose packets go to `inbox`.
    pub(crate) fn add_remote(&mut self, ssrc: u32, inbox: &Arc<Inbox<RtpPacket>>) -> Generation {
        let generation = self.next();
        self.remote.insert(ssrc, Remote { generation, inbox: Arc::clone(inbox) });
        generation
    }

    /// Where packets of this SSRC go: what is no media is the stream's that the chain knows it to belong to.
    #[inline]
    pub(crate) fn inbox(&self, ssrc: u32, chain: &Chain) -> Option<&Inbox<RtpPacket>> {
        let of_media = self.remote.get(&ssrc);
        let stream = of_media.or_else(|| self.remote.get(&chain.remote_stream(ssrc)?.ssrc));
        stream.map(|stream| &*stream.inbox)
    }

    /// Whether a handle still stands for a local stream.
    pub(crate) fn has_local(&self, ssrc: u32, generation: Generation) -> bool {
        self.local.get(&ssrc) == Some(&generation)
    }

    /// Whether a handle still stands for a remote stream.
    pub(crate) fn has_remote(&self, ssrc: u32, generation: Generation) -> bool {
        self.remote.get(&ssrc).is_some_and(|stream| stream.generation == generation)
    }

    /// Forgets a local stream; `false`: it is another's by now, or nobody's.
    pub(crate) fn remove_local(&mut self, ssrc: u32, generation: Generation) -> bool {
        let own = self.has_local(ssrc, generation);
        if own {
            self.local.remove(&ssrc);
        }
        own
    }

    /// Forgets a remote stream; `false`: it is another's by now, or nobody's.
    pub(crate) fn remove_remote(&mut self, ssrc: u32, generation: Generation) -> bool {
        let own = self.has_remote(ssrc, generation);
        if own {
            self.remote.remove(&ssrc);
        }
        own
    }

    /// Packets that wait for readers.
    pub(crate) fn waiting(&self) -> usize {
        self.remote.values().map(|stream| stream.inbox.len()).sum()
    }

    /// Forgets every stream that the chain no longer has. Their readers get what is queued for them.
    pub(crate) fn let_go(&mut self, chain: &Chain, wakers: &mut Wakers) {
        self.local.retain(|ssrc, _| chain.local_stream(*ssrc).is_some_and(|info| info.ssrc == *ssrc));
        self.remote.retain(|ssrc, stream| {
            let bound = chain.remote_stream(*ssrc).is_some_and(|info| info.ssrc == *ssrc);
            if !bound {
                stream.inbox.close(wakers);
            }
            bound
        });
    }

    /// Forgets every stream; readers get what is queued for them, then the end.
    pub(crate) fn clear(&mut self, wakers: &mut Wakers) {
        for stream in self.remote.values() {
            stream.inbox.close(wakers);
        }
        self.remote.clear();
        self.local.clear();
    }
}
