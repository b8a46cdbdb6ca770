//! A link between real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use interceptor_test::{LinkOptions, Loss, Side, UdpLink, UdpLinkOptions};
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Only a link that has hung takes as long.
const PATIENCE: Duration = Duration::from_secs(20);

async fn socket() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").await.expect("loopback has free ports")
}

async fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 100];
    let (len, from) =
        timeout(PATIENCE, socket.recv_from(&mut buffer)).await.expect("it hangs").expect("it receives");
    (buffer[..len].to_vec(), from)
}

fn rtp(number: u8) -> Vec<u8> {
    vec![0x80, 96, 0, number, 0, 0, 0, 0, 0, 0, 0, 1]
}

/// A STUN request's first bytes.
const CHECK: [u8; 4] = [0, 1, 0, 0];

#[tokio::test]
async fn both_ends_see_each_others_addresses_told_apart() {
    let (a, also_a, b) = (socket().await, socket().await, socket().await);
    let link = UdpLink::new(UdpLinkOptions::default()).unwrap();
    let b_seen = link.stand_in(Side::B, b.local_addr().unwrap()).unwrap();
    assert_eq!(link.stand_in(Side::B, b.local_addr().unwrap()).unwrap(), b_seen, "one for an address");
    a.send_to(b"one", b_seen).await.unwrap();
    let (one, first) = receive(&b).await;
    also_a.send_to(b"two", b_seen).await.unwrap();
    let (two, second) = receive(&b).await;
    assert_eq!((one.as_slice(), two.as_slice()), (&b"one"[..], &b"two"[..]));
    assert_ne!(first, second);
    b.send_to(b"to the second", second).await.unwrap();
    assert_eq!(receive(&also_a).await, (b"to the second".to_vec(), b_seen));
    b.send_to(b"to the first", first).await.unwrap();
    assert_eq!(receive(&a).await, (b"to the first".to_vec(), b_seen));
}

#[tokio::test]
async fn after_a_change_of_network_an_address_is_seen_as_another() {
    let (a, b) = (socket().await, socket().await);
    let link = UdpLink::new(UdpLinkOptions::default()).unwrap();
    let b_seen = link.stand_in(Side::B, b.local_addr().unwrap()).unwrap();
    a.send_to(b"before", b_seen).await.unwrap();
    let (_, before) = receive(&b).await;
    link.change_network(Side::A);
    b.send_to(b"to nobody", before).await.unwrap();
    a.send_to(b"after", b_seen).await.unwrap();
    let (_, after) = receive(&b).await;
    assert_ne!(before, after);
    b.send_to(b"answer", after).await.unwrap();
    assert_eq!(receive(&a).await, (b"answer".to_vec(), b_seen), "what went to the old address is lost");
}

#[tokio::test]
async fn what_is_no_subject_is_neither_lost_nor_counted() {
    let (a, b) = (socket().await, socket().await);
    let ways = (LinkOptions::default().with_loss(Loss::random(1.0)), LinkOptions::default());
    let options = UdpLinkOptions::default().with_ways(ways.0, ways.1).with_subject(UdpLinkOptions::is_rtp);
    let link = UdpLink::new(options).unwrap();
    let b_seen = link.stand_in(Side::B, b.local_addr().unwrap()).unwrap();
    for number in 0..5 {
        a.send_to(&rtp(number), b_seen).await.unwrap();
    }
    a.send_to(&CHECK, b_seen).await.unwrap();
    assert_eq!(receive(&b).await.0, CHECK);
    let counters = link.counters(Side::A);
    assert_eq!((counters.offered, counters.lost, counters.delivered), (5, 5, 0));

    link.reconfigure(Side::A, LinkOptions::default()).unwrap();
    a.send_to(&rtp(5), b_seen).await.unwrap();
    assert_eq!(receive(&b).await.0, rtp(5));
    assert_eq!(link.counters(Side::A).delivered, 1);
}

#[tokio::test]
async fn the_same_seed_loses_the_same_datagrams_and_each_way_others() {
    let run = async |seed| {
        let (a, b) = (socket().await, socket().await);
        let lossy = LinkOptions::default().with_loss(Loss::random(0.5));
        let options = UdpLinkOptions::default().with_seed(seed).with_ways(lossy.clone(), lossy);
        let link = UdpLink::new(options.with_subject(UdpLinkOptions::is_rtp)).unwrap();
        let b_seen = link.stand_in(Side::B, b.local_addr().unwrap()).unwrap();
        let a_seen = link.stand_in(Side::A, a.local_addr().unwrap()).unwrap();
        let mut came = [Vec::new(), Vec::new()];
        for (came, (from, to, seen)) in came.iter_mut().zip([(&a, &b, b_seen), (&b, &a, a_seen)]) {
            for number in 0..40 {
                from.send_to(&rtp(number), seen).await.unwrap();
            }
            from.send_to(&CHECK, seen).await.unwrap();
            loop {
                match receive(to).await.0 {
                    datagram if datagram == CHECK => break,
                    datagram => came.push(datagram[3]),
                }
            }
        }
        came
    };
    let first = run(7).await;
    assert_eq!(first, run(7).await);
    assert_ne!(first, run(8).await);
    assert_ne!(first[0], first[1]);
}

#[tokio::test]
async fn candidates_are_given_stand_ins_and_left_out_where_nothing_can_stand_for_them() {
    let link = UdpLink::new(UdpLinkOptions::default()).unwrap();
    let text = "v=0\r\na=candidate:1 1 udp 2122260223 127.0.0.1 5000 typ host generation 0\r\n\
        a=candidate:2 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active\r\n\
        a=candidate:3 1 udp 2122260223 0c3f2c5e-7d5c.local 5000 typ host\r\n\
        a=candidate:4 1 UDP 2122260223 192.0.2.9 5000 typ host\r\n\
        a=candidate:short\r\na=end-of-candidates\r\n";
    let stand_in = link.stand_in(Side::A, "127.0.0.1:5000".parse().unwrap()).unwrap();
    let wanted = format!(
        "v=0\r\na=candidate:1 1 udp 2122260223 127.0.0.1 {} typ host generation 0\r\na=end-of-candidates\r\n",
        stand_in.port()
    );
    assert_eq!(link.rewrite_candidates(Side::A, text), wanted);
    let single = "candidate:1 1 udp 2122260223 127.0.0.1 5000 typ host";
    assert!(link.rewrite_candidates(Side::A, single).contains(&stand_in.port().to_string()));
}

#[tokio::test]
async fn addresses_beyond_the_limit_are_refused_and_counted() {
    let (a, stranger, b) = (socket().await, socket().await, socket().await);
    let link = UdpLink::new(UdpLinkOptions::default().with_max_addresses(2)).unwrap();
    let b_seen = link.stand_in(Side::B, b.local_addr().unwrap()).unwrap();
    a.send_to(b"first", b_seen).await.unwrap();
    assert_eq!(receive(&b).await.0, b"first");
    stranger.send_to(b"too many", b_seen).await.unwrap();
    a.send_to(b"second", b_seen).await.unwrap();
    assert_eq!(receive(&b).await.0, b"second");
    assert_eq!(link.refused(), 1);
    assert!(link.stand_in(Side::B, a.local_addr().unwrap()).is_err());
}

#[tokio::test]
async fn its_sockets_are_closed_with_it() {
    let link = UdpLink::new(UdpLinkOptions::default()).unwrap();
    let seen = link.stand_in(Side::B, "127.0.0.1:5000".parse().unwrap()).unwrap();
    assert!(UdpSocket::bind(seen).await.is_err());
    drop(link);
    let free = async {
        while UdpSocket::bind(seen).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, free).await.unwrap();
}

#[tokio::test]
async fn options_out_of_range_are_named() {
    let refused = UdpLink::new(UdpLinkOptions::default().with_max_addresses(1)).unwrap_err();
    assert_eq!(refused.to_string(), "UdpLinkOptions::max_addresses is 1, it has to be in 2..=4096");
}
