//! RFC 3550 sender and receiver reports, SDES, BYE, RFC 3611 round-trip times.
