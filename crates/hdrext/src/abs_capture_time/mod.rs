//! When media was captured (webrtc.org abs-capture-time).

mod factory;
mod interceptor;
mod options;
mod receiver;
mod sender;

pub use factory::AbsCaptureTimeFactory;
pub use interceptor::AbsCaptureTimes;
pub use options::AbsCaptureTimeOptions;
pub use receiver::CaptureReceiver;
pub use sender::CaptureSender;
