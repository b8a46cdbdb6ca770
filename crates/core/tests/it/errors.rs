//! A hook's failure never costs a packet, a hook's panic never costs the call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{ChainError, Context, Event, Flow, Interceptor, Result, Stage, StreamInfo};

use crate::probe::{Act, Bench, SSRC, config, rtp};

#[test]
fn a_failing_hook_is_counted_and_told_and_the_packet_goes_on() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("bad", Act::Fail)]).bound();
    bench.write(1);
    assert_eq!(bench.log(), ["bad write 1", "bad error told to fail", "low write 1"]);
    assert_eq!(bench.wire(), [1]);
    assert_eq!(bench.chain.counters().hook_errors, 1);
    assert_eq!(bench.chain.layout().rows()[1].errors, 1);
}

#[test]
fn a_panicking_interceptor_is_bypassed_and_the_packet_goes_on() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("bad", Act::Panic), ("high", Act::Nothing)]).bound();
    bench.write(1);
    bench.write(2);
    bench.read(3);
    let log = bench.log();
    assert_eq!(
        log,
        [
            "high write 1",
            "bad write 1",
            "low write 1",
            "high write 2",
            "low write 2",
            "low read 3",
            "high read 3"
        ]
    );
    assert_eq!((bench.wire(), bench.app()), (vec![1, 2], vec![3]));
    assert_eq!(bench.chain.counters().panics, 1);
    assert!(bench.chain.layout().rows()[1].bypassed);
    let event = bench.chain.poll_event();
    assert!(
        matches!(&event, Some(Event::Bypassed { interceptor: "bad", message }) if message == "told to panic"),
        "{event:?}"
    );
}

#[test]
fn a_panic_in_an_rtcp_hook_is_contained_too() {
    let mut bench = Bench::new(&[("bad", Act::Panic), ("high", Act::Nothing)]);
    let pli = RtcpPacket::builder().pli(1, 2).build().unwrap();
    bench.chain.read_rtcp(pli.clone(), bench.start);
    bench.chain.read_rtcp(pli, bench.start);
    assert_eq!(bench.log(), ["bad read-rtcp 12", "high read-rtcp 12", "high read-rtcp 12"]);
    bench.chain.close(bench.start).unwrap();
}

#[test]
#[should_panic(expected = "told to panic")]
fn isolation_can_be_turned_off() {
    let mut bench = Bench::with_config(config().with_isolate_panics(false), &[("bad", Act::Panic)]).bound();
    bench.write(1);
}

/// Emits two packets for each, and panics while it fills in the second for packet 1.
struct Clumsy;

impl Interceptor for Clumsy {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, _: &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let number = packet.sequence_number();
        cx.send_rtp(rtp(SSRC, number + 10));
        cx.send_rtp_with(|second| {
            assert_ne!(number, 1, "told to panic");
            *second = rtp(SSRC, number + 20);
        });
        Ok(Flow::Forward)
    }
}

#[test]
fn a_packet_whose_filling_in_panicked_does_not_leave() {
    let mut bench = Bench::new(&[("low", Act::Send(1))]);
    bench.chain.insert("clumsy", Stage::APPLICATION.above(), Clumsy, bench.start).unwrap();
    let mut bench = bench.bound();
    bench.write(1);
    assert_eq!(bench.wire(), [1, 11, 1001, 1011]);
    assert_eq!(bench.chain.counters().panics, 1);
}

#[test]
fn nor_does_it_where_the_owner_catches_panics() {
    let mut bench = Bench::with_config(config().with_isolate_panics(false), &[("low", Act::Nothing)]);
    bench.chain.insert("clumsy", Stage::APPLICATION.above(), Clumsy, bench.start).unwrap();
    let mut bench = bench.bound();
    assert!(catch_unwind(AssertUnwindSafe(|| bench.write(1))).is_err());
    bench.chain.handle_timeout(bench.start);
    assert_eq!(bench.wire(), [11]);
    assert!(catch_unwind(AssertUnwindSafe(|| bench.write(1))).is_err());
    bench.write(2);
    assert_eq!(bench.wire(), [2, 11, 12, 22]);
}

#[test]
fn a_refused_stream_is_rolled_back() {
    let mut bench = Bench::new(&[("low", Act::Nothing), ("strict", Act::Refuse)]);
    let refused = bench.chain.bind_local(StreamInfo::new(5, 96, 90_000), bench.start);
    let text = refused.unwrap_err().to_string();
    assert_eq!(text, "interceptor `strict` refused the stream: told to refuse");
    assert_eq!(bench.log(), ["low bind-local 5", "strict bind-local 5", "low unbind-local 5"]);
    assert_eq!(bench.chain.stream_counts(), (0, 0));
}

#[test]
fn closing_reports_all_errors_and_closes_everything() {
    let mut bench = Bench::new(&[("a", Act::Fail), ("b", Act::Nothing), ("c", Act::Fail)]);
    let closed = bench.chain.close(bench.start);
    assert_eq!(bench.log(), ["c close", "b close", "a close"]);
    let Err(ChainError::Close(errors)) = &closed else { panic!("{closed:?}") };
    assert_eq!(errors.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["c", "a"]);
    assert_eq!(closed.unwrap_err().to_string(), "closing failed in `c`: told to fail; `a`: told to fail");
    assert!(bench.chain.close(bench.start).is_ok(), "closing twice is harmless");
    assert!(bench.log().is_empty());
}
