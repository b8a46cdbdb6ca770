//! Chains with a capture, packets to send through them, and readers of what was written.

mod memory;
mod pcapng;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::{Chain, ChainConfig, Registry, StreamInfo};
use interceptor_packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_pcap_dump::{CaptureStopped, PcapDump, PcapDumpFactory, PcapDumpHandle, PcapDumpOptions};

pub(crate) use memory::{Given, Memory};
pub(crate) use pcapng::{IP_UDP, read_pcapng};

/// Wall-clock time at which every test's chain is built.
pub(crate) const ANCHOR: Duration = Duration::new(1_700_000_000, 123_456_789);
pub(crate) const LOCAL: u32 = 0x1122_3344;
pub(crate) const LOCAL_RTX: u32 = 0x1122_3345;
pub(crate) const REMOTE: u32 = 0x5566_7788;

/// A chain, and the instant of its building: the tests' only clock.
pub(crate) struct Call {
    pub(crate) chain: Chain,
    pub(crate) start: Instant,
}

impl Call {
    /// One local stream with RTX and one remote stream, captured as the options say.
    pub(crate) fn new(options: PcapDumpOptions) -> Self {
        Self::with(PcapDumpFactory::new(options).unwrap(), "call-1")
    }

    /// Without streams.
    pub(crate) fn empty(options: PcapDumpOptions) -> Self {
        let mut call = Self::new(options);
        call.chain.unbind_local(LOCAL, call.start).unwrap();
        call.chain.unbind_remote(REMOTE, call.start).unwrap();
        call
    }

    pub(crate) fn with(factory: PcapDumpFactory, id: &str) -> Self {
        Self::build(&Registry::new().with(factory), id)
    }

    pub(crate) fn build(registry: &Registry, id: &str) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do, and there is no other way to get one"
        )]
        let start = Instant::now();
        let config = ChainConfig::new(id, start, NtpTime::from_unix(ANCHOR), 7);
        let mut chain = registry.build(config).unwrap();
        chain.bind_local(StreamInfo::new(LOCAL, 96, 90_000).with_rtx(LOCAL_RTX, 97), start).unwrap();
        chain.bind_remote(StreamInfo::new(REMOTE, 111, 48_000), start).unwrap();
        Self { chain, start }
    }

    pub(crate) fn at(&self, micros: u64) -> Instant {
        self.start + Duration::from_micros(micros)
    }

    /// Sends and forgets what leaves for the wire.
    pub(crate) fn send(&mut self, packet: RtpPacket, micros: u64) {
        self.chain.write_rtp(packet, self.at(micros));
        self.chain.poll_wire().expect("media leaves whatever the capture does");
    }

    /// Receives and forgets what arrives at the application.
    pub(crate) fn receive(&mut self, packet: &RtpPacket, micros: u64) {
        self.chain.read_datagram(packet.to_bytes(), self.at(micros));
        self.chain.poll_app().expect("media arrives whatever the capture does");
    }

    pub(crate) fn send_rtcp(&mut self, packet: RtcpPacket, micros: u64) {
        self.chain.write_rtcp(packet, self.at(micros));
        self.chain.poll_wire().expect("RTCP leaves whatever the capture does");
    }

    pub(crate) fn receive_rtcp(&mut self, packet: &RtcpPacket, micros: u64) {
        self.chain.read_datagram(packet.as_bytes().clone(), self.at(micros));
        self.chain.poll_app().expect("RTCP arrives whatever the capture does");
    }

    pub(crate) fn handle(&self) -> PcapDumpHandle {
        self.chain.get::<PcapDump>().expect("the chain has a capture").handle()
    }

    /// Waits until everything sent so far is written.
    pub(crate) fn flush(&self) {
        self.chain.get::<PcapDump>().expect("the chain has a capture").flush().expect("the capture runs");
    }

    /// The events that tell that the capture has stopped.
    pub(crate) fn stops(&mut self) -> Vec<CaptureStopped> {
        let events = std::iter::from_fn(|| self.chain.poll_event());
        events.filter_map(|event| event.raised::<CaptureStopped>().cloned()).collect()
    }

    /// Closes; the files are complete when this returns.
    pub(crate) fn close(&mut self, micros: u64) {
        self.chain.close(self.at(micros)).unwrap();
    }
}

/// A media packet that can be told from every other: its payload is made of its number.
pub(crate) fn media(ssrc: u32, sequence_number: u16, len: usize) -> RtpPacket {
    let payload: Vec<u8> = (0..len).map(|at| (at as u8) ^ (sequence_number as u8)).collect();
    RtpPacket::builder()
        .ssrc(ssrc)
        .sequence_number(sequence_number)
        .timestamp(u32::from(sequence_number) * 3000)
        .payload_type(if ssrc == REMOTE { 111 } else { 96 })
        .marker(sequence_number.is_multiple_of(3))
        .payload(Bytes::from(payload))
        .build()
        .unwrap()
}

/// Must a missing tool fail the test rather than skip it?
pub(crate) fn tools_required() -> bool {
    std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1")
}

/// tshark's fields of each packet of a file; `None`, with a message, when there is no tshark.
pub(crate) fn tshark(file: &Path, arguments: &[&str], fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file).args(arguments).args(["-n", "-T", "fields", "-E", "separator=|"]);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if tools_required() => panic!("tshark is required and missing: {error}"),
        Err(error) => {
            eprintln!("SKIPPED: tshark cannot be run: {error}");
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark refuses {}: {errors}", file.display());
    let lines = String::from_utf8(output.stdout).unwrap();
    Some(lines.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect())
}

pub(crate) fn pli() -> RtcpPacket {
    RtcpPacket::builder().pli(LOCAL, REMOTE).build().unwrap()
}

/// The files of a directory by name, in order.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A capture directory and options that write into it.
pub(crate) fn files(template: &str) -> (tempfile::TempDir, PcapDumpOptions, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_path_buf();
    let options = PcapDumpOptions::new(path.join(template));
    (directory, options, path)
}
