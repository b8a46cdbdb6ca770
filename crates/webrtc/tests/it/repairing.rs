//! Streams that repeat others: told of late, by a bind of their own.

use interceptor::Attributes;
use interceptor_core::Registry;
use interceptor_nack::NackFactory;
use interceptor_rtx::RtxFactory;
use rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};

use crate::host::{Host, MEDIA, RTX, Rtcp, packet, read, repair, repeated, video, write};

fn nack(number: u16) -> Vec<Rtcp> {
    let pair = NackPair { packet_id: number, lost_packets: 0 };
    vec![Box::new(TransportLayerNack { sender_ssrc: 1, media_ssrc: MEDIA, nacks: vec![pair] })]
}

/// Virtual time: all tasks have done what they can.
async fn settled() {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_leaves_on_the_rtx_stream_that_was_bound_after_media_had_left() {
    let host = Host::new(repair());
    let ((writer, media), (_reader, feed)) = (host.local().await, host.rtcp_reader().await);
    write(&writer, 1).await;
    let again = host.local_rtx().await;
    write(&writer, 2).await;
    feed.send(Ok(nack(1))).unwrap();
    settled().await;
    assert_eq!(media.numbers(), [1, 2]);
    let again = again.rtp.lock().unwrap();
    let [(answer, _)] = &again[..] else { panic!("one answer, not {}", again.len()) };
    assert_eq!((answer.header.ssrc, answer.header.payload_type), (RTX, 97));
    assert_eq!(answer.payload, repeated(1).payload);
}

#[tokio::test(start_paused = true)]
async fn without_rtx_an_answer_leaves_by_the_medias_own_writer() {
    let host = Host::new(repair());
    let ((writer, media), (_reader, feed)) = (host.local().await, host.rtcp_reader().await);
    write(&writer, 1).await;
    write(&writer, 2).await;
    feed.send(Ok(nack(1))).unwrap();
    settled().await;
    assert_eq!(media.numbers(), [1, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_wakes_who_reads_the_track() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    let again = host.remote_rtx().await;
    for number in [1, 3] {
        feed.send(Ok(packet(number))).unwrap();
        assert_eq!(read(&reader).await.header.sequence_number, number);
    }
    let waiting = tokio::spawn(async move { read(&reader).await });
    settled().await;
    assert!(!waiting.is_finished());
    again.send(Ok(repeated(2))).unwrap();
    assert_eq!(waiting.await.unwrap(), packet(2));
}

#[tokio::test(start_paused = true)]
async fn an_rtx_stream_may_be_bound_behind_the_first_packets() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    feed.send(Ok(packet(1))).unwrap();
    read(&reader).await;
    let again = host.remote_rtx().await;
    feed.send(Ok(packet(3))).unwrap();
    read(&reader).await;
    again.send(Ok(repeated(2))).unwrap();
    assert_eq!(read(&reader).await, packet(2));
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_goes_before_what_is_new() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    let again = host.remote_rtx().await;
    for number in [1, 3] {
        feed.send(Ok(packet(number))).unwrap();
        read(&reader).await;
    }
    again.send(Ok(repeated(2))).unwrap();
    feed.send(Ok(packet(4))).unwrap();
    settled().await;
    assert_eq!([read(&reader).await, read(&reader).await], [packet(2), packet(4)]);
}

/// How each stream is known to the chain.
fn codecs(host: &Host) -> (Vec<u8>, Vec<u8>) {
    let of = |info: Option<&interceptor_core::StreamInfo>| {
        info.into_iter().flat_map(|info| &info.codecs).map(|codec| codec.payload_type).collect()
    };
    host.chain.with_chain(|chain| (of(chain.local_stream(MEDIA)), of(chain.remote_stream(MEDIA)))).unwrap()
}

#[tokio::test(start_paused = true)]
async fn another_codec_on_the_same_ssrc_is_told_and_nothing_is_forgotten() {
    let host = Host::new(repair());
    let ((writer, wire), (reader, feed)) = (host.local().await, host.remote().await);
    let (_reader, requests) = host.rtcp_reader().await;
    assert_eq!(codecs(&host), (vec![96], vec![]), "what is remote is bound with its first packet");
    for (number, payload_type) in [(1, 96), (2, 98), (3, 98)] {
        let mut packet = packet(number);
        packet.header.payload_type = payload_type;
        writer.write(&packet, &Attributes::new()).await.unwrap();
        feed.send(Ok(packet)).unwrap();
        read(&reader).await;
    }
    assert_eq!(codecs(&host), (vec![96, 98], vec![96, 98]));
    requests.send(Ok(nack(1))).unwrap();
    settled().await;
    assert_eq!(wire.numbers(), [1, 2, 3, 1], "what left before is still known");
}

#[tokio::test(start_paused = true)]
async fn a_second_bind_of_an_ssrc_takes_the_streams_place_and_outlives_the_firsts_end() {
    let host = Host::new(repair());
    let (writer, old) = host.local().await;
    write(&writer, 1).await;
    let (writer, new) = host.local().await;
    host.interceptor.unbind_local_stream(&video(MEDIA, 96)).await;
    write(&writer, 2).await;
    let (_reader, feed) = host.rtcp_reader().await;
    feed.send(Ok(nack(1))).unwrap();
    settled().await;
    assert_eq!((old.numbers(), new.numbers()), (vec![1], vec![2, 1]));
    host.interceptor.unbind_local_stream(&video(MEDIA, 96)).await;
    assert_eq!(codecs(&host).0, [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_rtx_stream_that_ends_leaves_the_media_as_it_was() {
    let host = Host::new(Registry::new().with(NackFactory::default()).with(RtxFactory::default()));
    let ((writer, media), (_reader, feed)) = (host.local().await, host.rtcp_reader().await);
    let again = host.local_rtx().await;
    write(&writer, 1).await;
    write(&writer, 2).await;
    host.interceptor.unbind_local_stream(&crate::host::rtx(RTX, 97, 96)).await;
    feed.send(Ok(nack(1))).unwrap();
    settled().await;
    assert_eq!((media.numbers(), again.numbers()), (vec![1, 2, 1], vec![]));
}

#[tokio::test(start_paused = true)]
async fn numbers_go_on_where_another_track_begins() {
    let host = Host::new(repair());
    let ((writer, media), (_reader, feed)) = (host.local().await, host.rtcp_reader().await);
    for number in [1, 2, 40_000, 40_001] {
        write(&writer, number).await;
    }
    feed.send(Ok(nack(3))).unwrap();
    settled().await;
    assert_eq!(media.numbers(), [1, 2, 3, 4, 3]);
    assert_eq!(media.rtp.lock().unwrap()[4].0.payload, packet(40_000).payload);
    assert_eq!(host.adapter().renumbered, 1);
}

/// A stream as the host binds one whose SSRC nobody has announced.
fn layer(ssrc: u32, mime_type: &str) -> interceptor::stream_info::StreamInfo {
    let extension = |id, uri: &str| interceptor::stream_info::RTPHeaderExtension { id, uri: uri.to_owned() };
    interceptor::stream_info::StreamInfo {
        mime_type: mime_type.to_owned(),
        sdp_fmtp_line: if mime_type.ends_with("rtx") { "apt=96".to_owned() } else { String::new() },
        rtp_header_extensions: vec![
            extension(1, "urn:ietf:params:rtp-hdrext:sdes:mid"),
            extension(2, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
            extension(3, "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
        ],
        ..video(ssrc, 96)
    }
}

fn named(mut packet: rtp::packet::Packet, ssrc: u32, id: u8, name: &'static str) -> rtp::packet::Packet {
    packet.header.ssrc = ssrc;
    packet.header.extension = true;
    packet.header.extension_profile = 0xbede;
    let extension = |id, text: &'static str| rtp::header::Extension { id, payload: text.into() };
    packet.header.extensions = vec![extension(1, "0"), extension(id, name)];
    packet
}

#[tokio::test(start_paused = true)]
async fn a_layers_retransmissions_are_found_by_the_name_that_they_bear() {
    let host = Host::new(repair());
    let mut readers = Vec::new();
    for (ssrc, name) in [(MEDIA, "hi"), (7, "lo")] {
        let (feed, below) = crate::host::feed();
        let reader = host.interceptor.bind_remote_stream(&layer(ssrc, "video/VP8"), below).await;
        for number in [1, 3] {
            feed.send(Ok(named(packet(number), ssrc, 2, name))).unwrap();
            read(&reader).await;
        }
        readers.push((reader, feed));
    }
    let (again, below) = crate::host::feed();
    let reader = host.interceptor.bind_remote_stream(&layer(RTX, "video/rtx"), below).await;
    let repeat = named(repeated(2), RTX, 3, "lo");
    again.send(Ok(repeat.clone())).unwrap();
    assert_eq!(read(&reader).await, repeat, "the host looks for the name as well");
    let came = read(&readers[1].0).await;
    assert_eq!((came.header.ssrc, came.header.sequence_number), (7, 2));
}
