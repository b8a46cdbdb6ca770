//! What a user knows about a capture.

use super::payload_types::{PayloadType, PayloadTypes};
use super::sdp::Session;

/// What a user knows about a capture. Every value is valid; the default knows nothing.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct InspectOptions {
    /// RTP runs on these UDP ports and on no others, RTCP on them and on the ports above. Default: none, every port is
    /// looked at and RTP is recognised by what it looks like.
    pub ports: Vec<u16>,
    /// What payload types mean. Default: RFC 3551's table.
    pub payload_types: PayloadTypes,
    /// What a session description says of SSRCs. Default: nothing.
    pub session: Session,
}

impl InspectOptions {
    /// RTP runs on this port, and on no other than those named so.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.ports.push(port);
        self
    }

    /// A payload type's meaning on all ports; it counts for more than a session description.
    #[must_use]
    pub fn with_payload_type(mut self, payload_type: PayloadType) -> Self {
        self.payload_types.tell(payload_type);
        self
    }

    /// What a session description says: the meaning of payload types, and which SSRCs belong together.
    #[must_use]
    pub fn with_session(mut self, session: Session) -> Self {
        session.describe(&mut self.payload_types);
        self.session = session;
        self
    }
}
