//! Counts the instructions of packets, stacks and buckets under callgrind. `cargo xtask bench --instructions` runs this.

#![expect(
    missing_docs,
    clippy::expect_used,
    reason = "the macros write what is missing docs; without its chain there is nothing to count"
)]

use std::hint::black_box;

use bench::contender::{Contender, STRETCH};
use bench::feedback::{FEEDBACKS, REPORTED};
use bench::measure::{self, warm_up};
use bench::ours::{
    self, Answer, Parse, Receive, ReceiveDatagrams, Recovering, Room, Send, Stamp, StampedSend, Stamper, Told,
};
use bench::streams;
use bench::streams::grpc::{Bodies, Form, Way};
use bench::traffic::NACKS;
use gungraun::{library_benchmark, library_benchmark_group, main};

/// Packets that are counted: more than a second of virtual time, so that every timer has its share.
const PACKETS: usize = 5000;

/// A contender in its steady state with so many items prepared.
fn ready_for<C: Contender>(items: usize, stretch: usize, contender: anyhow::Result<C>) -> C {
    let mut contender = contender.expect("a chain of defaults can be built");
    warm_up(&mut contender, stretch);
    contender.prepare(items);
    contender
}

fn ready<C: Contender>(contender: anyhow::Result<C>) -> C {
    ready_for(PACKETS, STRETCH, contender)
}

fn parser(serialise: bool) -> Parse {
    ready(Ok(Parse::new(serialise)))
}

fn answerer(rtx: bool) -> Answer {
    ready_for(NACKS, NACKS, ours::answer(rtx))
}

fn told() -> Told {
    ready_for(FEEDBACKS, FEEDBACKS, ours::feedback())
}

fn controlled_sender(contender: &str) -> Box<dyn Contender> {
    let mut contender = measure::contender("S7", "packet", contender).expect("a case by this name");
    warm_up(&mut *contender, REPORTED);
    contender.prepare(REPORTED);
    contender
}

fn protector(packets: u8, repairs: u8) -> Send {
    ready(ours::protecting(packets, repairs))
}

fn recoverer(lossy: bool) -> Recovering {
    ready(ours::recovering(lossy))
}

fn lossy_receiver(streams: u32) -> Receive {
    ready(ours::receive_with_loss(streams))
}

fn sender(streams: u32) -> Send {
    ready(ours::send(streams))
}

fn receiver(streams: u32) -> Receive {
    ready(ours::receive(streams))
}

fn datagram_receiver(streams: u32) -> ReceiveDatagrams {
    ready(ours::receive_datagrams(streams))
}

fn sender_through(interceptors: usize) -> Send {
    ready(ours::send_through(interceptors))
}

fn receiver_through(interceptors: usize) -> Receive {
    ready(ours::receive_through(interceptors))
}

/// What is counted. The contender comes back so that its end is not.
fn run<C: Contender>(mut contender: C) -> C {
    contender.run();
    black_box(contender)
}

#[library_benchmark]
#[bench::parse(args = (false), setup = parser)]
#[bench::parse_and_serialise(args = (true), setup = parser)]
fn p(contender: Parse) -> Parse {
    run(contender)
}

#[library_benchmark]
#[bench::streams_1(args = (1), setup = sender)]
#[bench::streams_100(args = (100), setup = sender)]
fn s1_send(contender: Send) -> Send {
    run(contender)
}

#[library_benchmark]
#[bench::streams_1(args = (1), setup = receiver)]
#[bench::streams_100(args = (100), setup = receiver)]
fn s2_parsed(contender: Receive) -> Receive {
    run(contender)
}

#[library_benchmark]
#[bench::streams_1(args = (1), setup = datagram_receiver)]
#[bench::streams_100(args = (100), setup = datagram_receiver)]
fn s2_datagram(contender: ReceiveDatagrams) -> ReceiveDatagrams {
    run(contender)
}

#[library_benchmark]
#[bench::streams_100(args = (100), setup = lossy_receiver)]
fn s3_loss(contender: Receive) -> Receive {
    run(contender)
}

#[library_benchmark]
#[bench::plain(args = (false), setup = answerer)]
#[bench::rtx(args = (true), setup = answerer)]
fn s4_nack(contender: Answer) -> Answer {
    run(contender)
}

#[library_benchmark]
#[bench::adaptive(setup = told)]
fn s7_feedback(contender: Told) -> Told {
    run(contender)
}

#[library_benchmark]
#[bench::numbered(args = ("this workspace, numbered only"), setup = controlled_sender)]
#[bench::remembered(args = ("this workspace"), setup = controlled_sender)]
fn s7_packet(mut contender: Box<dyn Contender>) -> Box<dyn Contender> {
    contender.run();
    black_box(contender)
}

#[library_benchmark]
#[bench::repairs_1(args = (10, 1), setup = protector)]
#[bench::repairs_3(args = (10, 3), setup = protector)]
fn fec_encode(contender: Send) -> Send {
    run(contender)
}

#[library_benchmark]
#[bench::whole(args = (false), setup = recoverer)]
#[bench::lossy(args = (true), setup = recoverer)]
fn fec_decode(contender: Recovering) -> Recovering {
    run(contender)
}

#[library_benchmark]
#[bench::interceptors_0(args = (0), setup = sender_through)]
#[bench::interceptors_16(args = (16), setup = sender_through)]
fn s5_send(contender: Send) -> Send {
    run(contender)
}

#[library_benchmark]
#[bench::interceptors_0(args = (0), setup = receiver_through)]
#[bench::interceptors_16(args = (16), setup = receiver_through)]
fn s5_receive(contender: Receive) -> Receive {
    run(contender)
}

/// Executions of a stack, or takes, that are counted.
const EXECUTIONS: usize = 1000;

fn stack(variant: &str, contender: &str) -> Box<dyn Contender> {
    let name = format!("interceptor-stack, {contender}");
    let mut contender = measure::contender(streams::NAME, variant, &name).expect("a case by these names");
    warm_up(&mut *contender, STRETCH);
    contender.prepare(EXECUTIONS);
    contender
}

fn bucket(variant: &str) -> Box<dyn Contender> {
    let made = measure::contender(streams::NAME, variant, "this workspace");
    let mut contender = made.expect("a case by this name");
    warm_up(&mut *contender, STRETCH);
    contender.prepare(EXECUTIONS);
    contender
}

#[library_benchmark]
#[bench::compiled_1(args = ("request, 1", "stack!"), setup = stack)]
#[bench::compiled_8(args = ("request, 8", "stack!"), setup = stack)]
#[bench::run_time_1(args = ("run time, 1", "Stack"), setup = stack)]
#[bench::run_time_8(args = ("run time, 8", "Stack"), setup = stack)]
#[bench::contained_8(args = ("run time, 8", "Stack, contained"), setup = stack)]
#[bench::async_compiled_1(args = ("compiled, 1", "stack!, async"), setup = stack)]
#[bench::async_compiled_8(args = ("compiled, 8", "stack!, async"), setup = stack)]
#[bench::async_run_time_1(args = ("run time, 1", "AsyncStack"), setup = stack)]
#[bench::async_run_time_8(args = ("run time, 8", "AsyncStack"), setup = stack)]
#[bench::async_immediate_8(args = ("run time, 8", "AsyncStack, immediate"), setup = stack)]
fn stacks(mut contender: Box<dyn Contender>) -> Box<dyn Contender> {
    contender.run();
    black_box(contender)
}

#[library_benchmark]
#[bench::granted(args = ("bucket, granted"), setup = bucket)]
#[bench::granted_instant(args = ("bucket, granted, Instant"), setup = bucket)]
#[bench::denied(args = ("bucket, denied"), setup = bucket)]
fn takes(mut contender: Box<dyn Contender>) -> Box<dyn Contender> {
    contender.run();
    black_box(contender)
}

fn limited(contender: &str) -> Box<dyn Contender> {
    through("packet, limited", contender)
}

fn paced(contender: &str) -> Box<dyn Contender> {
    through("packet, paced", contender)
}

fn through(variant: &str, contender: &str) -> Box<dyn Contender> {
    let made = measure::contender(streams::NAME, variant, contender);
    let mut contender = made.expect("a case by this name");
    warm_up(&mut *contender, STRETCH);
    contender.prepare(PACKETS);
    contender
}

#[library_benchmark]
#[bench::counting(args = ("one that counts"), setup = limited)]
#[bench::drop(args = ("interceptor-limit, Drop"), setup = limited)]
#[bench::wait(args = ("interceptor-limit, Wait"), setup = limited)]
#[bench::connection(args = ("interceptor-limit, Drop, connection as well"), setup = limited)]
fn limit(mut contender: Box<dyn Contender>) -> Box<dyn Contender> {
    contender.run();
    black_box(contender)
}

fn stamp(room: Room) -> Stamp {
    ready(Ok(Stamp::new(room)))
}

#[library_benchmark]
#[bench::in_place(args = (Room::Both), setup = stamp)]
#[bench::growing(args = (Room::Nothing), setup = stamp)]
#[bench::beside(args = (Room::Beside), setup = stamp)]
fn stamps(contender: Stamp) -> Stamp {
    run(contender)
}

fn stamped(stamper: Stamper, room: Room) -> StampedSend {
    ready(StampedSend::new(stamper, room))
}

#[library_benchmark]
#[bench::counting(args = (Stamper::Counting, Room::Both), setup = stamped)]
#[bench::send_time_in_place(args = (Stamper::SendTime, Room::Both), setup = stamped)]
#[bench::send_time_growing(args = (Stamper::SendTime, Room::Nothing), setup = stamped)]
#[bench::number_in_place(args = (Stamper::Number, Room::Both), setup = stamped)]
#[bench::number_growing(args = (Stamper::Number, Room::Nothing), setup = stamped)]
#[bench::both_in_place(args = (Stamper::Both, Room::Both), setup = stamped)]
#[bench::both_growing(args = (Stamper::Both, Room::Nothing), setup = stamped)]
fn stamped_sends(contender: StampedSend) -> StampedSend {
    run(contender)
}

#[library_benchmark]
#[bench::passes(args = ("interceptor-pacer, all pass"), setup = paced)]
#[bench::waits(args = ("interceptor-pacer, all wait"), setup = paced)]
fn pacer(mut contender: Box<dyn Contender>) -> Box<dyn Contender> {
    contender.run();
    black_box(contender)
}

/// A call of so many messages.
fn bodies(way: Way, form: Form) -> Bodies {
    ready_for(PACKETS, STRETCH, Bodies::new(way, form))
}

#[library_benchmark]
#[bench::pull_bare(args = (Way::Pull, Form::Bare), setup = bodies)]
#[bench::pull_counting(args = (Way::Pull, Form::Counting), setup = bodies)]
#[bench::pull_limits(args = (Way::Pull, Form::Limits), setup = bodies)]
#[bench::pull_both(args = (Way::Pull, Form::Both), setup = bodies)]
#[bench::pull_observed(args = (Way::Pull, Form::Observed), setup = bodies)]
#[bench::push_bare(args = (Way::Push, Form::Bare), setup = bodies)]
#[bench::push_counting(args = (Way::Push, Form::Counting), setup = bodies)]
#[bench::push_limits(args = (Way::Push, Form::Limits), setup = bodies)]
#[bench::push_both(args = (Way::Push, Form::Both), setup = bodies)]
#[bench::push_observed(args = (Way::Push, Form::Observed), setup = bodies)]
fn grpc(contender: Bodies) -> Bodies {
    run(contender)
}

library_benchmark_group!(
    name = instructions,
    benchmarks = [
        p,
        s1_send,
        s2_parsed,
        s2_datagram,
        s3_loss,
        s4_nack,
        s5_send,
        s5_receive,
        s7_feedback,
        s7_packet,
        fec_encode,
        fec_decode,
        stacks,
        takes,
        limit,
        stamps,
        stamped_sends,
        pacer,
        grpc
    ]
);

main!(library_benchmark_groups = instructions);
