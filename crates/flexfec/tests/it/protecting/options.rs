//! Options are checked when the factory is made.

use std::time::Duration;

use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};

use crate::kit::{MS, SECOND};

fn factory(protection: ProtectionOptions) -> Result<FlexFecFactory, interceptor_flexfec::OptionsError> {
    FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))
}

#[test]
fn the_first_option_outside_its_range_is_named() {
    let options = ProtectionOptions::default;
    let cases = [
        (options().with_code(Code::Rows { l: 0 }), "code"),
        (options().with_code(Code::Interleaved { n: 110, f: 1 }), "code"),
        (options().with_code(Code::Dense { n: 100, f: 49 }), "code"),
        (options().with_deadline(19 * MS), "deadline"),
        (options().with_deadline(10 * SECOND + MS), "deadline"),
        (options().with_max_block_time(Some(Duration::ZERO)), "max_block_time"),
        (options().with_max_block_time(Some(11 * SECOND)), "max_block_time"),
        (options().with_max_overhead_percent(0), "max_overhead_percent"),
        (options().with_max_overhead_percent(101), "max_overhead_percent"),
    ];
    for (options, field) in cases {
        let error = factory(options).unwrap_err();
        assert!(error.to_string().starts_with(&format!("ProtectionOptions::{field} is ")), "{error}");
    }
    let edges = [
        options().with_code(Code::Rows { l: 109 }).with_deadline(20 * MS).with_max_block_time(Some(MS)),
        options()
            .with_code(Code::TwoD { l: 10, d: 10 })
            .with_deadline(10 * SECOND)
            .with_max_block_time(Some(10 * SECOND))
            .with_max_overhead_percent(100),
        options().with_code(Code::Dense { n: 109, f: 48 }).with_max_overhead_percent(1),
    ];
    for options in edges {
        assert_eq!(factory(options.clone()).unwrap().options().protection, options);
    }
}
