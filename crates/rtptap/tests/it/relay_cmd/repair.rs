//! Repair by peers that are no relays: retransmission streams of their own, requests of their own.

use std::time::Duration;

use interceptor_packet::{Rtcp, RtcpPacket};
use rtptap::relay::{RTX_SSRC_MASK, Relay, RelayOptions, RtcpMode, SourceOptions, StreamRule, TargetOptions};

use super::media::{FIRST, Port, SSRC, packet};
use super::{stop, until};

const OTHER: u32 = 0x0bad_cafe;

struct Call {
    source: Port,
    sink: Port,
    relay: Relay,
}

impl Call {
    async fn start(rtx_out: bool) -> Self {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let (mut from, mut to) =
            (SourceOptions::new("127.0.0.1:0".parse().unwrap()), TargetOptions::new(sink.address()));
        (from.rtcp, to.rtcp, to.rtx) = (RtcpMode::Mux, RtcpMode::Mux, rtx_out);
        let mut options = RelayOptions::new(from, vec![to]);
        let mut rule = StreamRule::new(96);
        rule.rtx = Some(97);
        options.streams = vec![rule];
        // Nothing is given up or forgotten because a busy machine takes its time.
        options.history = Duration::from_secs(60);
        Self { source, sink, relay: Relay::start(options).await.unwrap() }
    }

    async fn send(&self, datagram: &[u8]) {
        self.source.socket.send_to(datagram, self.relay.listen_addr()).await.unwrap();
    }

    async fn arrives(&self, ssrc: u32, number: u16) -> Vec<u8> {
        until("the packet arrives", || self.sink.received.media(ssrc).remove(&number)).await
    }

    /// The source is asked for this.
    async fn is_asked(&self, ssrc: u32, number: u16) {
        let seq = FIRST.wrapping_add(number);
        until("the request", || {
            let asks = |message: Rtcp<'_>| {
                matches!(message, Rtcp::Nack(nack) if nack.media_ssrc() == ssrc && nack.sequence_numbers().any(|n| n == seq))
            };
            self.source.received.rtcp().iter().any(|packet| packet.packets().any(asks)).then_some(())
        })
        .await;
    }
}

/// RFC 4588 §4: under an SSRC and number of its own, the original number before the payload, no padding.
fn again(original: &[u8], rtx_ssrc: u32, seq: u16) -> Vec<u8> {
    let mut rtx = original[..original.len() - 4].to_vec();
    rtx[0] &= !0x20;
    rtx[1] = 97 | (rtx[1] & 0x80);
    let number = [rtx[2], rtx[3]];
    rtx[2..4].copy_from_slice(&seq.to_be_bytes());
    rtx[8..12].copy_from_slice(&rtx_ssrc.to_be_bytes());
    // Behind the fixed header, a contributing source and one word of extension.
    rtx.splice(24..24, number);
    rtx
}

#[tokio::test]
async fn a_retransmission_stream_that_nobody_announced_is_found_by_what_it_repeats() {
    let call = Call::start(true).await;
    // Two streams that the payload type cannot tell apart.
    for number in [0, 1, 3] {
        call.send(&packet(SSRC, number)).await;
        call.send(&packet(OTHER, if number == 3 { 2 } else { number })).await;
    }
    call.is_asked(SSRC, 2).await;
    call.send(&again(&packet(SSRC, 2), 0x9999, 500)).await;
    let got = call.arrives(SSRC, 2).await;
    let sent = packet(SSRC, 2);
    assert_eq!(got[24..], sent[24..sent.len() - 4]);
    assert_eq!(got[1..24], sent[1..24]);
    // From now on it is known, also for what was not asked for.
    call.send(&packet(SSRC, 5)).await;
    call.send(&again(&packet(SSRC, 4), 0x9999, 501)).await;
    call.arrives(SSRC, 4).await;
    stop(call.relay).await;
}

#[tokio::test]
async fn targets_are_answered_on_a_retransmission_stream_or_plainly() {
    for rtx in [true, false] {
        let call = Call::start(rtx).await;
        for number in 0..3 {
            call.send(&packet(SSRC, number)).await;
        }
        for number in 0..3 {
            call.arrives(SSRC, number).await;
        }
        let nack = RtcpPacket::builder().nack(5, SSRC, &[FIRST + 1]).build().unwrap();
        let before = call.sink.received.all().len();
        call.sink.socket.send_to(nack.as_bytes(), call.relay.from_addrs().next().unwrap()).await.unwrap();
        let original = packet(SSRC, 1);
        let answer = until("the answer", || {
            let all = call.sink.received.all();
            all.into_iter().skip(before).find(|packet| !(192..=223).contains(&packet[1]))
        })
        .await;
        if rtx {
            let seq = u16::from_be_bytes([answer[2], answer[3]]);
            assert_eq!(answer, again(&original, SSRC ^ RTX_SSRC_MASK, seq));
        } else {
            assert_eq!(answer, original);
        }
        stop(call.relay).await;
    }
}
