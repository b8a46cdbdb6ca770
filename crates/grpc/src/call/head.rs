//! What a policy sees of a call before it begins.

use std::net::SocketAddr;

use http::request::Parts;
use http::{Extensions, HeaderMap};

use super::info::split;
use crate::CallLimits;

/// A call that is about to begin: who calls what, with which metadata.
#[derive(Clone, Copy, Debug)]
pub struct CallHead<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) limits: &'a CallLimits,
}

impl<'a> CallHead<'a> {
    /// The path as the client wrote it, `/package.Service/Method`.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.parts.uri.path()
    }

    /// The service with its package.
    #[must_use]
    pub fn service(&self) -> &'a str {
        split(self.path()).0
    }

    /// The method's name.
    #[must_use]
    pub fn method(&self) -> &'a str {
        split(self.path()).1
    }

    /// The metadata, as HTTP headers.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        &self.parts.headers
    }

    /// What layers outside this one, or the transport, have added.
    #[must_use]
    pub const fn extensions(&self) -> &'a Extensions {
        &self.parts.extensions
    }

    /// The whole head of the request.
    #[must_use]
    pub const fn parts(&self) -> &'a Parts {
        self.parts
    }

    /// Who is at the other end, if that is known.
    #[must_use]
    pub const fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// What the layer would allow this method without a policy: what
    /// [`StreamLayer::with_method`](crate::StreamLayer::with_method) has said, or the limits that the layer was made with.
    #[must_use]
    pub const fn limits(&self) -> &'a CallLimits {
        self.limits
    }
}
