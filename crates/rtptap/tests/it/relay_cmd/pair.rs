//! Two relays repair the link between them.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use rtptap::relay::{Relay, RelayOptions, RtcpMode, SourceOptions, StreamRule, TargetOptions};

use super::link::LossyLink;
use super::media::{Port, SSRC, packet};
use super::{books_close, stop, until};

/// 5 % of 256.
const LOSS: u8 = 13;
const PACKETS: u32 = 2000;
/// Packets under way at most: they fit into the smallest socket buffer between source and sink.
const WINDOW: u32 = 64;
/// Nothing is given up because a busy machine takes its time.
const HISTORY: Duration = Duration::from_secs(60);

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
            (options.streams, options.history) = (vec![rule.clone()], HISTORY);
            Relay::start(options).await.unwrap()
        };
        let a = start(RtcpMode::Ports, link.near(), RtcpMode::Mux).await;
        let b = start(RtcpMode::Mux, sink.address(), RtcpMode::Mux).await;
        link.start(b.listen_addr(), LOSS, Duration::from_millis(10));
        Self { source, a, link, b, sink }
    }

    /// Sends as fast as the sink gets it: what gets lost, gets lost on the link, however busy the machine is. Then goes on,
    /// as a real stream does, which shows that the last packets were lost, until they are there as well.
    async fn send(&self) {
        let to = self.a.listen_addr();
        let got = || self.sink.received.count(SSRC, PACKETS);
        for number in 0..PACKETS {
            if number.is_multiple_of(WINDOW / 4) {
                until("the sink keeps up", || (number < got() + WINDOW).then_some(())).await;
            }
            self.source.socket.send_to(&packet(SSRC, number), to).await.unwrap();
        }
        let mut followers = PACKETS..;
        until("all arrive", || {
            // One that finds no room is missing as others are.
            let _ = followers.next().map(|number| self.source.socket.try_send_to(&packet(SSRC, number), to));
            (got() == PACKETS).then_some(())
        })
        .await;
    }
}

async fn repairs(rtx: bool) {
    let chain = Chain::start(rtx).await;
    chain.send().await;
    let got = chain.sink.received.media(SSRC);
    let lost = chain.link.lost.load(Relaxed);
    books_close(&chain.a).await;
    books_close(&chain.b).await;
    let stats = stop(chain.b).await;
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
    // Everything has come. On a busy machine the first round trip may seem so long that an answer to an answer that got lost
    // waits until its packet is out of the window.
    assert!(repair.packets_given_up <= 2, "{repair:?}");
    let inbound = &stats.legs[0].stats.as_ref().unwrap().inbound_rtp[0];
    assert_eq!(inbound.packets_recovered_by_rtx > 0, rtx);
    let stats = stop(chain.a).await;
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
