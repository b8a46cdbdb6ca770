//! A disk that is full: the capture keeps what is whole, media loses nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use interceptor_pcap_dump::{CaptureError, PcapDumpOptions};

use crate::support::{Call, LOCAL, media, names, read_pcapng, tools_required, tshark};

/// A small file system in memory, gone with the value.
struct Tmpfs(PathBuf);

impl Tmpfs {
    /// `None`, with a message, when this process may not mount. Many containers may not, so it is no failure even where
    /// every tool must be there; hosted machines allow it with `sudo`.
    fn mount(at: &Path) -> Option<Self> {
        if as_root("mount", &["-t", "tmpfs", "-o", "size=256k,mode=1777", "tmpfs"], at) {
            return Some(Self(at.to_path_buf()));
        }
        eprintln!("skipped: cannot mount a tmpfs");
        None
    }
}

/// Runs `program`, if it must be through `sudo` where that asks for no password and tools are required.
fn as_root(program: &str, arguments: &[&str], at: &Path) -> bool {
    let succeeds = |command: &mut Command| {
        command.args(arguments).arg(at).output().is_ok_and(|output| output.status.success())
    };
    succeeds(&mut Command::new(program))
        || (tools_required() && succeeds(Command::new("sudo").args(["-n", program])))
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        as_root("umount", &[], &self.0);
    }
}

#[test]
fn a_full_disk_loses_no_media() {
    let directory = tempfile::tempdir().unwrap();
    let Some(disk) = Tmpfs::mount(directory.path()) else { return };
    let mut call = Call::new(PcapDumpOptions::new(disk.0.join("{id}.pcapng")));
    // Each `send` asserts that its packet leaves. 1000 kB do not fit into 256.
    for n in 0..1000 {
        call.send(media(LOCAL, n, 1000), u64::from(n));
    }
    call.close(1000);

    let stops = call.stops();
    assert_eq!(stops.len(), 1);
    let CaptureError::File { action: "write", source, .. } = &*stops[0].error else { panic!("{stops:?}") };
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(names(&disk.0), ["call-1.pcapng"]);
    let file = disk.0.join("call-1.pcapng");
    let packets = read_pcapng(&file).packets;
    assert!((50..256).contains(&packets.len()), "whole up to the last block that fitted: {}", packets.len());
    if let Some(rows) = tshark(&file, &[], &["frame.number"]) {
        assert_eq!(rows.len(), packets.len());
    }
}
