//! The state machine against a list of all that has happened.

use proptest::prelude::*;

use super::*;

const MS: u64 = 1_000_000;

fn pace(blind: bool) -> Pace {
    Pace {
        min_interval: 500 * MS,
        answer: 220 * MS,
        max_repeat: 3000 * MS,
        max_unanswered: 10,
        unanswered: 10_000 * MS,
        blind: blind.then_some(1000 * MS),
    }
}

#[test]
fn repeats_are_even_then_doubled_to_three_seconds_and_rare_after_ten() {
    let pace = pace(false);
    let mut requests = Requests::default();
    assert_eq!(requests.cause(0, &pace), Verdict::Ask);
    let mut at = vec![0];
    while at.len() < 14 {
        let due = requests.due().unwrap();
        assert_eq!(requests.fire(due - 1, &pace).ask, None);
        assert_eq!(requests.fire(due, &pace).ask, Some(Ask::Again));
        at.push(due);
    }
    let pauses: Vec<_> = at.windows(2).map(|pair| (pair[1] - pair[0]) / MS).collect();
    assert_eq!(pauses, [500, 500, 500, 1000, 2000, 3000, 3000, 3000, 3000, 10_000, 10_000, 10_000, 10_000]);
}

#[test]
fn who_joins_just_after_a_request_is_served_at_the_end_of_the_interval() {
    let pace = pace(false);
    let mut requests = Requests::default();
    assert_eq!(requests.cause(0, &pace), Verdict::Ask);
    assert_eq!(requests.cause(10 * MS, &pace), Verdict::Joined, "the key frame is still to come");
    assert_eq!(requests.answered(), Answered { outstanding: true, remembered: false });
    assert_eq!(requests.due(), None);
    assert_eq!(requests.cause(490 * MS, &pace), Verdict::Remember);
    assert_eq!(requests.cause(495 * MS, &pace), Verdict::Joined);
    assert_eq!(requests.due(), Some(500 * MS));
    assert_eq!(requests.fire(500 * MS, &pace).ask, Some(Ask::New));
}

#[test]
fn a_key_frame_serves_who_was_remembered() {
    let pace = pace(false);
    let mut requests = Requests::default();
    requests.cause(0, &pace);
    requests.answered();
    requests.cause(100 * MS, &pace);
    assert_eq!(requests.answered(), Answered { outstanding: false, remembered: true });
    assert_eq!((requests.due(), requests.fire(500 * MS, &pace).ask), (None, None));
}

#[test]
fn what_nobody_sees_is_taken_for_granted_and_nobody_is_forgotten() {
    let pace = pace(true);
    let mut requests = Requests::default();
    assert_eq!(requests.cause(0, &pace), Verdict::Ask);
    assert_eq!(requests.fire(1000 * MS, &pace), Fired { ask: None, granted: true }, "no repetition");
    assert_eq!(requests.cause(1000 * MS, &pace), Verdict::Ask);
    assert_eq!(requests.cause(1001 * MS, &pace), Verdict::Remember);
    assert_eq!(requests.fire(2000 * MS, &pace), Fired { ask: Some(Ask::New), granted: true });
}

proptest! {
    /// Of all causes and key frames, in any order: no two requests are nearer than the interval, nobody who needs a key frame waits longer
    /// for it to be asked than the longest pause, and nothing is asked when nobody needs anything.
    #[test]
    fn everybody_is_served_and_nothing_is_asked_too_often(
        blind: bool,
        steps in prop::collection::vec((0_u8..3, 1_u64..900), 1..200),
    ) {
        let pace = pace(blind);
        let mut requests = Requests::default();
        let (mut now, mut sent) = (0, Vec::<u64>::new());
        // Since when somebody has needed a key frame that was not asked for, and whether one is outstanding.
        let (mut needed, mut outstanding) = (None::<u64>, false);
        for (step, pass) in steps {
            let until = now + pass * MS;
            while let Some(due) = requests.due().filter(|due| *due <= until) {
                match requests.fire(due, &pace).ask {
                    Some(ask) => {
                        prop_assert!(needed.is_some() || outstanding && !blind, "for nobody");
                        prop_assert_eq!(ask == Ask::Again, outstanding && !blind);
                        sent.push(due);
                        (needed, outstanding) = (None, true);
                    }
                    None => outstanding = false,
                }
            }
            now = until;
            match step {
                0 | 1 => match requests.cause(now, &pace) {
                    Verdict::Ask => {
                        sent.push(now);
                        (needed, outstanding) = (None, true);
                    }
                    Verdict::Remember => needed = needed.or(Some(now)),
                    Verdict::Joined => prop_assert!(outstanding || needed.is_some()),
                },
                _ if !blind => {
                    let answered = requests.answered();
                    prop_assert_eq!(answered, Answered { outstanding, remembered: needed.is_some() });
                    (needed, outstanding) = (None, false);
                }
                _ => {}
            }
            let patience = if blind { 1000 * MS } else { 500 * MS };
            prop_assert!(needed.is_none_or(|since| requests.due().is_some_and(|due| due <= since + patience)));
        }
        prop_assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= 500 * MS), "{:?}", sent);
    }
}
