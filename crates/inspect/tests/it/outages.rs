//! Late packets and outages at all rates: what comes late is not lost, what never comes is lost in full.

use crate::made::{Made, RTP, Rtp, find, single};

/// Packets of these numbers, sent in this order at so many a second; numbers are when they would have been sent.
fn sent(order: impl IntoIterator<Item = (u32, f64)>, rate: f64) -> Vec<Made> {
    let packet = |(number, turn): (u32, f64)| {
        let timestamp = (f64::from(number) * 90_000.0 / rate) as u32;
        Rtp { payload_type: 33, seq: number as u16, timestamp, ..RTP }.at(turn * 1000.0 / rate)
    };
    order.into_iter().map(packet).collect()
}

#[test]
fn packets_that_come_late_are_not_lost() {
    // Every hundredth packet is so many numbers late.
    for (late_by, rate) in [(120, 50.0), (150, 2000.0), (1200, 2000.0), (3500, 2000.0)] {
        let mut order: Vec<(u32, u32)> = (0..12_000)
            .map(|number| (if number % 100 == 50 { number + late_by } else { number }, number))
            .collect();
        order.sort_unstable();
        let order = order.into_iter().enumerate().map(|(turn, (_, number))| (number, turn as f64));
        let summary = find(&sent(order, rate));
        let stream = single(&summary);
        assert_eq!((stream.packets, stream.lost, stream.duplicates), (12_000, 0, 0), "{late_by} at {rate}");
        assert_eq!((stream.reordered, stream.loss_runs.count), (120, 0), "{late_by} at {rate}");
    }
}

#[test]
fn a_block_that_takes_another_way_is_not_lost() {
    for (block, late_by, rate) in [(200, 300, 50.0), (200, 300, 1000.0), (1000, 2000, 1000.0)] {
        let is_late = |number: u32| (500..500 + block).contains(&number);
        let mut order: Vec<(u32, u32)> = (0..6000)
            .map(|number| (if is_late(number) { number + late_by } else { number }, number))
            .collect();
        order.sort_unstable();
        let order = order.into_iter().enumerate().map(|(turn, (_, number))| (number, turn as f64));
        let summary = find(&sent(order, rate));
        let stream = single(&summary);
        assert_eq!((stream.packets, stream.lost, stream.loss_runs.count), (6000, 0, 0), "{block} {late_by}");
        assert!(stream.reordered > 0 && stream.duplicates == 0, "{stream:?}");
    }
}

#[test]
fn an_outage_is_a_loss_in_full() {
    for (missing, rate) in
        [(2900, 50.0), (3100, 50.0), (5000, 50.0), (40_000, 50.0), (4000, 2000.0), (40_000, 2000.0)]
    {
        // For a while before: how fast a stream is takes half a second to tell.
        let before = (2.0 * rate) as u32;
        let numbers = (0..before).chain(before + missing..before + missing + 1000);
        let summary = find(&sent(numbers.map(|number| (number, f64::from(number))), rate));
        let stream = single(&summary);
        let expected = (u64::from(before) + 1000, i64::from(missing));
        assert_eq!((stream.packets, stream.lost), expected, "{missing} at {rate}");
        let runs = (stream.loss_runs.count, stream.loss_runs.longest);
        assert_eq!(runs, (1, u64::from(missing)), "{missing} at {rate}");
        assert_eq!(stream.timestamp_jumps.count, 0, "{missing} at {rate}");
    }
}
