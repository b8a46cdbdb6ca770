//! Options are checked when the factory is made.

use std::time::Duration;

use interceptor_flexfec::{FlexFecFactory, FlexFecOptions, OptionsError, RecoveryOptions};

use crate::kit::{MS, SECOND};

fn factory(recovery: RecoveryOptions) -> Result<FlexFecFactory, OptionsError> {
    FlexFecFactory::new(FlexFecOptions::default().with_recovery(recovery))
}

#[test]
fn the_first_option_outside_its_range_is_named() {
    let options = RecoveryOptions::default;
    let cases = [
        (options().with_packets(63), "packets"),
        (options().with_packets(4097), "packets"),
        (options().with_packet_bytes((64 << 10) - 1), "packet_bytes"),
        (options().with_packet_bytes((64 << 20) + 1), "packet_bytes"),
        (options().with_repairs(0), "repairs"),
        (options().with_repairs(257), "repairs"),
        (options().with_repair_bytes(4095), "repair_bytes"),
        (options().with_repair_bytes((16 << 20) + 1), "repair_bytes"),
        (options().with_repair_window(9 * MS), "repair_window"),
        (options().with_repair_window(10 * SECOND + Duration::from_nanos(1)), "repair_window"),
    ];
    for (options, field) in cases {
        let error = factory(options).unwrap_err();
        assert!(error.to_string().starts_with(&format!("RecoveryOptions::{field} is ")), "{error}");
    }
    for options in [
        options()
            .with_packets(64)
            .with_packet_bytes(64 << 10)
            .with_repairs(1)
            .with_repair_bytes(4096)
            .with_repair_window(10 * MS),
        options()
            .with_packets(4096)
            .with_packet_bytes(64 << 20)
            .with_repairs(256)
            .with_repair_bytes(16 << 20),
    ] {
        assert_eq!(factory(options.clone()).unwrap().options().recovery, options);
    }
}
