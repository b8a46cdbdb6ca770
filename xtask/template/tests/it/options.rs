//! Options are checked once, with an error that says what is wrong.

use interceptor_new_thing::{NewThingFactory, NewThingOptions};

#[test]
fn the_defaults_are_in_range() {
    let factory = NewThingFactory::new(NewThingOptions::default()).unwrap();
    assert_eq!(factory.options(), NewThingFactory::default().options());
}

#[test]
fn an_option_outside_its_range_is_named() {
    for every in [0, 1_000_001] {
        let error = NewThingFactory::new(NewThingOptions::default().with_every(every)).unwrap_err();
        let expected = format!("NewThingOptions::every is {every}, it has to be in 1..=1000000");
        assert_eq!(error.to_string(), expected);
    }
}
