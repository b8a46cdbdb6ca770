//! An interceptor of one's own: counts the frames of each outgoing video stream and drops what comes over a limit.

use std::time::Instant;

use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Context, Flow, Interceptor, Result, Stage, StreamInfo};

/// Lets through at most `max_frames` frames of each outgoing video stream.
struct FrameLimit {
    max_frames: u32,
}

impl Interceptor for FrameLimit {
    type Local = u32; // frames seen of this stream
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u32>> {
        Ok(stream.is_video().then_some(0))
    }

    fn write_rtp(&mut self, frames: &mut u32, packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        let over = *frames >= self.max_frames;
        *frames += u32::from(packet.marker());
        Ok(if over { Flow::Consumed } else { Flow::Forward })
    }
}

fn sent_of(packets: u16, max_frames: u32) -> Result<usize, Box<dyn std::error::Error>> {
    #[expect(clippy::disallowed_methods, reason = "the program's own clock")]
    let now = Instant::now();
    let mut chain = Chain::new(ChainConfig::new("call", now, NtpTime::default(), 1));
    chain.insert("frame-limit", Stage::APPLICATION, FrameLimit { max_frames }, now)?;
    chain.bind_local(StreamInfo::new(1, 96, 90_000).with_mime_type("video/VP8"), now)?;
    for number in 0..packets {
        let last_of_frame = number % 2 == 1;
        let packet =
            RtpPacket::builder().ssrc(1).payload_type(96).sequence_number(number).marker(last_of_frame);
        chain.write_rtp(packet.build()?, now);
    }
    Ok(std::iter::from_fn(|| chain.poll_wire()).count())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("10 packets, 5 frames, limit 3 frames: {} packets left", sent_of(10, 3)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use interceptor_core::{BuildContext, BuildError, Factory};

    use super::{FrameLimit, sent_of};

    /// No limit that the contract suite's streams could reach.
    struct Unlimited;

    impl Factory for Unlimited {
        type Interceptor = FrameLimit;

        fn name(&self) -> &'static str {
            "frame-limit"
        }

        fn build(&self, _: &BuildContext<'_>) -> Result<FrameLimit, BuildError> {
            Ok(FrameLimit { max_frames: u32::MAX })
        }
    }

    interceptor_test::check_interceptor!(Unlimited);

    #[test]
    fn stops_after_the_last_packet_of_the_last_frame() -> Result<(), Box<dyn std::error::Error>> {
        assert_eq!(sent_of(10, 3)?, 6);
        assert_eq!(sent_of(10, 100)?, 10);
        Ok(())
    }
}
