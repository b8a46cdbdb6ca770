//! rtptap.
fn main() {}
