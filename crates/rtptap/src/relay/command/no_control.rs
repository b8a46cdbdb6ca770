//! The place of the control plane in a program without the feature `control`: nobody stands there.

use std::net::SocketAddr;

use interceptor_stack::{AsyncInterceptor, Phase};

use super::run::Run;
use crate::relay::RelayError;

/// There is none.
pub(super) enum Serving {}

impl Serving {
    pub(super) const fn local_addr(&self) -> SocketAddr {
        match *self {}
    }
}

/// Does nothing; [`Plan`](crate::relay::args::Plan) has refused to be made with an address for it.
pub(super) struct Control;

impl AsyncInterceptor<Run, RelayError> for Control {
    fn name(&self) -> &str {
        "control"
    }

    fn defines(&self, _: Phase) -> bool {
        false
    }
}
