//! Session descriptions: what streams they announce, an answer that takes what both sides can, and the SDP that players read.
//!
//! A chain is told of its streams by [`StreamInfo`](interceptor_core::StreamInfo)s. Here they come from where the ends negotiate them: SDP (RFC 8866),
//! by offer and answer (RFC 3264) as browsers do it (RFC 8829). The lines are read and written by [`sdp_types`]; this crate knows what they mean.
//!
//! ```
//! use interceptor_core::packet::RtpPacket;
//! use interceptor_core::{Media, Need};
//! use interceptor_sdp::{Answer, Description, Endpoint, Found, LocalSource};
//!
//! // A browser's offer, in short: video with retransmissions, whose SSRCs it announces, and no data channel for us.
//! let offer = Description::parse(
//!     "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
//!      m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\na=sendrecv\r\na=setup:actpass\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\na=rtcp-mux\r\na=rtcp-rsize\r\n\
//!      a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 goog-remb\r\n\
//!      a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=ssrc-group:FID 10 11\r\n\
//!      m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n",
//! )?;
//!
//! // What the interceptors of a chain need (`registry.needs()`), where this end is, and what it sends.
//! let mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
//! let needs = [
//!     Need::feedback(Media::Video, "nack", ""),
//!     Need::codec(Media::Video, "rtx"),
//!     Need::header_extension(Media::Any, mid),
//! ];
//! let endpoint = Endpoint::at("192.0.2.1:4000".parse()?).with_ice_lite("ufrag", "password").with_fingerprint("sha-256 AB:CD");
//! let source = LocalSource::new(20).with_rtx(21).with_msid("stream", "track");
//! let answered = Answer::to(&offer).with(&needs).at(endpoint).sending("0", source).with_cname("us").answer()?;
//! let text = answered.description.to_string();
//! assert!(text.contains("m=video 4000 UDP/TLS/RTP/SAVPF 96 97\r\n") && text.contains("m=application 0 "));
//! assert!(text.contains("a=rtcp-fb:96 nack\r\n") && !text.contains("goog-remb"));
//!
//! // Streams to bind: ours, and those that the browser has announced.
//! assert_eq!(answered.local[0].ssrcs().collect::<Vec<_>>(), [20, 21]);
//! assert_eq!(answered.remote[0].announced[0].ssrcs().collect::<Vec<_>>(), [10, 11]);
//!
//! // An SSRC that it has not: its first packet says whose it is.
//! let mut demux = answered.demux();
//! let packet = RtpPacket::builder().ssrc(99).payload_type(96).extension(9, b"0").build()?;
//! let Some(Found::Stream(stream)) = demux.find(&packet) else { return Err("the section is known".into()) };
//! assert_eq!((stream.ssrc, stream.extension_id(mid), stream.has_feedback("nack", "")), (99, Some(9), true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where it stands
//!
//! Beside the chain: descriptions in, descriptions and stream descriptions out. It opens no socket, draws no SSRC, makes no certificate and reads no
//! clock; all that comes from the caller. ICE and DTLS are done elsewhere: their lines are read ([`Connectivity`]) and written ([`Endpoint`]).
//!
//! | you have | you want | take |
//! |---|---|---|
//! | an offer | an answer, and the streams of both ends | [`Answer`] |
//! | an answer to your offer | what you may send, what comes | [`Description::takes`], [`Description::sends`] |
//! | a file for players (ffmpeg's `-sdp_file`, RTSP) | streams | [`Description::sends`], or [`stream_infos`] of a parsed session |
//! | a packet of an unknown SSRC | its stream | [`Demux`] |
//! | streams | a file for players | [`describe()`] |
//! | a connection to configure | reduced-size RTCP, room for encryption | [`Description::configure`], [`Answered::configure`] |
//!
//! # Behaviour
//!
//! Reading:
//!
//! 1. Sections have what the lines before the first say for all of them (RFC 8866 §5.13): direction, address, header extensions, ICE, DTLS, bandwidth.
//! 2. Payload types of RFC 3551 need no `a=rtpmap`. One that only `a=rtpmap` names is known, but not offered ([`listed`](Format#structfield.listed)).
//! 3. An SSRC that is announced (`a=ssrc`, `a=ssrc-group`, RFC 5576) is a stream, unless it repairs one: the second of `FID` retransmits the first,
//!    the last of `FEC-FR` protects all others (RFC 5956 §4.3). Of groups that contradict each other the first counts.
//! 4. Each `apt` is a pair, that of RED too (RFC 4588 §8.1); a pair that names no payload type of the section is none. RED carries what its
//!    `a=fmtp` lists first (RFC 2198 §5), else the preferred codec. ULPFEC is only within RED; FlexFEC has an SSRC of its own, or is none yet.
//! 5. A stream's feedback is what any of its media types has, or `*` (RFC 4585 §4.2). Its header extensions are those that its sender sends
//!    (RFC 8285 §5); identifiers from 4096 on are nobody's.
//! 6. What has no SSRC yet is a [`StreamTemplate`]: one for each section, and one for each encoding that `a=simulcast`, or `a=rid` alone, names, with
//!    its payload types and its `max-br` (RFC 8851, RFC 8853).
//! 7. What an end takes ([`Description::takes`]) has its bandwidth, `b=TIAS` or `b=AS`, as bit rate.
//!
//! First packets ([`Demux`], RFC 8843 §9.2):
//!
//! 8. The MID counts before all, then what is known of the SSRC, then a payload type that only one section has. A payload type that the section does not
//!    have, or a MID that is no section's, is nobody's.
//! 9. Of a section with encodings the RID says which. Retransmissions and FlexFEC amend the stream whose RID they say that they repair, else the only one
//!    of the section; before that has come they are nobody's, and come again.
//!
//! Answering ([`Answer`]):
//!
//! 10. Nothing is accepted that was not offered. Payload types and extension identifiers are the offer's; sections stay in their places, and one that is
//!     refused has port 0 (RFC 3264 §6) and is told in [`Answered::refused`].
//! 11. Of feedback, header extensions and codecs that repair, only what is needed; retransmissions and RED only with what they repeat or carry.
//! 12. Media codecs are the offer's, or those of [`Answer::with_codecs`] in that order. Profiles have to agree (`packetization-mode` and
//!     `profile-level-id` without its level, `profile-id`, `profile`); levels need not.
//! 13. Directions: each end sends what it has to send and the other takes (RFC 3264 §6.1). Those of extensions, of `a=rid` and of `a=simulcast` are turned
//!     round; encodings are taken side by side only if the RID extension is, by which they are told apart.
//! 14. BUNDLE keeps the sections that are accepted; `rtcp-mux`, `rtcp-rsize`, `extmap-allow-mixed` and ICE are answered where they are offered. The
//!     transport stands in each section, as browsers write it.
//! 15. Of DTLS, who is `actpass` leaves the choice: `active` unless the [`Endpoint`] says otherwise (RFC 8842 §5.3). Sections that are encrypted with
//!     keys from elsewhere (`a=crypto`) are refused.
//!
//! Describing ([`describe()`]):
//!
//! 16. A section a stream, `RTP/AVP` unless the recipient is told of feedback; what is described and read again is the same stream.
//!
//! # Options
//!
//! | [`ReadOptions`] | default | what it is |
//! |---|---|---|
//! | `max_bytes` | 1 MiB | the longest text |
//! | `max_sections` | 1024 | media sections |
//! | `max_entries` | 1024 | entries of one kind in one section, and lines that are skipped |
//! | `skip_malformed` | no | go on behind an attribute that makes no sense? |
//!
//! | [`DemuxOptions`] | default | what it is |
//! |---|---|---|
//! | `max_ssrcs` | 1024 | SSRCs that were not announced |
//!
//! # Malformed and hostile input
//!
//! An error has the line and the reason. With `skip_malformed` attributes are passed over, and listed in [`Description::skipped`].
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | text that is no description | error | [`Reason::NoDescription`] | `what_begins_otherwise_is_no_description` |
//! | a line without a key, a NUL | error, never skipped | [`Reason::Syntax`] | `a_line_without_a_key_is_refused`, `a_nul_in_a_line_is_refused` |
//! | `m=` without a port, `t=` without numbers | error, never skipped | [`Reason::Syntax`] | `a_media_line_without_a_port_is_refused`, `a_time_that_is_no_number_is_refused` |
//! | payload type over 127 | error | [`Reason::Attribute`] | `payload_types_beyond_seven_bits_are_refused` |
//! | `a=rtpmap` without name or clock | error | [`Reason::Attribute`] | `an_rtpmap_without_a_clock_is_refused` |
//! | `a=fmtp` without a number | error | [`Reason::Attribute`] | `an_fmtp_without_a_number_is_refused` |
//! | `a=rtcp-fb` without a kind | error | [`Reason::Attribute`] | `feedback_without_a_kind_is_refused` |
//! | `a=extmap` with another identifier than 1..=255 or 4096..=4351 | error | [`Reason::Attribute`] | `an_extension_identifier_that_cannot_be_is_refused` |
//! | `a=ssrc`, `a=ssrc-group` without numbers | error | [`Reason::Attribute`] | `an_ssrc_that_is_no_number_is_refused`, `a_group_of_words_is_refused` |
//! | `a=rid`, `a=simulcast` without direction or names | error | [`Reason::Attribute`] | `a_rid_without_a_direction_is_refused`, `simulcast_of_nothing_is_refused` |
//! | `a=mid`, `a=msid` without a word | error | [`Reason::Attribute`] | `an_empty_identification_is_refused` |
//! | `a=rtcp` without a port | error | [`Reason::Attribute`] | `an_rtcp_port_that_is_no_number_is_refused` |
//! | text beyond the limit | error | [`Reason::TooLong`] | `a_text_beyond_the_limit_is_refused` |
//! | sections, entries, encodings beyond the limits | error | [`Reason::TooMany`] | `sections_beyond_the_limit_are_refused`, `entries_beyond_the_limit_are_refused`, `simulcast_of_too_many_encodings_is_refused` |
//! | lines that all sections or streams would repeat | error over 64 × `max_bytes` | [`Reason::TooMany`] | `lines_that_all_sections_or_streams_would_repeat_are_bounded_together` |
//! | more lines to skip than `max_entries` | error | [`Reason::TooMany`] | `skipped_lines_beyond_the_limit_are_refused` |
//! | packet with a MID of no section | nobody's | [`DemuxCounters::unknown_mid`] | `who_names_no_section_of_ours_is_nobody` |
//! | packet with a RID of no encoding | nobody's | [`DemuxCounters::unknown_rid`] | `a_rid_that_names_no_encoding_is_nobody` |
//! | packet with a payload type of another section | nobody's | [`DemuxCounters::wrong_payload_type`] | `a_payload_type_of_another_section_is_refused` |
//! | made-up SSRCs | nobody's beyond `max_ssrcs` | [`DemuxCounters::over_limit`] | `made_up_ssrcs_are_bounded_and_make_room_when_they_end` |
//!
//! Ten million spoilt descriptions of real programs have been read, answered and written: no panic, and no stream that cannot be bound.
//!
//! # Memory
//!
//! A description takes a few times its text. What its streams repeat is bounded by 64 × `max_bytes` together, whatever a peer writes. A
//! [`Demux`] keeps a stream description an SSRC: those that are announced, and `max_ssrcs` others. [`DemuxCounters`] count the packets of which no stream was
//! found, by reason; [`Answered::refused`] and [`Answered::unsent`] say what an answer leaves out.

mod answer;
mod demux;
mod describe;
mod description;
mod error;
mod options;
mod read;
mod section;
mod streams;
mod write;

pub use answer::{Answer, AnswerError, Answered, Endpoint, LocalSource, Refusal, RefusalReason, Which};
pub use demux::{Demux, DemuxCounters, DemuxOptions, Found};
pub use describe::{Delivery, DescribeError, RtcpAt, describe};
pub use description::Description;
pub use error::{Reason, SdpError};
pub use options::ReadOptions;
pub use sdp_types;
pub use sdp_types::{Direction, Session};
pub use section::{
    Alternative, Bandwidth, Connectivity, Extension, Feedback, Format, Msid, Rid, RtcpAddress, Section,
    Simulcast, Source, SourceGroup,
};
pub use streams::{MediaStreams, StreamTemplate, stream_infos};
