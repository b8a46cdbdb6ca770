//! What no interceptor changes goes on as the host made it.

use interceptor::Attributes;
use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, Flow, Interceptor, Result, Stage, StreamInfo};
use interceptor_webrtc::ChainBuilder;
use rtp::header::Extension;
use webrtc_util::Marshal;

use crate::host::{Host, Rtcp, packet, repair};

fn attributes() -> Attributes {
    Attributes::from([(7, 11)])
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_packet_leaves_with_its_own_payload_and_attributes() {
    let host = Host::new(repair());
    let (writer, wire) = host.local().await;
    let sent = packet(1);
    writer.write(&sent, &attributes()).await.unwrap();
    let written = wire.rtp.lock().unwrap();
    assert_eq!(written[0].0, sent);
    assert_eq!(written[0].0.payload.as_ptr(), sent.payload.as_ptr());
    assert_eq!(written[0].1, attributes());
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_packet_is_read_with_its_own_payload_and_attributes() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    let mut sent = packet(1);
    // What the chain could not have written again: the host keeps the bit of padding that it has cut off.
    sent.header.padding = true;
    feed.send(Ok(sent.clone())).unwrap();
    let (came, with) = reader.read(&mut [0; 1500], &attributes()).await.unwrap();
    assert_eq!((&came, with), (&sent, attributes()));
    assert_eq!(came.payload.as_ptr(), sent.payload.as_ptr());
}

/// Sets the marker, and takes no RTCP.
struct Mark;

impl Interceptor for Mark {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        packet.set_marker(true);
        Ok(Flow::Forward)
    }

    fn read_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        packet.set_marker(true);
        Ok(Flow::Forward)
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_packet_is_as_it_was_changed_and_shares_its_payload() {
    let host = Host::new(interceptor_core::Registry::new());
    host.chain.with_chain(|chain| {
        let now = tokio::time::Instant::now().into_std();
        chain.insert("mark", Stage::APPLICATION, Mark, now).unwrap();
    });
    let ((writer, wire), (reader, feed)) = (host.local().await, host.remote().await);
    let mut sent = packet(1);
    sent.header.extension = true;
    sent.header.extension_profile = 0xbede;
    sent.header.extensions = vec![Extension { id: 3, payload: vec![1, 2, 3].into() }];
    writer.write(&sent, &attributes()).await.unwrap();
    feed.send(Ok(sent.clone())).unwrap();
    let (came, with) = reader.read(&mut [0; 1500], &attributes()).await.unwrap();
    let (written, left_with) = wire.rtp.lock().unwrap().pop().unwrap();
    let pointer = sent.payload.as_ptr();
    sent.header.marker = true;
    for changed in [came, written] {
        assert_eq!(changed.marshal().unwrap(), sent.marshal().unwrap());
        assert_eq!(changed.payload.as_ptr(), pointer);
    }
    assert_eq!((with, left_with), (attributes(), attributes()));
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_compound_is_the_hosts_own_both_ways() {
    use rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate as Remb;
    let host = Host::of(&ChainBuilder::new(repair()));
    let ((writer, wire), (reader, feed)) = (host.rtcp_writer().await, host.rtcp_reader().await);
    // A bit rate that no compound on the wire can hold: who made it anew would round it.
    let remb = Remb { sender_ssrc: 1, bitrate: 1_234_567.9, ssrcs: vec![crate::host::MEDIA] };
    let compound = || -> Vec<Rtcp> { vec![Box::new(remb.clone())] };
    writer.write(&compound(), &Attributes::new()).await.unwrap();
    assert!(wire.rtcp.lock().unwrap()[0][0].equal(&remb));
    feed.send(Ok(compound())).unwrap();
    let (came, _) = reader.read(&mut [], &Attributes::new()).await.unwrap();
    assert!(came[0].equal(&remb));
}
