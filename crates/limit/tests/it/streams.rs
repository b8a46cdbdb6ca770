//! How many streams there may be.

use interceptor_core::ChainError;
use interceptor_limit::{LimitOptions, Reached, TooManyStreams};
use interceptor_test::stream_info;

use crate::kit::{BOTH, Rig, SECOND};

#[test]
fn streams_beyond_the_limit_are_refused_until_others_end() {
    for way in BOTH {
        let mut rig = Rig::new(way, LimitOptions::default().with_max_streams(2));
        for ssrc in [1, 2] {
            rig.bind(stream_info::video(ssrc)).unwrap();
        }
        let refused = rig.bind(stream_info::video(3)).unwrap_err();
        let ChainError::Refused { interceptor, error } = refused else { panic!("{refused}") };
        assert!(interceptor.starts_with("limit"));
        assert_eq!(error.downcast_ref::<TooManyStreams>().unwrap().limit, 2);
        assert_eq!(rig.told(), [Reached::Streams]);
        rig.unbind(1);
        rig.bind(stream_info::video(3)).unwrap();
        assert_eq!(rig.totals().streams_refused, 1);
    }
}

#[test]
fn ten_thousand_streams_over_the_limit_take_no_memory() {
    for way in BOTH {
        let mut rig = Rig::new(way, LimitOptions::default().with_max_streams(100));
        for ssrc in 0..100 {
            rig.bind(stream_info::bare(1 + ssrc)).unwrap();
        }
        let mut refuse = |count: u32| {
            for ssrc in 0..count {
                assert!(rig.bind(stream_info::bare(1000 + ssrc)).is_err());
                rig.pass(SECOND / 100);
                rig.told();
            }
        };
        // Until the chain's own tables have their size.
        refuse(1000);
        let kept = allocation_counter::measure(|| refuse(10_000)).bytes_current;
        assert!(kept <= 0, "{kept} bytes kept");
        assert_eq!(rig.totals().streams_refused, 11_000);
    }
}
