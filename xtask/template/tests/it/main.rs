//! Behaviour of the interceptor.

mod allocation;
mod behaviour;
mod contract;
mod kit;
mod loss;
mod malformed;
mod options;
mod prop;
mod wrap;
