//! Behaviour of the interceptor.

mod contract;
