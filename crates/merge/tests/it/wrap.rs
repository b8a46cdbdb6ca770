//! Numbers that end and begin again.

use interceptor_merge::{MergeOptions, Order};

use crate::kit::Rig;

#[test]
fn numbers_that_wrap_are_merged() {
    for order in [Order::AsTheyCome, Order::Held] {
        let mut rig = Rig::new(MergeOptions::default().with_order(order));
        let mut up = Vec::new();
        for n in 65_500..65_700_u32 {
            up.extend(rig.bring(0, n as u16));
            up.extend(rig.bring(1, (n - 30) as u16));
        }
        assert_eq!(up.len(), 230 - usize::from(order == Order::Held) * 30, "{order:?}");
        assert_eq!((rig.path(0).lost, rig.path(1).lost), (0, 0));
        assert_eq!(rig.counters().restarts, 0);
    }
}

#[test]
fn laps_without_end_are_merged() {
    let mut rig = Rig::new(MergeOptions::default());
    for n in 0..200_000_u32 {
        assert_eq!(rig.bring((n % 2) as u8, n as u16).len(), 1);
        assert_eq!(rig.bring(1 - (n % 2) as u8, n as u16).len(), 0);
    }
    assert_eq!((rig.path(0).lost, rig.path(1).first), (0, 100_000));
}
