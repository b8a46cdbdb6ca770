//! The async session: drives an interceptor chain over any datagram transport with tokio.
