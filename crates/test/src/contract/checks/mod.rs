//! The checks, by subject.

use super::Contract;
use super::rig::Rig;

mod amend;
mod company;
mod facts;
mod hostile;
mod lifecycle;
mod memory;
mod nested;
mod pair;
mod pass_through;
mod running;
mod scale;
mod time;

impl Contract {
    /// The interceptor takes part in streams, or is declared to be about none: see [`Contract::with_streams`].
    ///
    /// # Panics
    /// If it takes part in none, or in some although it is declared not to.
    pub fn takes_part_in_streams(&self) {
        // Every other check asks as well when it binds streams, so that none passes for want of anything to check.
        drop(Rig::with_streams(self));
    }
}
