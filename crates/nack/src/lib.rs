//! RFC 4585 negative acknowledgements: asks for missing RTP packets and answers from history.
