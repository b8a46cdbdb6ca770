//! Two sessions over real UDP on loopback, and what UDP alone has.

use bytes::Bytes;
use interceptor_core::{Context, Flow, Interceptor, Result, Stage, StreamInfo};
use interceptor_packet::{Ecn, Rtcp, RtcpPacket, RtpPacket};
use interceptor_tokio::{LatchOptions, SessionError, UdpTransport};
use tokio::net::UdpSocket;

use crate::support::{
    SSRC, number, packet, packet_of, session, settle, socket, sockets, udp_pair, video, within,
};

#[tokio::test]
async fn rtp_and_rtcp_go_both_ways() {
    within(async {
        let (a, b) = udp_pair().await;
        let (local, mut remote) =
            (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
        for n in 0..100 {
            local.write(packet(n)).await.unwrap();
            assert_eq!(number(&remote.read().await.unwrap()), n);
        }
        let ((_, mut a_reads), (b_sends, _)) = (a.rtcp(), b.rtcp());
        b_sends.write(RtcpPacket::builder().pli(1, SSRC).build().unwrap()).await.unwrap();
        let compound = a_reads.read().await.unwrap();
        assert!(matches!(compound.packets().next(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == SSRC));
        a.close().await.unwrap();
        b.close().await.unwrap();
        assert!(matches!(local.write(packet(0)).await, Err(SessionError::Closed)));
        assert!(matches!(remote.read().await, Err(SessionError::Closed)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_in_one_go_arrives_in_order() {
    within(async {
        let (a, b) = udp_pair().await;
        let (local, mut remote) =
            (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
        // Of one size but for some, so that there are runs of several lengths.
        let sizes = |n: u32| if n % 17 == 3 { 300 } else { 1000 };
        let sized = |n: u32| {
            let mut packet = packet(n);
            packet.set_payload(vec![n as u8; sizes(n)]);
            packet
        };
        let mut frame: Vec<_> = (0..60).map(sized).collect();
        local.write_all(&mut frame).await.unwrap();
        assert!(frame.is_empty());
        let mut packets = Vec::new();
        while packets.len() < 60 {
            remote.read_many(&mut packets, 60).await.unwrap();
        }
        assert_eq!(packets, (0..60).map(sized).collect::<Vec<_>>());
        assert!(packets.iter().all(|packet| packet.info().arrival.is_some()));
        a.close().await.unwrap();
        b.close().await.unwrap();
        let (sent, received) = (a.counters(), b.counters());
        assert_eq!((sent.sent_datagrams, received.received_datagrams), (60, 60));
        assert_eq!(sent.sent_bytes, received.received_bytes);
    })
    .await;
}

#[tokio::test]
async fn an_unreachable_peer_does_not_end_the_session() {
    within(async {
        let (here, there) = sockets().await;
        let address = there.local_addr().unwrap();
        drop(there);
        let session = session(UdpTransport::connected(here).unwrap());
        let local = session.bind_local_stream(video()).unwrap();
        let mut sent = 0;
        while session.counters().send_errors + session.counters().receive_errors < 3 {
            local.write(packet(sent)).await.unwrap();
            sent += 1;
            settle().await;
        }
        // The peer starts at last, and hears every packet from then on: an ICMP answer to an earlier one costs none.
        let peer = UdpSocket::bind(address).await.unwrap();
        let mut buffer = [0; 100];
        for n in 1000..1100 {
            local.write(packet(n)).await.unwrap();
            let len = peer.recv(&mut buffer).await.unwrap();
            assert_eq!(number(&RtpPacket::parse(Bytes::copy_from_slice(&buffer[..len])).unwrap()), n);
        }
        assert!(session.ended().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_packet_that_is_too_long_is_counted_and_the_next_one_leaves() {
    within(async {
        let (a, b) = udp_pair().await;
        let (local, mut remote) =
            (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
        let mut long = packet(0);
        long.set_payload(vec![0; 66_000]);
        let mut packets = vec![packet(1), long.clone(), long, packet(2)];
        local.write_all(&mut packets).await.unwrap();
        assert_eq!((number(&remote.read().await.unwrap()), number(&remote.read().await.unwrap())), (1, 2));
        assert_eq!(a.counters().send_errors, 2);
    })
    .await;
}

/// Marks outgoing packets as a congestion controller would.
struct Mark;

impl Interceptor for Mark {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        packet.info_mut().ecn = Some(Ecn::Ect1);
        Ok(Flow::Forward)
    }
}

#[tokio::test]
async fn ecn_bits_come_with_packets_and_leave_only_if_an_interceptor_says_so() {
    within(async {
        let (a, b) = udp_pair().await;
        let (local, mut remote) =
            (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
        let mut forwarded = packet(0);
        forwarded.info_mut().ecn = Some(Ecn::Ce);
        local.write(forwarded).await.unwrap();
        assert_eq!(remote.read().await.unwrap().info().ecn, Some(Ecn::NotEct));
        a.with_chain(|chain, now| chain.insert("mark", Stage::CONGESTION, Mark, now)).unwrap();
        local.write(packet(1)).await.unwrap();
        assert_eq!(remote.read().await.unwrap().info().ecn, Some(Ecn::Ect1));
        let mut more = vec![packet(2), packet(3)];
        local.write_all(&mut more).await.unwrap();
        assert_eq!(remote.read().await.unwrap().info().ecn, Some(Ecn::Ect1));
        assert_eq!(remote.read().await.unwrap().info().ecn, Some(Ecn::Ect1));
    })
    .await;
}

#[tokio::test]
async fn a_socket_that_is_not_connected_hears_only_its_peer() {
    within(async {
        let (here, peer, stranger) = (socket().await, socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let transport = UdpTransport::with_peer(here, peer.local_addr().unwrap()).unwrap();
        assert_eq!(transport.peer_addr(), Some(peer.local_addr().unwrap()));
        let session = session(transport);
        let mut remote = session.bind_remote_stream(video()).unwrap();
        stranger.send_to(&packet(1).to_bytes(), address).await.unwrap();
        peer.send_to(&packet(2).to_bytes(), address).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 2);
        assert_eq!(session.counters().rejected_datagrams, 1);
        let local = session.bind_local_stream(video()).unwrap();
        local.write(packet(3)).await.unwrap();
        let mut buffer = [0; 100];
        assert_eq!(peer.recv_from(&mut buffer).await.unwrap(), (16, address));
    })
    .await;
}

#[tokio::test]
async fn a_latching_socket_takes_the_first_who_sends_rtp_in_sequence() {
    within(async {
        let (here, peer, stranger) = (socket().await, socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let session = session(UdpTransport::latching(here).unwrap());
        let mut remote = session.bind_remote_stream(StreamInfo::new(5, 96, 90_000)).unwrap();
        let local = session.bind_local_stream(video()).unwrap();
        local.write(packet(0)).await.unwrap();
        assert_eq!(session.counters().send_errors, 1, "nobody to send to yet");
        stranger.send_to(b"scan", address).await.unwrap();
        for n in 1..3 {
            peer.send_to(&packet_of(5, n).to_bytes(), address).await.unwrap();
        }
        assert_eq!(number(&remote.read().await.unwrap()), 1);
        assert_eq!(number(&remote.read().await.unwrap()), 2);
        stranger.send_to(&packet_of(5, 2).to_bytes(), address).await.unwrap();
        peer.send_to(&packet_of(5, 3).to_bytes(), address).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 3);
        assert_eq!(session.counters().rejected_datagrams, 2);
        local.write(packet(4)).await.unwrap();
        let mut buffer = [0; 100];
        assert_eq!(peer.recv(&mut buffer).await.unwrap(), 16);
    })
    .await;
}

#[tokio::test]
async fn a_latching_socket_is_let_go_of_and_finds_its_peer_again() {
    within(async {
        let (here, before, after) = (socket().await, socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let options = LatchOptions::default().with_host(address.ip());
        let transport = UdpTransport::latching_with(here, options).unwrap();
        let latch = transport.latch().unwrap();
        let session = session(transport);
        let mut remote = session.bind_remote_stream(StreamInfo::new(5, 96, 90_000)).unwrap();
        for (n, peer) in [(0, &before), (2, &after)] {
            latch.relatch();
            for n in n..n + 2 {
                peer.send_to(&packet_of(5, n).to_bytes(), address).await.unwrap();
            }
            assert_eq!(number(&remote.read().await.unwrap()), n);
            assert_eq!(number(&remote.read().await.unwrap()), n + 1);
            assert_eq!(latch.peer_addr(), Some(peer.local_addr().unwrap()));
        }
        assert!(UdpTransport::with_peer(socket().await, address).unwrap().latch().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_traffic_class_survives_batches() {
    within(async {
        let (here, there) = sockets().await;
        // Expedited forwarding; the ECN bits below it, which a batch would clear, show whether all of it survived.
        socket2::SockRef::from(&here).set_tos_v4(0b1011_1001).unwrap();
        let (a, b) = (
            session(UdpTransport::connected(here).unwrap()),
            session(UdpTransport::connected(there).unwrap()),
        );
        let (local, mut remote) =
            (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
        let mut packets: Vec<_> = (0..10).map(packet).collect();
        local.write_all(&mut packets).await.unwrap();
        for n in 0..10 {
            let packet = remote.read().await.unwrap();
            assert_eq!((number(&packet), packet.info().ecn), (n, Some(Ecn::Ect1)));
        }
    })
    .await;
}

#[tokio::test]
async fn binds_and_connects_in_one_go() {
    within(async {
        let peer = socket().await;
        let transport = UdpTransport::bind("127.0.0.1:0", peer.local_addr().unwrap()).await.unwrap();
        let address = transport.local_addr().unwrap();
        let session = session(transport);
        let mut remote = session.bind_remote_stream(video()).unwrap();
        peer.send_to(&packet(7).to_bytes(), address).await.unwrap();
        assert_eq!(number(&remote.read().await.unwrap()), 7);
        assert!(UdpTransport::connected(socket().await).is_err());
    })
    .await;
}
