//! The interceptor: send times on everything that leaves, and what they say of what comes.

use std::time::Duration;

use interceptor_core::packet::ext::AbsSendTime;
use interceptor_core::packet::{HeaderExtension, RtpPacket};
use interceptor_core::{
    Amend, BuildContext, BuildError, Context, Fact, Factory, Flow, Interceptor, Media, Need, Result, Stage,
    StreamInfo, Streams,
};

/// Makes [`SendTimes`].
pub struct SendTimesFactory;

/// Writes into each outgoing packet when it leaves (abs-send-time), and works out how long incoming ones were on the way. It
/// keeps nothing itself: all it knows is of one stream, and stands in the states that the chain keeps.
pub struct SendTimes;

/// What is known of a stream that is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    /// The identifier that was negotiated.
    pub id: Option<u8>,
    pub stamped: u64,
    /// Packets whose extension block is of another kind, or full.
    pub unstamped: u64,
    pub amended: u64,
}

/// What is known of a stream that comes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    pub id: Option<u8>,
    pub packets: u64,
    /// Those that say when they left.
    pub stamped: u64,
    /// How long the last of these was on the way, by the wall clocks of the two ends.
    pub on_the_way: Duration,
    /// Calls for a key frame by other interceptors.
    pub keyframes_needed: u64,
    pub amended: u64,
}

impl Factory for SendTimesFactory {
    type Interceptor = SendTimes;

    fn name(&self) -> &'static str {
        "send-times"
    }

    /// Behind whatever delays packets.
    fn stage(&self) -> Stage {
        Stage::CONGESTION.above()
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::header_extension(Media::Any, AbsSendTime::URI)]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<SendTimes, BuildError> {
        Ok(SendTimes)
    }
}

/// The identifier, which whoever computes over whole packets above is told of as well.
fn declare(stream: &StreamInfo, cx: &mut Context<'_>) -> Option<u8> {
    let id = stream.extension_id(AbsSendTime::URI)?;
    cx.declare_stamp(id, AbsSendTime::MAX_LEN as u8);
    Some(id)
}

impl Interceptor for SendTimes {
    type Local = Sent;
    type Remote = Received;

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<Sent>> {
        let id = declare(stream, cx);
        Ok(id.map(|id| Sent { id: Some(id), ..Sent::default() }))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Received>> {
        Ok(Some(Received { id: stream.extension_id(AbsSendTime::URI), ..Received::default() }))
    }

    /// The counters go on; only the identifier is another.
    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        sent: &mut Sent,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        sent.id = declare(new, cx);
        sent.amended += 1;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        received: &mut Received,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        received.id = new.extension_id(AbsSendTime::URI);
        received.amended += 1;
        Ok(Amend::Keep)
    }

    fn write_rtp(&mut self, sent: &mut Sent, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let Some(id) = sent.id else { return Ok(Flow::Forward) };
        let now = AbsSendTime::from_ntp(cx.ntp(cx.now()));
        // A packet with a block of another profile cannot carry it, and that is no reason to fail.
        match packet.write(id, &now) {
            Ok(()) => sent.stamped += 1,
            Err(_) => sent.unstamped += 1,
        }
        Ok(Flow::Forward)
    }

    fn read_rtp(
        &mut self,
        received: &mut Received,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        received.packets += 1;
        let left = received.id.and_then(|id| packet.read::<AbsSendTime>(id));
        if let Some(left) = left {
            let arrived = AbsSendTime::from_ntp(cx.ntp(packet.info().arrival.unwrap_or(cx.now())));
            received.stamped += 1;
            // Less than nothing when the other end's clock is ahead.
            received.on_the_way = Duration::from_nanos(arrived.nanos_since(left).max(0) as u64);
        }
        Ok(Flow::Forward)
    }

    /// The NACK interceptor says so when it gives up; neither knows the other.
    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        _: &mut Context<'_>,
    ) -> Result<()> {
        if let Fact::KeyframeNeeded(needed) = fact
            && let Some(received) = streams.remote(needed.ssrc)
        {
            received.keyframes_needed += 1;
        }
        Ok(())
    }
}
