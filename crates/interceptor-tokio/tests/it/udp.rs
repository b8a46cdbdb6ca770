//! Two sessions over real UDP on loopback.

use interceptor_core::Registry;
use interceptor_packet::{Rtcp, RtcpPacket};
use interceptor_tokio::{SessionError, SessionOptions};

use crate::support::{SSRC, number, packet, udp_pair, video, within};

#[tokio::test]
async fn rtp_and_rtcp_go_both_ways() {
    within(async {
        let none = Registry::new();
        let (a, b) = udp_pair(&none, &none, SessionOptions::default()).await;
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
        let none = Registry::new();
        let (a, b) = udp_pair(&none, &none, SessionOptions::default()).await;
        let (local, mut remote) =
            (a.bind_local_stream(video()).unwrap(), b.bind_remote_stream(video()).unwrap());
        let mut frame: Vec<_> = (0..60).map(packet).collect();
        local.write_all(&mut frame).await.unwrap();
        assert!(frame.is_empty());
        let mut packets = Vec::new();
        while packets.len() < 60 {
            remote.read_many(&mut packets, 60).await.unwrap();
        }
        assert_eq!(packets.iter().map(number).collect::<Vec<_>>(), (0..60).collect::<Vec<_>>());
        assert!(packets.iter().all(|packet| packet.info().arrival.is_some()));
    })
    .await;
}
