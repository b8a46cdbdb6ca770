//! The walk over gRPC's messages: whatever comes and however it is cut, the same goes on as by a plain reading of the whole.

use bytes::Bytes;
use interceptor_grpc::frames::{Admission, Frames, Gate, MessageHead, PREFIX_BYTES, Step};

/// The first bytes say how the rest is cut and what is decided about its messages.
pub fn grpc_frames(data: &[u8]) {
    let Some((control, wire)) = data.split_at_checked(8) else { return };
    let (cuts, decisions) = control.split_at(4);
    let mut gate = Decisions { decisions: decisions.to_vec(), asked: 0, granted: None };
    let mut frames = Frames::default();
    let (mut out, mut ended) = (Vec::new(), false);
    let (mut rest, mut cuts) = (wire, cuts.iter().cycle());
    while !rest.is_empty() && !ended {
        let at = cuts.next().map_or(1, |cut| usize::from(*cut).max(1)).min(rest.len());
        let (frame, behind) = rest.split_at(at);
        rest = behind;
        frames.feed(Bytes::copy_from_slice(frame));
        ended = step_over(&mut frames, &mut gate, frame.len(), &mut out);
    }
    assert!(ended || !frames.has_work());
    if !ended {
        out.extend(frames.finish().unwrap_or_default());
    }
    assert_eq!(out, expected(wire, decisions));
}

/// One frame: it ends after at most a few steps a message, and nothing is kept that has not come.
fn step_over(frames: &mut Frames, gate: &mut Decisions, len: usize, out: &mut Vec<u8>) -> bool {
    for _ in 0..4 * (len + PREFIX_BYTES) {
        assert!(frames.held_bytes() <= len + PREFIX_BYTES);
        match frames.step(gate) {
            Step::Data(data) => {
                assert!(!data.is_empty());
                out.extend_from_slice(&data);
            }
            Step::Wait => assert!(frames.unfinished().is_some()),
            Step::More => return false,
            Step::End => return true,
        }
    }
    panic!("it never ends");
}

/// What goes on, read from the whole at once.
fn expected(mut wire: &[u8], decisions: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut message = 0;
    while let Some((prefix, behind)) = wire.split_first_chunk::<PREFIX_BYTES>() {
        let [_, length @ ..] = *prefix;
        let len = (u32::from_be_bytes(length) as usize).min(behind.len());
        match decision(decisions, message) {
            Admission::End => return out,
            Admission::Drop => {}
            Admission::Pass | Admission::Wait => out.extend_from_slice(&wire[..PREFIX_BYTES + len]),
        }
        wire = &behind[len..];
        message += 1;
    }
    out.extend_from_slice(wire);
    out
}

fn decision(decisions: &[u8], message: usize) -> Admission {
    match decisions[message % decisions.len()] % 8 {
        0 => Admission::Drop,
        1 => Admission::Wait,
        2 if message > 3 => Admission::End,
        _ => Admission::Pass,
    }
}

/// Who waits is granted when asked again.
struct Decisions {
    decisions: Vec<u8>,
    asked: usize,
    granted: Option<MessageHead>,
}

impl Gate for Decisions {
    fn admit(&mut self, head: MessageHead) -> Admission {
        if let Some(waits) = self.granted.take() {
            assert_eq!(waits, head, "the same message is asked about again");
            self.asked += 1;
            return Admission::Pass;
        }
        let decision = decision(&self.decisions, self.asked);
        if decision == Admission::Wait {
            self.granted = Some(head);
        } else {
            self.asked += 1;
        }
        decision
    }

    fn passed(&mut self, _: MessageHead) {
        assert!(self.asked > 0);
    }
}
