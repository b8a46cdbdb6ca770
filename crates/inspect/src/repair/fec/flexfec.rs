//! FlexFEC as in RFC 8627 §4.2.2, and as in draft 03 of draft-ietf-payload-flexible-fec-scheme, which browsers send.

use interceptor_packet::fec::{FlexFec03, Rfc8627, Span};

use super::Protected;

/// Packets that one repair packet may protect, in all its streams together: 110 by a mask, 255 by rows and columns.
const MAX_PROTECTED: usize = 512;
/// Where draft 03 has what it reserves.
const RESERVED: std::ops::Range<usize> = 9..12;

/// The packets that a repair packet of a stream of its own protects, or, of a retransmission in such a stream, what it
/// repeats. `csrcs` are the contributing sources in its RTP header, `payload` is what is behind that. `None`: it is no
/// repair packet, or cut before the end of its masks.
pub(crate) fn flexfec(csrcs: &[u32], payload: &[u8]) -> Option<Protected> {
    let protected: Protected = match (csrcs, Rfc8627::read(csrcs.len(), payload)) {
        (_, Ok(Rfc8627::Retransmission(packet))) => vec![number(packet)?],
        ([], _) => {
            let read = FlexFec03::read(payload).ok()?;
            // Of streams that nobody has announced, such a field tells repair packets from media.
            payload.get(RESERVED).filter(|reserved| reserved.iter().all(|byte| *byte == 0))?;
            let numbers =
                read.protected().flat_map(|(ssrc, span)| span.numbers().map(move |seq| (ssrc, seq)));
            numbers.take(MAX_PROTECTED + 1).collect()
        }
        (csrcs, Ok(Rfc8627::Repair(read))) => {
            let of = |(&ssrc, span): (&u32, Span)| span.numbers().map(move |seq| (ssrc, seq));
            csrcs.iter().zip(read.spans()).flat_map(of).take(MAX_PROTECTED + 1).collect()
        }
        (_, Err(_)) => return None,
    };
    (1..=MAX_PROTECTED).contains(&protected.len()).then_some(protected)
}

/// SSRC and number of an RTP packet.
fn number(packet: &[u8]) -> Option<(u32, u16)> {
    let &[_, _, n0, n1, _, _, _, _, s0, s1, s2, s3] = packet.first_chunk()?;
    Some((u32::from_be_bytes([s0, s1, s2, s3]), u16::from_be_bytes([n0, n1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let hex: String = hex.split_whitespace().collect();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// The numbers that a header of either format with these masks protects, counted from 1000.
    fn offsets(draft: bool, masks: &str) -> Option<Vec<u16>> {
        let (csrcs, header) = match draft {
            true => (&[][..], "0080 0001 00000000 01000000 11223344 03e8"),
            false => (&[0x1122_3344][..], "0080 0001 00000000 03e8"),
        };
        let protected = flexfec(csrcs, &bytes(&format!("{header}{masks}")))?;
        assert!(protected.iter().all(|(ssrc, _)| *ssrc == 0x1122_3344));
        Some(protected.into_iter().map(|(_, seq)| seq - 1000).collect())
    }

    #[test]
    fn masks_are_read_to_their_last_bit() {
        for (protected, draft_03, rfc_8627) in [
            (&[0][..], "c000", "4000"),
            (&[14], "8001", "0001"),
            (&[0, 15], "4000 c0000000", "c000 40000000"),
            (&[45], "0000 80000001", "8000 00000001"),
            (&[0, 46], "4000 00000000 c000000000000000", "c000 80000000 8000000000000000"),
            (&[0, 14, 15, 45, 46, 47], "4001 40000001 e000000000000000", "c001 c0000001 c000000000000000"),
            (&[108], "0000 00000000 8000000000000001", "8000 80000000 0000000000000002"),
        ] {
            assert_eq!(offsets(true, draft_03).as_deref(), Some(protected), "{draft_03}");
            assert_eq!(offsets(false, rfc_8627).as_deref(), Some(protected), "{rfc_8627}");
            // A mask that is cut off says nothing.
            assert_eq!(offsets(true, &draft_03[..draft_03.len() - 2]), None);
            assert_eq!(offsets(false, &rfc_8627[..rfc_8627.len() - 2]), None);
        }
        assert_eq!(offsets(false, "8000 80000000 0000000000000001").as_deref(), Some(&[109][..]));
        assert_eq!(offsets(true, "0000 00000000 0000000000000001"), None, "a mask without an end");
        assert_eq!(offsets(false, "0000"), None, "nothing is protected");
    }

    #[test]
    fn a_header_of_chromium() {
        let payload = bytes("0080 0003 00000000 01000000 3ee38107 551b e000");
        let expected = [21_787, 21_788].map(|seq| (0x3ee3_8107, seq));
        assert_eq!(flexfec(&[], &payload).as_deref(), Some(&expected[..]));
    }

    #[test]
    fn rows_and_columns_are_counted_out() {
        let of = |base: u16, columns: u8, rows: u8| {
            let [b0, b1] = base.to_be_bytes();
            let payload = [0x40, 0, 0, 0, 0, 0, 0, 0, b0, b1, columns, rows];
            let protected = flexfec(&[7], &payload)?;
            Some(protected.into_iter().map(|(_, seq)| seq).collect::<Vec<_>>())
        };
        assert_eq!(of(10, 4, 0).unwrap(), [10, 11, 12, 13]);
        assert_eq!(of(65_534, 3, 1).unwrap(), [65_534, 65_535, 0]);
        assert_eq!(of(10, 4, 3).unwrap(), [10, 14, 18]);
        assert_eq!(of(10, 0, 3), None);
    }

    #[test]
    fn several_streams_and_retransmissions() {
        let payload = bytes("0080 0001 00000000 000a 4000 0014 2000");
        assert_eq!(flexfec(&[1, 2], &payload).unwrap(), [(1, 10), (2, 21)]);
        let payload = bytes("0080 0001 00000000 02000000 00000001 000a c000 00000002 0014 a000");
        assert_eq!(flexfec(&[], &payload).unwrap(), [(1, 10), (2, 21)]);
        let packet = bytes("80e0 0017 00000000 00000009 aabb");
        assert_eq!(flexfec(&[9], &packet).unwrap(), [(9, 0x17)]);
        assert_eq!(flexfec(&[9], &bytes("c0e0 0017 00000000 00000009 aabb")), None);
    }
}
