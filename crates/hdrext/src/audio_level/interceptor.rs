//! The interceptor: reads the levels of what comes, writes those that the application has attached to what leaves.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::packet::ext::{AudioLevel, MixerLevels};
use interceptor_core::packet::{HeaderExtension, RtpPacket};
use interceptor_core::{Amend, BuildContext, Context, Flow, Interceptor, Result, StreamInfo};

use super::handle::Seat;
use crate::{AudioLevelCounters, AudioLevelOptions, Levels};

/// Audio levels of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct AudioLevels {
    options: AudioLevelOptions,
    levels: Levels,
    connection: Arc<str>,
    start: Instant,
    counters: AudioLevelCounters,
}

/// Identifiers of the two extensions; at least one is there.
#[derive(Clone, Copy, Debug)]
struct Ids {
    level: Option<u8>,
    mixer: Option<u8>,
}

/// A local stream whose packets may leave with levels.
#[derive(Debug)]
pub struct LevelSender {
    ids: Ids,
}

/// A remote stream whose levels are read.
#[derive(Debug)]
pub struct LevelReceiver {
    ids: Ids,
    seat: Leaving,
}

/// Gives the place in the handle back when the stream's state goes, however that comes about.
#[derive(Debug)]
struct Leaving {
    levels: Levels,
    seat: Seat,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.levels.leave(&self.seat);
    }
}

impl Ids {
    fn of(info: &StreamInfo) -> Option<Self> {
        let ids =
            Self { level: info.extension_id(AudioLevel::URI), mixer: info.extension_id(MixerLevels::URI) };
        (ids.level.is_some() || ids.mixer.is_some()).then_some(ids)
    }

    fn declare(self, cx: &mut Context<'_>) {
        if let Some(id) = self.level {
            cx.declare_stamp(id, AudioLevel::MAX_LEN as u8);
        }
        if let Some(id) = self.mixer {
            cx.declare_stamp(id, MixerLevels::MAX_LEN as u8);
        }
    }
}

impl AudioLevels {
    pub(crate) fn new(options: AudioLevelOptions, levels: Levels, cx: &BuildContext<'_>) -> Self {
        Self {
            options,
            levels,
            connection: Arc::clone(cx.connection_id()),
            start: cx.config().now,
            counters: AudioLevelCounters::default(),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &AudioLevelCounters {
        &self.counters
    }

    /// The value of an element, if there is one and it can be read.
    #[inline]
    fn element<E: HeaderExtension>(&mut self, packet: &RtpPacket, id: Option<u8>) -> Option<E> {
        let element = E::read(packet.extension(id?)?);
        self.counters.read += u64::from(element.is_some());
        self.counters.malformed += u64::from(element.is_none());
        element
    }

    /// Writes what the application has attached.
    fn write<E: HeaderExtension + Clone + Send + Sync + 'static>(
        &mut self,
        packet: &mut RtpPacket,
        id: Option<u8>,
    ) {
        let Some((id, value)) = id.zip(packet.info().attributes.get::<E>().cloned()) else { return };
        let stamped = packet.write(id, &value).is_ok();
        self.counters.stamped += u64::from(stamped);
        self.counters.not_stamped += u64::from(!stamped);
    }
}

impl Interceptor for AudioLevels {
    type Local = LevelSender;
    type Remote = LevelReceiver;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LevelSender>> {
        Ok(Ids::of(info).map(|ids| {
            ids.declare(cx);
            LevelSender { ids }
        }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<LevelReceiver>> {
        Ok(Ids::of(info).map(|ids| {
            let seat = self.levels.join(Arc::clone(&self.connection), info.ssrc, self.start);
            LevelReceiver { ids, seat: Leaving { levels: self.levels.clone(), seat } }
        }))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut LevelSender,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(ids) = Ids::of(new) else { return Ok(Amend::Leave) };
        ids.declare(cx);
        stream.ids = ids;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut LevelReceiver,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(ids) = Ids::of(new) else { return Ok(Amend::Leave) };
        stream.ids = ids;
        Ok(Amend::Keep)
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LevelSender,
        packet: &mut RtpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        if !packet.info().attributes.is_empty() {
            self.write::<AudioLevel>(packet, stream.ids.level);
            self.write::<MixerLevels>(packet, stream.ids.mixer);
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut LevelReceiver,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let (cell, now) = (&stream.seat.seat.cell, cx.elapsed_nanos());
        let level: Option<AudioLevel> = self.element(packet, stream.ids.level);
        let mixer: Option<MixerLevels> = self.element(packet, stream.ids.mixer);
        if let Some(level) = level {
            cell.write(level, self.options.smoothing_packets, now);
        }
        if let Some(mixer) = &mixer {
            cell.write_sources(packet.csrcs().zip(mixer.iter()), now);
        }
        if self.options.attributes {
            let attributes = &mut packet.info_mut().attributes;
            level.map(|level| attributes.insert(level));
            mixer.map(|mixer| attributes.insert(mixer));
        }
        Ok(Flow::Forward)
    }
}
