//! The call of the example `sfu`, with fewer subscribers: a bad path is its subscriber's own business.

use std::time::Duration;

#[path = "../../examples/sfu/call/mod.rs"]
mod call;

use call::{Plan, Seen, call};

const BAD: u32 = 2;

async fn run(bad: u32) -> Vec<Seen> {
    call(Plan { subscribers: 9, bad, length: Duration::from_secs(12) }).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_on_a_bad_path_does_not_disturb_the_others() {
    let all = run(BAD).await;
    let (bad, good) = all.split_at(BAD as usize);
    for seen in &all {
        assert_eq!(seen.forwarded.unaccounted(), 0, "{seen:?}");
        assert_eq!(seen.steps_back, 0, "one stream, whatever it is made of: {seen:?}");
    }
    // The others: nothing is missing, no frame is late, and all of the largest layer.
    for seen in good {
        assert_eq!((seen.missing, seen.switches, seen.forwarded.cuts), (0, 1, 0), "{seen:?}");
        assert!(seen.longest_pause <= Duration::from_millis(60), "{seen:?}");
        assert_eq!(seen.by_layer[..2], [0, 0], "{seen:?}");
    }
    // Those with a bad path: a smaller layer, most of the time, and nearly all of it.
    for seen in bad {
        let smaller: usize = seen.by_layer[..2].iter().sum();
        assert!(seen.switches >= 2 && smaller > seen.packets / 2, "{seen:?}");
        assert!(seen.missing * 20 < seen.packets, "{seen:?}");
        assert!(seen.packets > 200 && seen.longest_pause < Duration::from_secs(2), "{seen:?}");
    }
    // They see what they would without any bad path, but for key frames that others have asked for.
    let without = run(0).await;
    for (seen, alone) in good.iter().zip(&without[BAD as usize..]) {
        assert!(seen.packets >= alone.packets, "{seen:?}, alone {alone:?}");
        assert_eq!((seen.longest_pause, seen.by_layer[0]), (alone.longest_pause, alone.by_layer[0]));
    }
}
