//! A camera and a receiver 300 ms of round trip apart, over a link that loses packets: how many come in time, and what is sent for it.

use std::error::Error;
use std::time::Duration;

use interceptor_congestion::{CongestionFactory, CongestionOptions};
use interceptor_core::packet::RtpPacket;
use interceptor_core::{FecInfo, FecScheme, Registry};
use interceptor_flexfec::{Code, FecDecoder, FlexFecFactory, FlexFecOptions, ProtectionOptions};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};
use interceptor_twcc::TwccFactory;

const MS: Duration = Duration::from_millis(1);
/// What the receiver waits for a packet after it would have come.
const DEADLINE: Duration = Duration::from_millis(250);
const ONE_WAY: Duration = Duration::from_millis(150);
const FRAMES: u32 = 30 * 30;
const PACKETS_A_FRAME: u32 = 5;
const SSRC: u32 = 0xa;
const FEC_SSRC: u32 = 0xf;
/// Until then the loss becomes known; it does not count.
const LEARNING: Duration = Duration::from_secs(5);

/// How a call went.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    /// Packets of a thousand that did not come in time.
    late: f64,
    /// What was sent beside the media, in percent of its packets.
    overhead: f64,
}

fn call(name: &'static str, loss: &Loss, nack: bool, code: Option<Code>) -> Result<Outcome, Box<dyn Error>> {
    // Reports measure the round trip, feedback what is lost.
    let congestion = CongestionFactory::new(CongestionOptions::default().with_start_bitrate(3_000_000))?;
    let mut registry =
        Registry::new().with(ReportFactory::default()).with(TwccFactory::default()).with(congestion);
    if nack {
        registry = registry.with(NackFactory::default());
    }
    if let Some(code) = code {
        let protection = ProtectionOptions::default()
            .with_code(code)
            .with_deadline(DEADLINE)
            .with_receiver(FecDecoder::Elimination);
        registry = registry.with(FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))?);
    }
    let back = LinkOptions::default().with_delay(ONE_WAY);
    let there = back.clone().with_loss(loss.clone());
    let options = PairOptions::default().with_seed(3).with_link(Side::A, there).with_link(Side::B, back);
    let mut pair = Pair::new(&registry, &registry, options)?;
    let fec = FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(FEC_SSRC);
    pair.bind(Side::A, stream_info::video(SSRC).with_fec(fec))?;
    let start = pair.now();
    pair.feed(Side::A, camera());
    pair.run_for(33 * MS * FRAMES + 2000 * MS);

    let counts = |packet: &RtpPacket| sent_at(packet.sequence_number()) >= LEARNING;
    let media = camera().iter().filter(|(_, packet)| counts(packet)).count();
    let received = pair.received(Side::B).iter().filter_map(|one| Some((one.at - start, one.rtp()?)));
    let received = received.filter(|(_, packet)| packet.ssrc() == SSRC);
    let in_time = received
        .filter(|(at, packet)| {
            counts(packet) && *at <= sent_at(packet.sequence_number()) + ONE_WAY + DEADLINE
        })
        .count();
    let sent = pair.sent(Side::A).iter().filter(|sent| sent.at - start >= LEARNING);
    let sent = sent.filter_map(|sent| sent.rtp()).count();
    let part = |packets: usize| packets as f64 / media as f64;
    Ok(Outcome { name, late: 1000.0 * (1.0 - part(in_time)), overhead: 100.0 * (part(sent) - 1.0) })
}

/// Thirty frames a second of five packets.
fn camera() -> Vec<(Duration, RtpPacket)> {
    let packet = |number: u32| {
        let packet = rtp(SSRC).seq(number as u16).ts(number / PACKETS_A_FRAME * 3000).payload_len(1000);
        (sent_at(number as u16), packet.marker(number % PACKETS_A_FRAME == PACKETS_A_FRAME - 1).build())
    };
    (0..FRAMES * PACKETS_A_FRAME).map(packet).collect()
}

fn sent_at(number: u16) -> Duration {
    33 * MS * (u32::from(number) / PACKETS_A_FRAME)
}

fn table(loss: &Loss) -> Result<[Outcome; 5], Box<dyn Error>> {
    Ok([
        call("nothing", loss, false, None)?,
        call("NACK", loss, true, None)?,
        call("FlexFEC, rows 10+1", loss, false, Some(Code::Rows { l: 10 }))?,
        call("FlexFEC, 2-D 6x6", loss, false, Some(Code::TwoD { l: 6, d: 6 }))?,
        call("FlexFEC, adaptive", loss, true, Some(Code::Adaptive))?,
    ])
}

fn main() -> Result<(), Box<dyn Error>> {
    let losses = [
        ("1 %", Loss::random(0.01)),
        ("5 %", Loss::random(0.05)),
        ("5 % in runs of 3", Loss::burst(0.05, 3.0)),
    ];
    for (text, loss) in losses {
        println!("{text} lost; not there in time, and sent beside the media");
        for Outcome { name, late, overhead } in table(&loss)? {
            println!("  {name:20} {late:6.1} of 1000   {overhead:5.1} %");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asking_cannot_bring_back_in_time_repair_packets_do() {
        let [nothing, nack, rows, grid, adaptive] = table(&Loss::random(0.05)).unwrap();
        assert!(nothing.late > 40.0 && nack.late > 40.0, "an answer takes 300 ms: {nothing:?} {nack:?}");
        assert!(rows.late < 25.0 && rows.overhead < 12.0, "{rows:?}");
        assert!(grid.late < 5.0 && grid.overhead < 36.0, "{grid:?}");
        assert!(adaptive.late < 4.0 && adaptive.overhead < 45.0, "{adaptive:?}");
    }
}
