//! On a link that loses and reorders.

use interceptor_core::Registry;
use interceptor_jitter_buffer::JitterBufferFactory;
use interceptor_test::{Jitter, LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};

use crate::kit::{MS, SECOND, options};

#[test]
fn what_arrives_leaves_in_order_and_what_does_not_is_counted() {
    let factory = JitterBufferFactory::new(options()).unwrap();
    let handle = factory.handle();
    let registry = Registry::new().with(factory);
    let links = LinkOptions::default()
        .with_delay(40 * MS)
        .with_loss(Loss::random(0.05))
        .with_jitter(Jitter::uniform(30 * MS))
        .with_jitter_reorders(true);
    let mut pair = Pair::new(&Registry::new(), &registry, PairOptions::default().with_links(links)).unwrap();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    pair.feed(Side::A, rtp(1).payload_len(100).stream().ts_step(900).every(10 * MS).take(5000));
    assert!(pair.run_until_quiet(60 * SECOND));
    let (link, book) = (pair.link(Side::A).counters(), handle.totals());
    assert!(link.lost > 0 && link.reordered > 0, "{link:?}");
    assert_eq!(book.received, link.delivered);
    assert_eq!(book.emitted + book.late, link.delivered, "{book:?}");
    // Up to the last that arrived.
    assert!((link.lost + book.late - 3..=link.lost + book.late).contains(&book.lost), "{book:?} {link:?}");
    // The delay is that of the worst half seconds: very few come later.
    assert!(book.late * 200 < link.delivered, "{book:?}");
    let order: Vec<u16> = pair.received_rtp(Side::B).map(|packet| packet.sequence_number()).collect();
    assert!(order.is_sorted() && order.len() as u64 == book.emitted);
}
