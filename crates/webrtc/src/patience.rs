//! What becomes of errors of the readers below: a packet that cannot be read is no end.

use std::time::Duration;

use interceptor::Error;

use crate::connection::Connection;
use crate::error::{Result, is_end};

/// After so many errors in a row the next are waited for: a reader that fails at once, for good, must not take a processor.
const IN_A_ROW: u32 = 64;
const WAIT: Duration = Duration::from_millis(10);

/// The errors in a row of one reader.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    errors: u32,
}

impl Patience {
    /// Goes on after an error.
    ///
    /// # Errors
    /// The error, if it means that nothing comes any more.
    pub(crate) async fn bear(&mut self, connection: &Connection, error: Error) -> Result<()> {
        if connection.is_closed() || is_end(&error) {
            return Err(error);
        }
        connection.look(|state| state.counters.read_errors += 1);
        self.errors += 1;
        if self.errors < IN_A_ROW {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(WAIT).await;
        }
        Ok(())
    }
}
