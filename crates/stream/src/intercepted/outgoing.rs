//! A message to the peer, pulled or pushed: the interceptors have it before the limits.

use super::State;
use crate::{Direction, Flow, MessageInterceptor, MessageSize, StreamError};

impl<M, E, I: MessageInterceptor<M, E>, Z: MessageSize<M>> State<M, E, I, Z> {
    /// Keeps what the interceptors make of `message` for the limits, unless one of them consumes it.
    pub(super) fn outgoing(&mut self, message: M, now: u64) -> Result<Flow, StreamError<E>> {
        let direction = Direction::Sent;
        let side = match (&mut self.pull, &mut self.push) {
            (Some(side), _) if side.lane.direction() == direction => side,
            (_, Some(side)) => side,
            _ => return Err(StreamError::Over),
        };
        let bytes = self.size.size(&message);
        let about = side.context(bytes, now);
        // Its side has it meanwhile, and counts it as refused if it goes no further: one of them fails, or panics.
        let held = side.hold(message, bytes);
        if let Some(cause) = self.shared.meter.outlived(now) {
            return Err(self.stop(cause, direction));
        }
        match self.interceptors.sent(&mut held.message, &about) {
            Ok(Flow::Forward) => {
                held.bytes = self.size.size(&held.message);
                Ok(Flow::Forward)
            }
            Ok(Flow::Consumed) => {
                side.held = None;
                side.lane.consumed(bytes);
                Ok(Flow::Consumed)
            }
            Err(error) => Err(self.refuse(error, direction)),
        }
    }
}
