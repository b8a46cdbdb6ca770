//! Readers go on until they are closed, and lose nothing.

use std::time::Duration;

use interceptor::{Attributes, Error};

use crate::host::{Host, packet, read, repair, repeated};

async fn settled() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_reader_below_is_the_end() {
    let host = Host::new(repair());
    let ((reader, feed), (rtcp, compounds)) = (host.remote().await, host.rtcp_reader().await);
    drop((feed, compounds));
    assert_eq!(reader.read(&mut [], &Attributes::new()).await.unwrap_err(), Error::ErrIoEOF);
    assert_eq!(rtcp.read(&mut [], &Attributes::new()).await.err().unwrap(), Error::ErrIoEOF);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_given_up_loses_nothing() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    let again = host.remote_rtx().await;
    let mut came = Vec::new();
    for number in (0..200_u16).filter(|number| number % 10 != 5) {
        // Given up while it waits, and once more while two wait at a time.
        for _ in 0..2 {
            let (mut first, mut second) = ([0; 1500], [0; 1500]);
            let attributes = Attributes::new();
            tokio::select! {
                biased;
                _ = reader.read(&mut first, &attributes) => panic!("there is nothing"),
                _ = reader.read(&mut second, &attributes) => panic!("there is nothing"),
                () = tokio::task::yield_now() => {}
            }
        }
        feed.send(Ok(packet(number))).unwrap();
        if number % 10 == 9 {
            again.send(Ok(repeated(number - 4))).unwrap();
            settled().await;
            came.push(read(&reader).await.header.sequence_number);
        }
        came.push(read(&reader).await.header.sequence_number);
    }
    came.sort_unstable();
    assert_eq!(came, (0..200).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn of_two_who_read_one_that_gives_up_leaves_its_wake_to_the_other() {
    let host = Host::new(repair());
    let (reader, feed) = host.remote().await;
    let again = host.remote_rtx().await;
    for number in [1, 3] {
        feed.send(Ok(packet(number))).unwrap();
        read(&reader).await;
    }
    let waits = |reader: crate::host::Reader| tokio::spawn(async move { read(&reader).await });
    let (first, second) = (waits(reader.clone()), waits(reader));
    settled().await;
    first.abort();
    again.send(Ok(repeated(2))).unwrap();
    assert_eq!(second.await.unwrap(), packet(2));
}
