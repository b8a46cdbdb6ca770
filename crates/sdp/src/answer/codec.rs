//! Whether two descriptions of a codec mean the same.

use interceptor_core::Codec;

use crate::section::format::{Format, parameters};

/// Can a codec of ours take what a format offers? Name, clock and channels have to agree, and those parameters that make another
/// codec of it (RFC 6184 §8.2.2, RFC 9628 §6.1, RFC 7798 §7.2.2), where ours has any.
pub(super) fn agrees(ours: &Codec, media: &str, offered: &Format) -> bool {
    let (kind, name) = ours.mime_type.split_once('/').unwrap_or((media, &ours.mime_type));
    let channels = ours.channels == 0 || offered.channels == 0 || ours.channels == offered.channels;
    kind.eq_ignore_ascii_case(media)
        && offered.is(name)
        && (ours.clock_rate == 0 || ours.clock_rate == offered.clock_rate)
        && channels
        && (ours.fmtp.is_empty() || same_kind(name, &ours.fmtp, &offered.fmtp))
}

/// What tells formats of one name apart, with the value that counts when it is not said.
const DISTINCT: [(&str, &str, &str); 5] = [
    ("H264", "packetization-mode", "0"),
    ("VP9", "profile-id", "0"),
    ("AV1", "profile", "0"),
    ("H265", "profile-id", "1"),
    ("H265", "tier-flag", "0"),
];

fn same_kind(name: &str, ours: &str, theirs: &str) -> bool {
    let mut distinct = DISTINCT.iter().filter(|(codec, ..)| codec.eq_ignore_ascii_case(name));
    let same = distinct.all(|(_, parameter, default)| {
        value(ours, parameter).unwrap_or(default) == value(theirs, parameter).unwrap_or(default)
    });
    same && (!name.eq_ignore_ascii_case("H264") || h264_profile(ours) == h264_profile(theirs))
}

/// `profile_idc`, which of its constraint flags count, what these are, and the profile that they make of it (RFC 6184 §8.1, Table 5):
/// 42c0 and 42e0 are both Constrained Baseline.
const H264_PROFILES: [(u8, u8, u8, (u8, u8)); 7] = [
    (0x42, 0x4f, 0x40, (0x42, 0x40)),
    (0x4d, 0x8f, 0x80, (0x42, 0x40)),
    (0x58, 0xcf, 0xc0, (0x42, 0x40)),
    (0x42, 0x4f, 0x00, (0x42, 0x00)),
    (0x58, 0xcf, 0x80, (0x42, 0x00)),
    (0x58, 0xcf, 0x00, (0x58, 0x00)),
    (0x4d, 0xaf, 0x00, (0x4d, 0x00)),
];

/// The profile without the level, which each end has for itself: the first two bytes of `profile-level-id`, Baseline unless said.
fn h264_profile(fmtp: &str) -> (u8, u8) {
    let id = value(fmtp, "profile-level-id").and_then(|id| u16::from_str_radix(id.get(..4)?, 16).ok());
    let [profile, flags] = id.unwrap_or(0x4200).to_be_bytes();
    let known = H264_PROFILES.iter().find(|(idc, mask, set, _)| *idc == profile && flags & mask == *set);
    known.map_or((profile, flags), |(.., meant)| *meant)
}

fn value<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    parameters(fmtp).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
