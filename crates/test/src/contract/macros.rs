//! The macros that make a test of each check.

/// Makes a test of every check of the [`Contract`](crate::Contract) for a factory.
///
/// `check_interceptor!(factory)` makes a module `contract` with the tests, and a function of the same name. Before the
/// factory a name for the module can stand, for factories with several sets of options. Behind it:
///
/// - `allocations: measure`, how the two checks of memory count ([`Contract::with_allocations`](crate::Contract::with_allocations)).
///   Without it these two are ignored tests, with that reason;
/// - a closure that takes and returns the [`Contract`](crate::Contract), to declare what the interceptor does.
///
/// ```
/// use interceptor_core::Stage;
/// use interceptor_test::{Allocations, MockFactory, Recording, check_interceptor, stream_info};
///
/// check_interceptor!(Recording::new().recorder("recorder", Stage::CAPTURE));
/// check_interceptor!(of_audio: MockFactory::new("mock"), allocations: measure, |contract| contract
///     .with_streams(stream_info::audio));
///
/// fn measure(run: &mut dyn FnMut()) -> Allocations {
///     let info = allocation_counter::measure(run);
///     Allocations { count: info.count_total, bytes_kept: info.bytes_current }
/// }
/// ```
#[macro_export]
macro_rules! check_interceptor {
    // Beside the module and not in it, so that the expressions see what the caller sees.
    (@contract $name:ident: $contract:expr; $($memory:meta)?) => {
        fn $name() -> $crate::Contract {
            $contract
        }

        mod $name {
            $crate::check_interceptor!(@tests $name:
                takes_part_in_streams
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
                goes_on_beside_one_that_panics
                does_not_make_its_driver_spin
                takes_facts_in_every_state
                does_not_answer_facts_for_ever
                takes_amendments_in_the_middle_of_traffic
                goes_on_after_a_refused_amendment
                joins_and_leaves_a_running_chain
                behaves_the_same_in_a_nested_chain
                keeps_the_origin_of_what_passes
            );
            $crate::check_interceptor!(@tests $name $([$memory])?:
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
    (@tests $name:ident [$ignored:meta]: $($check:ident)*) => {
        $(
            #[test]
            #[$ignored]
            fn $check() {
                super::$name().$check();
            }
        )*
    };
    ($name:ident : $factory:expr, allocations: $measure:expr $(, $configure:expr)? $(,)?) => {
        $crate::check_interceptor!(@contract $name: $crate::Contract::of($factory)
            .with_allocations($measure)
            $(.with($configure))?;
        );
    };
    ($name:ident : $factory:expr $(, $configure:expr)? $(,)?) => {
        $crate::check_interceptor!(@contract $name: $crate::Contract::of($factory)
            $(.with($configure))?;
            ignore = "memory cannot be checked without a counting allocator: give `allocations: measure`"
        );
    };
    ($factory:expr, allocations: $measure:expr $(, $configure:expr)? $(,)?) => {
        $crate::check_interceptor!(contract: $factory, allocations: $measure $(, $configure)?);
    };
    ($factory:expr $(, $configure:expr)? $(,)?) => {
        $crate::check_interceptor!(contract: $factory $(, $configure)?);
    };
}

/// Makes a test of every check of the [`ChainContract`](crate::ChainContract) for the chains that a function makes of a
/// [`ChainConfig`](interceptor_core::ChainConfig).
///
/// `check_chain!(build)` makes a module `chain_contract` with the tests, and a function of the same name. Before the function a
/// name for the module can stand; behind it a closure that takes and returns the [`ChainContract`](crate::ChainContract).
///
/// ```
/// use interceptor_core::Chain;
///
/// interceptor_test::check_chain!(Chain::new);
/// ```
#[macro_export]
macro_rules! check_chain {
    ($name:ident : $build:expr $(, $configure:expr)? $(,)?) => {
        fn $name() -> $crate::ChainContract {
            let contract = $crate::ChainContract::of($build);
            $(let contract = ($configure)(contract);)?
            contract
        }

        mod $name {
            $crate::check_interceptor!(@tests $name:
                keeps_panics_inside
                survives_destructors_that_panic
                never_makes_its_driver_spin
                wakes_whom_it_was_asked_to
                tells_facts_once_to_everybody_else
                cuts_off_a_storm_of_facts
                places_what_a_refused_interceptor_has_emitted
                keeps_the_origin_that_was_set
                takes_a_refused_amendment_back
                behaves_the_same_when_nested
                counts_what_fails_in_a_nested_chain
                hands_on_at_once_what_a_nested_chain_does_meanwhile
            );
        }
    };
    ($build:expr $(, $configure:expr)? $(,)?) => {
        $crate::check_chain!(chain_contract: $build $(, $configure)?);
    };
}
