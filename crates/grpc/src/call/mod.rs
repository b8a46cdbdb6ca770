//! One call: what is known of it, what its parts share, who ends it and who clears up after it.

mod handle;
mod head;
mod info;
mod opening;
mod owner;
mod shared;
mod table;

pub use handle::CallHandle;
pub use head::CallHead;
#[cfg(feature = "prometheus")]
pub(crate) use info::split;
pub use info::{CallInfo, MethodKind};
pub(crate) use opening::{Opened, open};
pub(crate) use owner::Owner;
pub(crate) use shared::{Shared, Side};
pub use table::Calls;
use table::Place;
