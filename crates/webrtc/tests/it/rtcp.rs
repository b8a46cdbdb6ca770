//! RTCP: read whether or not the application does, seen once, and said goodbye with.

use std::time::Duration;

use interceptor::Attributes;
use interceptor_webrtc::{AdapterOptions, ChainBuilder};
use rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

use crate::host::{Host, MEDIA, Rtcp, packet, read, repair, write};

fn pli(media_ssrc: u32) -> Vec<Rtcp> {
    vec![Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc })]
}

async fn settled() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn its_bytes_are_bounded_as_well() {
    let options = AdapterOptions::default().with_rtcp_queue(1000, 2048);
    let host = Host::of(&ChainBuilder::new(repair()).with_options(options));
    let (_reader, feed) = host.rtcp_reader().await;
    (0..200).for_each(|number| feed.send(Ok(pli(number))).unwrap());
    settled().await;
    assert_eq!(host.adapter().dropped_rtcp, 200 - 2048 / 12);
}

#[tokio::test(start_paused = true)]
async fn requests_and_reports_leave_while_nobody_writes_or_reads() {
    let host = Host::new(repair());
    let (_writer, wire) = host.rtcp_writer().await;
    let (reader, feed) = host.remote().await;
    for number in [1, 2, 5] {
        feed.send(Ok(packet(number))).unwrap();
        read(&reader).await;
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let compounds = wire.rtcp.lock().unwrap();
    let nacks =
        compounds.iter().flatten().filter(|packet| packet.as_any().is::<TransportLayerNack>()).count();
    assert!(nacks >= 2, "asked again by its timer: {nacks}");
    assert!(compounds.len() > nacks, "and reported");
}

#[tokio::test(start_paused = true)]
async fn closing_says_goodbye_once_and_before_it_returns() {
    let host = Host::new(repair());
    let ((writer, _media), (_rtcp, wire)) = (host.local().await, host.rtcp_writer().await);
    write(&writer, 1).await;
    host.interceptor.close().await.unwrap();
    let bytes = wire.rtcp_bytes();
    let bye = [&[0x81, 203, 0, 1][..], &MEDIA.to_be_bytes()].concat();
    assert_eq!(bytes.windows(8).filter(|window| *window == bye).count(), 1, "{bytes:02x?}");
    host.interceptor.close().await.unwrap();
    assert_eq!(wire.rtcp_bytes(), bytes);
}

#[tokio::test(start_paused = true)]
async fn after_closing_the_hosts_packets_pass_and_its_readers_end() {
    let host = Host::new(repair());
    let ((writer, wire), (reader, _feed)) = (host.local().await, host.remote().await);
    let (rtcp, _compounds) = host.rtcp_reader().await;
    host.interceptor.close().await.unwrap();
    write(&writer, 1).await;
    assert_eq!(wire.numbers(), [1], "the host says itself what becomes of it");
    assert!(reader.read(&mut [], &Attributes::new()).await.is_err());
    assert!(rtcp.read(&mut [], &Attributes::new()).await.is_err());
    host.interceptor.unbind_local_stream(&crate::host::video(MEDIA, 96)).await;
}
