//! On a link that loses packets.

use std::time::Duration;

use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};

use crate::kit::{counted, every};

#[test]
fn a_lost_packet_counts_where_it_was_sent_only() {
    let registry = every(1000).unwrap();
    let links = LinkOptions::default().with_delay(Duration::from_millis(20)).with_loss(Loss::random(0.1));
    let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_links(links)).unwrap();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    pair.feed(Side::A, rtp(1).stream().every(Duration::from_millis(5)).take(1000));
    assert!(pair.run_until_quiet(Duration::from_secs(10)));
    let link = pair.link(Side::A).counters();
    assert!(link.lost > 0, "{link:?}");
    assert_eq!(counted(pair.chain(Side::A)), Some(1000));
    assert_eq!(counted(pair.chain(Side::B)), Some(link.delivered));
}
