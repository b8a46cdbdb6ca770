//! Forward error correction: the source's repair packets are used up, a target gets its own, a pair mends the link between them.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use interceptor_core::FecScheme;
use rtptap::relay::{
    FEC_SSRC_MASK, FecMode, FecReceiver, Relay, RelayOptions, RelayStats, RtcpMode, SourceOptions,
    StreamRule, TargetOptions, relay_table,
};

use super::link::LossyLink;
use super::media::{FIRST, Port, SSRC, packet};
use super::{begin, books_close, stop, until};

const FEC: u8 = 49;
/// What the source of a browser would name.
const BROWSER: u32 = 0x00c0_ffee;

fn rule() -> StreamRule {
    let mut rule = StreamRule::new(96);
    (rule.codec, rule.fec) = (Some("VP8/90000".parse().unwrap()), Some(FEC));
    rule
}

fn legs(to: &Port) -> (SourceOptions, TargetOptions) {
    let mut source = SourceOptions::new("127.0.0.1:0".parse().unwrap());
    let mut target = TargetOptions::new(to.address());
    (source.rtcp, target.rtcp) = (RtcpMode::Mux, RtcpMode::Mux);
    (source, target)
}

/// A repair packet over consecutive packets, the first of which has `first` as its number: bytes 0, 1, length and timestamp, then
/// everything from byte 12, each XORed, as the draft and RFC 8627 say, in a few lines that share nothing with what is tested.
fn repair_packet(scheme: FecScheme, number: u16, first: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let longest = packets.iter().map(Vec::len).max().unwrap();
    let mut sum = vec![0; longest - 12];
    let mut head = [0_u8; 8];
    for packet in packets {
        let length = ((packet.len() - 12) as u16).to_be_bytes();
        let fields = [packet[0], packet[1], length[0], length[1], packet[4], packet[5], packet[6], packet[7]];
        head.iter_mut().zip(fields).for_each(|(sum, byte)| *sum ^= byte);
        sum.iter_mut().zip(&packet[12..]).for_each(|(sum, byte)| *sum ^= byte);
    }
    // R and F, or the version: neither is a part of the sum.
    head[0] &= 0x3f;
    let draft = scheme == FecScheme::FlexFec03;
    let mut repair = vec![if draft { 0x80 } else { 0x81 }, FEC];
    repair.extend(number.to_be_bytes());
    repair.extend([0; 4]);
    repair.extend(BROWSER.to_be_bytes());
    if !draft {
        repair.extend(SSRC.to_be_bytes());
    }
    repair.extend(head);
    if draft {
        repair.extend([1, 0, 0, 0]);
        repair.extend(SSRC.to_be_bytes());
    }
    repair.extend(FIRST.wrapping_add(first as u16).to_be_bytes());
    // 15 bits of mask and whether more follow, which each of the two says with the other bit.
    let mask = (0x7fff << (15 - packets.len())) & 0x7fff;
    repair.extend((if draft { 0x8000 | mask } else { mask } as u16).to_be_bytes());
    repair.extend(sum);
    repair
}

#[tokio::test]
async fn what_the_source_has_lost_is_recovered_from_its_repair_packets_which_end_here() {
    for scheme in [FecScheme::FlexFec03, FecScheme::FlexFec] {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let (from, to) = legs(&sink);
        let mut options = RelayOptions::new(from, vec![to]);
        options.streams = vec![rule()];
        (options.streams[0].fec_scheme, options.streams[0].fec_ssrc) = (Some(scheme), Some(BROWSER));
        let relay = Relay::start(options).await.unwrap();
        begin(&source, SSRC, &relay, &sink).await;
        let media: Vec<_> = (0..5).map(|number| packet(SSRC, number)).collect();
        // Number 3 does not come.
        let came = [&media[2], &media[4]];
        let repairs = [
            repair_packet(scheme, 500, 2, &media[2..5]),
            // All of these came.
            repair_packet(scheme, 501, 0, &media[..3]),
        ];
        for datagram in came.into_iter().chain(&repairs) {
            source.socket.send_to(datagram, relay.listen_addr()).await.unwrap();
        }
        let got = until("it is recovered", || sink.received.media(SSRC).remove(&3)).await;
        assert_eq!(got, media[3], "byte by byte: {scheme:?}");
        let fec = until("both are counted", || {
            let fec = relay.stats().legs[0].fec.clone().unwrap();
            (fec.packets_received == 2).then_some(fec)
        })
        .await;
        assert_eq!((fec.packets_recovered, fec.packets_malformed), (1, 0), "{fec:?}");
        books_close(&relay).await;
        assert!(sink.received.media(BROWSER).is_empty(), "nobody beyond gets them");
        let stats = stop(relay).await;
        assert_eq!((stats.legs[0].book.packets_made, stats.legs[0].book.packets_consumed), (1, 2));
        assert!(stats.legs[1].fec.is_none());
        assert!(relay_table(&stats).contains("1 recovered by FEC"), "{}", relay_table(&stats));
    }
}

#[tokio::test]
async fn a_target_that_is_to_be_protected_gets_repair_packets_of_its_own() {
    let (source, sink, plain) = (Port::bind().await, Port::bind().await, Port::bind().await);
    let (from, mut to) = legs(&sink);
    to.fec = "rows 5+1".parse().unwrap();
    let (_, other) = legs(&plain);
    let mut options = RelayOptions::new(from, vec![to, other]);
    options.streams = vec![rule()];
    let relay = Relay::start(options).await.unwrap();
    for number in 0..20 {
        source.socket.send_to(&packet(SSRC, number), relay.listen_addr()).await.unwrap();
    }
    let repairs = || {
        let all = sink.received.all().into_iter();
        all.filter(|datagram| datagram[8..12] == (SSRC ^ FEC_SSRC_MASK).to_be_bytes()).collect::<Vec<_>>()
    };
    let all = until("the media and their repair packets", || {
        let repairs = repairs();
        (sink.received.count(SSRC, 20) == 20 && repairs.len() >= 4).then_some(repairs)
    })
    .await;
    assert!(all.iter().all(|repair| repair[1] == FEC), "of the payload type that was said");
    until("the other target", || (plain.received.count(SSRC, 20) == 20).then_some(())).await;
    books_close(&relay).await;
    let stats = stop(relay).await;
    let made = repairs().len() as u64;
    let fec = stats.legs[1].fec.as_ref().unwrap();
    assert_eq!((fec.packets_protected, fec.packets_made), (20, made), "{fec:?}");
    assert!(stats.legs[2].fec.is_none(), "it was not asked for there");
    assert!(!plain.received.all().iter().any(|datagram| datagram[1] == FEC));
    let table = relay_table(&stats);
    assert!(table.contains(&format!("{made} repair packets")), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[tokio::test]
async fn a_code_that_makes_no_sense_is_refused_with_the_option() {
    let sink = Port::bind().await;
    let (from, mut to) = legs(&sink);
    to.fec = "rows 200+1".parse().unwrap();
    let error = Relay::start(RelayOptions::new(from, vec![to])).await.unwrap_err().to_string();
    assert!(error.starts_with("fec is") && error.contains("109"), "{error}");
}

/// source → A → lossy link, 300 ms there and back → B → sink, which does not ask: what is not recovered is lost.
struct Chain {
    source: Port,
    a: Relay,
    link: LossyLink,
    b: Relay,
    sink: Port,
}

/// 5 % of 256.
const LOSS: u8 = 13;
/// As a video of 1.5 Mbit/s has.
const INTERVAL: Duration = Duration::from_millis(5);

impl Chain {
    async fn start(mode: FecMode) -> Self {
        let any = "127.0.0.1:0".parse().unwrap();
        let (source, sink, mut link) = (Port::bind().await, Port::bind().await, LossyLink::bind().await);
        let start = async |to, fec| {
            let (mut source, mut target) = (SourceOptions::new(any), TargetOptions::new(to));
            (source.rtcp, target.rtcp) = (RtcpMode::Mux, RtcpMode::Mux);
            (source.nack, target.nack) = (false, false);
            (target.fec, target.fec_receiver) = (fec, FecReceiver::Elimination);
            // A busy machine takes its time.
            target.fec_deadline = Duration::from_millis(500);
            let mut options = RelayOptions::new(source, vec![target]);
            options.streams = vec![rule()];
            Relay::start(options).await.unwrap()
        };
        let a = start(link.near(), mode).await;
        let b = start(sink.address(), FecMode::Off).await;
        link.start(b.listen_addr(), LOSS, Duration::from_millis(150));
        Self { source, a, link, b, sink }
    }

    /// Sends numbers in real time until `enough`.
    async fn send(&self, numbers: &mut u32, enough: impl Fn(&RelayStats, u32) -> bool) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let datagram = packet(SSRC, *numbers);
            self.source.socket.send_to(&datagram, self.a.listen_addr()).await.unwrap();
            *numbers += 1;
            if numbers.is_multiple_of(50) && enough(&self.a.stats(), *numbers) {
                return;
            }
            assert!(*numbers < 30_000, "never: {:?}", self.a.stats().legs[1].fec);
        }
    }
}

#[tokio::test]
async fn a_pair_brings_the_loss_of_its_link_down_without_asking_where_asking_takes_too_long() {
    let chain = Chain::start(FecMode::Adaptive).await;
    let mut numbers = 0;
    let code = |stats: &RelayStats| {
        let fec = stats.legs[1].fec.as_ref().unwrap();
        fec.streams.first().and_then(|stream| stream.code.clone())
    };
    // B reports what gets lost; A takes a code for as much.
    chain.send(&mut numbers, |stats, _| code(stats).is_some()).await;
    let (first, lost) = (numbers, chain.link.lost.load(Relaxed));
    chain.send(&mut numbers, |_, numbers| numbers >= first + 1000).await;
    let (end, lost) = (numbers, chain.link.lost.load(Relaxed) - lost);
    // What lies behind closes the last block, and shows that it is through.
    chain.send(&mut numbers, |_, numbers| numbers >= end + 200).await;
    until("the end comes", || {
        (chain.sink.received.count(SSRC, numbers) > chain.sink.received.count(SSRC, end)).then_some(())
    })
    .await;
    books_close(&chain.a).await;
    books_close(&chain.b).await;
    let missing = 1000 - (chain.sink.received.count(SSRC, end) - chain.sink.received.count(SSRC, first));
    let (a, b) = (stop(chain.a).await, stop(chain.b).await);
    let fec = b.legs[0].fec.clone().unwrap();
    assert!(lost > 25, "the link lost {lost} datagrams only");
    assert!(u64::from(missing) < lost / 3, "{missing} missing of {lost} lost: {fec:?} {:?}", a.legs[1].fec);
    assert!(fec.packets_recovered > 15 && fec.packets_malformed == 0, "{fec:?}");
    assert_eq!(b.legs[0].repair.packets_requested, 0, "nobody has asked");
    for (number, bytes) in &chain.sink.received.media(SSRC) {
        assert_eq!(bytes, &packet(SSRC, u32::from(*number)), "packet {number}");
    }
}
