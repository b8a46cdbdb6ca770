//! What a capture leaves out because it was told to.

use interceptor_packet::RtcpPacket;
use interceptor_pcap_dump::{Direction, PacketView, PcapDumpOptions, Protocol};

use crate::support::{Call, IP_UDP, LOCAL, LOCAL_RTX, Memory, REMOTE, files, media, pli, read_pcapng};

/// The numbers of the packets that pass: 1 and 2 local media and RTX, 3 remote, 4 unknown, 5 out and 6 in RTCP.
fn passing(filter: impl FnOnce(PcapDumpOptions) -> PcapDumpOptions) -> Vec<u16> {
    let memory = Memory::default();
    let mut call = Call::new(filter(memory.options()));
    call.send(media(LOCAL, 1, 10), 1);
    call.send(media(LOCAL_RTX, 2, 10), 2);
    call.receive(&media(REMOTE, 3, 10), 3);
    call.receive(&media(0xdead_beef, 4, 10), 4);
    call.send_rtcp(pli(), 5);
    call.receive_rtcp(&RtcpPacket::builder().nack(REMOTE, LOCAL, &[9]).build().unwrap(), 6);
    call.close(7);
    let number = |given: &crate::support::Given| match (given.data[1], given.direction) {
        (206, _) => 5,
        (205, _) => 6,
        _ => u16::from_be_bytes([given.data[2], given.data[3]]),
    };
    memory.given().iter().map(number).collect()
}

#[test]
fn passes_everything_unless_told() {
    assert_eq!(passing(|options| options), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn filters_by_direction() {
    assert_eq!(passing(|options| options.with_direction(Direction::Outgoing)), [1, 2, 5]);
    assert_eq!(passing(|options| options.with_direction(Direction::Incoming)), [3, 4, 6]);
}

#[test]
fn filters_by_protocol() {
    assert_eq!(passing(|options| options.with_protocol(Protocol::Rtp)), [1, 2, 3, 4]);
    assert_eq!(passing(|options| options.with_protocol(Protocol::Rtcp)), [5, 6]);
}

#[test]
fn filters_rtp_by_ssrc_and_rtcp_by_whom_it_concerns() {
    assert_eq!(passing(|options| options.with_ssrcs([LOCAL_RTX])), [2]);
    assert_eq!(passing(|options| options.with_ssrcs([REMOTE])), [3, 5, 6], "about it, and from it");
    assert_eq!(passing(|options| options.with_ssrcs([0xdead_beef, LOCAL])), [1, 4, 5, 6]);
}

#[test]
fn filters_rtp_by_payload_type() {
    assert_eq!(passing(|options| options.with_payload_types([111])), [3, 5, 6]);
    assert_eq!(passing(|options| options.with_payload_types([111, 127]).with_protocol(Protocol::Rtp)), [3]);
}

#[test]
fn filters_by_closure_after_the_others() {
    let odd = |direction, packet: PacketView<'_>| match packet {
        PacketView::Rtp(rtp) => {
            assert_eq!(direction, Direction::Outgoing);
            rtp.sequence_number() % 2 == 1
        }
        PacketView::Rtcp(_) => false,
    };
    assert_eq!(passing(|options| options.with_direction(Direction::Outgoing).with_filter(odd)), [1]);
}

#[test]
fn keeps_headers_and_rtcp_only() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options.with_headers_only(true));
    let packet = media(LOCAL, 0x55, 500);
    call.send(packet.clone(), 1);
    call.send_rtcp(pli(), 2);
    call.close(3);

    let packets = read_pcapng(&path.join("call-1.pcapng")).packets;
    assert_eq!(packets[0].data[IP_UDP..], packet.to_bytes()[..12]);
    assert_eq!(packets[0].original_len as usize, IP_UDP + 512);
    assert_eq!(packets[1].data[IP_UDP..], pli().as_bytes()[..]);
}

#[test]
fn cuts_at_the_snap_length() {
    let (_directory, options, path) = files("{id}.pcapng");
    let mut call = Call::new(options.with_snaplen(100));
    let packet = media(LOCAL, 1, 500);
    call.send(packet.clone(), 1);
    call.send(media(LOCAL, 2, 88), 2);
    call.close(3);

    let packets = read_pcapng(&path.join("call-1.pcapng")).packets;
    assert_eq!(packets[0].data[IP_UDP..], packet.to_bytes()[..100]);
    assert_eq!(packets[0].original_len as usize, IP_UDP + 512);
    assert_eq!((packets[1].data.len(), packets[1].original_len as usize), (IP_UDP + 100, IP_UDP + 100));
    assert_eq!(call.handle().counters().bytes, 200);
}
