//! `Capture`: what comes is a file that others read, and whoever does not take it loses packets, not the relay.

use std::path::Path;
use std::process::Command;

use rtptap::relay::control::generated::capture_request::Command as Said;
use rtptap::relay::control::generated::{CaptureRequest, CaptureResponse, CaptureStart, CaptureStop};
use tokio::sync::mpsc;
use tonic::{Code, Status, Streaming};

use super::super::process::installed;
use super::{Call, logging_to, pcapng};

/// A capture under way.
struct Capture {
    say: mpsc::Sender<CaptureRequest>,
    blocks: Streaming<CaptureResponse>,
}

impl Capture {
    /// What it says first, with the head of the file, has been read.
    async fn begins(call: &Call, start: CaptureStart) -> Result<(Self, CaptureResponse), Status> {
        let (say, asked) = mpsc::channel(4);
        say.send(CaptureRequest { command: Some(Said::Start(start)) }).await.unwrap();
        let requests =
            futures_util::stream::unfold(asked, |mut asked| async { Some((asked.recv().await?, asked)) });
        let mut blocks = call.client().await.capture(requests).await?.into_inner();
        let head = blocks.message().await?.unwrap();
        Ok((Self { say, blocks }, head))
    }

    async fn stop(&self) {
        self.say.send(CaptureRequest { command: Some(Said::Stop(CaptureStop {})) }).await.unwrap();
    }

    /// All that comes until it ends well: the bytes, and the last counts.
    async fn rest(&mut self, head: CaptureResponse) -> (Vec<u8>, u64, u64) {
        let (mut bytes, mut packets, mut dropped) = (head.pcapng.to_vec(), head.packets, head.dropped);
        while let Some(message) = self.blocks.message().await.unwrap() {
            bytes.extend_from_slice(&message.pcapng);
            assert!(message.packets >= packets && message.dropped >= dropped, "counts go up");
            (packets, dropped) = (message.packets, message.dropped);
        }
        (bytes, packets, dropped)
    }
}

/// What tshark prints of each packet that a filter lets through.
fn tshark(file: &Path, filter: &str) -> Vec<String> {
    let out = Command::new("tshark").arg("-r").arg(file).args(["-Y", filter]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(!String::from_utf8_lossy(&out.stderr).contains("cut short"));
    String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_capture_is_a_file_with_every_packet_of_the_legs_asked_for() {
    let call = Call::begins(&[]).await;
    let (mut both, both_head) = Capture::begins(&call, CaptureStart::default()).await.unwrap();
    let only =
        CaptureStart { legs: vec!["target-1".to_owned()], headers_only: true, ..CaptureStart::default() };
    let (mut target, target_head) = Capture::begins(&call, only).await.unwrap();
    call.send(2..102).await;
    call.arrive(102).await;
    both.stop().await;
    target.stop().await;
    let (folder, tools) = (tempfile::tempdir().unwrap(), installed("tshark", "-v"));
    for (capture, head, legs) in [(&mut both, both_head, 2), (&mut target, target_head, 1)] {
        let (bytes, packets, dropped) = capture.rest(head).await;
        assert_eq!(dropped, 0);
        let file = folder.path().join(format!("{legs}.pcapng"));
        assert!(packets >= 100 * legs, "{packets}");
        let counted = pcapng::read(&bytes);
        // The source's way in and its way out, then the target's; of one leg, that alone.
        let media: Vec<u64> = counted.iter().map(|way| way.media).collect();
        assert_eq!(media, if legs == 2 { vec![100, 0, 0, 100] } else { vec![0, 100] });
        assert_eq!(counted.iter().map(|way| way.packets).sum::<u64>(), packets);
        for way in &counted {
            assert_eq!(way.said, Some((way.packets, 0)), "{counted:?}");
        }
        std::fs::write(&file, bytes).unwrap();
        if tools {
            assert_eq!(tshark(&file, "rtp").len() as u64, 100 * legs, "a leg each");
            assert_eq!(tshark(&file, "rtp || rtcp").len() as u64, packets);
            assert_eq!(tshark(&file, "rtp.ssrc == 0x11223344 && rtp.p_type == 96").len() as u64, 100 * legs);
            let to =
                format!("ip.dst == 127.0.0.1 && exported_pdu.dst_port == {}", call.sink.address().port());
            assert!(tshark(&file, &to).len() >= 100, "addresses are those of the sockets");
        }
    }
    call.relay.interrupt().await;
}

#[tokio::test]
async fn bounds_end_a_capture_by_themselves() {
    let call = Call::begins(&[]).await;
    let (mut capture, head) =
        Capture::begins(&call, CaptureStart { max_packets: 7, ..CaptureStart::default() }).await.unwrap();
    call.send(2..50).await;
    assert_eq!(capture.rest(head).await.1, 7);
    let (mut capture, head) =
        Capture::begins(&call, CaptureStart { max_ms: 50, ..CaptureStart::default() }).await.unwrap();
    capture.rest(head).await;
    // Nothing of them is left: there is room for as many as ever.
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(Capture::begins(&call, CaptureStart::default()).await.unwrap());
    }
    let refused = Capture::begins(&call, CaptureStart::default()).await.err().unwrap();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::ResourceExhausted, "4 captures are under way; end one of them")
    );
    drop(all.pop());
    // One that is gone makes room, as soon as the relay has seen it.
    loop {
        match Capture::begins(&call, CaptureStart::default()).await {
            Ok(_) => break,
            Err(refused) => assert_eq!(refused.code(), Code::ResourceExhausted),
        }
    }
    call.relay.interrupt().await;
}

#[tokio::test]
async fn what_cannot_be_captured_is_refused() {
    let call = Call::begins(&[]).await;
    let start = CaptureStart { legs: vec!["target-9\n".to_owned()], ..CaptureStart::default() };
    let refused = Capture::begins(&call, start).await.err().unwrap();
    assert_eq!((refused.code(), refused.message()), (Code::NotFound, "there is no leg \"target-9\\n\""));
    let stop = CaptureRequest { command: Some(Said::Stop(CaptureStop {})) };
    for request in [stop, CaptureRequest::default()] {
        let requests = futures_util::stream::iter([request]);
        let refused = call.client().await.capture(requests).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.message()),
            (Code::InvalidArgument, "the first message must be `start`")
        );
    }
    call.relay.interrupt().await;
}

impl Call {
    /// Waits until captures lack something.
    async fn captures_lack(&self) {
        while self.metric("rtptap_control_capture_dropped_total ").await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn what_a_client_gets_late_is_counted_and_takes_its_place_until_then() {
    let call = Call::begins(&[]).await;
    let (mut capture, head) = Capture::begins(&call, CaptureStart::default()).await.unwrap();
    call.send_large(2..1000).await;
    call.captures_lack().await;
    // Nothing more is captured, but much is on its way.
    capture.stop().await;
    let (bytes, packets, dropped) = capture.rest(head).await;
    let said: Vec<(u64, u64)> = pcapng::read(&bytes).iter().filter_map(|way| way.said).collect();
    let sum = |of: fn(&(u64, u64)) -> u64| said.iter().map(of).sum::<u64>();
    assert_eq!((said.len(), sum(|said| said.0), sum(|said| said.1)), (4, packets + dropped, dropped));
    assert_eq!(call.metric("rtptap_control_captures ").await, 0);
    assert_eq!(call.metric("rtptap_control_capture_packets_total ").await, packets);
    assert_eq!(call.metric("rtptap_control_capture_dropped_total ").await, dropped);
    call.relay.interrupt().await;
}

#[tokio::test]
async fn who_has_not_said_what_to_capture_hears_that_the_relay_stops() {
    let call = Call::begins(&[]).await;
    let mut client = call.client().await;
    let silent = futures_util::stream::pending::<CaptureRequest>();
    let told = tokio::spawn(async move { client.capture(silent).await.unwrap_err() });
    let begun = r#"grpc_server_started_total{grpc_type="bidi_stream","#;
    while call.metric(begun).await == 0 {}
    call.relay.interrupt().await;
    let status = told.await.unwrap();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "the relay stops"));
}

#[tokio::test]
async fn a_client_that_goes_is_no_capture_that_failed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    let call = Call::begins_as(logging_to(&file), &[]).await;
    let (capture, _) = Capture::begins(&call, CaptureStart::default()).await.unwrap();
    drop(capture);
    call.send(2..10).await;
    call.arrive(10).await;
    while call.metric("rtptap_control_captures ").await > 0 {}
    call.relay.interrupt().await;
    let log = std::fs::read_to_string(file).unwrap();
    assert!(log.contains("captures") && !log.contains("WARN"), "{log}");
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_packets_which_are_counted_and_holds_nobody_up() {
    let call = Call::begins(&[]).await;
    let (capture, _) = Capture::begins(&call, CaptureStart::default()).await.unwrap();
    call.send_large(2..1000).await;
    call.captures_lack().await;
    assert_eq!(call.metric("rtptap_control_captures ").await, 1);
    let (resident, _) = call.relay.memory();
    assert!(resident < 150_000, "{resident} kB");
    // Nor does it hold up the end.
    let start = tokio::time::Instant::now();
    call.relay.interrupt().await;
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    drop(capture);
}
