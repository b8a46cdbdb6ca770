//! The same with functions that wait. The rules are those of [`crate::execute`].

mod around;
mod calls;
mod contain;
mod entry;
mod execute;
mod immediate;
mod interceptor;
mod rest;
mod stack;
mod watch;
mod worker;

pub use execute::AsyncExecute;
pub use immediate::Immediate;
pub use interceptor::AsyncInterceptor;
pub use stack::AsyncStack;
pub use worker::{Queue, Worker};
