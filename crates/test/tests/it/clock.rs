//! The virtual clock.

use std::time::Duration;

use interceptor_test::Clock;

const MS: Duration = Duration::from_millis(1);

#[test]
fn stands_still_until_it_is_moved() {
    let mut clock = Clock::new();
    assert_eq!(clock.elapsed(), Duration::ZERO);
    assert_eq!(clock.now(), clock.now());
    assert_eq!(clock.advance(5 * MS), clock.at(5 * MS));
    assert_eq!(clock.elapsed(), 5 * MS);
}

#[test]
fn all_clocks_count_from_the_same_base() {
    let mut clock = Clock::new();
    clock.advance(70 * MS);
    assert_eq!(Clock::new().at(70 * MS), clock.now());
}

#[test]
fn advances_to_an_instant_but_never_back() {
    let mut clock = Clock::new();
    assert_eq!(clock.advance_to(clock.at(9 * MS)), clock.at(9 * MS));
    assert_eq!(clock.advance_to(clock.at(4 * MS)), clock.at(9 * MS));
}

#[test]
fn leaves_room_for_instants_before_its_base() {
    assert!(Clock::new().now().checked_sub(Duration::from_secs(365 * 24 * 3600)).is_some());
}
