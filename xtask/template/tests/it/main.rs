//! Behaviour of the interceptor.

mod behaviour;
mod contract;
mod options;
