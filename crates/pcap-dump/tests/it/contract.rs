//! The contract that every interceptor keeps to.

use std::io;

use interceptor_pcap_dump::{PacketSink, PcapDumpFactory, PcapDumpOptions, Record};
use interceptor_test::check_interceptor;

/// Reads every byte and keeps none.
struct Reader;

impl PacketSink for Reader {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        assert!(record.data().iter().fold(0_u64, |sum, byte| sum + u64::from(*byte)) <= 255 * 65_535);
        Ok(())
    }
}

check_interceptor!(PcapDumpFactory::new(PcapDumpOptions::default().with_sink(|_| Ok(Reader))).unwrap());
