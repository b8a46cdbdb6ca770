//! The payload types that need no `a=rtpmap` (RFC 3551 §6).

/// Number, encoding, clock rate in Hz, channels (0: no audio).
const ASSIGNED: [(u8, &str, u32, u16); 24] = [
    (0, "PCMU", 8000, 1),
    (3, "GSM", 8000, 1),
    (4, "G723", 8000, 1),
    (5, "DVI4", 8000, 1),
    (6, "DVI4", 16_000, 1),
    (7, "LPC", 8000, 1),
    (8, "PCMA", 8000, 1),
    (9, "G722", 8000, 1),
    (10, "L16", 44_100, 2),
    (11, "L16", 44_100, 1),
    (12, "QCELP", 8000, 1),
    (13, "CN", 8000, 1),
    (14, "MPA", 90_000, 1),
    (15, "G728", 8000, 1),
    (16, "DVI4", 11_025, 1),
    (17, "DVI4", 22_050, 1),
    (18, "G729", 8000, 1),
    (25, "CelB", 90_000, 0),
    (26, "JPEG", 90_000, 0),
    (28, "nv", 90_000, 0),
    (31, "H261", 90_000, 0),
    (32, "MPV", 90_000, 0),
    (33, "MP2T", 90_000, 0),
    (34, "H263", 90_000, 0),
];

/// Encoding, clock rate and channels of a number.
pub(crate) fn find(number: u8) -> Option<(&'static str, u32, u16)> {
    let entry = ASSIGNED.iter().find(|(known, ..)| *known == number)?;
    Some((entry.1, entry.2, entry.3))
}
