//! What is known of a call from its beginning on.

use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue};

/// Who sends how many messages in a method: not visible in HTTP, so known only where somebody said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// One message each way.
    Unary,
    /// Many from the client, one back.
    ClientStream,
    /// One from the client, many back.
    ServerStream,
    /// Many each way.
    BidiStream,
}

impl MethodKind {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Unary, Self::ClientStream, Self::ServerStream, Self::BidiStream];

    /// The name that metrics have for it: `unary`, `client_stream`, `server_stream`, `bidi_stream`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::ClientStream => "client_stream",
            Self::ServerStream => "server_stream",
            Self::BidiStream => "bidi_stream",
        }
    }
}

impl fmt::Display for MethodKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of a call from its beginning on.
#[derive(Clone, Debug)]
pub struct CallInfo {
    pub(crate) path: Option<PathAndQuery>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) kind: Option<MethodKind>,
    pub(crate) started: Instant,
    pub(crate) metadata: Box<[(HeaderName, HeaderValue)]>,
}

impl CallInfo {
    /// The path as the client wrote it, `/package.Service/Method`: 64 KiB at most, and whatever characters HTTP allows.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path.as_ref().map_or("", PathAndQuery::path)
    }

    /// The service with its package: what is before the path's last slash; empty if there is none.
    #[must_use]
    pub fn service(&self) -> &str {
        split(self.path()).0
    }

    /// The method's name: what is behind the path's last slash.
    #[must_use]
    pub fn method(&self) -> &str {
        split(self.path()).1
    }

    /// Who is at the other end, if that is known: see [`StreamLayer::with_peer`](crate::StreamLayer::with_peer).
    #[must_use]
    pub const fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Who sends how many messages, if [`CallLimits::with_kind`](crate::CallLimits::with_kind) has said so.
    #[must_use]
    pub const fn kind(&self) -> Option<MethodKind> {
        self.kind
    }

    /// When it began, by tokio's clock.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// The first value of a key of the call's metadata, if it was asked for with
    /// [`StreamLayer::with_metadata`](crate::StreamLayer::with_metadata) and is readable ASCII.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        let (_, value) = self.metadata.iter().find(|(name, _)| name.as_str() == key)?;
        value.to_str().ok()
    }
}

/// `/package.Service/Method` in two.
pub(crate) fn split(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.rsplit_once('/').unwrap_or(("", path))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn paths_come_apart_whatever_they_are() {
        for (path, parts) in [
            ("/chat.v1.Chat/Talk", ("chat.v1.Chat", "Talk")),
            ("/Talk", ("", "Talk")),
            ("", ("", "")),
            ("/", ("", "")),
            ("/a/b/c", ("a/b", "c")),
            ("//", ("", "")),
            ("*", ("", "*")),
        ] {
            assert_eq!(split(path), parts, "{path}");
        }
    }
}
