//! A subscriber of a camera with two simulcast layers: its path gets worse, and better again, and it sees one stream without a seam.
//!
//! `cargo run -p interceptor-rewriter --example layers`

use std::time::{Duration, Instant};

use interceptor_rewriter::packet::RtpPacket;
use interceptor_rewriter::{OutgoingStream, Rewriter, RewriterCounters, RewriterOptions, SourceId};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SMALL: SourceId = SourceId(1);
const LARGE: SourceId = SourceId(2);
const FRAMES: u32 = 300;
/// A key frame a second.
const GROUP: u32 = 30;
/// 30 frames a second on a clock of 90 kHz.
const FRAME: (Duration, u32) = (Duration::from_nanos(33_333_333), 3000);

/// A layer of the camera: each frame in as many packets as it needs, every second frame of an upper temporal layer.
struct Layer {
    source: SourceId,
    packets_a_frame: u16,
    number: u16,
    timestamp: u32,
}

impl Layer {
    fn frame(&mut self) -> Result<Vec<RtpPacket>> {
        self.timestamp = self.timestamp.wrapping_add(FRAME.1);
        let packets = (1..=self.packets_a_frame).map(|nth| {
            self.number = self.number.wrapping_add(1);
            let packet = RtpPacket::builder().ssrc(self.source.0).sequence_number(self.number);
            Ok(packet
                .timestamp(self.timestamp)
                .marker(nth == self.packets_a_frame)
                .payload(vec![0; 1000])
                .build()?)
        });
        packets.collect()
    }
}

/// What the subscriber is sent, and what the rewriter has counted.
fn call(start: Instant) -> Result<(Vec<RtpPacket>, RewriterCounters)> {
    let mut layers = [
        Layer { source: SMALL, packets_a_frame: 1, number: 40_000, timestamp: 7 },
        Layer { source: LARGE, packets_a_frame: 4, number: 9, timestamp: u32::MAX - 5 },
    ];
    let stream = OutgoingStream::new(0x5eed, 90_000).starting_at(65_000, 0);
    let mut rewriter = Rewriter::new(stream, RewriterOptions::default())?;
    let mut sent = Vec::new();
    for frame in 0..FRAMES {
        let now = start + FRAME.0 * frame;
        match frame {
            0 | 200 => rewriter.switch_to(LARGE),
            100 => rewriter.switch_to(SMALL),
            _ => {}
        }
        for layer in &mut layers {
            for (nth, mut packet) in layer.frame()?.into_iter().enumerate() {
                // While the path is getting worse, and the small layer's key frame is not there yet: half the frames.
                if rewriter.waiting_for() == Some(SMALL) && frame % 2 == 1 && layer.source == LARGE {
                    rewriter.leave_out(LARGE, packet.sequence_number())?;
                    continue;
                }
                let key = frame % GROUP == 0 && nth == 0;
                if rewriter.rewrite(layer.source, &mut packet, key, now).is_ok() {
                    sent.push(packet);
                }
            }
        }
    }
    Ok((sent, *rewriter.counters()))
}

fn main() -> Result {
    #[expect(clippy::disallowed_methods, reason = "the program's own clock")]
    let (sent, counters) = call(Instant::now())?;
    println!("{} packets in one stream, {} switches", sent.len(), counters.switches);
    println!("{} left out, {} of layers that were not sent", counters.left_out, {
        counters.refused_not_selected + counters.refused_old_source + counters.refused_waiting
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{FRAME, FRAMES, call};

    #[test]
    fn the_subscriber_sees_one_stream_without_a_seam() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let (sent, counters) = call(Instant::now()).unwrap();
        // The large layer but for every second frame of 20; the small one from frame 120 to 210, which the subscriber sees of both.
        let large = 4 * (120 - 10 + FRAMES as usize - 210);
        assert_eq!((sent.len(), counters.switches, counters.left_out), (large + 91, 3, 40));
        for (at, packet) in sent.iter().enumerate() {
            assert_eq!(packet.sequence_number(), 65_000_u16.wrapping_add(at as u16));
            let [before, this] = [at.saturating_sub(1), at].map(|at| sent.get(at).unwrap());
            let step = this.timestamp().wrapping_sub(before.timestamp());
            // One frame or, where one was left out, two; a unit less where the time between was rounded down, and one unit for the same
            // frame of the other layer.
            let frames = [0, 1, FRAME.1 - 1, FRAME.1, 2 * FRAME.1 - 1, 2 * FRAME.1];
            assert!(frames.contains(&step), "{step} at {at}");
            assert_eq!(step > 0, at > 0 && before.marker(), "a frame has one timestamp");
        }
    }
}
