//! Datagrams and their ECN bits.

use interceptor_core::packet::Ecn;
use interceptor_test::{Datagram, Message};

#[test]
fn only_capable_datagrams_are_marked() {
    for (before, marked, after) in [
        (None, false, None),
        (Some(Ecn::NotEct), false, Some(Ecn::NotEct)),
        (Some(Ecn::Ect0), true, Some(Ecn::Ce)),
        (Some(Ecn::Ect1), true, Some(Ecn::Ce)),
        (Some(Ecn::Ce), false, Some(Ecn::Ce)),
    ] {
        let mut datagram = Datagram::new(vec![1, 2, 3]).with_ecn(before);
        assert_eq!(datagram.mark_congestion(), marked, "{before:?}");
        assert_eq!(datagram.ecn, after);
        assert_eq!(datagram.len_bytes(), 3);
    }
}
