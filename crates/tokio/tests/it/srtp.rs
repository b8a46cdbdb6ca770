//! Sessions over SRTP: what is let in, what is counted, and how much is added.

use std::time::Duration;

use bytes::Bytes;
use interceptor_core::Registry;
use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::{
    LatchOptions, Session, SrtpError, SrtpKeys, SrtpMaster, SrtpMeter, SrtpOptions, SrtpProfile,
    SrtpTransport, Transport, UdpTransport,
};

use crate::loss::{check, lossy, repairing, stream};
use crate::support::relay::relay;
use crate::support::wire::Wire;
use crate::support::{SSRC, number, packet, session, settle, socket, sockets, video, within};

const PROFILE: SrtpProfile = SrtpProfile::Aes128CmHmacSha1_80;

fn master(profile: SrtpProfile, of: u8) -> SrtpMaster {
    SrtpMaster { key: vec![of; profile.key_bytes()], salt: vec![of; profile.salt_bytes()] }
}

fn protected_by<T: Transport>(profile: SrtpProfile, inner: T, local: u8, remote: u8) -> SrtpTransport<T> {
    let keys = SrtpKeys::new(profile, master(profile, local), master(profile, remote));
    SrtpTransport::new(inner, keys, SrtpOptions::default()).unwrap()
}

fn protected<T: Transport>(inner: T, local: u8, remote: u8) -> SrtpTransport<T> {
    protected_by(PROFILE, inner, local, remote)
}

/// A session that believes key 2, what it counts, and its wire.
fn listening() -> (Session, SrtpMeter, std::sync::Arc<crate::support::wire::Lane>) {
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let transport = protected(wire, 1, 2);
    let meter = transport.meter();
    (session(transport), meter, into)
}

/// What a session that encrypts with this key sends, packet by packet.
async fn sent_with(key: u8, count: u32) -> Vec<Bytes> {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let session = session(protected(wire, key, 1));
    let local = session.bind_local_stream(video()).unwrap();
    for n in 0..count {
        local.write(packet(n)).await.unwrap();
    }
    out.take()
}

#[tokio::test(start_paused = true)]
async fn five_percent_loss_is_repaired_over_srtp() {
    let (left, right) = (Wire::new(), Wire::new());
    let _relay = relay(left.lanes(), right.lanes(), lossy(Duration::from_millis(40)), 11);
    let (left, right) = (protected(left, 1, 2), protected(right, 2, 1));
    let meters = [left.meter(), right.meter()];
    let (a, b) = (repairing(left), repairing(right));
    let outcome = stream(&a, &b, 1500, Duration::from_millis(5)).await;
    check(&outcome, 1500);
    for (session, meter) in [&a, &b].into_iter().zip(meters) {
        let (counters, refused) = (session.counters(), meter.counters());
        assert_eq!((counters.chain.malformed_datagrams, counters.rejected_datagrams), (0, 0), "{refused:?}");
        session.close().await.unwrap();
    }
}

#[tokio::test]
async fn frames_of_all_sizes_cross_with_every_profile() {
    within(async {
        for profile in [
            SrtpProfile::Aes128CmHmacSha1_80,
            SrtpProfile::Aes128CmHmacSha1_32,
            SrtpProfile::AeadAes128Gcm,
            SrtpProfile::AeadAes256Gcm,
        ] {
            let (a, b) = sockets().await;
            let a = session(protected_by(profile, UdpTransport::connected(a).unwrap(), 1, 2));
            let b = session(protected_by(profile, UdpTransport::connected(b).unwrap(), 2, 1));
            let (local, mut remote) =
                (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
            let sized = |n: u32| {
                let mut packet = packet(n);
                packet.set_payload(vec![n as u8; if n % 17 == 3 { 300 } else { 1000 }]);
                packet
            };
            let mut frame: Vec<_> = (0..60).map(sized).collect();
            local.write_all(&mut frame).await.unwrap();
            let mut packets = Vec::new();
            while packets.len() < 60 {
                remote.read_many(&mut packets, 60).await.unwrap();
            }
            assert_eq!(packets, (0..60).map(sized).collect::<Vec<_>>());
            let ((_, mut reads), (sends, _)) = (a.rtcp(), b.rtcp());
            sends.write(RtcpPacket::builder().pli(1, SSRC).build().unwrap()).await.unwrap();
            let compound = reads.read().await.unwrap();
            assert!(matches!(compound.packets().next(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == SSRC));
            let counters = a.counters();
            assert_eq!((counters.sent_datagrams, counters.unaccounted_sends()), (60, 0));
            let overhead = a.with_chain(|chain, _| chain.config().transport_overhead);
            assert_eq!(overhead, profile.rtcp_overhead());
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn whoever_builds_a_session_may_say_another_overhead() {
    let transport = protected(Wire::new(), 1, 2);
    let registry = Registry::new();
    let builder = Session::builder(&registry, "test").transport(transport);
    let session = builder.configure(|config| config.with_transport_overhead(99)).spawn().unwrap();
    assert_eq!(session.with_chain(|chain, _| chain.config().transport_overhead), 99);
}

#[tokio::test(start_paused = true)]
async fn packets_of_other_keys_plain_ones_and_replays_are_counted_and_the_session_goes_on() {
    let (session, meter, into) = listening();
    let mut remote = session.bind_remote_stream(video()).unwrap();
    let (mut raw, (_, mut rtcp)) = (session.raw(), session.rtcp());
    let (true_ones, others) = (sent_with(2, 10).await, sent_with(3, 10).await);
    for (n, (sealed, foreign)) in (0_u32..).zip(true_ones.iter().zip(others)) {
        into.push(foreign);
        let mut plain = packet(n);
        plain.set_payload(vec![0; 100]);
        into.push(plain.to_bytes());
        into.push(sealed.clone());
        into.push(sealed.clone());
        into.push(sealed.slice(..20));
        // A report that says it is not encrypted, with any tag.
        let report = RtcpPacket::builder().pli(SSRC, SSRC).build().unwrap();
        into.push([&report.as_bytes()[..], &[0; 14]].concat());
    }
    for n in 0..10 {
        assert_eq!(number(&remote.read().await.unwrap()), n);
    }
    settle().await;
    let counters = meter.counters();
    assert_eq!((counters.unauthenticated, counters.replayed, counters.malformed), (30, 10, 10));
    assert_eq!((session.counters().rejected_datagrams, session.counters().received_rtp), (50, 10));
    assert!(session.ended().is_none() && raw.try_read().is_none() && rtcp.try_read().is_none());
}

#[tokio::test]
async fn other_protocols_pass_untouched_with_where_they_came_from() {
    within(async {
        let (here, stranger) = (socket().await, socket().await);
        let address = here.local_addr().unwrap();
        let options = LatchOptions::default().with_told(true);
        let inner = UdpTransport::latching_with(here, options).unwrap();
        let session = session(protected(inner, 1, 2));
        let mut raw = session.raw();
        for sent in [&b"\x00\x01stun"[..], b"\x16\xfe\xfddtls", b"\x40turn"] {
            stranger.send_to(sent, address).await.unwrap();
            let datagram = raw.read().await.unwrap();
            assert_eq!((&datagram.bytes[..], datagram.stranger), (sent, true));
            session.send_raw_to(datagram.bytes, datagram.from.unwrap()).await.unwrap();
            let mut buffer = [0; 100];
            let len = stranger.recv(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..len], sent);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_encrypted_is_counted_and_the_rest_leaves() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let transport = protected(wire, 1, 2);
    let meter = transport.meter();
    let session = session(transport);
    let local = session.bind_local_stream(video()).unwrap();
    out.set_room(Some(0));
    local.write(packet(0)).await.unwrap();
    // Looks like RTP, and is too short to be.
    session.send_raw(Bytes::from_static(b"\x80\x60no")).await.unwrap();
    local.write(packet(1)).await.unwrap();
    out.set_room(None);
    settle().await;
    assert_eq!(out.take().len(), 2);
    let counters = session.counters();
    assert_eq!((counters.sent_datagrams, counters.discarded_sends, meter.counters().unencrypted), (2, 1, 1));
    assert_eq!(counters.unaccounted_sends(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_packet_is_encrypted_once_however_often_it_is_tried() {
    let wire = Wire::new();
    let (out, _) = wire.lanes();
    let sender = session(protected(wire, 1, 2));
    let local = sender.bind_local_stream(video()).unwrap();
    out.set_room(Some(0));
    local.write(packet(0)).await.unwrap();
    for (n, room) in (1..).zip([0, 0, 1, 0, 2]) {
        out.set_room(Some(room));
        settle().await;
        local.write(packet(n)).await.unwrap();
    }
    out.set_room(None);
    settle().await;
    // Encrypted in one go with what waited behind it, and sent bit by bit.
    let wire = Wire::new();
    let (_, into) = wire.lanes();
    let reader = session(protected(wire, 2, 1));
    let mut remote = reader.bind_remote_stream(video()).unwrap();
    out.take().into_iter().for_each(|datagram| into.push(datagram));
    settle().await;
    let opened: Vec<_> = std::iter::from_fn(|| remote.try_read()).map(|packet| number(&packet)).collect();
    assert_eq!(opened, [0, 1, 2, 3, 4, 5]);
    assert_eq!(reader.counters().rejected_datagrams, 0);
}

#[tokio::test(start_paused = true)]
async fn wrong_keys_and_options_are_refused() {
    let keys = SrtpKeys::new(PROFILE, master(PROFILE, 1), SrtpMaster { key: vec![1; 15], salt: vec![1; 14] });
    let made = SrtpTransport::new(Wire::new(), keys.clone(), SrtpOptions::default());
    assert!(matches!(made, Err(SrtpError::KeyLength { found: 15, expected: 16 })));
    let made = SrtpTransport::new(Wire::new(), keys, SrtpOptions::default().with_replay_window(1));
    assert!(matches!(made, Err(SrtpError::Options(error)) if error.field == "replay_window"));
}
