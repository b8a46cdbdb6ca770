//! The interceptor: says what local streams ask for, tells what remote ones do.

use interceptor_core::packet::ext::PlayoutDelay;
use interceptor_core::packet::{HeaderExtension, RtcpPacket, RtpPacket};
use interceptor_core::{Amend, Context, Flow, Interceptor, PlayoutBounds, Result, StreamInfo, Streams};

use super::receiver::PlayoutReceiver;
use super::sender::PlayoutSender;
use crate::acknowledged::shown_by;
use crate::{PlayoutDelayCounters, PlayoutDelayOptions};

/// Playout delays of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct PlayoutDelays {
    bounds: Option<PlayoutDelay>,
    min_change_nanos: u64,
    /// Packets have asked since RTCP was last looked through: otherwise it has nothing to show.
    asked: bool,
    counters: PlayoutDelayCounters,
}

impl PlayoutDelays {
    pub(crate) fn new(options: &PlayoutDelayOptions) -> Self {
        Self {
            bounds: options.bounds,
            min_change_nanos: options.min_change_interval.as_nanos() as u64,
            asked: false,
            counters: PlayoutDelayCounters::default(),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &PlayoutDelayCounters {
        &self.counters
    }

    /// From now on a local stream asks for these bounds: each of its packets does, until the peer has had one. Whether there is such a
    /// stream.
    ///
    /// ```
    /// # use std::time::{Duration, Instant};
    /// # use interceptor_core::packet::{HeaderExtension, NtpTime, ext::PlayoutDelay};
    /// # use interceptor_core::{ChainConfig, Registry, StreamInfo};
    /// # use interceptor_hdrext::{PlayoutDelayFactory, PlayoutDelays};
    /// # let start = Instant::now();
    /// # let registry = Registry::new().with(PlayoutDelayFactory::default());
    /// # let mut chain = registry.build(ChainConfig::new("call", start, NtpTime::default(), 7))?;
    /// # chain.bind_local(StreamInfo::new(7, 96, 90_000).with_extension(4, PlayoutDelay::URI), start)?;
    /// let at_once = PlayoutDelay::new(Duration::ZERO, Duration::ZERO).ok_or("in range")?;
    /// let set = chain.with_streams::<PlayoutDelays, _>(|_, mut streams| PlayoutDelays::set(&mut streams, 7, at_once));
    /// assert_eq!(set, Some(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set(streams: &mut Streams<'_, Self>, ssrc: u32, bounds: PlayoutDelay) -> bool {
        streams.local(ssrc).is_some_and(|stream| {
            stream.set(bounds);
            true
        })
    }
}

impl Interceptor for PlayoutDelays {
    type Local = PlayoutSender;
    type Remote = PlayoutReceiver;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<PlayoutSender>> {
        Ok(info.extension_id(PlayoutDelay::URI).map(|id| {
            cx.declare_stamp(id, PlayoutDelay::MAX_LEN as u8);
            PlayoutSender::new(id, info.ssrc, self.bounds)
        }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<PlayoutReceiver>> {
        Ok(info.extension_id(PlayoutDelay::URI).map(|id| PlayoutReceiver::new(id, info.ssrc)))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut PlayoutSender,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(id) = new.extension_id(PlayoutDelay::URI) else { return Ok(Amend::Leave) };
        cx.declare_stamp(id, PlayoutDelay::MAX_LEN as u8);
        stream.id = id;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut PlayoutReceiver,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(id) = new.extension_id(PlayoutDelay::URI) else { return Ok(Amend::Leave) };
        stream.id = id;
        Ok(Amend::Keep)
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut PlayoutSender,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if let Some(bounds) = stream.bounds().filter(|_| stream.is_waiting() && packet.ssrc() == stream.ssrc)
        {
            if packet.write(stream.id, &bounds).is_ok() {
                stream.acknowledged.said(packet.sequence_number(), cx);
                self.asked = true;
                self.counters.stamped += 1;
            } else {
                self.counters.not_stamped += 1;
            }
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut PlayoutReceiver,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if let Some(value) = packet.extension(stream.id).filter(|_| packet.ssrc() == stream.ssrc) {
            if let Some(bounds) = PlayoutDelay::read(value) {
                self.counters.read += 1;
                stream.read(packet.sequence_number(), bounds);
            } else {
                self.counters.malformed += 1;
            }
        }
        let Some(bounds) = stream.news() else { return Ok(Flow::Forward) };
        let now = cx.elapsed_nanos();
        if stream.is_due(now, self.min_change_nanos) {
            stream.told(bounds, now);
            self.counters.told += 1;
            cx.publish(PlayoutBounds { ssrc: stream.ssrc, min: bounds.min(), max: bounds.max() });
        } else {
            self.counters.deferred += 1;
        }
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if std::mem::take(&mut self.asked) {
            shown_by(packet, |ssrc, shown| {
                let stream = streams.local(ssrc).filter(|stream| stream.ssrc == ssrc);
                let news = stream.is_some_and(|stream| stream.acknowledged.hear(shown, cx));
                self.counters.acknowledged += u64::from(news);
            });
        }
        Ok(Flow::Forward)
    }
}
