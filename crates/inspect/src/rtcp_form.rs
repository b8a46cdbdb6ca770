//! How much of RTCP's form a datagram has: RTP may have its second byte (RFC 5761 §4), and encryption leaves only the start.

/// Sub-packets that have a format of their own, from sender reports to extended reports (RFC 3550 §6, RFC 4585, RFC 3611).
const TYPES: std::ops::RangeInclusive<u8> = 200..=207;

/// What a datagram looks like whose first two bytes may be RTCP's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Sub-packets from the first byte to the last.
    Whole,
    /// A first sub-packet of a known type that fits, and something else behind it.
    Headed,
    /// Of a known type, and longer than the datagram.
    Broken,
    /// Of no known type, and no RTCP at all.
    Foreign,
}

impl Form {
    /// `wire_len` is the length before the capture cut it; what is cut off counts as well-formed.
    pub(super) fn of(data: &[u8], wire_len: usize) -> Self {
        let is_known = data.get(1).is_some_and(|number| TYPES.contains(number));
        let mut at = 0;
        while at < wire_len {
            let Some(header) = data.get(at..).and_then(|rest| rest.first_chunk::<4>()) else {
                // Cut off, or too short for one more.
                return if data.len() < wire_len { Self::Whole } else { Self::short(is_known, at) };
            };
            let end = at + sub_packet_len(*header);
            if !is_sub_packet(*header) || end > wire_len {
                return Self::short(is_known, at);
            }
            at = end;
        }
        Self::Whole
    }

    /// What is behind `at` is no sub-packet.
    const fn short(is_known: bool, at: usize) -> Self {
        match (is_known, at) {
            (true, 0) => Self::Broken,
            (true, _) => Self::Headed,
            (false, _) => Self::Foreign,
        }
    }
}

/// By version and type (RFC 5761 §4).
pub(super) const fn is_sub_packet([first, number, ..]: [u8; 4]) -> bool {
    first >> 6 == 2 && matches!(number, 192..=223)
}

/// The bytes of a sub-packet, by its header.
pub(super) const fn sub_packet_len([_, _, high, low]: [u8; 4]) -> usize {
    4 * (u16::from_be_bytes([high, low]) as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: [u8; 8] = [0x80, 201, 0, 1, 1, 2, 3, 4];

    #[test]
    fn tells_rtcp_from_what_only_begins_so() {
        let of = |parts: &[&[u8]]| Form::of(&parts.concat(), parts.concat().len());
        assert_eq!(of(&[&REPORT]), Form::Whole);
        assert_eq!(of(&[&REPORT, &REPORT]), Form::Whole);
        assert_eq!(of(&[&REPORT, &[0x81, 202, 0, 9, 0, 0, 0, 0]]), Form::Headed, "longer than the datagram");
        assert_eq!(of(&[&REPORT, &[1, 2, 3]]), Form::Headed);
        assert_eq!(of(&[&[0x80, 201, 9, 9], &[7; 20]]), Form::Broken);
        // Payload type 80 with the marker.
        assert_eq!(of(&[&[0x80, 208, 9, 9], &[7; 20]]), Form::Foreign);
        assert_eq!(of(&[&[0x80, 208, 0, 1], &[7; 20]]), Form::Foreign);
        assert_eq!(of(&[&[0x80, 208, 0, 5], &[7; 20]]), Form::Whole, "one of 65 536 looks so");
    }

    #[test]
    fn what_is_cut_off_is_not_held_against_it() {
        assert_eq!(Form::of(&REPORT, 100), Form::Whole);
        let long = [0x80, 200, 0, 6, 1, 2, 3, 4];
        assert_eq!((Form::of(&long, 28), Form::of(&long, 60)), (Form::Whole, Form::Whole));
        assert_eq!(Form::of(&long, 20), Form::Broken);
    }
}
