//! A forwarder (SFU) with three publishers, whose cameras send three simulcast layers each, and a hundred subscribers, each of which gets the
//! layer that its path has room for. Some paths are bad; nobody else notices.
//!
//! All of it runs in memory and in virtual time: `cargo run -p interceptor-tokio --example sfu`

mod call;

use std::time::Duration;

use call::{Plan, Seen, call};

fn print(number: usize, path: &str, seen: &Seen) {
    let (pause, layers) = (format!("{:?}", seen.longest_pause), format!("{:?}", seen.by_layer));
    println!(
        "{number:10}  {path:4}  {:7}  {:7}  {pause:13}  {layers:16}  {:8}  {:4}",
        seen.packets, seen.missing, seen.switches, seen.forwarded.cuts
    );
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let plan = Plan { subscribers: 100, bad: 5, length: Duration::from_secs(20) };
    let seen = call(plan).await?;
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
