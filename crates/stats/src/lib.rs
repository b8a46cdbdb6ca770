//! W3C webrtc-stats counters for any RTP session, read through a live handle.
