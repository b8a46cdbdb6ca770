//! How loud audio is (RFC 6464), and each source in a mix (RFC 6465).

mod cell;
mod factory;
mod handle;
mod interceptor;
mod level;
mod options;

pub use factory::AudioLevelFactory;
pub use handle::Levels;
pub use interceptor::{AudioLevels, LevelReceiver, LevelSender};
pub use level::{Level, SourceLevel};
pub use options::AudioLevelOptions;
