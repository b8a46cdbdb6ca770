//! What stands around every call: the one place where calls are limited and counted.

use super::generated::relay_server::RelayServer;
use super::service::Control;

/// Bytes of a message to the relay; the longest that makes sense is a list of legs.
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// The service with everything around it.
pub(super) fn service(control: Control) -> RelayServer<Control> {
    RelayServer::new(control).max_decoding_message_size(MAX_MESSAGE_BYTES)
}
