//! What a link loses comes back, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use interceptor_nack::Nack;
use interceptor_test::{LinkOptions, Side};
use interceptor_webrtc::ChainHandle;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use webrtc::track::track_remote::TrackRemote;

use super::peer::{Call, STUCK, Set, until};

/// Sends so many packets at an even pace.
pub(super) async fn send(call: &Call, numbers: std::ops::Range<u16>) {
    let mut pace = pace();
    for number in numbers {
        pace.tick().await;
        call.write(number).await;
    }
}

/// Slow enough for the buffers of sockets, also after the machine has stood still.
pub(super) fn pace() -> tokio::time::Interval {
    let mut pace = tokio::time::interval(Duration::from_millis(2));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

/// How often each packet has come to the application, which reads all the time.
pub(super) struct Seen {
    numbers: mpsc::UnboundedReceiver<u16>,
    pub(super) times: BTreeMap<u16, u32>,
}

impl Seen {
    pub(super) fn of(track: Arc<TrackRemote>) -> Self {
        let (told, numbers) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((packet, _)) = track.read_rtp().await {
                let _ = told.send(packet.header.sequence_number);
            }
        });
        Self { numbers, times: BTreeMap::new() }
    }

    /// Until so many different packets have come.
    pub(super) async fn read(&mut self, until: usize) {
        let all = async {
            while self.times.len() < until {
                let number = self.numbers.recv().await.expect("the track goes on");
                *self.times.entry(number).or_default() += 1;
            }
        };
        let came = tokio::time::timeout(STUCK, all).await;
        assert!(came.is_ok(), "only {} of {until} came", self.times.len());
    }

    /// Until this one has come.
    async fn reach(&mut self, last: u16) {
        let all = async {
            while !self.times.contains_key(&last) {
                let number = self.numbers.recv().await.expect("the track goes on");
                *self.times.entry(number).or_default() += 1;
            }
        };
        tokio::time::timeout(STUCK, all).await.expect("it comes");
    }

    fn packets(&self) -> u32 {
        self.times.values().sum()
    }
}

/// A fifth of what is sent in the middle, by chance with a seed.
fn a_fifth_in_the_middle(number: u64) -> bool {
    (100..200).contains(&number) && (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).is_multiple_of(5)
}

/// The link takes this long one way.
const DELAY: Duration = Duration::from_millis(20);
/// Who knows no round trip asks again after this at the soonest (`interceptor-nack`, Behaviour 3), however late its timers are.
const REPEAT: Duration = Duration::from_millis(100);

/// Sends 300 packets, of which many are lost: all come, none twice, each is asked for once in the time that it takes, and no more is sent
/// again than is asked for. Where the machine stands still it takes longer, and no more.
async fn all_come_once(set: Set) {
    let mut call = Call::new(&set).await;
    let link = LinkOptions::default().with_delay(DELAY);
    for side in [Side::A, Side::B] {
        call.link.reconfigure(side, link.clone()).unwrap();
    }
    call.connected().await;
    call.link.drop_if(Side::A, |number, _| a_fifth_in_the_middle(number));
    send(&call, 0..1).await;
    let mut seen = Seen::of(call.remote().await);
    send(&call, 1..300).await;
    seen.read(300).await;
    // What would come a second time is there before these.
    send(&call, 300..310).await;
    seen.read(310).await;
    assert_eq!(seen.packets(), 310, "none comes twice");
    let link = call.link.counters(Side::A);
    let (lost, again) = (link.lost, link.offered - 310);
    // Looked at behind the answers: there are no more of them than requests.
    let (requested, most) = asked(&call.b.chain);
    assert!(lost >= 10 && again >= lost, "{again} sent again for {lost} lost");
    assert!(
        again <= requested && requested <= most,
        "{again} sent again, {requested} asked for, {most} at most"
    );
    call.close().await;
}

/// How often packets were asked for, and how often they may have been in the times that they took to come.
fn asked(chain: &ChainHandle) -> (u64, u64) {
    let asked = chain.with_chain(|chain| {
        chain.with_streams::<Nack, _>(|nack, streams| {
            let times = nack.time_to_recover();
            let each = (1..=times.count()).filter_map(|at| times.quantile(at as f64 / times.count() as f64));
            let most = each.map(|time| 1 + (time.as_millis() / REPEAT.as_millis()) as u64).sum::<u64>();
            (nack.counters(&streams).asking.packets_requested, most)
        })
    });
    asked.flatten().expect("it asks")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_lost_packet_comes_back_once_on_the_rtx_stream() {
    all_come_once(Set::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_lost_packet_comes_back_once_without_rtx() {
    all_come_once(Set { rtx: false, ..Set::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_lost_packet_comes_back_once_where_the_application_reads_rtcp() {
    all_come_once(Set { reads_rtcp: true, ..Set::default() }).await;
}

/// Packets of a burst: more than the host's replay window of 64 holds.
const BURST: u16 = 80;
const BURSTS: u16 = 6;
const TOTAL: usize = (BURST * BURSTS) as usize;

/// How far behind the newest packet those have come that were lost and sent again.
#[derive(Default)]
struct Repeats {
    newest: u16,
    lost: BTreeSet<u16>,
    behind: BTreeMap<u16, u16>,
}

impl Repeats {
    /// Is it the first packet of a burst, on its way for the first time?
    fn loses(&mut self, datagram: &[u8]) -> bool {
        let &[_, _, high, low, ..] = datagram else { return false };
        let number = u16::from_be_bytes([high, low]);
        self.newest = self.newest.max(number);
        let is_lost = number.is_multiple_of(BURST) && number > 0 && self.lost.insert(number);
        if !is_lost && self.lost.contains(&number) {
            // The first time is the nearest.
            self.behind.entry(number).or_insert(self.newest - number);
        }
        is_lost
    }
}

/// Bursts over 120 ms, of each of which the first packet is lost; what comes back comes behind all of the burst, unless the machine stands
/// still in the middle of it.
async fn bursts_over_120_ms(window: usize) -> (Call, Seen, Arc<Mutex<Repeats>>) {
    let link = LinkOptions::default().with_delay(Duration::from_millis(60));
    let mut call = Call::new(&Set { rtx: false, replay_window: Some(window), link, ..Set::default() }).await;
    call.connected().await;
    let repeats = Arc::new(Mutex::new(Repeats::default()));
    let losing = Arc::clone(&repeats);
    call.link.drop_if(Side::A, move |_, datagram| losing.lock().unwrap().loses(datagram));
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for burst in 0..BURSTS {
        pace.tick().await;
        for number in burst * BURST..(burst + 1) * BURST {
            call.write(number).await;
        }
    }
    let seen = Seen::of(call.remote().await);
    // Each has been sent again.
    until(|| repeats.lock().unwrap().behind.len() == usize::from(BURSTS) - 1).await;
    (call, seen, repeats)
}

/// What `webrtc` sets by itself.
const HOSTS_WINDOW: u16 = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_comes_back_over_120_ms_with_the_replay_window_that_is_set_up() {
    let (call, mut seen, repeats) = bursts_over_120_ms(interceptor_webrtc::REPLAY_WINDOW).await;
    seen.read(TOTAL).await;
    assert_eq!(call.link.counters(Side::A).lost, u64::from(BURSTS) - 1);
    assert!(repeats.lock().unwrap().behind.values().any(|behind| *behind >= HOSTS_WINDOW));
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_later_than_the_hosts_own_replay_window_is_lost() {
    let (call, mut seen, repeats) = bursts_over_120_ms(usize::from(HOSTS_WINDOW)).await;
    let last = TOTAL as u16 + 1;
    send(&call, last..last + 1).await;
    // It has come, so all before it had come.
    seen.reach(last).await;
    let repeats = repeats.lock().unwrap().behind.clone();
    let late = repeats.iter().filter(|(_, behind)| **behind >= HOSTS_WINDOW);
    let late: Vec<u16> = late.map(|(number, _)| *number).collect();
    assert!(!late.is_empty() && late.iter().all(|number| !seen.times.contains_key(number)), "{repeats:?}");
    call.close().await;
}
