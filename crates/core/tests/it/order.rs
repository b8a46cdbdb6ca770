//! Who sees what, in which order.

use bytes::Bytes;
use interceptor_core::packet::{Origin, RtcpPacket, RtpPacket};
use interceptor_core::{
    Context, FecInfo, FecScheme, Flow, Incoming, Interceptor, Registry, Result, Stage, StreamInfo,
};

use crate::probe::{Act, Bench, Log, ProbeFactory, SSRC, config, rtp};

#[test]
fn outgoing_runs_down_to_the_wire_and_incoming_up() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("high", Act::Nothing)]).bound();
    bench.write(1);
    bench.read(2);
    assert_eq!(bench.log(), ["high write 1", "low write 1", "low read 2", "high read 2"]);
    assert_eq!((bench.wire(), bench.app()), (vec![1], vec![2]));
}

#[test]
fn rtcp_runs_past_every_interceptor_bound_or_not() {
    let mut bench = Bench::new(&[("low", Act::Abstain), ("high", Act::Nothing)]);
    let pli = RtcpPacket::builder().pli(1, 2).build().unwrap();
    bench.chain.write_rtcp(pli.clone(), bench.start);
    bench.chain.read_datagram(pli.as_bytes().clone(), bench.start);
    assert_eq!(
        bench.log(),
        ["high write-rtcp 12", "low write-rtcp 12", "low read-rtcp 12", "high read-rtcp 12"]
    );
}

#[test]
fn an_emitted_packet_goes_on_from_its_interceptor_after_the_packet_that_caused_it() {
    let mut bench =
        Bench::new(&[("low", Act::Nothing), ("middle", Act::Send(1)), ("high", Act::Nothing)]).bound();
    bench.write(1);
    assert_eq!(bench.log(), ["high write 1", "middle write 1", "low write 1", "low write 1001"]);
    assert_eq!(bench.wire(), [1, 1001]);
}

/// Emits four packets each way for every one.
struct Chorus;

impl Interceptor for Chorus {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        for number in 10..14 {
            cx.deliver_rtp(rtp(SSRC, number + 100));
            cx.send_rtp_with(|copy| {
                assert_eq!(copy, &RtpPacket::default(), "whatever waited there before");
                copy.set_parts(packet.header(), Bytes::from_static(b"again")).unwrap();
                copy.set_sequence_number(number);
            });
        }
        Ok(Flow::Forward)
    }
}

/// Keeps packets with an odd number.
struct Odd;

impl Interceptor for Odd {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        Ok(if packet.sequence_number() % 2 == 1 { Flow::Consumed } else { Flow::Forward })
    }
}

#[test]
fn emissions_keep_their_order_on_each_side_whether_or_not_anything_waits_there() {
    let mut bench = Bench::new(&[]);
    bench.chain.insert("odd", Stage(1), Odd, bench.start).unwrap();
    bench.chain.insert("chorus", Stage(2), Chorus, bench.start).unwrap();
    let mut bench = bench.bound();
    assert_eq!(bench.chain.write_rtp_in_place(&mut rtp(SSRC, 2), bench.start), Flow::Forward);
    assert_eq!((bench.wire(), bench.app()), (vec![10, 12], vec![110, 111, 112, 113]));
    bench.write(4);
    bench.write(5);
    assert_eq!(bench.wire(), [4, 10, 12, 10, 12], "the odd one was kept, what it caused was not");
    assert_eq!(bench.app(), [110, 111, 112, 113, 110, 111, 112, 113]);
}

#[test]
fn a_delivered_packet_goes_up_from_its_interceptor() {
    let mut bench =
        Bench::new(&[("low", Act::Nothing), ("middle", Act::Deliver), ("high", Act::Nothing)]).bound();
    bench.read(1);
    assert_eq!(bench.log(), ["low read 1", "middle read 1", "high read 1", "high read 1001"]);
    assert_eq!(bench.app(), [1, 1001]);
}

#[test]
fn a_consumed_packet_goes_no_farther() {
    let mut bench =
        Bench::new(&[("low", Act::Nothing), ("eater", Act::Consume), ("high", Act::Nothing)]).bound();
    bench.write(1);
    bench.read(2);
    assert_eq!(bench.log(), ["high write 1", "eater write 1", "low read 2", "eater read 2"]);
    assert!(bench.wire().is_empty() && bench.app().is_empty());
}

#[test]
fn a_stream_that_does_not_concern_an_interceptor_never_reaches_it() {
    let mut bench = Bench::new(&[("bystander", Act::Abstain), ("part", Act::Nothing)]).bound();
    bench.write(1);
    bench.read(2);
    assert_eq!(bench.log(), ["part write 1", "part read 2"]);
}

#[test]
fn between_equal_stages_the_first_added_is_nearer_the_wire() {
    let log = Log::default();
    let make = |name, stage| ProbeFactory { name, stage, act: Act::Nothing, log: log.clone() };
    let registry = Registry::new()
        .with(make("nack", Stage::NACK))
        .with(make("first", Stage::APPLICATION))
        .with(make("second", Stage::APPLICATION))
        .with(make("capture", Stage::CAPTURE));
    let names: Vec<_> = registry.layout().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["capture", "nack", "first", "second"]);

    let chain = registry.build(config()).unwrap();
    let rows: Vec<_> = chain.layout().rows().iter().map(|row| (row.stage, row.name)).collect();
    assert_eq!(rows, registry.layout());
    assert!(chain.layout().to_string().contains("NACK           nack"));
}

#[test]
fn one_registry_builds_chains_that_share_nothing() {
    let log = Log::default();
    let registry = Registry::new().with(ProbeFactory {
        name: "p",
        stage: Stage::NACK,
        act: Act::Nothing,
        log: log.clone(),
    });
    let mut chains = [registry.build(config()).unwrap(), registry.build(config()).unwrap()];
    let now = chains[0].config().now;
    chains[0].bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    assert_eq!(chains[0].layout().rows()[0].local_streams, 1);
    assert_eq!(chains[1].layout().rows()[0].local_streams, 0);
    chains[1].write_rtp(rtp(SSRC, 5), now);
    assert_eq!(chains[1].counters().unbound_written, 1);
}

#[test]
fn unannounced_rtp_meets_every_interceptor_and_is_delivered_as_such() {
    let mut bench = Bench::new(&[("low", Act::Abstain), ("high", Act::Nothing)]);
    bench.read(9);
    bench.write(8);
    let seen = ["low unbound 9", "high unbound 9", "high write-unbound 8", "low write-unbound 8"];
    assert_eq!(bench.log(), seen);
    assert_eq!((bench.app(), bench.wire()), (vec![9], vec![8]));
    assert_eq!((bench.chain.counters().unbound_read, bench.chain.counters().unbound_written), (1, 1));
}

/// Writes down the origin that the chain gave each packet.
#[derive(Default)]
struct Origins(Vec<Origin>);

impl Interceptor for Origins {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.0.push(packet.info().origin);
        Ok(Flow::Forward)
    }
}

#[test]
fn rtx_and_fec_reach_the_state_of_their_media_stream_marked_by_origin() {
    let mut bench = Bench::new(&[]);
    bench.chain.insert("origins", Stage::RTX, Origins::default(), bench.start).unwrap();
    let info = StreamInfo::new(1, 96, 90_000)
        .with_rtx(2, 97)
        .with_fec(FecInfo::new(FecScheme::FlexFec03, 98).with_ssrc(3));
    bench.chain.bind_remote(info, bench.start).unwrap();
    for ssrc in 1..=4 {
        bench.chain.read_rtp(rtp(ssrc, 1), bench.start);
    }
    let seen = &bench.chain.get::<Origins>().unwrap().0;
    assert_eq!(*seen, [Origin::Media, Origin::Retransmission, Origin::FecRepair]);
    assert_eq!(bench.chain.remote_stream(2).map(|info| info.ssrc), Some(1));
}

#[test]
fn in_place_calls_leave_the_packet_with_the_caller_and_emissions_behind_it() {
    let mut bench = Bench::new(&[("low", Act::Deliver), ("high", Act::Send(1))]).bound();
    let mut packet = rtp(SSRC, 1);
    assert_eq!(bench.chain.write_rtp_in_place(&mut packet, bench.start), Flow::Forward);
    assert_eq!(bench.wire(), [1001], "only what was emitted waits");
    assert_eq!(bench.chain.read_rtp_in_place(&mut packet, bench.start), Flow::Forward);
    assert_eq!(bench.app(), [1001]);
    let (datagram, now) = (rtp(SSRC, 2).to_bytes(), bench.start);
    let given = bench.chain.read_datagram_in_place(datagram, None, now);
    assert!(matches!(given, Some(Incoming::Rtp(packet)) if packet.sequence_number() == 2));
    assert_eq!(bench.app(), [1002]);
    let malformed = Bytes::from_static(&[0x80, 0x60, 0]);
    assert_eq!(
        bench.chain.read_datagram_in_place(malformed.clone(), None, now),
        Some(Incoming::Raw(malformed))
    );
    let log = bench.log();
    assert_eq!(log[..3], ["high write 1", "low write 1", "low write 1001"]);
    assert_eq!(log[3..6], ["low read 1", "high read 1", "high read 1001"]);
    assert_eq!(log[6..], ["low read 2", "high read 2", "high read 1002"]);

    let mut eater = Bench::new(&[("eater", Act::Consume)]).bound();
    assert_eq!(eater.chain.write_rtp_in_place(&mut packet, eater.start), Flow::Consumed);
    eater.chain.close(eater.start).unwrap();
    assert_eq!(eater.chain.read_rtp_in_place(&mut packet, eater.start), Flow::Consumed);
    assert_eq!(eater.chain.counters().after_close, 1);
}

#[test]
fn packets_show_themselves_on_one_line() {
    let mut bench = Bench::new(&[]).bound();
    bench.write(1);
    let sent = bench.chain.poll_wire().unwrap();
    let text = sent.to_string();
    assert!(text.contains("0x11223344") && !text.contains('\n'), "{text}");
    bench.chain.read_rtp(rtp(7, 2), bench.start);
    let unbound = bench.chain.poll_app().unwrap().to_string();
    assert!(unbound.ends_with("(unbound)"), "{unbound}");
    bench.chain.read_datagram(bytes::Bytes::from_static(b"hello"), bench.start);
    assert_eq!(bench.chain.poll_app().unwrap().to_string(), "raw, 5 bytes");
    let nack = RtcpPacket::builder().nack(1, 2, &[3, 4]).build().unwrap();
    bench.chain.write_rtcp(nack, bench.start);
    let text = bench.chain.poll_wire().unwrap().to_string();
    assert!(text.contains("[3, 4]") || text.contains("3, 4"), "{text}");
}
