//! ULPFEC (RFC 5109) in RED (RFC 2198): repair packets among the packets that they protect, with numbers of their own.

use interceptor_packet::fec::{UlpFec, UlpLevel};

/// A repair packet follows what it protects: the last of that is at most so far behind it.
const MAX_BEHIND: u16 = 128;
/// RED's header of one block, and the part of ULPFEC's header before its levels.
const HEADERS: usize = 1 + 10;

/// The numbers that a media stream's packet protects, if it is a repair packet. Which payload type in RED that has need not
/// be known: a repair packet protects numbers just before its own `seq`, and the lengths of what it protects add up to its
/// own, `payload_len`. What is no repair packet passes for one once in a thousand million times.
pub(crate) fn ulpfec(seq: u16, payload: &[u8], payload_len: usize) -> Option<Vec<u16>> {
    // RFC 2198 §3: one block, of which only the payload type is said.
    let (_, payload) = payload.split_first().filter(|(block, _)| **block >> 7 == 0)?;
    let read = UlpFec::read(payload).ok()?;
    let protected = read.protected();
    if !(1..MAX_BEHIND + u16::from(UlpFec::MASK_BITS)).contains(&seq.wrapping_sub(protected.base)) {
        return None;
    }
    let header_len = UlpLevel::header_len(read.is_long());
    let mut rest = payload_len.checked_sub(HEADERS)?;
    let mut level = read.level();
    // RFC 5109 §7.4: a level after the other, each with its length, its mask, and its bytes.
    loop {
        let len = usize::from(level.protection_len);
        rest = rest.checked_sub(len + header_len)?;
        if rest == 0 {
            break;
        }
        level = UlpLevel::read(read.is_long(), level.rest.get(len..)?).ok()?;
    }
    let last = seq.wrapping_sub(protected.last()?);
    (1..=MAX_BEHIND).contains(&last).then(|| protected.numbers().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let hex: String = hex.split_whitespace().collect();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn numbers(seq: u16, hex: &str) -> Option<Vec<u16>> {
        let payload = bytes(hex);
        ulpfec(seq, &payload, payload.len())
    }

    #[test]
    fn masks_of_both_sizes_are_read() {
        assert_eq!(numbers(3, "78 0080 0001 00000000 0001 0005 c000 abb9cfd9ee").unwrap(), [1, 2]);
        assert_eq!(numbers(4, "78 0000 0001 00000c78 0006 0004 a000 feec0304").unwrap(), [1, 3]);
        assert_eq!(numbers(4, "78 40e0 0001 00000c1c 0003 0005 e00000000000 5457cfd9ee").unwrap(), [1, 2, 3]);
        assert_eq!(numbers(0x30, "78 40e0 0001 00000c1c 0003 0001 000000000001 54"), None, "its own number");
        assert_eq!(numbers(0x31, "78 40e0 0001 00000c1c 0003 0001 000000000001 54").unwrap(), [0x30]);
    }

    #[test]
    fn of_a_capture_that_is_cut_the_first_bytes_will_do() {
        let header = bytes("78 10e0 1fbf 781a9d33 033b 033b e000 be");
        assert_eq!(ulpfec(8130, &header, 15 + 0x33b).unwrap(), [8127, 8128, 8129]);
        assert_eq!(ulpfec(8130, &header, 16 + 0x33b), None, "lengths do not add up");
        assert_eq!(ulpfec(8500, &header, 15 + 0x33b), None, "far from what it protects");
        assert_eq!(ulpfec(8127, &header, 15 + 0x33b), None, "before what it protects");
    }

    #[test]
    fn levels_are_walked_to_the_end() {
        // Two levels: the first protects one byte of two packets, the second two more of one.
        let two = "78 0080 0001 00000000 0001 0001 c000 aa 0002 8000 bbcc";
        assert_eq!(numbers(3, two).unwrap(), [1, 2]);
        assert_eq!(numbers(3, &format!("{two}00")), None);
        assert_eq!(numbers(3, "78 0080 0001 00000000 0001"), None);
        assert_eq!(numbers(3, ""), None);
    }
}
