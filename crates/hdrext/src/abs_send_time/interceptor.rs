//! The interceptor: stamps what leaves with its time, and reads those of what comes.

use interceptor_core::packet::ext::AbsSendTime;
use interceptor_core::packet::{HeaderExtension, RtpPacket};
use interceptor_core::{Amend, Context, Flow, Interceptor, Result, StreamInfo};

use super::sent_at::Unwrap;
use crate::{AbsSendTimeCounters, AbsSendTimeOptions};

/// Send times of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct AbsSendTimes {
    options: AbsSendTimeOptions,
    /// One clock sends all streams of a connection.
    peer: Unwrap,
    counters: AbsSendTimeCounters,
}

/// A local stream whose packets are stamped.
#[derive(Debug)]
pub struct StampedSendTimes {
    id: u8,
}

/// A remote stream whose send times are read.
#[derive(Debug)]
pub struct ReadSendTimes {
    id: u8,
}

impl AbsSendTimes {
    pub(crate) fn new(options: AbsSendTimeOptions) -> Self {
        Self { options, peer: Unwrap::default(), counters: AbsSendTimeCounters::default() }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &AbsSendTimeCounters {
        &self.counters
    }
}

impl Interceptor for AbsSendTimes {
    type Local = StampedSendTimes;
    type Remote = ReadSendTimes;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<StampedSendTimes>> {
        let id = info.extension_id(AbsSendTime::URI).filter(|_| self.options.stamping);
        Ok(id.map(|id| {
            cx.declare_stamp(id, AbsSendTime::MAX_LEN as u8);
            StampedSendTimes { id }
        }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<ReadSendTimes>> {
        let id = info.extension_id(AbsSendTime::URI).filter(|_| self.options.attributes);
        Ok(id.map(|id| ReadSendTimes { id }))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut StampedSendTimes,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(id) = new.extension_id(AbsSendTime::URI) else { return Ok(Amend::Leave) };
        cx.declare_stamp(id, AbsSendTime::MAX_LEN as u8);
        stream.id = id;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut ReadSendTimes,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(id) = new.extension_id(AbsSendTime::URI) else { return Ok(Amend::Leave) };
        stream.id = id;
        Ok(Amend::Keep)
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut StampedSendTimes,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let now = AbsSendTime::from_ntp(cx.ntp_now());
        if packet.write(stream.id, &now).is_ok() {
            self.counters.stamped += 1;
        } else {
            self.counters.not_stamped += 1;
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut ReadSendTimes,
        packet: &mut RtpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        let Some(value) = packet.extension(stream.id) else { return Ok(Flow::Forward) };
        let Some(sent) = AbsSendTime::read(value) else {
            self.counters.malformed += 1;
            return Ok(Flow::Forward);
        };
        self.counters.read += 1;
        let sent = self.peer.unwrap(sent);
        packet.info_mut().attributes.insert(sent);
        Ok(Flow::Forward)
    }
}
