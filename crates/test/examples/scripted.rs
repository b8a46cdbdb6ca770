//! An interceptor of one's own under a scripted test: mocks around it say what must happen, in one order.
//!
//! `cargo run -p interceptor-test --example scripted`

use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, ChainConfig, Context, Factory, Flow, Interceptor, Registry, Result, Stage,
    StreamInfo, Streams,
};
use interceptor_test::{Clock, Hook, MockFactory, rtp, stream_info};

/// How long a stream may be silent.
const SILENCE: Duration = Duration::from_secs(1);
/// A network that fails silences every stream at once: ask for so many, then for the next ones after a pause.
const AT_ONCE: u32 = 100;
const PAUSE: Duration = Duration::from_millis(5);

/// Asks once for a key frame (PLI) when a video stream has fallen silent: its sender may have lost its way.
struct Waker;

/// When the stream's silence is too long; `None` once that was said.
struct Due {
    ssrc: u32,
    at: Option<Instant>,
}

impl Interceptor for Waker {
    type Local = ();
    type Remote = Due;

    fn bind_remote(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Due>> {
        Ok(stream.has_feedback("nack", "pli").then_some(Due { ssrc: stream.ssrc, at: None }))
    }

    fn read_rtp(&mut self, due: &mut Due, _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let at = cx.now() + SILENCE;
        due.at = Some(at);
        cx.wake_at(at);
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let (now, mut left) = (cx.now(), AT_ONCE);
        for (_, due) in streams.remotes() {
            match due.at {
                Some(at) if at <= now && left > 0 => {
                    left -= 1;
                    due.at = None;
                    cx.send_rtcp(RtcpPacket::builder().pli(cx.sender_ssrc(), due.ssrc).build()?);
                }
                Some(at) => cx.wake_at(at.max(now + PAUSE)),
                None => {}
            }
        }
        Ok(())
    }
}

struct WakerFactory;

impl Factory for WakerFactory {
    type Interceptor = Waker;

    fn name(&self) -> &'static str {
        "waker"
    }

    fn stage(&self) -> Stage {
        Stage::NACK
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Waker, BuildError> {
        Ok(Waker)
    }
}

/// Plays the script: a packet, a second of silence, one PLI, more silence, a packet. Panics where the interceptor
/// does something else.
fn play() -> Result<(), Box<dyn std::error::Error>> {
    // Nearer the wire than the interceptor: sees what it sends.
    let wire = MockFactory::new("wire").at(Stage::CAPTURE);
    let script = wire.script();
    script.add("bind_remote", Arc::new(|_, _| Ok(Flow::Forward)));
    script.add("read_rtp", Arc::new(|_, _| Ok(Flow::Forward)));
    script.add(
        "write_rtcp",
        Arc::new(|hook, _| {
            let Hook::WriteRtcp(packet) = hook else { unreachable!("the name says which") };
            assert!(matches!(packet.packets().next(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == 1));
            Ok(Flow::Forward)
        }),
    );
    script.add("read_rtp", Arc::new(|_, _| Ok(Flow::Forward)));

    let mut clock = Clock::new();
    let registry = Registry::new().with(wire).with(WakerFactory);
    let mut chain = registry.build(ChainConfig::new("call", clock.now(), NtpTime::default(), 7))?;
    chain.bind_remote(stream_info::video(1), clock.now())?;
    chain.read_rtp(rtp(1).seq(0).build(), clock.now());
    let due = chain.next_timeout().ok_or("the interceptor set no timer")?;
    assert_eq!(due, clock.now() + SILENCE);
    chain.handle_timeout(clock.advance_to(due));
    chain.handle_timeout(clock.advance(SILENCE * 10));
    chain.read_rtp(rtp(1).seq(1).build(), clock.now());
    // A script with calls left panics when it is dropped; this says so earlier.
    assert!(!script.has_more());
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    play()?;
    println!("played to the end: a packet, a second of silence, one PLI and no other, a packet");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{WakerFactory, play};

    #[test]
    fn asks_once_for_a_stream_that_fell_silent() {
        play().unwrap();
    }

    // What every interceptor must keep to.
    interceptor_test::check_interceptor!(WakerFactory);
}
