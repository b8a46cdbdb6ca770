//! Which packets a capture sees, and what it says about each.

use std::net::SocketAddr;
use std::time::Duration;

use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Registry, Result, Stage, StreamInfo,
    Streams,
};
use interceptor_packet::{Origin, Recovery, RtpPacket};
use interceptor_pcap_dump::{Direction, Endpoints, LinkType, PcapDump, PcapDumpFactory};

use crate::support::{
    ANCHOR, Call, IP_UDP, LOCAL, LOCAL_RTX, Memory, REMOTE, files, media, pli, read_pcapng,
};

/// Answers each sent packet with a copy on the RTX SSRC, and says goodbye when the chain closes.
struct Chatty;

impl Interceptor for Chatty {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if packet.ssrc() == LOCAL {
            let mut copy = packet.clone();
            copy.set_ssrc(LOCAL_RTX);
            cx.send_rtp(copy);
        }
        Ok(Flow::Forward)
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        cx.send_rtcp(interceptor_packet::RtcpPacket::builder().bye(&[LOCAL], "").build()?);
        Ok(())
    }
}

impl Factory for Chatty {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "chatty"
    }

    fn stage(&self) -> Stage {
        Stage::RTX
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

fn memory_call() -> (Memory, Call) {
    let memory = Memory::default();
    let call = Call::new(memory.options());
    (memory, call)
}

#[test]
fn sees_both_protocols_both_ways_in_order() {
    let (memory, mut call) = memory_call();
    call.send(media(LOCAL, 1, 10), 1000);
    call.receive(&media(REMOTE, 2, 10), 2000);
    call.receive(&media(0xdead_beef, 3, 10), 3000);
    call.send_rtcp(pli(), 4000);
    call.receive_rtcp(&pli(), 5000);
    call.close(6000);

    let given = memory.given();
    let ways: Vec<_> = given.iter().map(|given| given.direction).collect();
    use Direction::{Incoming, Outgoing};
    assert_eq!(ways, [Outgoing, Incoming, Incoming, Outgoing, Incoming]);
    let times: Vec<_> = given.iter().map(|given| (given.timestamp - ANCHOR).as_micros()).collect();
    assert_eq!(times, [1000, 2000, 3000, 4000, 5000]);
    assert_eq!(given[0].data, media(LOCAL, 1, 10).to_bytes());
    assert_eq!(given[2].data, media(0xdead_beef, 3, 10).to_bytes());
    assert_eq!(given[3].data, pli().as_bytes()[..]);
    assert!(given.iter().all(|given| given.connection == "call-1" && given.missed == 0));
    assert_eq!(memory.ends().len(), 1);
    assert_eq!(memory.ends()[0].timestamp - ANCHOR, Duration::from_micros(6000));
}

#[test]
fn sees_what_interceptors_send_until_the_very_end() {
    let memory = Memory::default();
    let registry = Registry::new().with(Chatty).with(PcapDumpFactory::new(memory.options()).unwrap());
    let mut call = Call::build(&registry, "call-1");
    call.send(media(LOCAL, 1, 10), 1000);
    call.close(2000);

    let given = memory.given();
    assert_eq!(given.len(), 3, "media, its copy, the goodbye");
    assert_eq!(given[1].origin, Origin::Retransmission);
    assert_eq!(given[1].data[8..12], LOCAL_RTX.to_be_bytes());
    assert_eq!(given[2].data[1], 203, "BYE");
}

#[test]
fn times_incoming_packets_by_arrival_and_outgoing_ones_by_sending() {
    let (memory, mut call) = memory_call();
    let mut forwarded = media(LOCAL, 1, 10);
    forwarded.info_mut().arrival = Some(call.at(1));
    call.send(forwarded, 5000);
    let mut late = media(REMOTE, 2, 10);
    late.info_mut().arrival = Some(call.at(4000));
    call.chain.read_rtp(late, call.at(6000));
    call.close(7000);

    let times: Vec<_> = memory.given().iter().map(|given| (given.timestamp - ANCHOR).as_micros()).collect();
    assert_eq!(times, [5000, 4000]);
}

#[test]
fn leaves_packets_and_their_attributes_alone() {
    let (memory, mut call) = memory_call();
    let mut packet = media(LOCAL, 1, 10);
    packet.info_mut().attributes.insert(7_u64);
    call.chain.write_rtp(packet.clone(), call.at(1));
    let Some(interceptor_core::Outgoing::Rtp(sent)) = call.chain.poll_wire() else { panic!("it leaves") };
    assert_eq!(sent, packet);
    assert_eq!(sent.info().attributes.get::<u64>(), Some(&7));
    call.close(2);
    assert_eq!(memory.given().len(), 1);
}

#[test]
fn uses_the_addresses_of_the_moment() {
    let (memory, mut call) = memory_call();
    call.receive(&media(REMOTE, 1, 10), 1);
    let real = Endpoints::new("10.0.0.1:1000".parse().unwrap(), "10.0.0.2:2000".parse().unwrap());
    let capture = call.chain.get_mut::<PcapDump>().unwrap();
    capture.set_endpoints(real).unwrap();
    let mixed = Endpoints::new(real.local, "[2001:db8::1]:5".parse().unwrap());
    assert_eq!(capture.set_endpoints(mixed).unwrap_err().field, "endpoints");
    assert_eq!(capture.endpoints(), real);
    call.receive(&media(REMOTE, 2, 10), 2);
    let mapped = Endpoints::new("[::ffff:10.0.0.3]:3".parse().unwrap(), "10.0.0.4:4".parse().unwrap());
    call.chain.get_mut::<PcapDump>().unwrap().set_endpoints(mapped).unwrap();
    call.send(media(LOCAL, 3, 10), 3);
    call.close(4);

    let sources: Vec<SocketAddr> = memory.given().iter().map(|given| given.source).collect();
    let expected = ["192.0.2.2:5004", "10.0.0.2:2000", "10.0.0.3:3"].map(|text| text.parse().unwrap());
    assert_eq!(sources, expected);
}

#[test]
fn says_on_each_pcapng_packet_what_the_chain_knows() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options);
    call.send(media(LOCAL, 1, 10), 1);
    call.send(media(LOCAL_RTX, 1, 10), 2);
    call.receive(&media(REMOTE, 2, 10), 3);
    call.close(4);

    let found = read_pcapng(&path.join("call-1.pcapng"));
    let said: Vec<_> = found.packets.iter().map(|p| (p.interface, p.flags, p.comments.concat())).collect();
    assert_eq!(
        said,
        [
            (1, 2, "outgoing, connection call-1".to_owned()),
            (1, 2, "outgoing, connection call-1, retransmission".to_owned()),
            (0, 1, "incoming, connection call-1".to_owned()),
        ]
    );
    assert_eq!(found.statistics, [(1, 0), (2, 0)]);
}

#[test]
fn says_at_the_application_how_a_packet_came_back() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut registry = Registry::new();
    registry.add_at(Stage::APPLICATION, PcapDumpFactory::new(options).unwrap());
    let mut call = Call::build(&registry, "call-1");
    for (recovery, number) in [(Recovery::Rtx, 1), (Recovery::Fec, 2)] {
        let mut packet = media(REMOTE, number, 10);
        packet.info_mut().recovered_by = Some(recovery);
        call.chain.read_rtp(packet, call.at(u64::from(number)));
    }
    call.close(4);

    let found = read_pcapng(&path.join("call-1.pcapng"));
    assert!(found.packets[0].comments[0].ends_with(", recovered by retransmission"), "{found:?}");
    assert!(found.packets[1].comments[0].ends_with(", recovered by FEC"), "{found:?}");
}

#[test]
fn writes_no_comments_when_told_so() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options.with_comments(false));
    call.send(media(LOCAL, 1, 10), 1);
    call.close(2);
    let packets = read_pcapng(&path.join("call-1.pcapng")).packets;
    assert_eq!(packets[0].comments, Vec::<String>::new());
    assert_eq!(packets[0].flags, 2);
}

#[test]
fn carries_the_congestion_mark_into_the_ip_header() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options);
    let marked = Some(interceptor_packet::Ecn::Ce);
    call.chain.read_datagram_ecn(media(REMOTE, 1, 10).to_bytes(), marked, call.at(1));
    call.close(2);
    let packet = &read_pcapng(&path.join("call-1.pcapng")).packets[0];
    assert_eq!(packet.data[1] & 3, 3);
    assert_eq!(packet.data[IP_UDP..], media(REMOTE, 1, 10).to_bytes());
}

#[test]
fn an_exported_pdu_may_be_longer_than_an_ip_packet() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options.with_link_type(LinkType::RtpPdu));
    let packet = media(LOCAL, 1, 65_600);
    call.send(packet.clone(), 1);
    call.close(2);
    let packets = read_pcapng(&path.join("call-1.pcapng")).packets;
    assert!(packets[0].data.ends_with(&packet.to_bytes()[..65_535]), "up to the snap length");
    assert_eq!(packets[0].original_len as usize - packets[0].data.len(), 65_612 - 65_535);
}
