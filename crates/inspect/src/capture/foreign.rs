//! Files that are no capture that can be read, but are known by their first bytes, with what to do about them.

/// First bytes, and what the file is.
const KNOWN: [(&[u8], &str); 10] = [
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd data, which is not unpacked here: unpack it with zstd -d first; it"),
    (
        &[0xfd, b'7', b'z', b'X', b'Z', 0],
        "xz data, which is not unpacked here: unpack it with xz -d first; it",
    ),
    (b"BZh", "bzip2 data, which is not unpacked here: unpack it with bzip2 -d first; it"),
    (&[0x04, 0x22, 0x4d, 0x18], "lz4 data, which is not unpacked here: unpack it with lz4 -d first; it"),
    (b"PK\x03\x04", "a zip archive, which is not unpacked here: take the capture out of it first; it"),
    (super::input::GZIP, "gzip data within gzip data: unpack it once first; it"),
    (b"snoop\0\0\0", "a snoop capture, which is not read: make a pcapng file of it with editcap first; it"),
    (b"btsnoop\0", "a btsnoop capture, which has Bluetooth and no RTP over IP; it"),
    (
        b"GMBU",
        "a Network Monitor capture, which is not read: make a pcapng file of it with editcap first; it",
    ),
    (
        b"RTSS",
        "a Network Monitor capture, which is not read: make a pcapng file of it with editcap first; it",
    ),
];

/// What begins, for a person; `None`: nobody knows.
pub(super) fn name(bytes: &[u8]) -> Option<String> {
    let known = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic));
    known.map(|(_, name)| format!("{name} begins"))
}
