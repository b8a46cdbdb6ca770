//! What stays lost, by what goes along: seeded losses, twenty milliseconds a packet.

use std::fmt::Write;

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_red::{Copies, Mode, RedSenderOptions, Redundancy};
use interceptor_test::{Clock, Link, LinkOptions, Loss};

use crate::kit::{Rig, SSRC, loss, opus, sound, spoken};

const PACKETS: u16 = 10_000;

/// Whether each packet arrives.
fn arrivals(percent: u32, burst: u32) -> Vec<bool> {
    let rate = f64::from(percent) / 100.0;
    let lost = if burst == 1 { Loss::random(rate) } else { Loss::burst(rate, burst.into()) };
    let now = Clock::new().now();
    let mut link = Link::new(now, 5, LinkOptions::default().with_loss(lost)).unwrap();
    let mut arrives = |_| {
        link.push(now, Bytes::from_static(&[0]));
        link.pop(now).is_some()
    };
    (0..PACKETS).map(&mut arrives).collect()
}

/// A stream as it leaves.
fn sent(mut rig: Rig) -> Vec<RtpPacket> {
    rig.bind(opus(SSRC));
    (0..PACKETS).map(|seq| rig.write(spoken(seq))).collect()
}

/// Packets that are not there in the end, in percent.
fn residual(sent: &[RtpPacket], arrivals: &[bool]) -> f64 {
    let mut rig = Rig::both();
    let came = sent.iter().zip(arrivals).filter(|(_, arrives)| **arrives);
    let received: usize = came.map(|(packet, _)| rig.read(packet.clone()).len()).sum();
    100.0 * (1.0 - received as f64 / f64::from(PACKETS))
}

/// What RED adds to what the encoder makes, in percent.
fn overhead(sent: &[RtpPacket]) -> usize {
    let plain: usize = (0..PACKETS).map(|seq| sound(seq).len()).sum();
    (sent.iter().map(RtpPacket::payload_len).sum::<usize>() - plain) * 100 / plain
}

#[test]
fn residual_losses() {
    let mut table =
        String::from("percent of packets that stay lost, by the packets before whose payloads go along\n");
    let copies: [&[u8]; 9] = [&[], &[1], &[1, 2], &[1, 2, 3], &[3], &[1, 3], &[2, 4], &[1, 3, 5], &[2, 4, 6]];
    let header: String = copies.iter().map(|copies| format!("{:>10}", format!("{copies:?}"))).collect();
    writeln!(table, "{:<18}{header}{:>18}", "loss", "adaptive").unwrap();
    let options = |redundancy| RedSenderOptions::default().with_redundancy(redundancy);
    let fixed = copies.map(|copies| {
        let copies = Copies::at(copies.iter().copied()).unwrap();
        sent(Rig::new(Mode::Decode, options(Redundancy::Fixed(copies))))
    });
    for (percent, burst) in [(1, 1), (3, 1), (5, 1), (10, 1), (20, 1), (1, 3), (5, 3), (10, 3), (5, 8)] {
        let arrivals = arrivals(percent, burst);
        write!(table, "{:<18}", format!("{percent} % in runs of {burst}")).unwrap();
        for sent in &fixed {
            write!(table, "{:>10.2}", residual(sent, &arrivals)).unwrap();
        }
        let mut rig = Rig::new(Mode::Decode, options(Redundancy::Adaptive));
        rig.bind(opus(SSRC));
        let now = rig.now();
        rig.chain.publish(loss(percent * 10_000, burst), now);
        let sent: Vec<_> = (0..PACKETS).map(|seq| rig.write(spoken(seq))).collect();
        writeln!(table, "{:>8.2} for {:>3} %", residual(&sent, &arrivals), overhead(&sent)).unwrap();
    }
    insta::assert_snapshot!(table);
}
