//! Checks the options once, when a factory is made.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::file::template::Template;
use crate::{OptionsError, PcapDumpOptions};

/// The largest UDP payload and then some: nothing is cut.
const MAX_SNAPLEN: usize = 65_535;
const HOUR: Duration = Duration::from_secs(3600);

/// Refuses what is out of range; gives back the options with their addresses in one family.
pub(crate) fn check(mut options: PcapDumpOptions) -> Result<PcapDumpOptions, OptionsError> {
    options.endpoints = options.endpoints.checked("endpoints")?;
    within("snaplen", options.snaplen, 12..=MAX_SNAPLEN, "12..=65535 bytes")?;
    for payload_type in &options.payload_types {
        within("payload_types", *payload_type, 0..=127, "0..=127")?;
    }
    queue(&options)?;
    files(&options)?;
    Ok(options)
}

fn queue(options: &PcapDumpOptions) -> Result<(), OptionsError> {
    within("queue_packets", options.queue_packets, 16..=1_048_576, "16..=1048576 packets")?;
    within("queue_bytes", options.queue_bytes, 65_536..=usize::MAX, "at least 65536 bytes")?;
    let interval = Duration::from_millis(1)..=HOUR;
    if !interval.contains(&options.flush_interval) {
        return Err(OptionsError::new("flush_interval", text(options.flush_interval), "1 ms..=1 h"));
    }
    if options.close_timeout > HOUR {
        return Err(OptionsError::new("close_timeout", text(options.close_timeout), "0..=1 h"));
    }
    Ok(())
}

fn files(options: &PcapDumpOptions) -> Result<(), OptionsError> {
    Template::parse(&options.path)?;
    if let Some(bytes) = options.rotate_bytes {
        within("rotate_bytes", bytes, 4096..=u64::MAX, "at least 4096 bytes")?;
    }
    if let Some(time) = options.rotate_after.filter(|time| *time < Duration::from_millis(1)) {
        return Err(OptionsError::new("rotate_after", text(time), "at least 1 ms"));
    }
    if let Some(bytes) = options.max_total_bytes {
        let least = options.rotate_bytes.unwrap_or(0).max(65_536);
        within("max_total_bytes", bytes, least..=u64::MAX, "at least 65536 bytes and at least rotate_bytes")?;
    }
    let Some(files) = options.ring_files else { return Ok(()) };
    if !options.rotates() {
        return Err(OptionsError::new("ring_files", files, "set together with rotate_bytes or rotate_after"));
    }
    within("ring_files", files, 2..=1_000_000, "2..=1000000 files")
}

fn within<T: PartialOrd + Display + Copy>(
    field: &'static str,
    value: T,
    range: RangeInclusive<T>,
    words: &'static str,
) -> Result<(), OptionsError> {
    if range.contains(&value) { Ok(()) } else { Err(OptionsError::new(field, value, words)) }
}

fn text(duration: Duration) -> String {
    format!("{duration:?}")
}
