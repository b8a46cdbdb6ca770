//! What peers and hosts may do wrong, and what nobody reads.

use std::time::Duration;

use interceptor::{Attributes, Error};
use interceptor_webrtc::{AdapterOptions, ChainBuilder};
use rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
use rtp::header::Extension;

use crate::host::{Host, MEDIA, RTX, Rtcp, packet, read, repair, repeated, write};

/// What `rtp`, `rtcp` and the host's buffers say of a packet that cannot be read.
fn malformed() -> [Error; 5] {
    use webrtc_util::Error as Util;
    [
        Error::Rtp(rtp::Error::ErrShortPacket),
        Error::Rtcp(rtcp::Error::PacketTooShort),
        Error::Util(Util::ErrBufferShort),
        Error::Util(Util::from_std(rtp::Error::ErrHeaderSizeInsufficient)),
        Error::ErrShortBuffer,
    ]
}

async fn settled() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn pli(media_ssrc: u32) -> Vec<Rtcp> {
    vec![Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc })]
}

fn nack_of_both() -> Vec<Rtcp> {
    let nack = |media_ssrc, packet_id| {
        let nacks = vec![NackPair { packet_id, lost_packets: 0 }];
        Box::new(TransportLayerNack { sender_ssrc: 1, media_ssrc, nacks })
    };
    vec![nack(MEDIA, 1), nack(RTX, 9)]
}

#[tokio::test(start_paused = true)]
async fn a_malformed_packet_does_not_end_the_media_reader() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    malformed().into_iter().for_each(|error| feed.send(Err(error)).unwrap());
    feed.send(Ok(packet(1))).unwrap();
    assert_eq!(read(&reader).await, packet(1));
    assert_eq!(host.adapter().read_errors, 5);
}

#[tokio::test(start_paused = true)]
async fn a_malformed_packet_does_not_end_the_rtx_reader() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    let again = host.remote_rtx().await;
    for number in [1, 3] {
        feed.send(Ok(packet(number))).unwrap();
        read(&reader).await;
    }
    malformed().into_iter().for_each(|error| again.send(Err(error)).unwrap());
    again.send(Ok(repeated(2))).unwrap();
    assert_eq!(read(&reader).await, packet(2));
    assert_eq!(host.adapter().read_errors, 5);
}

#[tokio::test(start_paused = true)]
async fn a_malformed_compound_does_not_end_the_rtcp_reader() {
    let host = Host::new(repair());
    let (reader, feed) = host.rtcp_reader().await;
    malformed().into_iter().for_each(|error| feed.send(Err(error)).unwrap());
    let pli = PictureLossIndication::default();
    let compound: Vec<Rtcp> = vec![Box::new(pli.clone())];
    feed.send(Ok(compound)).unwrap();
    let (came, _) = reader.read(&mut [], &Attributes::new()).await.unwrap();
    assert!(came[0].equal(&pli));
    assert_eq!(host.adapter().read_errors, 5);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_malformed_packets_end_nothing_and_take_no_processor() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    (0..1000).for_each(|_| feed.send(Err(Error::ErrShortBuffer)).unwrap());
    feed.send(Ok(packet(1))).unwrap();
    let before = tokio::time::Instant::now();
    assert_eq!(read(&reader).await, packet(1));
    assert!(before.elapsed() > Duration::from_secs(9), "after some, each is waited for");
    assert_eq!(host.adapter().read_errors, 1000);
}

#[tokio::test(start_paused = true)]
async fn what_the_wire_cannot_carry_passes_the_chain_by_and_is_counted() {
    let host = Host::new(repair());
    let ((writer, wire), (reader, feed)) = (host.local().await, host.remote().await);
    let mut odd = packet(1);
    odd.header.extension = true;
    odd.header.extension_profile = 0xbede;
    odd.header.extensions = vec![Extension { id: 0, payload: vec![1].into() }];
    writer.write(&odd, &Attributes::new()).await.unwrap();
    feed.send(Ok(odd.clone())).unwrap();
    assert_eq!(read(&reader).await, odd);
    assert_eq!(wire.rtp.lock().unwrap()[0].0, odd);
    assert_eq!(host.adapter().unconverted_rtp, 2);
}

#[tokio::test(start_paused = true)]
async fn a_compound_that_the_host_gives_to_two_readers_is_answered_once_and_read_by_both() {
    let host = Host::new(repair());
    let (writer, wire) = host.local().await;
    let ((one, to_one), (other, to_other)) = (host.rtcp_reader().await, host.rtcp_reader().await);
    write(&writer, 1).await;
    write(&writer, 2).await;
    to_one.send(Ok(nack_of_both())).unwrap();
    to_other.send(Ok(nack_of_both())).unwrap();
    settled().await;
    assert_eq!(wire.numbers(), [1, 2, 1]);
    assert_eq!(host.adapter().rtcp_copies, 1);
    for reader in [one, other] {
        let (came, _) = reader.read(&mut [], &Attributes::new()).await.unwrap();
        assert_eq!(came.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_application_does_not_read_is_bounded_and_counted() {
    let options = AdapterOptions::default().with_rtcp_queue(4, 1 << 16);
    let host = Host::of(&ChainBuilder::new(repair()).with_options(options));
    let (reader, feed) = host.rtcp_reader().await;
    (0..10).for_each(|number| feed.send(Ok(pli(number))).unwrap());
    settled().await;
    assert_eq!(host.adapter().dropped_rtcp, 6);
    let (came, _) = reader.read(&mut [], &Attributes::new()).await.unwrap();
    assert!(came[0].equal(pli(6)[0].as_ref()), "the oldest went");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_reads_is_bounded_and_counted() {
    let options = AdapterOptions::default().with_repaired_queue(3, 1 << 16);
    let host = Host::of(&ChainBuilder::new(repair()).with_options(options));
    let (reader, feed) = host.remote().await;
    let again = host.remote_rtx().await;
    for number in [1, 10] {
        feed.send(Ok(packet(number))).unwrap();
        read(&reader).await;
    }
    (2..10).for_each(|number| again.send(Ok(repeated(number))).unwrap());
    settled().await;
    assert_eq!(host.adapter().dropped_rtp, 5);
    let rest = [read(&reader).await, read(&reader).await, read(&reader).await];
    assert_eq!(rest.map(|packet| packet.header.sequence_number), [7, 8, 9]);
}
