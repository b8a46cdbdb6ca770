//! A hook's failure never costs a packet, a hook's panic never costs the call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{
    Chain, ChainError, Context, Error, Event, Flow, Interceptor, Result, Stage, StreamInfo,
};

use crate::actor::{Actor, bye};
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

#[test]
fn a_panic_in_handle_error_is_contained_wherever_the_error_came_from() {
    let fails = |what: &'static str| {
        Actor::default()
            .on_bind(|_, cx| {
                cx.wake_at(cx.now());
                Ok(true)
            })
            .on_rtp(move |packet, _| if what == "rtp" { Err(Error::msg(what)) } else { Ok(Some(packet)) })
            .on_rtcp(move |(), _| if what == "rtcp" { Err(Error::msg(what)) } else { Ok(()) })
            .on_timeout(move |(), _| if what == "timeout" { Err(Error::msg(what)) } else { Ok(()) })
            .on_fact(move |_, _| if what == "fact" { Err(Error::msg(what)) } else { Ok(()) })
            .on_error(|_, _| panic!("told to panic"))
    };
    for what in ["rtp", "rtcp", "timeout", "fact"] {
        let config = config();
        let now = config.now;
        let mut chain = Chain::new(config);
        chain.insert(what, Stage::APPLICATION, fails(what), now).unwrap();
        chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
        chain.write_rtp(rtp(SSRC, 1), now);
        chain.write_rtcp(bye(), now);
        chain.handle_timeout(now);
        chain.publish(interceptor_core::KeyframeNeeded { ssrc: 1 }, now);
        assert_eq!((chain.counters().hook_errors, chain.counters().panics), (1, 1), "{what}");
        let packets = std::iter::from_fn(|| chain.poll_wire()).count();
        assert_eq!(packets, 2, "{what}");
    }
}

/// Its destructor panics, and so does that of its streams' states.
struct Explosive;

impl Drop for Explosive {
    fn drop(&mut self) {
        panic!("told to panic in drop");
    }
}

impl Interceptor for Explosive {
    type Local = Self;
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Self>> {
        Ok(Some(Self))
    }
}

#[test]
fn a_destructor_that_panics_ends_no_call() {
    let chain = || {
        let config = config();
        let now = config.now;
        let mut chain = Chain::new(config);
        chain.insert("bad", Stage::APPLICATION, Explosive, now).unwrap();
        (chain, now)
    };
    let (mut removed, now) = chain();
    assert!(removed.remove("bad", now).unwrap());
    assert_eq!((removed.counters().panics, removed.layout().rows().len()), (1, 0));

    let (mut unbound, now) = chain();
    unbound.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    unbound.unbind_local(SSRC, now).unwrap();
    assert_eq!(unbound.counters().panics, 1);

    let (mut closed, now) = chain();
    closed.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    closed.close(now).unwrap();
    assert_eq!(closed.counters().panics, 1);

    let (dropped, _) = chain();
    drop(dropped);
}

#[test]
fn what_a_refused_interceptor_has_sent_does_not_pass_those_above_it() {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    let (above, below) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    let sees = |seen: std::sync::mpsc::Sender<()>| Actor::default().on_rtcp(move |(), _| Ok(seen.send(())?));
    chain.insert("above", Stage::APPLICATION, sees(above.0), now).unwrap();
    chain.insert("below", Stage::CAPTURE, sees(below.0), now).unwrap();
    let refuses = Actor::default().on_bind(|_, cx| {
        cx.send_rtcp(bye());
        Err(Error::msg("no"))
    });
    assert!(chain.insert("refuses", Stage::REPORT, refuses, now).is_err());
    assert_eq!((above.1.try_iter().count(), below.1.try_iter().count()), (0, 1));
    assert!(chain.poll_wire().is_some());
}
