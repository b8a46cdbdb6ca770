//! The end of a stream: once, whatever brings it about.

use super::State;
use super::side::Side;
use crate::{BoxError, Cause, Direction, Ending, MessageInterceptor, StreamError, StreamStats};

impl<M, E, I: MessageInterceptor<M, E>, Z> State<M, E, I, Z> {
    /// One direction has come to its end; the stream has if that was the last one.
    ///
    /// # Errors
    /// It was ended by somebody else just before.
    pub(super) fn closed(&mut self, direction: Direction) -> Result<(), StreamError<E>> {
        let sides = || [&self.pull, &self.push].into_iter().flatten();
        if !sides().all(|side| side.over || side.lane.direction() == direction) {
            if let Some(side) = self.side(direction) {
                side.close();
            }
            self.shared.unregister(direction);
            return Ok(());
        }
        self.over(false);
        let stats = self.shared.closed();
        let Some(cause) = stats.ended else {
            self.tell(&Ending::Finished, &stats);
            return Ok(());
        };
        let error = self.shared.error().unwrap_or(StreamError::Limit(cause));
        let error = self.interceptors.error(error, direction);
        self.tell(&Ending::Failed(&error), &stats);
        Err(error)
    }

    /// Fails the stream, in both directions, with what the interceptors make of `error`.
    #[cold]
    pub(super) fn fail(&mut self, error: StreamError<E>, direction: Direction) -> StreamError<E> {
        let error = self.interceptors.error(error, direction);
        self.finish(&Ending::Failed(&error));
        if let Some(side) = self.side(direction) {
            side.untold = false;
        }
        error
    }

    /// What the other direction failed with, for who has not heard of it in this one.
    #[cold]
    pub(super) fn echo(&mut self, direction: Direction) -> StreamError<E> {
        let error = self.shared.error().unwrap_or(StreamError::Over);
        self.interceptors.error(error, direction)
    }

    /// Fails the stream with the error of an interceptor.
    #[cold]
    pub(super) fn refuse(&mut self, error: BoxError, direction: Direction) -> StreamError<E> {
        self.shared.end(Cause::Interceptor { direction });
        self.fail(StreamError::Interceptor(error), direction)
    }

    /// Fails the stream with why it was ended, by this direction just now or by somebody else.
    #[cold]
    pub(super) fn stop(&mut self, cause: Cause, direction: Direction) -> StreamError<E> {
        self.shared.end(cause);
        let error = self.shared.error().unwrap_or(StreamError::Limit(cause));
        self.fail(error, direction)
    }

    /// Tells the interceptors that it is over, once.
    pub(super) fn finish(&mut self, ending: &Ending<'_, E>) {
        self.over(matches!(ending, Ending::Failed(_)));
        if !self.finished {
            let stats = self.shared.closed();
            self.tell(ending, &stats);
        }
    }

    /// Nothing more passes, either way.
    fn over(&mut self, failed: bool) {
        for side in [&mut self.pull, &mut self.push].into_iter().flatten() {
            side.untold |= failed && !side.over;
            side.close();
        }
    }

    fn tell(&mut self, ending: &Ending<'_, E>, stats: &StreamStats) {
        self.finished = true;
        // Who waits in the other direction learns of it, even if an interceptor panics now.
        self.shared.wake();
        self.interceptors.ended(ending, stats);
    }

    fn side(&mut self, direction: Direction) -> Option<&mut Side<M>> {
        let sides = [&mut self.pull, &mut self.push].into_iter().flatten();
        sides.into_iter().find(|side| side.lane.direction() == direction)
    }
}
