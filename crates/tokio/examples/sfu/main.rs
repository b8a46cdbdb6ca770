//! A forwarder (SFU) with three publishers, whose cameras send three simulcast layers each, and a hundred subscribers, each of which gets the
//! layer that its path has room for. Some paths are bad; nobody else notices.
//!
//! All of it runs in memory and in virtual time: `cargo run --release -p interceptor-tokio --example sfu`. With `-- --udp` it runs over sockets on
//! loopback, and takes its 22 seconds.

mod call;
#[cfg(feature = "udp")]
mod sockets;

use std::time::Duration;

use call::cable::InMemory;
use call::{Plan, Result, Seen, call};
use tokio::runtime::Builder;

fn print(number: usize, path: &str, seen: &Seen) {
    let (pause, layers) = (format!("{:?}", seen.longest_pause), format!("{:?}", seen.by_layer));
    println!(
        "{number:10}  {path:4}  {:7}  {:7}  {pause:13}  {layers:16}  {:8}  {:4}",
        seen.packets, seen.missing, seen.switches, seen.forwarded.cuts
    );
}

fn run(plan: Plan) -> Result<Vec<Seen>> {
    if !std::env::args().any(|argument| argument == "--udp") {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        return runtime.block_on(call(plan, InMemory));
    }
    #[cfg(feature = "udp")]
    return Builder::new_multi_thread().enable_all().build()?.block_on(call(plan, sockets::Loopback));
    #[cfg(not(feature = "udp"))]
    Err("sockets are of the feature `udp`".into())
}

fn main() -> Result {
    let plan = Plan { subscribers: 100, bad: 5, length: Duration::from_secs(20) };
    let seen = run(plan)?;
    let (bad, good) = seen.split_at(plan.bad as usize);
    println!("subscriber  path  packets  missing  longest pause  of each layer     switches  cuts");
    bad.iter().enumerate().for_each(|(number, seen)| print(number, "bad", seen));
    good.iter().enumerate().take(3).for_each(|(number, seen)| print(bad.len() + number, "good", seen));
    let pause = good.iter().map(|seen| seen.longest_pause).max().unwrap_or_default();
    let missing: usize = good.iter().map(|seen| seen.missing).sum();
    let back: usize = seen.iter().map(|seen| seen.steps_back).sum();
    println!(
        "{} subscribers on good paths: {missing} packets missing, the longest pause {pause:?}",
        good.len()
    );
    println!("timestamps went back {back} times, over all switches of all subscribers");
    Ok(())
}
