//! The tests that stand in the documents.

#[expect(unreachable_pub, reason = "the document shows a library")]
mod writing_an_interceptor;
