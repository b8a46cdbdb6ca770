//! How long a receiver may hold video back (webrtc.org playout-delay).

mod factory;
mod interceptor;
mod options;
mod receiver;
mod sender;

pub use factory::PlayoutDelayFactory;
pub use interceptor::PlayoutDelays;
pub use options::PlayoutDelayOptions;
pub use receiver::PlayoutReceiver;
pub use sender::PlayoutSender;
