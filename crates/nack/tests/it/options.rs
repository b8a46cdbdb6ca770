//! Options are checked once, with an error that says what is wrong.

use interceptor_core::Registry;
use interceptor_nack::{Copies, NackFactory, NackOptions, ReorderTolerance};

use crate::kit::ms;

#[test]
fn the_defaults_are_in_range() {
    assert_eq!(NackFactory::new(NackOptions::default()).unwrap().options(), NackFactory::default().options());
}

#[test]
fn each_option_outside_its_range_is_named() {
    let options = NackOptions::default;
    let long = ReorderTolerance::Fixed { packets: 0, time: ms(1_001) };
    let many = ReorderTolerance::Fixed { packets: 1_001, time: ms(0) };
    let wrong = [
        ("history_packets", options().with_history_packets(32)),
        ("history_packets", options().with_history_packets(100)),
        ("history_packets", options().with_history_packets(65_536)),
        ("reorder_tolerance", options().with_reorder_tolerance(long)),
        ("reorder_tolerance", options().with_reorder_tolerance(many)),
        ("max_requests", options().with_max_requests(0)),
        ("max_requests", options().with_max_requests(101)),
        ("request_copies", options().with_request_copies(Copies::Fixed(0))),
        ("request_copies", options().with_request_copies(Copies::Fixed(5))),
        ("answer_copies", options().with_answer_copies(Copies::Fixed(0))),
        ("answer_copies", options().with_answer_copies(Copies::Fixed(5))),
        ("assumed_deadline", options().with_assumed_deadline(ms(9))),
        ("assumed_deadline", options().with_assumed_deadline(ms(10_001))),
        ("max_age", options().with_max_age(ms(19))),
        ("max_age", options().with_max_age(ms(60_001))),
        ("max_missing", options().with_max_missing(0)),
        ("max_missing", options().with_max_missing(32_769)),
        ("send_history_packets", options().with_send_history_packets(0)),
        ("send_history_packets", options().with_send_history_packets(32_769)),
        ("send_history_age", options().with_send_history_age(ms(9))),
        ("send_history_age", options().with_send_history_age(ms(60_001))),
        ("send_history_bytes", options().with_send_history_bytes(1_499)),
        ("send_history_bytes", options().with_send_history_bytes((1 << 30) + 1)),
        ("send_history_total_bytes", options().with_send_history_total_bytes(65_535)),
        ("send_history_total_bytes", options().with_send_history_total_bytes((4 << 30) + 1)),
        ("resend_cooldown", options().with_resend_cooldown(Some(ms(9)))),
        ("resend_cooldown", options().with_resend_cooldown(Some(ms(10_001)))),
        ("max_resend_ratio", options().with_max_resend_ratio(-0.1)),
        ("max_resend_ratio", options().with_max_resend_ratio(f64::NAN)),
        ("max_resend_ratio", options().with_max_resend_ratio(100.1)),
        ("max_resend_packets", options().with_max_resend_packets(0)),
        ("max_resend_packets", options().with_max_resend_packets(4_097)),
    ];
    for (field, options) in wrong {
        let error = NackFactory::new(options).unwrap_err();
        assert_eq!(error.field, field);
        let text = error.to_string();
        assert!(text.contains(&error.value) && text.contains(error.range), "{text}");
    }
}

#[test]
fn the_ends_of_the_ranges_are_allowed() {
    let small = NackOptions::default()
        .with_history_packets(64)
        .with_max_requests(1)
        .with_request_copies(Copies::Fixed(1))
        .with_answer_copies(Copies::Fixed(4))
        .with_assumed_deadline(ms(10))
        .with_max_age(ms(20))
        .with_max_missing(1)
        .with_send_history_packets(1)
        .with_send_history_age(ms(10))
        .with_send_history_bytes(1_500)
        .with_resend_cooldown(Some(ms(10)))
        .with_max_resend_ratio(0.0)
        .with_max_resend_packets(1);
    let large = NackOptions::default()
        .with_history_packets(32_768)
        .with_max_requests(100)
        .with_max_age(ms(60_000))
        .with_max_missing(32_768)
        .with_send_history_packets(32_768)
        .with_send_history_age(ms(60_000))
        .with_send_history_bytes(1 << 30)
        .with_resend_cooldown(Some(ms(10_000)))
        .with_max_resend_ratio(100.0)
        .with_max_resend_packets(4_096);
    assert!(NackFactory::new(small).is_ok() && NackFactory::new(large).is_ok());
}

#[test]
fn both_roles_need_nack_and_giving_up_needs_pli_to_be_negotiated() {
    let needs = |options| {
        let registry = Registry::new().with(NackFactory::new(options).unwrap());
        registry.needs().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let all = ["audio: a=rtcp-fb nack", "video: a=rtcp-fb nack", "video: a=rtcp-fb nack pli"];
    assert_eq!(needs(NackOptions::default()), all);
    assert_eq!(needs(NackOptions::default().with_pli_on_give_up(false)), all[..2]);
}
