//! Which streams the session's handles stand for, and whose packets go to which reader.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use interceptor_core::{Chain, StreamInfo};
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
    /// Readers by SSRC: media, RTX and FEC of a stream lead to the same.
    routes: HashMap<u32, Route, FixedState>,
    last: u64,
}

struct Route {
    /// The stream's media SSRC.
    stream: u32,
    generation: Generation,
    inbox: Arc<Inbox<RtpPacket>>,
}

impl Bound {
    /// SSRCs come off the wire: a peer that knew the hash's seed could make them collide.
    pub(crate) fn new(seed: u64) -> Self {
        let hash = || FixedState::with_seed(seed);
        Self { local: HashMap::with_hasher(hash()), routes: HashMap::with_hasher(hash()), last: 0 }
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
    pub(crate) fn add_remote(&mut self, info: &StreamInfo, inbox: &Arc<Inbox<RtpPacket>>) -> Generation {
        let generation = self.next();
        for ssrc in info.ssrcs() {
            self.routes.insert(ssrc, Route { stream: info.ssrc, generation, inbox: Arc::clone(inbox) });
        }
        generation
    }

    /// Where packets of this SSRC go.
    #[inline]
    pub(crate) fn inbox(&self, ssrc: u32) -> Option<&Inbox<RtpPacket>> {
        self.routes.get(&ssrc).map(|route| &*route.inbox)
    }

    /// Forgets a local stream; `false`: it is another's by now, or nobody's.
    pub(crate) fn remove_local(&mut self, ssrc: u32, generation: Generation) -> bool {
        let own = self.local.get(&ssrc) == Some(&generation);
        if own {
            self.local.remove(&ssrc);
        }
        own
    }

    /// Forgets a remote stream; `false`: it is another's by now, or nobody's.
    pub(crate) fn remove_remote(&mut self, info: &StreamInfo, generation: Generation) -> bool {
        let own = |route: &Route| route.generation == generation;
        let bound = self.routes.get(&info.ssrc).is_some_and(own);
        for ssrc in info.ssrcs() {
            if self.routes.get(&ssrc).is_some_and(own) {
                self.routes.remove(&ssrc);
            }
        }
        bound
    }

    /// Forgets every stream that the chain no longer has. Their readers get what is queued for them.
    pub(crate) fn let_go(&mut self, chain: &Chain, wakers: &mut Wakers) {
        self.local.retain(|ssrc, _| chain.local_stream(*ssrc).is_some_and(|info| info.ssrc == *ssrc));
        self.routes.retain(|ssrc, route| {
            let bound = chain.remote_stream(*ssrc).is_some_and(|info| info.ssrc == route.stream);
            if !bound && *ssrc == route.stream {
                route.inbox.close(wakers);
            }
            bound
        });
    }

    /// Forgets every stream; readers get what is queued for them, then the end.
    pub(crate) fn clear(&mut self, wakers: &mut Wakers) {
        for route in self.routes.values() {
            route.inbox.close(wakers);
        }
        self.routes.clear();
        self.local.clear();
    }
}
