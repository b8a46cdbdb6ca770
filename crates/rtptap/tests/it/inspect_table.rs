//! The report in whatever room there is.

use std::net::SocketAddr;

use console::{measure_text_width, strip_ansi_codes};
use interceptor_inspect::{Inspector, RecoveryMs, Repair, StreamSummary};
use proptest::prelude::*;
use rtptap::inspect::{Inspection, State, View, inspection_table};

use crate::inspect::{bytes, inspect, path};

fn inspection(name: &str) -> Inspection {
    let mut inspector = Inspector::default();
    inspector.read(&bytes(name)[..]);
    Inspection::new(path(name).display().to_string(), inspector.summary())
}

fn repair(by_rtx: u64, by_fec: u64, by_repeat: u64, missing: u64, repeats: u64) -> Repair {
    let mut repair = Repair::default();
    repair.lost = by_rtx + by_fec + by_repeat + missing;
    (repair.by_rtx, repair.by_fec, repair.by_repeat) = (by_rtx, by_fec, by_repeat);
    (repair.missing, repair.repeats) = (missing, repeats);
    repair
}

fn any_address() -> impl Strategy<Value = SocketAddr> {
    (any::<std::net::IpAddr>(), any::<u16>()).prop_map(SocketAddr::from)
}

prop_compose! {
    fn any_repair()(
        counts in prop::array::uniform5(0u64..1 << 40),
        times in prop::option::of((0.0..1e9f64, 0.0..1e9f64)),
    ) -> Repair {
        let [rtx, fec, repeat, missing, repeats] = counts;
        let mut repair = repair(rtx, fec, repeat, missing, repeats);
        repair.recovery_ms = times.map(|(p50, p95)| {
            let mut times = RecoveryMs::default();
            (times.p50, times.p95) = (p50, p95);
            times
        });
        repair
    }
}

prop_compose! {
    fn any_stream()(
        base in 0usize..6,
        ssrc: u32,
        ways in (any_address(), any_address()),
        codec in prop::option::of(".{0,40}"),
        rate in prop::option::of(any::<u32>()),
        counts in (any::<u64>(), any::<i64>(), any::<u64>(), any::<u64>()),
        rtt in prop::option::of(-1e9..1e9f64),
        of in (prop::option::weighted(0.2, any::<u32>()), prop::option::weighted(0.2, any::<u32>())),
        repair in prop::option::of(any_repair()),
    ) -> StreamSummary {
        let mut stream = inspection("chromium_vp8_opus_loss").summary.streams[base].clone();
        (stream.ssrc, (stream.src, stream.dst)) = (ssrc, ways);
        (stream.codec, stream.clock_rate) = (codec, rate);
        (stream.packets, stream.lost, stream.duplicates, stream.reordered) = counts;
        (stream.rtt_ms, (stream.rtx_of, stream.fec_of)) = (rtt, of);
        stream.repair = repair;
        stream
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_line_is_longer_than_asked_and_none_moves_the_cursor(
        streams in prop::collection::vec(any_stream(), 0..6),
        file in ".{0,80}",
        reason in prop::option::weighted(0.1, ".{0,80}"),
        width in 40usize..=250,
        height in prop::option::of(5usize..40),
        colour: bool,
    ) {
        let count = streams.len();
        let mut inspection = inspection("chromium_vp8_opus_loss");
        (inspection.file, inspection.summary.streams) = (file, streams);
        if let Some(reason) = reason {
            inspection = inspection.with_state(State::Failed(reason));
        }
        let mut view = View::fitting(width).with_colour(colour);
        view.height = height;
        let text = inspection_table(&inspection, &view);
        for line in text.lines() {
            prop_assert!(measure_text_width(line) <= width, "{width}: {line}");
        }
        let plain = strip_ansi_codes(&text);
        prop_assert!(plain.chars().all(|c| c == '\n' || !c.is_control()), "{plain:?}");
        prop_assert!(colour || plain == text);
        match height {
            None => {
                let shown = inspection.summary.streams.iter();
                let shown = shown.filter(|s| plain.contains(&format!("{:08x}", s.ssrc))).count();
                prop_assert_eq!(shown, count, "every stream has its line");
            }
            Some(height) => prop_assert!(text.lines().count() <= height, "{height}: {text}"),
        }
    }
}

#[test]
fn narrow_terminals_show_what_counts_and_wide_ones_show_more() {
    let inspection = inspection("gst_pcmu_loss");
    let head = |width| {
        let text = inspection_table(&inspection, &View::fitting(width));
        let rule = text.lines().position(|line| line.starts_with('─')).unwrap();
        text.lines().nth(rule - 1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(head(40), "SSRC to codec packets lost");
    assert_eq!(head(80), "SSRC to codec packets lost back ms ms problems");
    assert_eq!(head(120), "SSRC way codec packets lost repair mean/max ms problems");
    assert_eq!(head(200), "SSRC way payload packets lost repair mean/max ms ms mean/max RTCP problems");
}

#[test]
fn copies_are_repeats_and_never_a_negative_loss() {
    let mut inspection = inspection("gst_pcmu_loss");
    let stream = &mut inspection.summary.streams[0];
    (stream.lost, stream.lost_pct, stream.duplicates) = (-138, -9.9, 138);
    for known in [Some(repair(0, 0, 0, 0, 138)), None] {
        inspection.summary.streams[0].repair = known;
        for view in [View::default(), View::fitting(80), View::fitting(200)] {
            let text = inspection_table(&inspection, &view);
            assert!(text.contains("138 repeats"), "{text}");
            assert!(!text.contains("-138") && !text.contains("-9.9"), "{text}");
        }
    }
}

#[test]
fn repair_says_by_what_packets_came_back_and_how_soon() {
    let mut inspection = inspection("gst_vp8_rtx_loss");
    let stream = &mut inspection.summary.streams[1];
    let mut repaired = repair(21, 2, 1, 3, 5);
    let mut times = RecoveryMs::default();
    (times.p50, times.p95) = (41.6, 90.2);
    repaired.recovery_ms = Some(times);
    stream.repair = Some(repaired);
    let narrow = inspection_table(&inspection, &View::fitting(80));
    assert!(narrow.contains("24/27") && narrow.contains("3 missing"), "{narrow}");
    let wide = inspection_table(&inspection, &View::fitting(200));
    for part in ["27 (4.5%)", "21 RTX, 2 FEC, 1 repeated, 3 missing", "42/90", "5 repeats", "RTX of 11223344"]
    {
        assert!(wide.contains(part), "{part} in {wide}");
    }
    let all = inspection_table(&inspection, &View::default());
    for part in ["21 RTX, 2 FEC, 1 repeated, 3 missing", "41.6/90.2"] {
        assert!(all.contains(part), "{part} in {all}");
    }
}

#[test]
fn what_is_in_colour_is_what_alarms() {
    let mut inspection = inspection("gst_pcmu_loss");
    let coloured = View::fitting(100).with_colour(true);
    let (red, yellow) = ("\x1b[31m", "\x1b[33m");
    let text = inspection_table(&inspection, &coloured);
    assert!(text.contains(&format!("{red}52 (5.2%)")) && text.contains(&format!("{red}lost 3 in a row")));
    // All of it repaired: nothing to see.
    inspection.summary.streams[1].repair = Some(repair(52, 0, 0, 0, 0));
    assert!(!inspection_table(&inspection, &coloured).contains('\x1b'));
    inspection.summary.streams[1].repair = Some(repair(51, 0, 0, 1, 0));
    let text = inspection_table(&inspection, &coloured);
    assert!(text.contains(yellow) && !text.contains(red), "{text}");
}

#[test]
fn colours_come_when_asked_for_and_not_into_pipes() {
    let with = |arguments: &[&str]| {
        let output = inspect("gst_pcmu_loss", &[&["--width", "80"], arguments].concat());
        String::from_utf8(output.stdout).unwrap().contains('\x1b')
    };
    assert!(!with(&[]) && !with(&["--color", "auto"]) && !with(&["--color", "never"]));
    assert!(with(&["--color", "always"]));
}

#[test]
fn the_width_is_said_or_in_the_environment_and_else_everything_is_shown() {
    let run = |columns: Option<&str>, arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rtptap"));
        command.env_remove("COLUMNS").arg("inspect").arg(path("gst_pcmu_loss")).args(arguments);
        command.envs(columns.map(|columns| ("COLUMNS", columns)));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let longest = |text: &str| text.lines().map(measure_text_width).max().unwrap();
    let wide = run(None, &[]);
    assert!(longest(&wide) > 150 && wide.contains("drift ppm"), "{wide}");
    assert_eq!(run(Some("70"), &["--wide"]), wide);
    for not_a_width in ["", "0", "wide"] {
        assert_eq!(run(Some(not_a_width), &[]), wide);
    }
    assert!(longest(&run(Some("70"), &[])) <= 70);
    assert_eq!(run(Some("70"), &["--width", "90"]), run(None, &["--width", "90"]));
}

#[test]
fn a_width_is_a_number_of_columns_that_a_table_can_have() {
    for (arguments, reason) in [
        (["--width", "39"], "40..=1000"),
        (["--width", "x"], "40..=1000"),
        (["--every", "1ms"], "10ms..=1day"),
    ] {
        let output = inspect("gst_pcmu_loss", &arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(reason), "{said}");
    }
}
