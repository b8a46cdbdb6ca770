//! The one task of a connection: it sends what interceptors have made, and keeps their time.

use std::sync::Weak;
use std::time::Duration;

use crate::connection::Connection;

/// Who has no deadline looks again after this long; it is told of any before.
const IDLE: Duration = Duration::from_secs(3600);

/// Runs until the connection is closed or gone.
pub(crate) async fn drive(connection: Weak<Connection>) {
    let Some(strong) = connection.upgrade() else { return };
    let (task, mut ending) = (std::sync::Arc::clone(&strong.task), strong.ending());
    drop(strong);
    loop {
        let Some(strong) = connection.upgrade() else { return };
        let deadline = strong.turn().await;
        drop(strong);
        let sleep = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => tokio::time::sleep(IDLE).await,
            }
        };
        tokio::select! {
            () = ending.wait() => return,
            () = task.notified() => {}
            () = sleep => {}
        }
    }
}
