//! Behaviour of the interceptor.

mod behaviour;
mod contract;
mod malformed;
mod options;
