//! The statistics of chains, told packets at instants of the test's choice.

mod allocation;
mod captures;
mod chromium;
mod feedback;
mod json;
mod lifecycle;
mod malformed;
mod prop;
mod rates;
mod reports;
mod streams;
mod support;
mod threads;
mod vectors;
