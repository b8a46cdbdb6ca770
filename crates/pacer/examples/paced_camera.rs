//! A camera behind a link of 2 Mbit/s whose router has room for 20 kB: how many packets arrive with and without a pacer, and how long they take.

use std::error::Error;
use std::time::Duration;

use interceptor_core::Registry;
use interceptor_core::packet::RtpPacket;
use interceptor_pacer::{PacerFactory, PacerOptions};
use interceptor_test::{Capacity, LinkOptions, Pair, PairOptions, QueueDepth, Side, rtp, stream_info};

const MS: Duration = Duration::from_millis(1);
/// Frames in four seconds, and every how many of them is a key frame.
const FRAMES: u32 = 120;
const KEY_FRAME: u32 = 60;

/// What became of the camera's packets.
#[derive(Debug)]
struct Arrived {
    sent: usize,
    arrived: usize,
    /// The longest time from the camera to the receiver.
    longest: Duration,
}

/// A frame in 33 ms: four packets, and of a key frame forty. 1.4 Mbit/s in all.
fn camera() -> Vec<(Duration, RtpPacket)> {
    let mut packets = Vec::new();
    for frame in 0..FRAMES {
        let count = if frame % KEY_FRAME == 0 { 40 } else { 4 };
        for part in 1..=count {
            let packet = rtp(1).seq(packets.len() as u16).ts(frame * 3000).marker(part == count);
            packets.push((33 * MS * frame, packet.payload_len(1200).build()));
        }
    }
    packets
}

fn call(camera_side: &Registry) -> Result<Arrived, Box<dyn Error>> {
    let link = LinkOptions::default()
        .with_delay(20 * MS)
        .with_capacity(Capacity::constant(2_000_000))
        .with_queue_limit(QueueDepth::Bytes(20_000));
    let mut pair = Pair::new(camera_side, &Registry::new(), PairOptions::default().with_link(Side::A, link))?;
    pair.bind(Side::A, stream_info::video(1))?;
    let start = pair.now();
    let packets = camera();
    let made_at: Vec<Duration> = packets.iter().map(|(at, _)| *at).collect();
    pair.feed(Side::A, packets);
    pair.run_for(6000 * MS);
    let (mut arrived, mut longest) = (0, Duration::ZERO);
    for received in pair.received(Side::B) {
        let Some(packet) = received.rtp() else { continue };
        let made = made_at.get(usize::from(packet.sequence_number())).copied().unwrap_or_default();
        (arrived, longest) = (arrived + 1, longest.max((received.at - start).saturating_sub(made)));
    }
    Ok(Arrived { sent: made_at.len(), arrived, longest })
}

fn both() -> Result<[Arrived; 2], Box<dyn Error>> {
    let pacer = PacerFactory::new(PacerOptions::default().with_rate(Some(1_900_000)))?;
    Ok([call(&Registry::new())?, call(&Registry::new().with(pacer))?])
}

fn main() -> Result<(), Box<dyn Error>> {
    for (name, Arrived { sent, arrived, longest }) in ["as it comes", "paced"].iter().zip(both()?) {
        println!("{name}: {arrived} of {sent} packets arrive, after {longest:?} at most");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pacer_brings_a_key_frame_through_a_small_queue() {
        let [as_it_comes, paced] = both().unwrap();
        assert!(as_it_comes.arrived < as_it_comes.sent * 97 / 100, "{as_it_comes:?}");
        assert_eq!(paced.arrived, paced.sent, "{paced:?}");
        assert!(paced.longest < 300 * MS, "{paced:?}");
    }
}
