//! What the table of malformed and hostile input promises, a test a row.

use std::io::Read;
use std::time::Duration;

use rtptap::inspect::capture::{CaptureReader, DamageKind};
use rtptap::inspect::{InspectOptions, Inspection, inspect};
use rtptap::relay::{LegStats, Relay, RelayOptions, RtcpMode, SourceOptions, TargetOptions};

use crate::inspect::capture::{ETHERNET, Record, bytes, pcap, pcapng, records, run, run_with};
use crate::relay_cmd::media::{Port, SSRC, packet};
use crate::relay_cmd::until;

/// The message of the problem of a kind.
fn problem<'a>(inspection: &'a Inspection, kind: &str) -> &'a str {
    let problem = inspection.problems.iter().find(|problem| problem.kind == kind);
    problem.map(|problem| problem.message.as_str()).unwrap_or_default()
}

/// Records, and what is wrong with the file.
fn read(file: impl Read) -> (u64, Vec<DamageKind>, u64) {
    let mut reader = CaptureReader::new(file);
    while reader.next().is_some() {}
    let kinds = reader.damage().iter().map(|damage| damage.kind).collect();
    (reader.records(), kinds, reader.more_damage())
}

fn some(count: usize) -> Vec<Record> {
    records("gst_vp8_rtx_loss").into_iter().take(count).collect()
}

#[test]
fn a_file_that_ends_early_is_read_up_to_there() {
    let file = pcap(ETHERNET, false, false, &some(20));
    assert_eq!(read(&file[..file.len() - 1]), (19, vec![DamageKind::Truncated], 0));
    assert_eq!(read(&file[..10]), (0, vec![DamageKind::Truncated], 0));
}

#[test]
fn bytes_that_make_no_sense_are_skipped() {
    let mut file = pcap(ETHERNET, false, false, &some(20));
    let first = 16 + some(1)[0].frame.len();
    file[24 + first..24 + first + 16].fill(0xff);
    assert_eq!(read(&file[..]), (19, vec![DamageKind::Damaged], 0));
}

#[test]
fn what_is_no_capture_is_not_read() {
    assert_eq!(read(&b"Dear sir or madam, this is no capture."[..]), (0, vec![DamageKind::NotACapture], 0));
}

#[test]
fn a_reader_that_fails_ends_the_file_there() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is on fire"))
        }
    }
    let file = pcap(ETHERNET, false, false, &some(20));
    assert_eq!(read(file.chain(Failing)), (20, vec![DamageKind::Unreadable], 0));
}

#[test]
fn damage_without_end_is_counted() {
    // Every second packet names an interface that nobody has described.
    let mut file = pcapng(ETHERNET, false, &some(200));
    let mut place = 48;
    for (number, record) in some(200).iter().enumerate() {
        file[place + 8] = (number % 2) as u8;
        place += 32 + record.frame.len().next_multiple_of(4);
    }
    let (records, described, more_damage) = read(&file[..]);
    assert_eq!((records, described.len(), more_damage), (100, 32, 68));
}

#[test]
fn frames_of_an_unknown_link_type_are_left_out() {
    let inspection = run(&pcap(105, false, false, &some(20)));
    assert!(inspection.streams.is_empty() && inspection.damaged);
    assert!(problem(&inspection, "link-type").starts_with("20 "), "{:?}", inspection.problems);
}

#[test]
fn fragments_are_left_out() {
    let mut records = some(200);
    records[150].frame[20] |= 0x20;
    assert!(problem(&run(&pcap(ETHERNET, false, false, &records)), "fragments").starts_with("1 "));
}

#[test]
fn malformed_datagrams_among_rtp_are_left_out() {
    let mut records = some(400);
    let is_rtp = |record: &&mut Record| !(192..=223).contains(&record.udp_payload()[1]);
    let record = records.iter_mut().skip(300).find(is_rtp).unwrap();
    // Fifteen contributing sources in a packet that ends behind the first.
    record.frame[42] = 0x8f;
    record.frame.truncate(42 + 16);
    record.frame[38..40].copy_from_slice(&24_u16.to_be_bytes());
    record.frame[16..18].copy_from_slice(&44_u16.to_be_bytes());
    record.original = record.frame.len() as u32;
    let inspection = run(&pcap(ETHERNET, false, false, &records));
    assert!(problem(&inspection, "malformed").starts_with("1 "), "{:?}", inspection.problems);
}

#[test]
fn few_packets_that_look_like_rtp_are_left_out() {
    let is_rtp = |record: &Record| !(192..=223).contains(&record.udp_payload()[1]);
    let few: Vec<Record> = some(100).into_iter().filter(is_rtp).take(2).collect();
    let file = pcap(ETHERNET, false, false, &few);
    let inspection = run(&file);
    assert!(inspection.streams.is_empty());
    assert!(problem(&inspection, "undecided").starts_with("2 "), "{:?}", inspection.problems);
    let port = few[0].ports().1;
    let told = run_with(&file, &InspectOptions::default().with_port(port));
    assert_eq!(told.streams.len(), 1, "one who says the port is sure");
}

#[test]
fn streams_without_end_in_a_capture_are_not_told_apart() {
    const STREAMS: u32 = 20_000;
    let sample = some(100).into_iter().find(|record| record.udp_payload()[1] & 0x7f == 98).unwrap();
    let packets = (0..STREAMS).map(|ssrc| {
        let mut record = sample.clone();
        record.frame.truncate(42 + 12);
        record.frame[50..54].copy_from_slice(&ssrc.to_be_bytes());
        record
    });
    let packets: Vec<Record> = packets.collect();
    let port = sample.ports().1;
    let file = pcap(ETHERNET, false, false, &packets);
    let inspection = inspect("x", &file[..], &InspectOptions::default().with_port(port), |_| {});
    let refused = STREAMS as usize - inspection.streams.len();
    assert!(inspection.streams.len() <= 16_384 && refused > 0);
    let message = problem(&inspection, "limit");
    assert!(message.starts_with(&format!("{refused} ")), "{message}");
}

/// A source, a relay, a target; RTCP shares the ports.
struct Call {
    source: Port,
    sink: Port,
    relay: Relay,
}

impl Call {
    async fn start(max_streams: usize) -> Self {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let mut from = SourceOptions::new("127.0.0.1:0".parse().unwrap());
        let mut to = TargetOptions::new(sink.address());
        (from.rtcp, to.rtcp) = (RtcpMode::Mux, RtcpMode::Mux);
        let mut options = RelayOptions::new(from, vec![to]);
        (options.max_streams, options.takeover) = (max_streams, Duration::from_secs(3600));
        Self { source, sink, relay: Relay::start(options).await.unwrap() }
    }

    async fn send(&self, datagram: &[u8]) {
        self.source.socket.send_to(datagram, self.relay.listen_addr()).await.unwrap();
    }

    /// The packet arrives at the target.
    async fn carries(&self, ssrc: u32, number: u16) {
        self.send(&packet(ssrc, number.into())).await;
        until("the packet arrives", || self.sink.received.media(ssrc).remove(&number)).await;
    }

    /// A leg shows it.
    async fn shows(&self, leg: usize, what: impl Fn(&LegStats) -> bool) {
        until("the counter", || what(&self.relay.stats().legs[leg]).then_some(())).await;
    }
}

#[tokio::test]
async fn noise_makes_nobody_the_source() {
    let call = Call::start(64).await;
    call.send(b"GET / HTTP/1.1\r\n\r\n").await;
    call.shows(0, |leg| leg.transport.datagrams_rejected == 1 && leg.peer.is_none()).await;
    call.carries(SSRC, 0).await;
    call.relay.stop().await.unwrap();
}

#[tokio::test]
async fn malformed_rtp_and_rtcp_are_not_forwarded() {
    let call = Call::start(64).await;
    call.carries(SSRC, 0).await;
    // More contributing sources than bytes; a compound longer than its datagram.
    call.send(&[0x8f, 96, 0, 1, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0]).await;
    call.send(&[0x80, 200, 0, 99, 0, 0, 0, 1]).await;
    call.shows(0, |leg| leg.transport.datagrams_malformed == 2).await;
    call.carries(SSRC, 1).await;
    assert_eq!(call.sink.received.count(SSRC, 1000), 2);
    call.relay.stop().await.unwrap();
}

/// Elsewhere 127.0.0.2 is not there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_host_is_not_the_source() {
    let call = Call::start(64).await;
    call.carries(SSRC, 0).await;
    let stranger = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    stranger.send_to(&packet(SSRC, 1), call.relay.listen_addr()).await.unwrap();
    call.shows(0, |leg| leg.transport.datagrams_rejected == 1).await;
    call.carries(SSRC, 2).await;
    assert!(!call.sink.received.media(SSRC).contains_key(&1));
    call.relay.stop().await.unwrap();
}

#[tokio::test]
async fn streams_without_end_push_out_the_one_silent_longest() {
    let call = Call::start(2).await;
    for ssrc in 1..=3 {
        call.carries(ssrc, 0).await;
    }
    call.shows(0, |leg| leg.ended.len() == 1 && leg.stats.as_ref().is_some_and(|s| s.inbound_rtp.len() == 2))
        .await;
    call.carries(3, 1).await;
    call.relay.stop().await.unwrap();
}

/// The captures are as they were when the rows above were written.
#[test]
fn whole_captures_have_no_damage() {
    for name in crate::inspect::capture::NAMES {
        assert_eq!(read(&bytes(name)[..]).1, [], "{name}");
    }
}
