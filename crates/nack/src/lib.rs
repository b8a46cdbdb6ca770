//! RFC 4585 negative acknowledgements: asks for missing RTP packets and answers from history.
//!
//! One interceptor for both directions of a connection. Of remote streams it notices which packets are missing and asks
//! for them; of local streams it keeps the last packets and sends those again that are asked for. It takes part in
//! streams whose negotiated feedback has `nack` with an empty parameter. RTP passes it unchanged and without an allocation, but
//! for second copies of what RTX or FEC restored.
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::{ChainConfig, Outgoing, Registry, StreamInfo};
//! use interceptor_core::packet::{NtpTime, Origin, Rtcp, RtpPacket};
//! use interceptor_nack::{Nack, NackFactory, NackOptions};
//!
//! let registry = Registry::new().with(NackFactory::new(NackOptions::default())?);
//! let now = Instant::now();
//! let chain = |id| registry.build(ChainConfig::new(id, now, NtpTime::default(), 7));
//! let (mut sender, mut receiver) = (chain("sender")?, chain("receiver")?);
//! let video = StreamInfo::new(0xa, 96, 90_000).with_feedback("nack", "");
//! sender.bind_local(video.clone(), now)?;
//! receiver.bind_remote(video, now)?;
//!
//! // Packets 1, 2 and 4 arrive, 3 is lost.
//! for seq in 1..=4 {
//!     let packet = RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).payload(&b"media"[..]).build()?;
//!     sender.write_rtp(packet, now);
//!     let Some(Outgoing::Rtp(packet)) = sender.poll_wire() else { panic!("media leaves") };
//!     if seq != 3 {
//!         receiver.read_rtp(packet, now);
//!     }
//! }
//! // The receiver asks for it at once.
//! let Some(Outgoing::Rtcp(request)) = receiver.poll_wire() else { panic!("a request leaves") };
//! let Some(Rtcp::Nack(nack)) = request.packets().next() else { panic!("it is a NACK") };
//! assert!(nack.sequence_numbers().eq([3]));
//!
//! // The sender sends it again, and the receiver has it.
//! sender.read_rtcp(request, now);
//! let Some(Outgoing::Rtp(packet)) = sender.poll_wire() else { panic!("the packet leaves again") };
//! assert_eq!((packet.sequence_number(), packet.info().origin), (3, Origin::Retransmission));
//! receiver.read_datagram(packet.to_bytes(), now);
//! let counters = receiver.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams)).expect("it is in the chain");
//! assert_eq!((counters.asking.packets_missing, counters.asking.recovered_late), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::NACK`](interceptor_core::Stage::NACK): farther from the wire than RTX and FEC, so that what these
//! restore is not asked for and what it sends again leaves as they want it; nearer the wire than jitter buffers, which
//! delay.
//!
//! # Behaviour
//!
//! Asking:
//!
//! 1. Each remote stream has a window over its last [`history_packets`](NackOptions::history_packets) sequence numbers,
//!    unwrapped. The first packet sets the start: nothing before it is missing. A packet older than the window changes nothing.
//! 2. A packet that leaves a gap has the gap asked for at once. On a stream that has shown reordering in the last 30 s, first
//!    as many packets and as much time as cover 95 % of it must have passed, at most 10 packets and 20 ms
//!    ([`ReorderTolerance`]). Late packets count as reordering if they cannot be answers: not asked for, or back sooner
//!    than the shortest round trip; or when the answer comes as well.
//! 3. The request is repeated when 1.1 round trips have passed, at least 20 ms; a round trip is the connection's
//!    [`Rtt`](interceptor_core::Rtt), the larger of the smoothed and the latest one, so that a path that becomes longer is not asked
//!    over and over; 100 ms until somebody publishes it. A request leaves up to a sixteenth of that
//!    sooner if another one leaves, but not within a round trip.
//!    Where so much is lost that too few packets would come in time, a request is sent two or three times, 8 ms apart
//!    ([`request_copies`](NackOptions::request_copies)): [`repair_plan`](interceptor_core::packet::repair::repair_plan) says so once a
//!    second, by the worst second of the last ten. What has to be asked for counts as lost; what is only late does not.
//! 4. Whatever fills the hole ends the asking: a late original, a repeat on the media SSRC, what RTX or FEC restored
//!    ([`recovered_by`](interceptor_core::packet::PacketInfo::recovered_by)). Packets of the RTX and FEC SSRCs themselves
//!    are not looked at; padding on the media SSRC takes its number as any packet does, and so does a repair packet among the media
//!    (RFC 5109 in RED), which who decodes it marks as [`Origin::FecRepair`](interceptor_core::packet::Origin::FecRepair).
//! 5. A packet is given up after [`max_requests`](NackOptions::max_requests) requests, after
//!    [`max_age`](NackOptions::max_age), and when it leaves the window. A stream of which nothing has come for 2 s asks for nothing.
//!    Once somebody knows until when packets are of use ([`PlayoutDeadline`](interceptor_core::PlayoutDeadline)), none is asked for whose
//!    answer would come later (`withheld`), and none is waited for longer.
//!    What an outage leaves that was sent longer than `max_age` ago is not asked for at all: its packets are taken to have been
//!    sent at even intervals, unless so few are missing that the sender must have paused.
//! 6. More than [`max_missing`](NackOptions::max_missing) missing packets, or a step forward over the window of up to 3000,
//!    start the window anew at the packet that came. A larger step, or one back out of the window, does so when a second
//!    packet follows the first (RFC 3550 A.1); what RTX or FEC restored never does, and neither does what may be an answer. Up
//!    to 4095 numbers back packets may be late: there it takes 16 in ascending order, losses aside, over a second in which nothing new comes.
//! 7. Giving up, and a start anew further ahead, publish [`KeyframeNeeded`](interceptor_core::KeyframeNeeded), at most every
//!    200 ms a stream and not for audio; a PLI goes along if `nack pli` was negotiated,
//!    [`pli_on_give_up`](NackOptions::pli_on_give_up) is on, and no other interceptor has said that it asks for key frames
//!    ([`KeyframeAsking`](interceptor_core::KeyframeAsking)).
//! 8. A packet that comes once more, one of the copies having been restored by RTX or FEC, ends here
//!    ([`drop_restored_duplicates`](NackOptions::drop_restored_duplicates)), as far back as the window reaches. Copies that the
//!    path makes of what came by itself go on: they are what statistics and applications are to see.
//! 9. Numbers are packed into PID/BLP pairs (RFC 4585 §6.2.1), joined across the wrap. What is due at a time shares datagrams, which
//!    are split at the MTU. The sender SSRC is the connection's.
//! 10. There is a timer while packets are missing, and none otherwise.
//!
//! Answering:
//!
//! 11. Each local stream keeps its packets, sharing their payloads: at most
//!     [`send_history_packets`](NackOptions::send_history_packets), [`send_history_bytes`](NackOptions::send_history_bytes), and
//!     [`send_history_age`](NackOptions::send_history_age) or three round trips; and all streams of a connection together at most
//!     [`send_history_total_bytes`](NackOptions::send_history_total_bytes): over it who sends keeps its share. Packets written out of order find their place; one
//!     written twice is kept once; two in a row from before the history are a new start. Only the stream's own SSRC is kept. Packets
//!     that were dropped before the wire ([`Abandoned`](interceptor_core::Abandoned)) are let go of, and not sent again.
//! 12. A request is answered with the very packet on the media SSRC, marked
//!     [`Origin::Retransmission`](interceptor_core::packet::Origin::Retransmission): the interceptor for RTX below puts it on the RTX stream
//!     if there is one, and otherwise it leaves as it is. The request goes on to the application.
//! 13. One number is answered once in [`resend_cooldown`](NackOptions::resend_cooldown), that is once in the shortest round trip of the last
//!     10 s; repeats inside a message count once.
//! 14. Bytes sent again stay within [`max_resend_ratio`](NackOptions::max_resend_ratio) of the stream's media over the last second
//!     (counted in steps of 100 ms), and within [`max_resend_packets`](NackOptions::max_resend_packets) for one RTCP datagram.
//! 15. Answers to one request are spread over a round trip (100 ms until it is measured) if they are more than the stream's media of
//!     40 ms and than 3000 bytes ([`answer_spread`](NackOptions::answer_spread)), so that what an outage cost does not come back as
//!     one burst; they never leave slower than four times the media's rate. Those that wait are numbers of packets in the history,
//!     and bounded as that is; a number that is asked for again while its answer waits has been asked for once.
//!     An answer may be sent more than once, 8 ms apart ([`answer_copies`](NackOptions::answer_copies)): on streams with RTX, where the
//!     [`Loss`](interceptor_core::Loss) of the stream asks for it, no repair packets protect it
//!     ([`ProtectionOverhead`](interceptor_core::ProtectionOverhead)) and the path is not full ([`LinkState`](interceptor_core::LinkState)).
//!     Copies count in 14, and begin no cooldown of 13.
//! 16. A timer lets go of packets that are too old on a stream that sends no more, about once a second while something is kept.
//!
//! Both: a stream that is described anew ([`Chain::amend_local`](interceptor_core::Chain::amend_local)) keeps its window or its history;
//! one that gains `nack` joins, one that loses it leaves.
//!
//! # Options
//!
//! | [`NackOptions`] | default | range | source |
//! |---|---|---|---|
//! | `asking`, `answering` | yes | | |
//! | `history_packets` | 1024 | power of two, 64..=32 768 | twice pion's |
//! | `reorder_tolerance` | adaptive | or up to 1000 packets and `max_age` | libwebrtc asks at once; its histogram has a place for this |
//! | `max_requests` | 10 | 1..=100 | libwebrtc until July 2024, 100 since |
//! | `request_copies` | adaptive | or 1..=4 | measured: `docs/repair.md` |
//! | `answer_copies` | adaptive | or 1..=4 | measured: `docs/repair.md` |
//! | `assumed_deadline` | 200 ms | 10 ms..=10 s | an interactive call |
//! | `max_age` | 1 s | 20 ms..=60 s | what senders keep at least |
//! | `max_missing` | 1000 | 1..=32 768 | libwebrtc `kMaxNackPackets` |
//! | `drop_restored_duplicates` | yes | | |
//! | `pli_on_give_up` | yes | | |
//! | `send_history_packets` | 2048 | 1..=32 768 | a second of 20 Mbit/s |
//! | `send_history_age` | 1 s, or 3 RTT | 10 ms..=60 s | libwebrtc: max(1 s, 3 RTT) |
//! | `send_history_bytes` | 4 MiB | 1500..=1 GiB | a second of 32 Mbit/s |
//! | `send_history_total_bytes` | 64 MiB a connection | 65 536..=4 GiB | sixteen full streams |
//! | `resend_cooldown` | smallest RTT of 10 s, 10 ms until measured | 10 ms..=10 s | libwebrtc: RTT |
//! | `max_resend_ratio` | 1.0 | 0..=100 | half the packets lost |
//! | `max_resend_packets` | 256 | 1..=4096 | |
//! | `answer_spread` | yes | | libwebrtc's pacer |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | NACK without a whole pair, or without a media SSRC | ignored; sound packets beside it are answered | `malformed` | `a_nack_without_a_whole_pair_is_ignored_and_counted` |
//! | NACK for an SSRC that is no local media stream with `nack` | ignored | `unknown_ssrc` | `a_nack_for_an_unknown_ssrc_is_ignored_and_counted` |
//! | number never sent | skipped | `never_sent` | `a_number_never_sent_is_skipped_and_counted` |
//! | giants on many local streams | histories take no more than their total | `too_old` | `giants_on_many_streams_stay_within_the_total` |
//! | number no longer kept | skipped | `too_old` | `a_number_no_longer_kept_is_skipped_and_counted` |
//! | requests for as many copies as there may be | copies stay within the ratio | `suppressed_by_ratio` | `copies_stay_within_the_ratio` |
//! | the same, of what is kept no more | copies end with their packet's time | `too_old` | `what_is_kept_no_more_has_no_copy` |
//! | repair packets among the media, lost or not | take their numbers | `taken_by_fec` | `a_number_that_a_repair_packet_took_is_not_asked_for` |
//! | the same numbers again and again | suppressed | `suppressed_by_cooldown`, `suppressed_by_ratio` | `the_same_numbers_again_and_again_are_suppressed` |
//! | more numbers than are answered for a datagram | the rest is not looked at | `cut_short` | `more_numbers_than_are_answered_for_a_datagram_are_cut_short` |
//! | packet that came before, or from before the stream's first | goes on, the window stays as it is | `duplicates_or_old` | `a_packet_that_came_before_or_precedes_the_first_changes_nothing` |
//! | second copy of a packet of which one was restored | consumed | `restored_duplicates` | `a_restored_packet_again_and_again_is_consumed` |
//! | sequence number far from all others, or older than the window | media goes on, the window stays as it is unless the next one follows | `out_of_place` | `a_number_far_from_all_others_does_not_move_the_window` |
//! | packets in a row that are later than the window | media goes on, the window stays as it is | `out_of_place` | `packets_in_a_row_that_are_later_than_the_window_are_no_new_sequence` |
//! | restored packet with a number outside the window | goes on, the window stays as it is | `out_of_place` | `a_restored_packet_outside_the_window_does_not_move_it` |
//! | jumps that leave everything missing | the window starts anew | `resets`, `packets_missing`, `given_up` | `jumps_that_leave_everything_missing_start_the_window_anew` |
//!
//! # Memory, timers, counters
//!
//! A remote stream takes 448 bytes, counters included, of which packets in order touch 104; from its first loss on 144 bytes and an eighth of a byte for each packet of the window (and as
//! much from the first restored packet on), 40 bytes for each
//! that is missing (at most `max_missing`), and up to 4 KiB once it reorders. A local stream takes 424 bytes, 16 for each copy of an answer that waits, and then
//! at most 96 bytes a packet beside the payload (headers over 32 bytes take their length more, twice where their datagram is kept alive, which counts as payload does); a payload that is a part of a
//! larger buffer keeps that alive.
//! Timers of all streams share a heap: ten thousand streams cost what is due of them. Requests share a buffer of 2 KiB, which grows to
//! at most 64 KiB where bursts of them are that long.
//!
//! Counters are part of each stream's state, which [`Chain::with_streams`](interceptor_core::Chain::with_streams) lends:
//! [`Nack::counters`] adds up [`NackCounters`], ended streams included; [`RemoteStream::counters`] and
//! [`LocalStream::counters`] are one stream's. [`Nack::time_to_recover`] is the distribution of the time from noticing a gap to
//! filling it.

mod answering;
mod asking;
mod budget;
mod copies;
mod counters;
mod echoes;
mod factory;
mod interceptor;
mod lateness;
mod message;
mod options;
mod receive_log;
mod reorder;
mod requests;
mod restored;
mod send_history;
mod slots;
mod spread;
mod time;
mod total;

pub use answering::LocalStream;
pub use asking::RemoteStream;
pub use copies::Copies;
pub use counters::{AnswerCounters, AskCounters, NackCounters, TimeToRecover};
pub use factory::NackFactory;
pub use interceptor::Nack;
pub use interceptor_core::OptionsError;
pub use options::{NackOptions, ReorderTolerance};
