//! The call of the example `sfu`: a bad path is its subscriber's own business.

use std::time::Duration;

#[path = "../../examples/sfu/call/mod.rs"]
mod call;

use call::cable::InMemory;
use call::{Plan, Seen, call};

async fn run(subscribers: u32, bad: u32, seconds: u64) -> Vec<Seen> {
    call(Plan { subscribers, bad, length: Duration::from_secs(seconds) }, InMemory).await.unwrap()
}

/// Three publishers; `bad` of the subscribers have a bad path.
async fn bad_paths_disturb_nobody(subscribers: u32, bad: u32, seconds: u64) {
    let all = run(subscribers, bad, seconds).await;
    assert_eq!(all.len(), subscribers as usize);
    let (those, good) = all.split_at(bad as usize);
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
    for seen in those {
        let smaller: usize = seen.by_layer[..2].iter().sum();
        assert!(seen.switches >= 2 && smaller > seen.packets / 2, "{seen:?}");
        assert!(seen.missing * 10 < seen.packets, "{seen:?}");
        assert!(seen.packets > 200 && seen.longest_pause < Duration::from_secs(2), "{seen:?}");
    }
    // They see what they would without any bad path, but for key frames that others have asked for.
    let without = run(subscribers, 0, seconds).await;
    for (seen, alone) in good.iter().zip(&without[bad as usize..]) {
        assert!(seen.packets >= alone.packets, "{seen:?}, alone {alone:?}");
        assert_eq!((seen.longest_pause, seen.by_layer[0]), (alone.longest_pause, alone.by_layer[0]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_on_a_bad_path_does_not_disturb_the_others() {
    bad_paths_disturb_nobody(9, 2, 12).await;
}

#[tokio::test(start_paused = true)]
async fn nor_do_five_of_a_hundred() {
    bad_paths_disturb_nobody(100, 5, 12).await;
}
