//! The bodies of a call's request and response, and what both do with the messages in them.

mod flow;
mod request;
mod response;

pub(crate) use flow::{Came, Flow};
pub use request::RequestBody;
pub use response::ResponseBody;

/// Any error of a body.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
