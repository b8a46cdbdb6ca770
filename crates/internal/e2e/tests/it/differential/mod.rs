//! Our parsers beside those of the other projects: alike on what is valid, and each difference stated with who is right.

mod rtcp;
mod rtp;
