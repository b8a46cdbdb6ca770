//! The demo as a user runs it: real sessions, real sockets, real files.

use std::process::Command;

use rtptap::demo::{DemoReport, Figures, Repair, StreamReport};
use serde_json::Value;

/// A demo and what it left behind.
struct Run {
    folder: tempfile::TempDir,
    report: DemoReport,
}

impl Run {
    /// Of two seconds.
    fn new(arguments: &[&str]) -> Self {
        Self::lasting("2", arguments)
    }

    fn lasting(seconds: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_rtptap"))
            .args(["demo", "--seconds", seconds, "--json", "--out"])
            .arg(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let report = serde_json::from_slice(&output.stdout).unwrap();
        Self { folder, report }
    }

    fn statistics(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.folder.path().join("stats.json")).unwrap()).unwrap()
    }

    /// The receiver's end of the call with repair.
    fn receiver(&self) -> Value {
        self.statistics()["nack"]["receiver"].clone()
    }

    fn streams(&self, repair: Repair) -> &[StreamReport] {
        &self.report.run(repair).unwrap().streams
    }

    fn all(&self, repair: Repair) -> &Figures {
        &self.report.run(repair).unwrap().all
    }
}

fn losses(streams: &[StreamReport]) -> Vec<(u32, u64, u64)> {
    streams.iter().map(|stream| (stream.ssrc, stream.figures.sent, stream.figures.lost_on_link)).collect()
}

fn sum(list: &Value, field: &str) -> u64 {
    list.as_array().unwrap().iter().map(|entry| entry[field].as_u64().unwrap()).sum()
}

#[test]
fn repair_brings_back_what_the_link_loses() {
    let run = Run::new(&["--seed", "7", "--loss", "10"]);
    let (off, on) = (run.streams(Repair::Off), run.streams(Repair::Nack));
    assert_eq!(losses(off), losses(on), "both runs lose the same packets");
    for (off, on) in off.iter().zip(on) {
        assert!(on.rtt_ms.is_some_and(|rtt| rtt >= 70.0) && off.rtt_ms.is_some(), "{on:?}");
        assert!(on.jitter_ms.is_some(), "{on:?}");
        let (off, on) = (&off.figures, &on.figures);
        assert!(off.lost_on_link > 0);
        assert_eq!((off.recovered, off.never_recovered), (0, off.lost_on_link));
        assert!(on.delivered_pct >= 99.9, "{on:?}");
        assert!(on.nacks > 0 && on.retransmissions >= on.recovered, "{on:?}");
        assert!(on.recovery_ms.p50.is_some() && on.overhead_pct > 0.0 && on.fec_packets == 0, "{on:?}");
    }
    let page = std::fs::read_to_string(run.folder.path().join("report.html")).unwrap();
    assert!(page.contains("<svg") && !page.contains("http://") && !page.contains("<script"));
}

#[test]
fn the_same_seed_loses_the_same_packets_and_another_seed_others() {
    let calls =
        ["5", "5", "6"].map(|seed| std::thread::spawn(move || Run::new(&["--seed", seed, "--loss", "20"])));
    let [first, second, other] = calls.map(|call| call.join().unwrap());
    assert_eq!(losses(first.streams(Repair::Nack)), losses(second.streams(Repair::Nack)));
    assert_ne!(losses(first.streams(Repair::Nack)), losses(other.streams(Repair::Nack)));
}

#[test]
fn reports_and_feedback_that_the_chain_makes_are_in_its_statistics() {
    let run = Run::new(&["--seed", "7", "--loss", "10"]);
    let (receiver, sender) = (run.receiver(), run.statistics()["nack"]["sender"].clone());
    assert!(sum(&receiver["inboundRtp"], "nackCount") > 0);
    assert!(sum(&sender["outboundRtp"], "nackCount") > 0);
    assert!(sum(&sender["remoteInboundRtp"], "roundTripTimeMeasurements") > 0);
    assert!(sum(&receiver["remoteOutboundRtp"], "reportsSent") > 0);
    let recovered = sum(&receiver["inboundRtp"], "packetsRecoveredByRtx");
    assert!(recovered > 0 && recovered <= sum(&sender["outboundRtp"], "retransmittedPacketsSent"));
}

#[test]
fn video_follows_the_links_rate_and_repair_goes_on_under_it() {
    let run = Run::lasting("8", &["--seed", "7", "--loss", "3", "--rate", "1.5,0.5@4"]);
    let rate = run.report.rate.as_ref().unwrap();
    assert_eq!((rate.capacity_mbps, rate.steps.len()), (1.0, 2));
    for (name, side) in run.report.runs.iter().map(|run| (run.repair.name(), run.rate.unwrap())) {
        // How well it follows is measured where time is virtual: here a machine that is busy has its say.
        assert!(side.target_mbps.unwrap() > 0.1, "{name} {side:?}");
        let sender = &run.statistics()[name]["sender"];
        let last = sender["availableOutgoingBitrate"].as_f64().unwrap();
        assert!((50_000.0..1_500_000.0).contains(&last), "{name} ended with {last}");
        let shares = sender["outboundRtp"].as_array().unwrap().iter();
        let shares: f64 = shares.map(|stream| stream["targetBitrate"].as_f64().unwrap()).sum();
        // A target is told when it has changed by 3 %, and what is silent by then has no headers to be taken off.
        assert!(shares > 0.0 && shares < 1.04 * last, "{name}: streams share {shares} of {last}");
        assert!(side.utilisation_pct > 10.0 && side.utilisation_pct <= 100.0, "{name} {side:?}");
        assert!(side.queue_ms.p50.is_some() && side.queue_ms.p95 >= side.queue_ms.p50, "{name} {side:?}");
        assert_eq!(side.damaged, 0, "{name}");
    }
    let runs = run.streams(Repair::Off).iter().zip(run.streams(Repair::Nack));
    for (off, on) in runs.map(|(off, on)| (&off.figures, &on.figures)) {
        assert!(off.lost_on_link > 0 && off.recovered == 0, "{off:?}");
        assert!(on.lost_on_link > 0 && on.delivered_pct >= 99.0, "{on:?}");
        for stream in [off, on] {
            let delivered = stream.delivered_pct / 100.0 * stream.sent as f64;
            assert_eq!(stream.sent - stream.never_recovered, delivered.round() as u64, "{stream:?}");
        }
    }
}

/// Asking takes 300 ms and the receiver waits 200: whatever the machine does, nothing that is sent again comes in time.
#[test]
fn where_a_round_trip_takes_longer_than_the_receiver_waits_only_fec_is_in_time() {
    let run = Run::lasting("6", &["--seed", "7", "--loss", "10", "--rtt", "300ms", "--repair", "compare"]);
    let [off, nack, fec, both] = [Repair::Off, Repair::Nack, Repair::Fec, Repair::Both];
    for repair in [nack, fec, both] {
        assert_eq!(losses(run.streams(off)), losses(run.streams(repair)), "all lose the same packets");
    }
    let [off, nack, fec, both] = [off, nack, fec, both].map(|repair| run.all(repair));
    assert!(nack.residual_loss_pct < off.residual_loss_pct / 4.0 && nack.recovered_by_fec == 0, "{nack:?}");
    assert!(nack.frames_late + 3 >= off.frames_late, "all that is sent again is late: {nack:?} {off:?}");
    assert!(nack.recovery_ms.p50.unwrap() >= 290.0, "{nack:?}");
    // The first second passes before anybody knows that there are losses.
    for protected in [fec, both] {
        assert!(protected.fec_packets > 0 && protected.recovered_by_fec > 0, "{protected:?}");
        assert!(protected.frames_late < off.frames_late * 3 / 4, "{protected:?} {off:?}");
    }
    assert_eq!((fec.nacks, fec.retransmissions, fec.recovered), (0, 0, fec.recovered_by_fec));
    assert!(both.nacks > 0 && both.residual_loss_pct < fec.residual_loss_pct.max(1.0), "{both:?} {fec:?}");
    assert!(run.report.wait_ms == 200.0 && run.report.link.delay_ms == 150.0);
}

#[test]
fn the_capture_holds_what_the_statistics_count() {
    let Some(tshark) = tshark() else { return };
    let run = Run::new(&["--seed", "7", "--loss", "10"]);
    let list = |filter: &str| {
        let output = Command::new(&tshark)
            .args(["-Y", filter, "-T", "fields", "-e", "frame.number", "-r"])
            .arg(run.folder.path().join("call.pcapng"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        let complaints = said.lines().filter(|line| !line.starts_with("Running as user")).collect::<Vec<_>>();
        assert!(complaints.is_empty(), "{complaints:?}");
        output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64
    };
    let receiver = run.receiver();
    assert_eq!(list("rtp"), sum(&receiver["inboundRtp"], "packetsReceived"));
    let rtcp = ["rtcpPacketsSent", "rtcpPacketsReceived"].map(|field| receiver[field].as_u64().unwrap());
    assert_eq!(list("rtcp"), rtcp.iter().sum::<u64>());
    assert_eq!(list("_ws.malformed || _ws.expert.severity >= 0x00600000"), 0, "no warnings, no errors");
}

/// The program, or a word on why its test does nothing.
fn tshark() -> Option<String> {
    let found = Command::new("tshark").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        let required = std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "tshark is not installed");
        eprintln!("skipped: tshark is not installed");
    }
    found.then(|| "tshark".to_owned())
}
