//! Byte vectors of all headers, each read and written again; and that nothing but them is read.

use proptest::prelude::*;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn masked(base: u16, offsets: &[u8]) -> Span {
    Span { base, pattern: Pattern::Mask(Mask::from_iter(offsets.iter().copied())) }
}

const SUM_OF_TWO: RecoveryFields = RecoveryFields { first: [0, 0x80], length: 1, timestamp: 0 };
const SUM_OF_THREE: RecoveryFields = RecoveryFields { first: [0, 0xe0], length: 3, timestamp: 0xc1c };

/// Offsets, and how draft 03 and RFC 8627 write them.
const MASKS: [(&[u8], &str, &str); 7] = [
    (&[0], "c000", "4000"),
    (&[14], "8001", "0001"),
    (&[0, 15], "4000 c0000000", "c000 40000000"),
    (&[45], "0000 80000001", "8000 00000001"),
    (&[0, 46], "4000 00000000 c000000000000000", "c000 80000000 8000000000000000"),
    (&[0, 14, 15, 45, 46, 47], "4001 40000001 e000000000000000", "c001 c0000001 c000000000000000"),
    (&[108], "0000 00000000 8000000000000001", "8000 80000000 0000000000000002"),
];

type Protected = Vec<(u32, Span)>;

/// Reads, writes and reads again into a buffer that is not clean.
fn flexfec03(hex: &str) -> Result<(RecoveryFields, Protected, Vec<u8>), FecError> {
    let payload = bytes(hex);
    let read = FlexFec03::read(&payload)?;
    let protected: Vec<_> = read.protected().collect();
    let mut header = vec![0xaa; FlexFec03::header_len(&protected)];
    FlexFec03::write(&read.fields(), &protected, &mut header).unwrap();
    let again = FlexFec03::read(&header).unwrap();
    assert_eq!((again.fields(), again.protected().collect::<Vec<_>>()), (read.fields(), protected.clone()));
    assert_eq!(again.body(), b"");
    header.extend(read.body());
    Ok((read.fields(), protected, header))
}

fn rfc8627(csrcs: usize, hex: &str) -> Result<(RecoveryFields, Vec<Span>, Vec<u8>), FecError> {
    let payload = bytes(hex);
    let Rfc8627::Repair(read) = Rfc8627::read(csrcs, &payload)? else { panic!("a sum") };
    let spans: Vec<_> = read.spans().collect();
    let mut header = vec![0xaa; Rfc8627::header_len(&spans)];
    Rfc8627::write(&read.fields(), &spans, &mut header).unwrap();
    header.extend(read.body());
    Ok((read.fields(), spans, header))
}

#[test]
fn flexfec_draft_03_of_two_and_of_three_packets() {
    for (hex, fields, offsets) in [
        ("0080 0001 00000000 01000000 11223344 0001 e000 abb9cfd9ee", SUM_OF_TWO, &[0, 1][..]),
        ("00e0 0003 00000c1c 01000000 11223344 0001 f000 5457cfd9ee", SUM_OF_THREE, &[0, 1, 2]),
    ] {
        let (read, protected, written) = flexfec03(hex).unwrap();
        assert_eq!((read, &protected[..]), (fields, &[(0x1122_3344, masked(1, offsets))][..]));
        assert_eq!(written, bytes(hex));
        assert_eq!(FlexFec03::read(&bytes(hex)).unwrap().body().len(), 5);
    }
}

#[test]
fn rfc8627_of_two_and_of_three_packets() {
    for (hex, fields, offsets) in [
        ("0080 0001 00000000 0001 6000 abb9cfd9ee", SUM_OF_TWO, &[0, 1][..]),
        ("00e0 0003 00000c1c 0001 7000 5457cfd9ee", SUM_OF_THREE, &[0, 1, 2]),
    ] {
        let (read, spans, written) = rfc8627(1, hex).unwrap();
        assert_eq!((read, &spans[..], written), (fields, &[masked(1, offsets)][..], bytes(hex)));
    }
}

#[test]
fn ulpfec_with_both_masks() {
    let after_gap = RecoveryFields { first: [0, 0], length: 6, timestamp: 0xc78 };
    for (hex, fields, offsets) in [
        ("0080 0001 00000000 0001 0005 c000 abb9cfd9ee", SUM_OF_TWO, &[0, 1][..]),
        ("0000 0001 00000c78 0006 0004 a000 feec0304", after_gap, &[0, 2]),
        ("40e0 0001 00000c1c 0003 0005 e000 00000000 5457cfd9ee", SUM_OF_THREE, &[0, 1, 2]),
        ("40e0 0001 00000c1c 0003 0005 8000 00000001 5457cfd9ee", SUM_OF_THREE, &[0, 47]),
    ] {
        let payload = bytes(hex);
        let read = UlpFec::read(&payload).unwrap();
        assert_eq!((read.fields(), read.protected()), (fields, masked(1, offsets)));
        assert_eq!(read.body().unwrap().len(), usize::from(read.level().protection_len));
        let mask = read.level().mask;
        let mut header = vec![0xaa; UlpFec::header_len(mask)];
        UlpFec::write(&fields, 1, mask, read.level().protection_len, &mut header).unwrap();
        // Nobody keeps a sender from a mask that is longer than it has to be.
        match read.is_long() == (header.len() == 18) {
            true => assert_eq!(header, payload[..header.len()]),
            false => assert_eq!(UlpFec::read(&header).unwrap().protected(), read.protected()),
        }
    }
}

#[test]
fn st2022_rows_and_columns() {
    // Columns of four every fifth, rows of five.
    for (hex, pattern) in [
        ("fffe 0524 a1000000 00000bb8 00 05 04 00 47", Pattern::Column { columns: 5, rows: 4 }),
        ("fffe 0524 a1000000 00000bb8 40 01 05 00 47", Pattern::Row { columns: 5, grid: true }),
    ] {
        let payload = bytes(hex);
        let read = St2022::read(&payload).unwrap();
        let fields = RecoveryFields { first: [0, 0x21], length: 0x524, timestamp: 0xbb8 };
        assert_eq!(
            (read.fields(), read.protected(), read.body()),
            (fields, Span { base: 65_534, pattern }, &[0x47][..])
        );
        let mut header = [0xaa; St2022::HEADER_LEN];
        St2022::write(&fields, read.protected(), &mut header).unwrap();
        assert_eq!(header, payload[..16]);
    }
    for wrong in [
        "fffe 0524 a1000001 00000bb8 00 05 04 00", // mask
        "fffe 0524 a1000000 00000bb8 00 00 04 00", // offset
        "fffe 0524 a1000000 00000bb8 00 05 00 00", // NA
        "fffe 0524 a1000000 00000bb8 08 05 04 00", // type
        "fffe 0524 a1000000 00000bb8 01 05 04 00", // index
        "fffe 0524 a1000000 00000bb8 80 05 04 00", // N
        "fffe 0524 a1000000 00000bb8 40 02 05 00", // a row with gaps
        "fffe 0524 a1000000 00000bb8 00 05 04",    // cut
    ] {
        assert!(St2022::read(&bytes(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn masks_are_read_and_written_to_their_last_bit() {
    for (offsets, draft, rfc) in MASKS {
        let draft = format!("0080 0001 00000000 01000000 11223344 03e8 {draft}");
        let (_, protected, written) = flexfec03(&draft).unwrap();
        assert_eq!((&protected[..], written), (&[(0x1122_3344, masked(1000, offsets))][..], bytes(&draft)));
        let rfc = format!("0080 0001 00000000 03e8 {rfc}");
        let (_, spans, written) = rfc8627(1, &rfc).unwrap();
        assert_eq!((&spans[..], written), (&[masked(1000, offsets)][..], bytes(&rfc)));
        // A header that is cut off says nothing.
        for end in 0..bytes(&draft).len() {
            assert_eq!(FlexFec03::read(&bytes(&draft)[..end]).unwrap_err(), FecError::Truncated);
        }
        for end in 0..bytes(&rfc).len() {
            assert_eq!(Rfc8627::read(1, &bytes(&rfc)[..end]).unwrap_err(), FecError::Truncated);
        }
    }
    let (_, spans, _) = rfc8627(1, "0080 0001 00000000 03e8 8000 80000000 0000000000000001").unwrap();
    assert_eq!(spans, [masked(1000, &[109])]);
}

#[test]
fn what_browsers_send() {
    let (_, protected, _) = flexfec03("0080 0003 00000000 01000000 3ee38107 551b e000").unwrap();
    assert_eq!(protected, [(0x3ee3_8107, masked(21_787, &[0, 1]))]);
}

#[test]
fn rows_and_columns_of_rfc8627() {
    for (size, pattern) in [
        ("0400", Pattern::Row { columns: 4, grid: false }),
        ("0401", Pattern::Row { columns: 4, grid: true }),
        ("0403", Pattern::Column { columns: 4, rows: 3 }),
        ("ffff", Pattern::Column { columns: 255, rows: 255 }),
    ] {
        let hex = format!("4000 0001 00000000 fffe {size} aabb");
        let (_, spans, written) = rfc8627(1, &hex).unwrap();
        assert_eq!((spans, written), (vec![Span { base: 65_534, pattern }], bytes(&hex)));
    }
    assert_eq!(rfc8627(1, "4000 0001 00000000 fffe 0003").unwrap_err(), FecError::Empty);
}

#[test]
fn several_streams() {
    let (_, spans, _) = rfc8627(2, "0080 0001 00000000 000a 4000 0014 2000 aa").unwrap();
    assert_eq!(spans, [masked(10, &[0]), masked(20, &[1])]);
    let hex = "0080 0001 00000000 02000000 00000001 000a c000 00000002 0014 a000 aa";
    let (_, protected, written) = flexfec03(hex).unwrap();
    assert_eq!((&protected[..], written), (&[(1, masked(10, &[0])), (2, masked(20, &[1]))][..], bytes(hex)));
}

#[test]
fn a_retransmission_is_the_packet_itself() {
    let packet = bytes("80e0 0017 00000000 00000009 aabb");
    let Ok(Rfc8627::Retransmission(again)) = Rfc8627::read(0, &packet) else { panic!("a retransmission") };
    assert_eq!(again, packet);
    assert_eq!(Rfc8627::read(1, &packet[..11]).unwrap_err(), FecError::Truncated);
}

#[test]
fn what_protects_nothing_or_says_what_is_reserved_is_refused() {
    for (hex, error) in [
        ("0080 0001 00000000 01000000 11223344 03e8 8000", FecError::Empty),
        ("0080 0001 00000000 00000000", FecError::Empty),
        ("0080 0001 00000000 01000000 11223344 03e8 0000 00000000 0000000000000001", FecError::EndlessMask),
        ("4080 0001 00000000 01000000 11223344 03e8 c000", FecError::Reserved("R or F")),
        ("8080 0001 00000000 01000000 11223344 03e8 c000", FecError::Reserved("R or F")),
        ("0080 0001 00000000 02000000 11223344 03e8 c000", FecError::Truncated),
    ] {
        assert_eq!(FlexFec03::read(&bytes(hex)).unwrap_err(), error, "{hex}");
    }
    for (csrcs, hex, error) in [
        (1, "0080 0001 00000000 03e8 0000", FecError::Empty),
        (0, "0080 0001 00000000 03e8 4000", FecError::Empty),
        (2, "0080 0001 00000000 03e8 4000", FecError::Truncated),
        (1, "c080 0001 00000000 03e8 4000", FecError::Reserved("R and F")),
    ] {
        assert_eq!(Rfc8627::read(csrcs, &bytes(hex)).unwrap_err(), error, "{hex}");
    }
    for (hex, error) in [
        ("8080 0001 00000000 0001 0005 c000 ab", FecError::Reserved("E")),
        ("0080 0001 00000000 0001 0005 0000 ab", FecError::Empty),
        ("0080 0001 00000000 0001 0000 c000 ab", FecError::Empty),
        ("4080 0001 00000000 0001 0005 c000 ab", FecError::Truncated),
    ] {
        assert_eq!(UlpFec::read(&bytes(hex)).unwrap_err(), error, "{hex}");
    }
    assert!(UlpFec::read(&bytes("0080 0001 00000000 0001 0005 c000 ab")).unwrap().body().is_none(), "cut");
}

#[test]
fn what_cannot_be_said_is_not_written() {
    let fields = RecoveryFields::default();
    let too_far = [(1, masked(0, &[109]))];
    let mut header = [0; 64];
    assert!(FlexFec03::write(&fields, &too_far, &mut header[..32]).is_err());
    assert!(FlexFec03::write(&fields, &[], &mut header[..12]).is_err());
    assert!(FlexFec03::write(&fields, &[(1, masked(0, &[]))], &mut header[..20]).is_err());
    assert!(FlexFec03::write(&fields, &[(1, masked(0, &[1]))], &mut header[..21]).is_err());
    let row = Span { base: 0, pattern: Pattern::Row { columns: 3, grid: false } };
    assert!(FlexFec03::write(&fields, &[(1, row)], &mut header[..18]).is_err());
    assert!(Rfc8627::write(&fields, &[row, masked(0, &[1])], &mut header[..16]).is_err());
    assert!(Rfc8627::write(&fields, &[masked(0, &[1]); 16], &mut header).is_err());
    assert!(UlpFec::write(&fields, 0, Mask::from_iter([48]), 1, &mut header[..18]).is_err());
    assert!(St2022::write(&fields, masked(0, &[1]), &mut header[..16]).is_err());
}

proptest! {
    #[test]
    fn no_bytes_panic_and_what_is_read_is_written_again(payload in prop::collection::vec(any::<u8>(), 0..64), csrcs in 0_usize..4) {
        if let Ok(read) = FlexFec03::read(&payload) {
            let protected: Vec<_> = read.protected().collect();
            let mut header = vec![0; FlexFec03::header_len(&protected)];
            FlexFec03::write(&read.fields(), &protected, &mut header).unwrap();
            prop_assert_eq!(FlexFec03::read(&header).unwrap().protected().collect::<Vec<_>>(), protected);
        }
        if let Ok(Rfc8627::Repair(read)) = Rfc8627::read(csrcs, &payload) {
            let spans: Vec<_> = read.spans().collect();
            prop_assert_eq!(spans.len(), csrcs);
            let mut header = vec![0; Rfc8627::header_len(&spans)];
            Rfc8627::write(&read.fields(), &spans, &mut header).unwrap();
        }
        if let Ok(read) = UlpFec::read(&payload) {
            let mask = read.level().mask;
            let mut header = vec![0; UlpFec::header_len(mask)];
            UlpFec::write(&read.fields(), 1, mask, 1, &mut header).unwrap();
        }
        if let Ok(read) = St2022::read(&payload) {
            let mut header = [0; 16];
            St2022::write(&read.fields(), read.protected(), &mut header).unwrap();
        }
    }

    #[test]
    fn masks_come_back(offsets in prop::collection::vec(0_u8..109, 1..30), base: u16) {
        let span = masked(base, &offsets);
        let mut header = [0; 32];
        let len = FlexFec03::header_len(&[(7, span)]);
        FlexFec03::write(&SUM_OF_TWO, &[(7, span)], &mut header[..len]).unwrap();
        prop_assert_eq!(FlexFec03::read(&header[..len]).unwrap().protected().next(), Some((7, span)));
        let len = Rfc8627::header_len(&[span]);
        Rfc8627::write(&SUM_OF_TWO, &[span], &mut header[..len]).unwrap();
        let Ok(Rfc8627::Repair(read)) = Rfc8627::read(1, &header[..len]) else { panic!("a sum") };
        prop_assert_eq!((read.spans().next(), read.fields()), (Some(span), SUM_OF_TWO));
    }
}
