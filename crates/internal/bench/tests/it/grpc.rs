//! The layer around gRPC calls allocates nothing for a message; only for one whose prefix is cut in two by the end of a frame.

use bench::contender::Contender as _;
use bench::streams::grpc::{Bodies, FRAME, Form, MESSAGE, Way};

const SHORT: usize = 1000;
const LONG: usize = 9000;

/// Allocations of the messages alone: what a long call has more than a short one.
fn allocations(way: Way, form: Form) -> u64 {
    let [short, long] = [SHORT, LONG].map(|messages| {
        let mut bodies = Bodies::new(way, form).unwrap();
        bodies.prepare(messages);
        bodies.run();
        bodies.prepare(messages);
        allocation_counter::measure(|| bodies.run()).count_total
    });
    long - short
}

/// Frames that end within a prefix.
fn torn(messages: usize) -> u64 {
    let whole = 5 + MESSAGE;
    let ends = (1..).map(|frames| frames * FRAME).take_while(|end| *end < messages * whole);
    ends.filter(|end| (1..5).contains(&(end % whole))).count() as u64
}

#[test]
fn messages_allocate_nothing_unless_a_prefix_is_torn() {
    let torn = torn(LONG) - torn(SHORT);
    assert!(torn < 5, "few are: {torn}");
    for way in [Way::Pull, Way::Push] {
        assert_eq!(allocations(way, Form::Bare), 0);
        for form in [Form::Counting, Form::Limits, Form::Both, Form::Observed] {
            assert_eq!(allocations(way, form), torn, "{way:?}, {form:?}");
        }
    }
}
