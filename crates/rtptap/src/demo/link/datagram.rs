//! As much of a datagram as a link needs to recognise it.

/// What a datagram looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Datagram {
    Rtp {
        ssrc: u32,
        sequence: u16,
        /// First two payload bytes: the original sequence number if this is RFC 4588 retransmission, nothing if it is padding.
        original: Option<u16>,
    },
    Rtcp,
    Other,
}

/// RTP and RTCP on one port are told apart by the second byte (RFC 5761 §4).
pub(super) fn classify(bytes: &[u8]) -> Datagram {
    let &[first, second, ..] = bytes else { return Datagram::Other };
    if first >> 6 != 2 {
        return Datagram::Other;
    }
    if (192..=223).contains(&second) {
        return if bytes.len() >= 8 { Datagram::Rtcp } else { Datagram::Other };
    }
    let (Some(sequence), Some(ssrc)) = (u16_at(bytes, 2), u32_at(bytes, 8)) else { return Datagram::Other };
    let payload =
        payload_start(bytes).and_then(|at| bytes.get(at..bytes.len().saturating_sub(padding(bytes))));
    Datagram::Rtp { ssrc, sequence, original: payload.and_then(|payload| u16_at(payload, 0)) }
}

/// RFC 3550 §5.1 and §5.3.1: fixed header, CSRC list, extension block.
fn payload_start(bytes: &[u8]) -> Option<usize> {
    let first = *bytes.first()?;
    let csrcs_end = 12 + 4 * usize::from(first & 0x0f);
    if first & 0x10 == 0 {
        return Some(csrcs_end);
    }
    let words = u16_at(bytes, csrcs_end + 2)?;
    Some(csrcs_end + 4 + 4 * usize::from(words))
}

/// RFC 3550 §5.1: the last byte says how many there are.
fn padding(bytes: &[u8]) -> usize {
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(&count)) if first & 0x20 != 0 => usize::from(count),
        _ => 0,
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rtp_bytes(csrcs: u8, extension_words: Option<u16>, payload: &[u8]) -> Vec<u8> {
        let x = if extension_words.is_some() { 0x10 } else { 0 };
        let mut out = vec![0x80 | x | csrcs, 96, 0x12, 0x34, 0, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef];
        out.extend(std::iter::repeat_n(0xcc, 4 * usize::from(csrcs)));
        if let Some(words) = extension_words {
            out.extend_from_slice(&[0xbe, 0xde]);
            out.extend_from_slice(&words.to_be_bytes());
            out.extend(std::iter::repeat_n(0, 4 * usize::from(words)));
        }
        out.extend_from_slice(payload);
        out
    }

    #[test]
    fn rtp_is_known_by_ssrc_sequence_and_original() {
        for csrcs in [0, 3, 15] {
            for words in [None, Some(0), Some(2)] {
                let bytes = rtp_bytes(csrcs, words, &[0xab, 0xcd, 1]);
                let expect = Datagram::Rtp { ssrc: 0xdead_beef, sequence: 0x1234, original: Some(0xabcd) };
                assert_eq!(classify(&bytes), expect);
            }
        }
        let empty = classify(&rtp_bytes(0, None, &[7]));
        assert_eq!(empty, Datagram::Rtp { ssrc: 0xdead_beef, sequence: 0x1234, original: None });
    }

    #[test]
    fn padding_is_no_original() {
        let mut bytes = rtp_bytes(0, Some(1), &[0, 0, 0, 4]);
        assert!(matches!(classify(&bytes), Datagram::Rtp { original: Some(0), .. }));
        bytes[0] |= 0x20;
        assert!(matches!(classify(&bytes), Datagram::Rtp { original: None, .. }));
        let mut bytes = rtp_bytes(0, None, &[0xab, 0xcd, 1, 0, 2]);
        bytes[0] |= 0x20;
        assert!(matches!(classify(&bytes), Datagram::Rtp { original: Some(0xabcd), .. }));
    }

    #[test]
    fn rtcp_and_the_rest_are_told_apart() {
        assert_eq!(classify(&[0x80, 200, 0, 1, 0, 0, 0, 1]), Datagram::Rtcp);
        assert_eq!(classify(&[0x81, 205, 0, 1]), Datagram::Other);
        assert_eq!(classify(&[0x00, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Datagram::Other, "STUN");
        assert_eq!(classify(&[0x16, 0xfe, 0xff]), Datagram::Other, "DTLS");
        assert_eq!(classify(&[]), Datagram::Other);
        assert_eq!(classify(&[0x80, 96, 0, 1]), Datagram::Other);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut bytes = bytes;
            classify(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = 0x80 | (*first & 0x3f);
            }
            classify(&bytes);
        }
    }
}
