//! Sends a key frame over UDP at 4 Mb/s rather than all at once, and prints at which rate it has arrived.
//!
//! `cargo run -p interceptor-token-bucket --example paced_sender`

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use interceptor_token_bucket::{Denied, Rate, TokenBucket};

/// A key frame of 120 kB, as packets.
const PACKETS: usize = 100;
const SIZE: usize = 1200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // 4 Mb/s in bytes. What may leave at once is two packets.
    let rate = Rate::new(500_000, Duration::from_secs(1), 2 * SIZE as u64)?;
    let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    receiver.set_read_timeout(Some(Duration::from_secs(1)))?;
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    sender.connect(receiver.local_addr()?)?;

    let received = thread::spawn(move || receive(&receiver));
    pace(PACKETS, rate, &mut SystemClock, |_| sender.send(&[0; SIZE]).map(drop))?;
    let (packets, took) = received.join().map_err(|_| "the receiver has panicked")??;
    let bits = (packets * SIZE * 8) as f64;
    println!("{packets} packets in {took:?}: {:.2} Mb/s", bits / took.as_secs_f64() / 1e6);
    Ok(())
}

/// Sends so many packets as soon as there are tokens for each of them.
fn pace(
    packets: usize,
    rate: Rate,
    clock: &mut impl Clock,
    mut send: impl FnMut(usize) -> io::Result<()>,
) -> io::Result<()> {
    let mut bucket = TokenBucket::new(rate, clock.now());
    for packet in 0..packets {
        while let Err(denied) = bucket.take(SIZE as u64, clock.now()) {
            match denied {
                Denied::Until(at) => clock.sleep_until(at),
                Denied::Never => return Err(io::Error::other("a packet is larger than the burst")),
            }
        }
        send(packet)?;
    }
    Ok(())
}

/// How many came, and how long that took from the first to the last.
fn receive(socket: &UdpSocket) -> io::Result<(usize, Duration)> {
    let (mut clock, mut buffer) = (SystemClock, [0; 2048]);
    socket.recv(&mut buffer)?;
    let start = clock.now();
    let mut packets = 1;
    // One that got lost is waited for in vain.
    while packets < PACKETS && socket.recv(&mut buffer).is_ok() {
        packets += 1;
    }
    Ok((packets, clock.now() - start))
}

/// The bucket reads no clock, so that a test can have another one.
trait Clock {
    fn now(&mut self) -> Instant;
    fn sleep_until(&mut self, at: Instant);
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "a program reads the clock")]
    fn now(&mut self) -> Instant {
        Instant::now()
    }

    #[expect(clippy::disallowed_methods, reason = "and waits for it")]
    fn sleep_until(&mut self, at: Instant) {
        thread::sleep(at.saturating_duration_since(self.now()));
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, SIZE, SystemClock, pace};
    use interceptor_token_bucket::Rate;
    use std::time::{Duration, Instant};

    /// Stands still, but for those who sleep.
    struct Virtual(Instant);

    impl Clock for Virtual {
        fn now(&mut self) -> Instant {
            self.0
        }

        fn sleep_until(&mut self, at: Instant) {
            self.0 = at;
        }
    }

    #[test]
    fn two_leave_at_once_and_the_others_when_their_time_has_come() {
        let rate = Rate::new(500_000, Duration::from_secs(1), 2 * SIZE as u64).unwrap();
        let start = SystemClock.now();
        let mut clock = Virtual(start);
        pace(100, rate, &mut clock, |_| Ok(())).unwrap();
        assert_eq!(clock.0 - start, Duration::from_micros(98 * 2400));
    }

    #[test]
    fn a_packet_that_never_fits_is_an_error() {
        let rate = Rate::per_second(1).unwrap();
        let outcome = pace(1, rate, &mut Virtual(SystemClock.now()), |_| Ok(()));
        assert_eq!(outcome.unwrap_err().to_string(), "a packet is larger than the burst");
    }
}
