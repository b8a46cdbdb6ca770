//! Reads the blocks of a capture, in the byte order that it has (the largest first), and trusts no length in them.

/// What an interface has: one way of a leg.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    pub(super) packets: u64,
    /// RTP with the payload type of the tests' stream.
    pub(super) media: u64,
    /// Taken and dropped, as the statistics at the end say; taken counts those dropped.
    pub(super) said: Option<(u64, u64)>,
}

/// The interfaces in order.
pub(super) fn read(mut bytes: &[u8]) -> Vec<Way> {
    let mut ways = Vec::<Way>::new();
    while !bytes.is_empty() {
        let len = number(bytes, 4) as usize;
        assert_eq!(number(bytes, len - 4) as usize, len, "a block says twice how long it is");
        let body = &bytes[8..len - 4];
        match number(bytes, 0) {
            0x0a0d_0d0a => assert_eq!(number(body, 0), 0x1a2b_3c4d),
            1 => ways.push(Way::default()),
            6 => {
                let way = &mut ways[number(body, 0) as usize];
                way.packets += 1;
                let captured = number(body, 12) as usize;
                let packet = behind_tags(&body[20..20 + captured]);
                way.media += u64::from(packet[0] >> 6 == 2 && packet[1] & 0x7f == 96);
            }
            5 => ways[number(body, 0) as usize].said = Some((option(&body[12..], 4), option(&body[12..], 5))),
            other => assert_eq!(other, 6, "no other blocks"),
        }
        bytes = &bytes[len..];
    }
    ways
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// A 64-bit option of this code.
fn option(mut options: &[u8], code: u16) -> u64 {
    loop {
        let [found, len] = [0, 2].map(|at| u16::from_be_bytes([options[at], options[at + 1]]));
        if found == code {
            return u64::from_be_bytes(options[4..12].try_into().unwrap());
        }
        options = &options[4 + usize::from(len.next_multiple_of(4))..];
    }
}

/// What Wireshark's exported PDUs have before the packet, up to tag 0.
fn behind_tags(mut frame: &[u8]) -> &[u8] {
    loop {
        let [tag, len] = [0, 2].map(|at| u16::from_be_bytes([frame[at], frame[at + 1]]));
        frame = &frame[4 + usize::from(len)..];
        if tag == 0 {
            return frame;
        }
    }
}
