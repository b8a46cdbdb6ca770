//! The walk over prefixes: what goes on is the same however it was cut, and the gate is asked once a message.

use bytes::{BufMut, Bytes, BytesMut};
use interceptor_grpc::frames::{Admission, Frames, Gate, MessageHead, PREFIX_BYTES, Step};
use proptest::prelude::*;

/// Decides by a list, and writes down what it hears.
#[derive(Default)]
struct Listed {
    decisions: std::collections::VecDeque<Admission>,
    asked: Vec<MessageHead>,
    passed: Vec<MessageHead>,
}

impl Gate for Listed {
    fn admit(&mut self, head: MessageHead) -> Admission {
        let decision = self.decisions.pop_front().unwrap_or(Admission::Pass);
        if decision != Admission::Wait {
            self.asked.push(head);
        }
        decision
    }

    fn passed(&mut self, head: MessageHead) {
        self.passed.push(head);
    }
}

/// Everything that goes on, and whether it was ended.
fn walk(frames: &mut Frames, gate: &mut Listed, input: &[Bytes]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    for frame in input {
        frames.feed(frame.clone());
        loop {
            match frames.step(gate) {
                Step::Data(data) => {
                    assert!(!data.is_empty());
                    out.extend_from_slice(&data);
                }
                Step::Wait => assert!(frames.unfinished().is_some()),
                Step::More => break,
                Step::End => return (out, true),
            }
        }
    }
    (out, false)
}

fn encode(to: &mut BytesMut, compressed: bool, payload: &[u8]) {
    to.put_u8(u8::from(compressed));
    to.put_u32(payload.len() as u32);
    to.put_slice(payload);
}

fn decision() -> impl Strategy<Value = Admission> {
    prop_oneof![
        12 => Just(Admission::Pass),
        4 => Just(Admission::Drop),
        3 => Just(Admission::Wait),
        1 => Just(Admission::End),
    ]
}

proptest! {
    #[test]
    fn agrees_with_a_list_of_messages(
        messages in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..20),
        decisions in prop::collection::vec(decision(), 0..30),
        cuts in prop::collection::vec(1_usize..30, 1..40),
    ) {
        // What should come of it.
        let (mut expected, mut passed, mut ended) = (BytesMut::new(), Vec::new(), false);
        let mut decided = decisions.iter().filter(|decision| **decision != Admission::Wait);
        let mut wire = BytesMut::new();
        for (compressed, payload) in &messages {
            encode(&mut wire, *compressed, payload);
            if ended {
                continue;
            }
            match decided.next().unwrap_or(&Admission::Pass) {
                Admission::Drop => {}
                Admission::End => ended = true,
                _ => {
                    encode(&mut expected, *compressed, payload);
                    passed.push(MessageHead { bytes: payload.len() as u32, compressed: *compressed });
                }
            }
        }
        let (mut rest, mut cut) = (wire.freeze(), cuts.iter().cycle());
        let mut input = Vec::new();
        while !rest.is_empty() {
            input.push(rest.split_to(rest.len().min(*cut.next().unwrap())));
        }
        let mut gate = Listed { decisions: decisions.clone().into(), ..Listed::default() };
        let mut frames = Frames::default();
        let (out, was_ended) = walk(&mut frames, &mut gate, &input);
        prop_assert_eq!(out, expected.to_vec());
        prop_assert_eq!(&gate.passed, &passed);
        prop_assert_eq!(was_ended, ended);
        prop_assert!(ended || frames.is_empty() && frames.unfinished().is_none());
        prop_assert!(gate.asked.len() <= messages.len());
    }
}

#[test]
fn whole_frames_go_on_as_they_are() {
    let mut wire = BytesMut::new();
    (0..100).for_each(|n| encode(&mut wire, false, &[n; 20]));
    let wire = wire.freeze();
    let mut frames = Frames::default();
    frames.feed(wire.clone());
    let Step::Data(data) = frames.step(&mut Listed::default()) else { panic!("it passes") };
    assert_eq!((data.as_ptr(), data.len()), (wire.as_ptr(), wire.len()), "not copied");
}

#[test]
fn a_prefix_is_kept_until_its_message_is_granted() {
    let mut gate = Listed { decisions: [Admission::Wait, Admission::End].into(), ..Listed::default() };
    let mut frames = Frames::default();
    for byte in [0, 0, 0, 0] {
        frames.feed(Bytes::copy_from_slice(&[byte]));
        assert_eq!(frames.step(&mut gate), Step::More);
    }
    frames.feed(Bytes::from_static(&[3, 7, 7, 7]));
    assert_eq!(frames.step(&mut gate), Step::Wait);
    assert_eq!((frames.held_bytes(), frames.unfinished().unwrap().bytes), (PREFIX_BYTES + 3, 3));
    assert_eq!(frames.step(&mut gate), Step::End);
    assert_eq!(frames.step(&mut gate), Step::End, "and so it stays");
    assert_eq!((gate.asked.len(), gate.passed.len()), (1, 0));
}

#[test]
fn what_is_missing_at_the_end_is_known() {
    let mut frames = Frames::default();
    frames.feed(Bytes::from_static(&[1, 0, 0, 0, 9, 1]));
    assert!(matches!(frames.step(&mut Listed::default()), Step::Data(data) if data.len() == 6));
    assert_eq!(frames.unfinished(), Some(MessageHead { bytes: 9, compressed: true }));
    assert!(frames.finish().is_none());
    let mut frames = Frames::default();
    frames.feed(Bytes::from_static(&[0, 0]));
    assert_eq!(frames.step(&mut Listed::default()), Step::More);
    assert_eq!(frames.finish().as_deref(), Some(&[0, 0][..]));
}
