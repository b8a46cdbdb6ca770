//! S1 to S4 with transport-wide feedback for everybody, and without: what the variants are called.

/// The variants of one of both.
#[derive(Clone, Copy, Debug)]
pub struct Variants {
    /// Packets are numbered as they leave, and reported as they come.
    pub feedback: bool,
    /// S1.
    pub send: &'static str,
    /// S2, packets.
    pub parsed: &'static str,
    /// S2, bytes.
    pub datagram: &'static str,
    /// S3.
    pub loss: &'static str,
    /// S3.
    pub duplicates: &'static str,
    /// S4, on the media SSRC and as RTX.
    pub answer: [(&'static str, bool); 2],
}

/// Both.
pub const BOTH: [Variants; 2] = [
    Variants {
        feedback: true,
        send: "send",
        parsed: "parsed",
        datagram: "datagram",
        loss: "2 % loss",
        duplicates: "1 % duplicates",
        answer: [("plain, feedback", false), ("RTX, feedback", true)],
    },
    Variants {
        feedback: false,
        send: "send, no feedback",
        parsed: "parsed, no feedback",
        datagram: "datagram, no feedback",
        loss: "2 % loss, no feedback",
        duplicates: "1 % duplicates, no feedback",
        answer: [("plain", false), ("RTX", true)],
    },
];
