//! Test kit for interceptors: virtual clock, seeded links, paired chains, builders and recorders.
