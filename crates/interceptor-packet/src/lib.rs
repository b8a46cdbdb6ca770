//! Checked, wire-backed RTP and RTCP packets, sequence numbers and NTP time.
