//! The newest value of each fact that lasts.

use std::collections::BTreeMap;

use super::{
    Fact, LinkState, Loss, Pacing, PlayoutBounds, PlayoutDeadline, ProtectionOverhead, Rtt, StreamTarget,
    TargetBitrate,
};
use crate::routes::Routes;

/// The newest value of each lasting [`Fact`]; the last writer wins. What is about a stream is kept while that is bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Changes with every fact, so that a nested chain sees at once whether it knows them all.
    version: u64,
    /// The version of the outer chain's facts that these follow.
    followed: u64,
    rtt: Option<Rtt>,
    link: Option<LinkState>,
    pacing: Option<Pacing>,
    target_bitrate: Option<TargetBitrate>,
    keyframe_asking: bool,
    /// By media SSRC, no more than there are streams.
    locals: BTreeMap<u32, Local>,
    remotes: BTreeMap<u32, Remote>,
}

/// What is known of a local stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Local {
    loss: Option<Loss>,
    target: Option<StreamTarget>,
    overhead: Option<ProtectionOverhead>,
}

/// What is known of a remote stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Remote {
    bounds: Option<PlayoutBounds>,
    deadline: Option<PlayoutDeadline>,
}

impl Facts {
    /// The round-trip time, once somebody has measured it.
    #[must_use]
    #[inline]
    pub const fn rtt(&self) -> Option<Rtt> {
        self.rtt
    }

    /// How congestion control sees the path.
    #[must_use]
    pub const fn link(&self) -> Option<LinkState> {
        self.link
    }

    /// How packets are to be paced.
    #[must_use]
    pub const fn pacing(&self) -> Option<Pacing> {
        self.pacing
    }

    /// The target bit rate, once a congestion controller has published one.
    #[must_use]
    pub const fn target_bitrate(&self) -> Option<TargetBitrate> {
        self.target_bitrate
    }

    /// Does an interceptor ask for key frames whenever one is needed, so that nobody else need do so?
    #[must_use]
    pub const fn keyframe_asking(&self) -> bool {
        self.keyframe_asking
    }

    /// What the path loses of the local stream with this media SSRC.
    #[must_use]
    pub fn loss(&self, ssrc: u32) -> Option<Loss> {
        self.locals.get(&ssrc)?.loss
    }

    /// The target of the local stream with this media SSRC.
    #[must_use]
    pub fn stream_target(&self, ssrc: u32) -> Option<StreamTarget> {
        self.locals.get(&ssrc)?.target
    }

    /// What protecting the local stream with this media SSRC takes.
    #[must_use]
    pub fn protection_overhead(&self, ssrc: u32) -> Option<ProtectionOverhead> {
        self.locals.get(&ssrc)?.overhead
    }

    /// When the remote stream with this media SSRC is to be played.
    #[must_use]
    pub fn playout_bounds(&self, ssrc: u32) -> Option<PlayoutBounds> {
        self.remotes.get(&ssrc)?.bounds
    }

    /// Until when packets of the remote stream with this media SSRC are of use.
    #[must_use]
    pub fn playout_deadline(&self, ssrc: u32) -> Option<PlayoutDeadline> {
        self.remotes.get(&ssrc)?.deadline
    }

    /// Keeps a fact that lasts; what is about a stream only if that is bound.
    pub(crate) fn record(&mut self, fact: Fact, routes: &Routes) {
        self.version += 1;
        match fact {
            Fact::Rtt(rtt) => self.rtt = Some(rtt),
            Fact::LinkState(link) => self.link = Some(link),
            Fact::Pacing(pacing) => self.pacing = Some(pacing),
            Fact::TargetBitrate(bitrate) => self.target_bitrate = Some(bitrate),
            Fact::KeyframeAsking(asking) => self.keyframe_asking = asking.active,
            Fact::Loss(loss) => self.local(loss.ssrc, routes, |local| local.loss = Some(loss)),
            Fact::StreamTarget(target) => {
                self.local(target.ssrc, routes, |local| local.target = Some(target));
            }
            Fact::ProtectionOverhead(overhead) => {
                self.local(overhead.ssrc, routes, |local| local.overhead = Some(overhead));
            }
            Fact::PlayoutBounds(bounds) => {
                self.remote(bounds.ssrc, routes, |remote| remote.bounds = Some(bounds));
            }
            Fact::PlayoutDeadline(deadline) => {
                self.remote(deadline.ssrc, routes, |remote| remote.deadline = Some(deadline));
            }
            Fact::Probe(_)
            | Fact::PaddingWanted(_)
            | Fact::KeyframeNeeded(_)
            | Fact::KeyframeRequested(_)
            | Fact::Abandoned(_)
            | Fact::Playout(_)
            | Fact::FecStats(_) => {}
        }
    }

    /// A local stream has ended.
    pub(crate) fn forget_local(&mut self, ssrc: u32) {
        self.version += 1;
        self.locals.remove(&ssrc);
    }

    /// A remote stream has ended.
    pub(crate) fn forget_remote(&mut self, ssrc: u32) {
        self.version += 1;
        self.remotes.remove(&ssrc);
    }

    /// Takes over what the outer chain knows, if that is anything new.
    pub(crate) fn follow(&mut self, outer: &Self) {
        if self.followed != outer.version {
            let version = self.version.max(outer.version) + 1;
            *self = Self { version, followed: outer.version, ..outer.clone() };
        }
    }

    fn local(&mut self, ssrc: u32, routes: &Routes, set: impl FnOnce(&mut Local)) {
        if routes.local.key(ssrc).is_ok() {
            set(self.locals.entry(ssrc).or_default());
        }
    }

    fn remote(&mut self, ssrc: u32, routes: &Routes, set: impl FnOnce(&mut Remote)) {
        if routes.remote.key(ssrc).is_ok() {
            set(self.remotes.entry(ssrc).or_default());
        }
    }
}
