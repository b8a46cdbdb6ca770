//! What the hard cases need: who counts and waits, servers without tonic, and a client that sends what it likes.

mod ledger;
mod raw;
mod served;

use std::future::Future;
use std::time::Duration;

pub(crate) use ledger::{Accounts, Ledger};
pub(crate) use raw::{Ended, RawClient, prefixed, push};
pub(crate) use served::{Piped, grpc, plain, reflect, serve};

/// Everything here ends by itself: far sooner than this.
pub(crate) async fn within<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it ends by itself")
}
