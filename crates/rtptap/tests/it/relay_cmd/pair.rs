//! Two relays repair the link between them.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use rtptap::relay::{Relay, RelayOptions, RtcpMode, SourceOptions, StreamRule, TargetOptions};

use super::link::LossyLink;
use super::media::{Port, SSRC, packet};

/// 5 % of 256.
const LOSS: u8 = 13;
const PACKETS: u32 = 2000;

/// source → A → lossy link → B → sink
struct Chain {
    source: Port,
    a: Relay,
    link: LossyLink,
    b: Relay,
    sink: Port,
}

impl Chain {
    async fn start(rtx: bool) -> Self {
        let any = "127.0.0.1:0".parse().unwrap();
        let mut rule = StreamRule::new(96);
        rule.codec = Some("VP8/90000".parse().unwrap());
        rule.rtx = rtx.then_some(97);
        let (source, sink, mut link) = (Port::bind().await, Port::bind().await, LossyLink::bind().await);
        let start = async |listen_mode, to, to_mode| {
            let (mut source, mut target) = (SourceOptions::new(any), TargetOptions::new(to));
            (source.rtcp, target.rtcp) = (listen_mode, to_mode);
            let mut options = RelayOptions::new(source, vec![target]);
            options.streams = vec![rule.clone()];
            Relay::start(options).await.unwrap()
        };
        let a = start(RtcpMode::Ports, link.near(), RtcpMode::Mux).await;
        let b = start(RtcpMode::Mux, sink.address(), RtcpMode::Mux).await;
        link.start(b.listen_addr(), LOSS, Duration::from_millis(10));
        Self { source, a, link, b, sink }
    }

    /// Sends at some 2 Mbit/s, and waits for the last repairs.
    async fn send(&self) {
        let mut clock = tokio::time::interval(Duration::from_millis(5));
        for number in 0..PACKETS {
            if number.is_multiple_of(2) {
                clock.tick().await;
            }
            self.source.socket.send_to(&packet(SSRC, number), self.a.listen_addr()).await.unwrap();
        }
        // In a real stream something follows, which shows that the last was lost.
        self.source.socket.send_to(&packet(SSRC, PACKETS), self.a.listen_addr()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
}

async fn repairs(rtx: bool) {
    let chain = Chain::start(rtx).await;
    chain.send().await;
    let got = chain.sink.received.media(SSRC);
    let lost = chain.link.lost.load(Relaxed);
    let (stats, _) = chain.b.stop().await.unwrap();
    let repair = &stats.legs[0].repair;
    assert!(lost > PACKETS as u64 / 40, "the link lost {lost} datagrams only");
    assert!(repair.packets_missing > PACKETS as u64 / 40, "{repair:?}");
    for (number, bytes) in &got {
        let mut sent = packet(SSRC, u32::from(*number));
        if rtx && bytes != &sent {
            // RFC 4588 carries no padding.
            sent.truncate(sent.len() - 4);
            sent[0] &= !0x20;
        }
        assert_eq!(bytes, &sent, "packet {number}");
    }
    let delivered = got.keys().filter(|number| u32::from(**number) < PACKETS).count();
    assert!(delivered as f64 >= 0.995 * f64::from(PACKETS), "{delivered} of {PACKETS}: {repair:?}");
    let inbound = &stats.legs[0].stats.as_ref().unwrap().inbound_rtp[0];
    assert_eq!(inbound.packets_recovered_by_rtx > 0, rtx);
    let (stats, _) = chain.a.stop().await.unwrap();
    assert!(stats.legs[1].repair.packets_resent >= repair.packets_recovered, "{:?}", stats.legs[1].repair);
}

#[tokio::test]
async fn a_pair_delivers_what_its_link_loses_by_sending_it_again() {
    repairs(false).await;
}

#[tokio::test]
async fn a_pair_delivers_what_its_link_loses_on_a_retransmission_stream() {
    repairs(true).await;
}
