//! What a forwarder sends to a subscriber: one RTP stream without seams, made of several sources.
//!
//! A forwarder (SFU) sends each subscriber one stream, with an SSRC, sequence numbers and timestamps of its own, and changes what it
//! consists of: another publisher, another simulcast layer, fewer layers of one. A [`Rewriter`] says what each packet's header is to be, so
//! that the subscriber sees a sender that never stops counting. It is pure: no clock, no sockets, no runtime, and no packets are kept.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_packet::RtpPacket;
//! use interceptor_rewriter::{OutgoingStream, Refusal, Rewriter, RewriterOptions, SourceId, SourceNumber};
//!
//! let (small, large) = (SourceId(1), SourceId(2));
//! let packet = |seq, timestamp| {
//!     RtpPacket::builder().sequence_number(seq).timestamp(timestamp).payload(&b"frame"[..]).build()
//! };
//! let stream = OutgoingStream::new(0x5eed, 90_000).starting_at(65_535, 1000);
//! let mut rewriter = Rewriter::new(stream, RewriterOptions::default())?;
//! let start = Instant::now(); // you read the clock
//!
//! rewriter.switch_to(small);
//! let mut first = packet(700, 5_000_000)?;
//! rewriter.rewrite(small, &mut first, true, start)?;
//! assert_eq!((first.ssrc(), first.sequence_number(), first.timestamp()), (0x5eed, 65_535, 1000));
//!
//! // Packet 701 is of a layer that this subscriber does not get: it leaves no gap.
//! rewriter.leave_out(small, 701)?;
//!
//! // The large layer waits for a key frame, which comes 100 ms after the last frame of the small one.
//! rewriter.switch_to(large);
//! let later = start + Duration::from_millis(100);
//! let mut delta = packet(39, 77_000)?;
//! assert_eq!(rewriter.rewrite(large, &mut delta, false, later), Err(Refusal::WaitingForKeyFrame));
//! let mut key = packet(40, 80_000)?;
//! rewriter.rewrite(large, &mut key, true, later)?;
//! assert_eq!((key.ssrc(), key.sequence_number(), key.timestamp()), (0x5eed, 0, 1000 + 9000));
//!
//! // The subscriber asks for 65 535 and 0: which packets are these?
//! assert_eq!(rewriter.source_of(65_535), Some(SourceNumber { source: small, sequence_number: 700 }));
//! assert_eq!(rewriter.source_of(0), Some(SourceNumber { source: large, sequence_number: 40 }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Behaviour
//!
//! 1. **Sequence numbers** follow those of the source at a fixed distance. What its path loses or reorders is lost and reordered in the
//!    outgoing stream; a packet that comes twice has the same number twice.
//! 2. **Left out on purpose** ([`leave_out`](Rewriter::leave_out); padding-only packets by default): the packet behind it takes its number.
//!    Which numbers were left out is remembered for the last [`window`](RewriterOptions::window) of the source, so a packet that comes late, or
//!    again, has the number that it would have had in time. Where packets behind it have left already its number stands
//!    ([`LeftOut::NumberStands`]): a gap cannot be closed any more, it is better to send the packet, as
//!    [`leave_out_or_rewrite`](Rewriter::leave_out_or_rewrite) does.
//! 3. **Switching** ([`switch_to`](Rewriter::switch_to)) happens with the first packet of a key frame of the new source; until then the
//!    old one goes on. That packet takes the number behind the highest of the old source. Packets of the old source that come later,
//!    and packets of the new one from before that key frame, are refused and counted. A key frame that was sent before, or behind which
//!    frames have passed already, begins nothing: a decoder needs what follows it, and the subscriber's history has that no more.
//! 4. **Timestamps** of one source keep their distances exactly. At a switch they advance by what both sources' sender reports say lies
//!    between the two frames (RFC 3550 §6.4.1), rounded down to a unit; without reports, or if these are more than
//!    [`report_tolerance`](RewriterOptions::report_tolerance) off, by the time between the first packets of the two frames. Where a source has set its
//!    clock, its newest packet counts. The step is at least one unit, as a new frame has a timestamp of its
//!    own, and at most 2^31 − 1, as receivers take more for a step back.
//! 5. **The same source again**, after a pause or a jump, keeps its clock if that says what time has passed, within the same tolerance.
//! 6. **A source that counts anew**, or jumps ahead by more than 3000 numbers (RFC 3550 A.1, `MAX_DROPOUT`), goes on behind one missing number:
//!    the subscriber sees that something was lost and does not ask for thousands. It shows as in
//!    [`Placing`](interceptor_packet::Placing): two numbers in a row far behind, sixteen less far.
//! 7. **Feedback**: [`source_of`](Rewriter::source_of) says which packet a NACK of the subscriber means, across switches, also for numbers
//!    that never came; [`numbers_of`](Rewriter::numbers_of) is the way back, for a packet that the source gave again. Most NACKs need neither: the subscriber's own chain has the
//!    packets in its history, and counts for its sender reports. [`outgoing_timestamp`](Rewriter::outgoing_timestamp) is the timestamp of a
//!    source's sender report in the outgoing clock.
//! 8. **Nothing else of the packet changes**: payload type, marker, header extensions, and what codecs count in the payload, such as VP8's picture
//!    identifiers, which begin anew at a switch as they do at any key frame of another encoder.
//!
//! # Options
//!
//! [`RewriterOptions`], checked when a rewriter is made.
//!
//! | option | default | range |
//! |---|---|---|
//! | `window` | 1024 numbers | 64..=16 384, made a power of two |
//! | `past_sources` | 4 | 0..=64 |
//! | `reports` | 8 | 0..=64 |
//! | `report_tolerance` | 1 s | 0..=10 s |
//! | `leave_padding_out` | yes | |
//!
//! # Malformed and hostile input
//!
//! Numbers and timestamps may be any; none makes a step of the outgoing stream larger than said above.
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | a number far from all others | goes on behind one missing number | `restarts` | `jumps_back_and_forth_cost_one_number_each` |
//! | numbers that are older than the window | refused | `refused_too_late` | `what_is_older_than_the_window_is_refused` |
//! | a packet that was left out, sent again | refused: it has no number | `refused_left_out` | `what_was_left_out_has_no_number_ever_after` |
//! | timestamps at random | keep their distances within a source; a switch goes forward all the same | `switches` | `timestamps_at_random_do_not_turn_a_switch_back` |
//! | sender reports at random | not believed where they contradict the time that has passed | `reports_disbelieved` | `reports_that_contradict_the_time_are_not_believed` |
//! | sender reports of sources without end | the source heard of longest ago is forgotten | `joined_by_time` | `reports_of_sources_without_end_are_forgotten` |
//! | packets without payload | left out | `left_out` | `padding_leaves_no_gap` |
//!
//! # Memory
//!
//! 392 bytes, and [`heap_bytes`](Rewriter::heap_bytes): with default options under 2 KB. Nothing is allocated a packet, nor a switch
//! once the past is full, but for the first behind a pause.
//!
//! # Timers
//!
//! None.
//!
//! # Counters
//!
//! [`RewriterCounters`]: each packet given is counted once, by what became of it ([`given`](RewriterCounters::given) adds up).

mod counters;
mod feedback;
mod names;
mod options;
mod refusal;
mod reports;
mod rewriter;
mod segment;
mod timeline;
mod waiting;
mod window;

pub use counters::RewriterCounters;
pub use interceptor_packet as packet;
pub use names::{Header, LeftOut, Numbers, OutgoingStream, SourceId, SourceNumber};
pub use options::{RewriterOptions, RewriterOptionsError};
pub use refusal::Refusal;
pub use rewriter::Rewriter;
