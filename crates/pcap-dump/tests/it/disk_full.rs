//! A disk that is full: the capture keeps what is whole, media loses nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use interceptor_pcap_dump::{CaptureError, PcapDumpOptions};

use crate::support::{Call, LOCAL, media, names, read_pcapng, tshark};

/// A small file system in memory, gone with the value.
struct Tmpfs(PathBuf);

impl Tmpfs {
    /// `None`, with a message, when this process may not mount.
    fn mount(at: &Path) -> Option<Self> {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(at.to_path_buf())),
            Ok(output) => {
                eprintln!("SKIPPED: cannot mount a tmpfs: {}", String::from_utf8_lossy(&output.stderr));
                None
            }
            Err(error) => {
                eprintln!("SKIPPED: cannot run mount: {error}");
                None
            }
        }
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
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
