//! When each packet leaves (webrtc.org abs-send-time).

mod factory;
mod interceptor;
mod options;
mod sent_at;

pub use factory::AbsSendTimeFactory;
pub use interceptor::{AbsSendTimes, ReadSendTimes, StampedSendTimes};
pub use options::AbsSendTimeOptions;
pub use sent_at::SentAt;
