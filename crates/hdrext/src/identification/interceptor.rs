//! The interceptor: names what leaves, tells of what nobody has bound.

use std::time::{Duration, Instant};

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{Amend, BuildContext, Context, Flow, Interceptor, Result, StreamInfo, Streams};
use interceptor_token_bucket::{Rate, RateError, TokenBucket};

use super::outgoing::{IdentifiedStream, Role};
use super::unbound::{Ids, Told};
use crate::acknowledged::shown_by;
use crate::{IdentificationCounters, IdentificationOptions, Identify};

/// Names of one connection's streams: of media, or (`REPAIR`) of what repairs it. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Identification<const REPAIR: bool = false> {
    identify: Identify,
    /// What the options say.
    given: Ids,
    /// What streams say that were bound.
    learnt: Ids,
    told: Told,
    events: TokenBucket,
    /// Packets have named themselves since RTCP was last looked through: otherwise it has nothing to show.
    named: bool,
    counters: IdentificationCounters,
}

/// Names of what repairs one connection's streams.
pub type RepairIdentification = Identification<true>;

impl<const REPAIR: bool> Identification<REPAIR> {
    const ROLE: Role = if REPAIR { Role::Repair } else { Role::Media };

    pub(crate) fn new(options: &IdentificationOptions, cx: &BuildContext<'_>) -> Result<Self, RateError> {
        let events = u64::from(options.max_events);
        let start: Instant = cx.config().now;
        let now = cx.now().saturating_duration_since(start).as_nanos() as u64;
        Ok(Self {
            identify: options.identify,
            given: Ids { mid: options.mid_id, rid: options.rid_id, repaired_rid: options.repaired_rid_id },
            learnt: Ids::default(),
            told: Told::new(options.max_unbound),
            events: TokenBucket::new_at(Rate::new(events, Duration::from_secs(1), events)?, start, now),
            named: false,
            counters: IdentificationCounters::default(),
        })
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &IdentificationCounters {
        &self.counters
    }

    /// Unbound SSRCs that were told and are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.told.len()
    }

    fn outgoing(&self, info: &StreamInfo) -> Option<IdentifiedStream> {
        IdentifiedStream::of(info, Self::ROLE).filter(|_| self.identify != Identify::Never)
    }

    /// Repairs pass below those that a stamp would be reserved by: only their own packets become larger.
    fn declare(stream: &IdentifiedStream, cx: &mut Context<'_>) {
        match Self::ROLE {
            Role::Media => stream.stamps().for_each(|(id, len)| cx.declare_stamp(id, len)),
            Role::Repair => {
                let bytes: u16 = stream.stamps().map(|(_, len)| 2 + u16::from(len)).sum();
                cx.declare_headroom((4 + bytes).next_multiple_of(4));
            }
        }
    }
}

impl<const REPAIR: bool> Interceptor for Identification<REPAIR> {
    type Local = IdentifiedStream;
    type Remote = ();

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<IdentifiedStream>> {
        self.learnt.learn(info);
        let stream = self.outgoing(info);
        if let Some(stream) = &stream {
            Self::declare(stream, cx);
        }
        Ok(stream)
    }

    /// What is bound needs no telling, so packets of remote streams pass by; but their identifiers are those of all.
    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        self.learnt.learn(info);
        info.ssrcs().for_each(|ssrc| self.told.remove(ssrc));
        Ok(None)
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut IdentifiedStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.learnt.learn(new);
        let Some(new) = self.outgoing(new) else { return Ok(Amend::Leave) };
        Self::declare(&new, cx);
        if !new.is_as(stream) {
            *stream = new;
        }
        Ok(Amend::Keep)
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut IdentifiedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        match stream.identify(self.identify == Identify::Always, packet, cx) {
            Some(Ok(())) => {
                self.counters.stamped += 1;
                self.named = true;
            }
            Some(Err(_)) => self.counters.not_stamped += 1,
            None => {}
        }
        Ok(Flow::Forward)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if REPAIR {
            return Ok(Flow::Forward);
        }
        let (stream, malformed) = self.given.or(self.learnt).read(packet);
        self.counters.malformed += malformed;
        if stream.is_anonymous() || self.told.contains(&stream) {
            return Ok(Flow::Forward);
        }
        if self.events.take_at(1, cx.elapsed_nanos()).is_err() {
            self.counters.unbound_suppressed += 1;
            return Ok(Flow::Forward);
        }
        self.counters.unbound_told += 1;
        self.told.insert(stream);
        cx.raise(stream);
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if std::mem::take(&mut self.named) {
            shown_by(packet, |ssrc, shown| {
                let news = streams.local(ssrc).is_some_and(|stream| stream.hear(ssrc, shown, cx));
                self.counters.acknowledged += u64::from(news);
            });
        }
        Ok(Flow::Forward)
    }
}
