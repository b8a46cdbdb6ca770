//! The macro that makes a test of each check.

/// Makes a test of every check of the [`Contract`](crate::Contract) for a factory.
///
/// `check_interceptor!(factory)` makes a module `contract` with the tests, and a function of the same name.
/// Before the factory a name for the module can stand, for factories with several sets of options; behind it
/// a closure that takes and returns the [`Contract`](crate::Contract), to declare what the interceptor does.
///
/// ```
/// use interceptor_core::Stage;
/// use interceptor_test::{Recording, check_interceptor};
///
/// check_interceptor!(Recording::new().recorder("recorder", Stage::CAPTURE));
/// check_interceptor!(nearer_the_application: Recording::new().recorder("recorder", Stage::NACK), |contract| contract
///     .with_streams(interceptor_test::stream_info::audio));
/// ```
#[macro_export]
macro_rules! check_interceptor {
    ($name:ident : $factory:expr $(, $configure:expr)? $(,)?) => {
        // Beside the module and not in it, so that the expressions see what the caller sees.
        fn $name() -> $crate::Contract {
            let contract = $crate::Contract::of($factory);
            $(let contract = contract.with($configure);)?
            contract
        }

        mod $name {
            $crate::check_interceptor!(@tests $name:
                passes_everything_on_unchanged
                places_what_it_emits_where_it_stands
                forgets_streams_that_end
                survives_unbinding_in_every_state
                closes_once
                takes_late_and_repeated_timeouts
                keeps_going_while_the_clock_stands_still
                keeps_going_when_the_clock_goes_back
                keeps_going_over_wraps_and_restarts
                serves_ten_thousand_streams
                survives_hostile_datagrams
                repeats_itself_for_the_same_seed
                allocates_nothing_per_packet
                keeps_nothing_of_streams_that_ended
            );
        }
    };
    (@tests $name:ident: $($check:ident)*) => {
        $(
            #[test]
            fn $check() {
                super::$name().$check();
            }
        )*
    };
    ($factory:expr $(, $configure:expr)? $(,)?) => {
        $crate::check_interceptor!(contract: $factory $(, $configure)?);
    };
}
