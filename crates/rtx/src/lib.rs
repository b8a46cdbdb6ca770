//! RFC 4588 retransmission streams: encapsulates repairs on the way out, restores originals on the way in.
