//! What a demo shows and writes.

use std::io;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use indicatif::{InMemoryTerm, ProgressDrawTarget, TermLike};
use rtptap::demo::link::LinkConditions;
use rtptap::demo::{
    DemoReport, Figures, Live, LiveRate, LiveSample, LiveSide, LiveStream, Outcome, OutputFolder, RateRecord,
    Repair, RtcpCounts, closing_table, report_html,
};
use rtptap::sample::Kind;

use crate::call::{compared, outcome};

fn usual() -> Outcome {
    outcome(LinkConditions::default().with_seed(7), 5)
}

const FIGURES: [&str; 16] = [
    "bytes",
    "delivered_pct",
    "fec_packets",
    "frames",
    "frames_late",
    "frames_late_pct",
    "lost_on_link",
    "nacks",
    "never_recovered",
    "overhead_pct",
    "recovered",
    "recovered_by_fec",
    "recovery_ms",
    "residual_loss_pct",
    "retransmissions",
    "sent",
];

#[test]
fn json_has_the_documented_form() {
    let json = serde_json::to_value(DemoReport::new(&usual())).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&json), ["link", "runs", "wait_ms"]);
    assert_eq!(keys(&json["link"]), ["burst", "delay_ms", "jitter_ms", "loss_pct", "seconds", "seed"]);
    for (run, repair) in json["runs"].as_array().unwrap().iter().zip(["off", "nack"]) {
        assert_eq!(
            (keys(run), &run["repair"]),
            (["all", "repair", "streams"].map(String::from).to_vec(), &repair.into())
        );
        assert_eq!(keys(&run["all"]), FIGURES);
        for (stream, kind) in run["streams"].as_array().unwrap().iter().zip(["audio", "video"]) {
            assert_eq!(stream["kind"], kind);
            let mut expect = [&FIGURES[..], &["jitter_ms", "kind", "rtt_ms", "ssrc"]].concat();
            expect.sort_unstable();
            assert_eq!(keys(stream), expect);
            assert_eq!(keys(&stream["recovery_ms"]), ["p50", "p95"]);
        }
    }
    assert!(json["runs"][0]["streams"][0]["recovery_ms"]["p50"].is_null());
    let back: DemoReport = serde_json::from_value(json).unwrap();
    assert_eq!(back, DemoReport::new(&usual()));
}

/// The sample has 0.4 Mbit/s with its headers: a third of the time more than the link carries.
fn limited() -> Outcome {
    let rate = "1,0.25@2,0.8@4".parse().unwrap();
    outcome(LinkConditions::default().with_seed(7).with_rate(Some(rate)), 6)
}

#[test]
fn a_limited_link_has_a_section_of_its_own() {
    let outcome = limited();
    let json = serde_json::to_value(DemoReport::new(&outcome)).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&json), ["link", "rate", "runs", "wait_ms"]);
    let rate = &json["rate"];
    assert_eq!(keys(rate), ["capacity_mbps", "steps"]);
    let steps = r#"[{"from_s":0.0,"mbps":1.0},{"from_s":2.0,"mbps":0.25},{"from_s":4.0,"mbps":0.8}]"#;
    assert_eq!(rate["steps"], serde_json::from_str::<serde_json::Value>(steps).unwrap());
    assert_eq!(rate["capacity_mbps"], 0.683);
    for run in json["runs"].as_array().unwrap() {
        let expect = ["damaged", "dropped", "queue_ms", "sent_mbps", "target_mbps", "utilisation_pct"];
        assert_eq!(keys(&run["rate"]), expect);
        assert_eq!(keys(&run["rate"]["queue_ms"]), ["p50", "p95"]);
    }
    let back: DemoReport = serde_json::from_value(json).unwrap();
    assert_eq!(back, DemoReport::new(&outcome));
}

#[test]
fn the_figures_of_a_limited_link_add_up() {
    let outcome = limited();
    let report = DemoReport::new(&outcome);
    for (run, side) in outcome.runs.iter().zip(&report.runs) {
        let (record, side) = (run.rate.as_ref().unwrap(), side.rate.unwrap());
        let of = |passed: bool| record.until(outcome.duration).filter(move |c| c.queued.is_some() == passed);
        let bits = |passed| of(passed).map(|c| c.bytes as f64 * 8.0).sum::<f64>();
        assert!((side.sent_mbps - (bits(true) + bits(false)) / 6e6).abs() < 0.001, "{side:?}");
        let carried = bits(true) / 4.1e6 * 100.0;
        assert!(
            (carried - 6.0..=carried).contains(&side.utilisation_pct),
            "but for what waits at the end: {side:?}"
        );
        assert!(of(true).all(|c| c.queued.unwrap() <= Duration::from_millis(300)));
        assert_eq!(side.dropped, of(false).count() as u64);
        assert!(side.dropped > 0 && side.queue_ms.p95.unwrap() > 200.0, "{side:?}");
        assert!((side.target_mbps.unwrap() - 0.9 * 0.683).abs() < 0.02, "{side:?}");
    }
    for stream in &report.runs[0].streams {
        assert_eq!(stream.figures.lost_on_link, stream.figures.never_recovered);
    }
}

#[test]
fn the_figures_add_up() {
    let report = DemoReport::new(&usual());
    let [off, on] = &report.runs[..] else { panic!("two runs") };
    for (off, on) in off.streams.iter().zip(&on.streams) {
        let (off, on) = (&off.figures, &on.figures);
        assert_eq!((off.sent, off.lost_on_link), (on.sent, on.lost_on_link), "both runs lose the same");
        assert_eq!((off.recovered, off.never_recovered), (0, off.lost_on_link));
        assert_eq!((on.recovered, on.never_recovered, on.delivered_pct), (on.lost_on_link, 0, 100.0));
        let loss_pct = 100.0 * off.lost_on_link as f64 / off.sent as f64;
        assert!((loss_pct - 5.0).abs() < 2.5, "{loss_pct}");
        assert!((off.delivered_pct - (100.0 - loss_pct)).abs() < 0.001);
        assert!((off.residual_loss_pct - loss_pct).abs() < 0.001 && on.residual_loss_pct == 0.0);
        assert!(on.retransmissions >= on.recovered && on.bytes > off.bytes);
        let (p50, p95) = (on.recovery_ms.p50.unwrap(), on.recovery_ms.p95.unwrap());
        assert!((75.0..90.0).contains(&p50) && p50 <= p95, "40 ms to ask, 40 ms to answer: {p50} {p95}");
        // A request is repeated after 90 ms, which is more than the receiver waits.
        assert!(off.frames_late >= off.frames / 50 && on.frames_late < off.frames_late, "{off:?} {on:?}");
        assert!(off.overhead_pct == 0.0 && (1.0..15.0).contains(&on.overhead_pct), "{on:?}");
    }
    for run in &report.runs {
        let sum = |of: fn(&Figures) -> u64| run.streams.iter().map(|stream| of(&stream.figures)).sum::<u64>();
        assert_eq!((run.all.sent, run.all.frames), (sum(|of| of.sent), sum(|of| of.frames)));
        assert_eq!(run.all.frames_late, sum(|of| of.frames_late));
    }
    let audio = &off.streams[0];
    assert_eq!((audio.kind, audio.figures.sent, audio.figures.frames), (Kind::Audio, 250, 250));
    let video = &off.streams[1].figures;
    assert!(
        video.frames <= 150 && video.frames < video.sent,
        "30 pictures a second, of one packet or more: {video:?}"
    );
}

#[test]
fn a_seed_gives_the_same_report_and_another_seed_another() {
    let lost = |seed| {
        let report = DemoReport::new(&outcome(LinkConditions::default().with_seed(seed), 3));
        report.runs[1].streams.iter().map(|stream| stream.figures.lost_on_link).collect::<Vec<_>>()
    };
    assert_eq!(lost(7), lost(7));
    assert_ne!(lost(7), lost(8));
}

#[test]
fn the_closing_table_stands_side_by_side_and_plain() {
    let text = closing_table(&usual());
    insta::assert_snapshot!(text);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains('\u{1b}'), "no control characters");
}

#[test]
fn the_closing_table_of_a_comparison_has_a_column_for_each_repair_and_fits_a_terminal() {
    let text = closing_table(&compared(LinkConditions::default().with_seed(7), 5));
    insta::assert_snapshot!(text);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.lines().count() <= 20, "with the files it leaves below, 24 lines");
}

#[test]
fn the_page_of_a_comparison_tells_the_runs_apart() {
    let outcome = compared(LinkConditions::default().with_seed(7), 5);
    let page = report_html(&outcome);
    for class in ["line off", "line nack", "line fec", "line both", "strip fec", "dot fec", "line fec extra"]
    {
        assert!(page.contains(&format!("<path class=\"{class}\" d=\"M")), "{class}");
    }
    for label in ["audio, off", "video, off", ">both<", "Frames late, NACK + FEC", "of these by FEC"] {
        assert!(page.contains(label), "{label}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf\""));
}

#[test]
fn the_closing_table_of_a_limited_link_says_what_it_carried() {
    let text = closing_table(&limited());
    insta::assert_snapshot!(text);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn the_page_of_a_limited_link_plots_capacity_target_sent_and_queue() {
    let outcome = limited();
    let page = report_html(&outcome);
    assert!(page.contains("<h2>Rate over time</h2>"));
    assert!(page.contains("at most 1 Mbit/s, 0.25 from 2 s, 0.8 from 4 s"));
    assert_eq!(page.matches("role=\"img\"").count(), 9);
    for class in ["line capacity", "line off", "line nack", "area sent"] {
        assert!(page.contains(&format!("<path class=\"{class}\" d=\"M")), "{class}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf\""));
    assert!(!report_html(&usual()).contains("Rate over time"));
    let rate = DemoReport::new(&outcome).runs[1].rate.unwrap();
    assert!(page.contains(&format!("<td>{:.1} %</td>", rate.utilisation_pct)));
}

#[test]
fn the_page_of_a_limited_link_stands_without_a_packet_and_without_a_target() {
    let mut outcome = limited();
    outcome.runs[0].rate = Some(RateRecord::default());
    outcome.runs[1].rate = None;
    let text = closing_table(&outcome);
    assert!(text.contains("0.0 %"), "{text}");
    outcome.runs[1].rate = Some(RateRecord::default());
    let page = report_html(&outcome);
    assert!(page.contains("Rate over time") && !page.contains("NaN") && !page.contains("inf\""));
}

#[test]
fn the_page_is_one_file_with_every_plot_and_figure() {
    let outcome = usual();
    let page = report_html(&outcome);
    for part in [
        "Every packet",
        "Frames late",
        "Loss over time",
        "Time to recover",
        "Bit rate over time",
        "All figures",
    ] {
        assert!(page.contains(&format!("<h2>{part}</h2>")), "{part}");
    }
    assert_eq!(page.matches("role=\"img\"").count(), 6);
    for outside in ["http:", "https:", "<script", "<link", "@import", "url(", "src="] {
        assert!(!page.contains(outside), "{outside} would load from elsewhere");
    }
    let report = DemoReport::new(&outcome);
    assert!(
        page.contains(&format!("<td>{:.2} %</td>", report.runs[1].streams[0].figures.overhead_pct)),
        "the table has the figures"
    );
    assert!(!page.contains("NaN") && !page.contains("inf\""));
    assert!(page.len() < 300_000, "{} bytes", page.len());
}

#[test]
fn the_page_stands_without_any_loss_and_without_any_packet() {
    let clean = outcome(LinkConditions::default().with_loss(0.0), 1);
    let mut empty = clean.clone();
    empty.runs.iter_mut().for_each(|run| run.streams.clear());
    for outcome in [clean, empty] {
        let page = report_html(&outcome);
        assert!(page.contains("Nothing was recovered"));
        assert!(page.contains("0.00 % lost for good"));
        assert!(!page.contains("NaN") && !page.contains("inf\""));
        assert!(closing_table(&outcome).contains("never recovered"));
    }
}

fn live_stream(kind: Kind, recovered: u64, rtt: Option<u64>) -> LiveStream {
    let rtt = rtt.map(Duration::from_millis);
    LiveStream { kind, sent: 120, lost_on_link: 6, recovered, bits_per_second: 41_300, rtt }
}

fn side(repair: Repair, streams: Vec<LiveStream>) -> LiveSide {
    LiveSide { repair, streams, rate: None }
}

#[test]
fn the_live_display_shows_both_runs_and_clears_itself() {
    let terminal = InMemoryTerm::new(20, 80);
    let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
    let live = Live::on(target, Duration::from_secs(10)).unwrap();
    live.show(LiveSample {
        elapsed: Duration::from_millis(2500),
        runs: vec![
            side(Repair::Off, vec![live_stream(Kind::Audio, 0, None), live_stream(Kind::Video, 0, None)]),
            side(
                Repair::Nack,
                vec![live_stream(Kind::Audio, 6, Some(81)), live_stream(Kind::Video, 5, Some(80))],
            ),
        ],
    });
    // The bar moves last.
    let shown = std::iter::repeat_with(|| terminal.contents());
    let shown = shown
        .inspect(|_| std::thread::yield_now())
        .find(|shown| shown.contains('━') && shown.contains("2.5"));
    insta::assert_snapshot!(shown.unwrap());
    live.finish();
    assert_eq!(terminal.contents(), "");
}

#[test]
fn the_live_display_of_a_limited_link_has_a_line_for_each_run() {
    let terminal = InMemoryTerm::new(20, 80);
    let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
    let live = Live::on(target, Duration::from_secs(30)).unwrap();
    let streams = vec![live_stream(Kind::Audio, 6, Some(81)), live_stream(Kind::Video, 5, Some(80))];
    let rate =
        |target, sent, ms| LiveRate { capacity: 2_500_000, target, sent, queue: Duration::from_millis(ms) };
    live.show(LiveSample {
        elapsed: Duration::from_millis(12_500),
        runs: vec![
            LiveSide { rate: Some(rate(None, 612_345, 0)), ..side(Repair::Off, streams.clone()) },
            LiveSide { rate: Some(rate(Some(2_312_345), 2_280_000, 12)), ..side(Repair::Both, streams) },
        ],
    });
    let shown = std::iter::repeat_with(|| terminal.contents());
    let shown = shown
        .inspect(|_| std::thread::yield_now())
        .find(|shown| shown.contains('━') && shown.contains("12.5"));
    insta::assert_snapshot!(shown.unwrap());
    live.finish();
    assert_eq!(terminal.contents(), "");
}

#[test]
fn nothing_is_drawn_where_there_is_no_terminal() {
    let live = Live::on(ProgressDrawTarget::hidden(), Duration::from_secs(10)).unwrap();
    live.show(LiveSample::default());
    live.finish();
}

/// A terminal that draws nothing before it is let go on.
#[derive(Debug)]
struct Stopped(Mutex<Receiver<()>>);

impl TermLike for Stopped {
    fn width(&self) -> u16 {
        80
    }
    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }
    fn write_str(&self, _: &str) -> io::Result<()> {
        // Goes on when the other half is dropped.
        let _ = self.0.lock().unwrap().recv();
        Ok(())
    }
    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_terminal_that_is_stopped_does_not_stop_the_call() {
    let (go_on, stopped) = channel();
    let target = ProgressDrawTarget::term_like(Box::new(Stopped(Mutex::new(stopped))));
    let live = Live::on(target, Duration::from_secs(10)).unwrap();
    for _ in 0..1000 {
        live.show(LiveSample::default());
    }
    drop(go_on);
    live.finish();
}

#[test]
fn files_go_to_the_folder_and_errors_name_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path().join("a/b")).unwrap();
    let outcome = usual();
    out.write_report(&outcome).unwrap();
    out.write_stats(&DemoReport::new(&outcome)).unwrap();
    assert_eq!(std::fs::read_to_string(out.report_path()).unwrap(), report_html(&outcome));
    let stats: DemoReport = serde_json::from_slice(&std::fs::read(out.stats_path()).unwrap()).unwrap();
    assert_eq!(stats, DemoReport::new(&outcome));
    assert_eq!(out.capture_path().file_name().unwrap(), "call.pcapng");

    let error = OutputFolder::create(out.stats_path().join("below")).unwrap_err().to_string();
    assert!(error.contains("stats.json") && error.contains("--out"), "{error}");
}

#[test]
fn rtcp_counts_are_shown_for_both_runs() {
    let mut outcome = usual();
    outcome.runs[1].rtcp =
        RtcpCounts { sender_reports: 4321, receiver_reports: 8765, nacks: 2468, plis: 1357 };
    let (text, page) = (closing_table(&outcome), report_html(&outcome));
    for count in ["4321", "8765", "2468", "1357"] {
        assert!(text.contains(count) && page.contains(&format!("<td>{count}</td>")));
    }
}
