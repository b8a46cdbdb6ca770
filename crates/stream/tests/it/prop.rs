//! Random streams under random limits, each beside a naive model: nothing lost, nothing out of order, nothing early, nothing late.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use interceptor_stream::{Excess, Intercept, Pace, StreamLimits};
use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::kit::rate;

/// A message: its number, its size, and how many milliseconds after the one before it comes.
type Message = (usize, u64, u64);

/// A peer whose messages come at their times, and who takes some and is not ready for a moment after each third one.
struct Peer {
    to_come: VecDeque<(Instant, Message)>,
    timer: Pin<Box<Sleep>>,
    taken: Arc<Mutex<Vec<(Message, Instant)>>>,
    busy: bool,
}

impl Peer {
    fn new(messages: &[Message], taken: &Arc<Mutex<Vec<(Message, Instant)>>>) -> Self {
        let mut at = Instant::now();
        let to_come = messages.iter().map(|message| {
            at += Duration::from_millis(message.2);
            (at, *message)
        });
        Self {
            to_come: to_come.collect(),
            timer: Box::pin(sleep_until(Instant::now())),
            taken: Arc::clone(taken),
            busy: false,
        }
    }
}

impl Stream for Peer {
    type Item = Result<Message, String>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(&(at, message)) = self.to_come.front() else { return Poll::Ready(None) };
        if Instant::now() < at {
            self.timer.as_mut().reset(at);
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        self.to_come.pop_front();
        Poll::Ready(Some(Ok(message)))
    }
}

impl Sink<Message> for Peer {
    type Error = String;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        if std::mem::take(&mut self.busy) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), String> {
        let mut taken = self.taken.lock().unwrap();
        taken.push((message, Instant::now()));
        let busy = taken.len().is_multiple_of(3);
        drop(taken);
        self.busy = busy;
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }
}

/// When each message passes under two rates, in numbers that hold every product: a level of tokens times nanoseconds each. A timer of tokio is
/// exact to a millisecond, and late rather than early.
struct Model {
    pace: Pace,
    /// Of messages and of bytes: the time it was looked at, and its level then.
    levels: [(u128, u128); 2],
}

impl Model {
    fn new(pace: Pace) -> Self {
        let full = |rate: Option<interceptor_stream::Rate>| {
            rate.map_or(0, |rate| u128::from(rate.burst()) * rate.per().as_nanos())
        };
        Self { pace, levels: [(0, full(pace.messages)), (0, full(pace.bytes))] }
    }

    /// When a message that comes at `now` passes.
    fn pass(&mut self, bytes: u64, now: u128) -> u128 {
        let rates = [(self.pace.messages, 1), (self.pace.bytes, bytes)];
        let mut at = now;
        for ((at_last, level), (rate, n)) in self.levels.iter().zip(rates) {
            let Some(rate) = rate else { continue };
            let missing = (u128::from(n) * rate.per().as_nanos()).saturating_sub(*level);
            let ready = at_last + missing.div_ceil(u128::from(rate.amount()));
            if ready > at {
                at = ready.div_ceil(1_000_000) * 1_000_000;
            }
        }
        for ((at_last, level), (rate, n)) in self.levels.iter_mut().zip(rates) {
            let Some(rate) = rate else { continue };
            let per = rate.per().as_nanos();
            let full = u128::from(rate.burst()) * per;
            *level = (*level + (at - *at_last) * u128::from(rate.amount())).min(full) - u128::from(n) * per;
            *at_last = at;
        }
        at
    }
}

fn some_pace() -> impl Strategy<Value = Pace> {
    let messages = (1_u64..200, 1_u64..4).prop_map(|(amount, burst)| rate(amount, burst));
    let bytes = (1_u64..3_000, 200_u64..400).prop_map(|(amount, burst)| rate(amount, burst));
    (prop::option::of(messages), prop::option::of(bytes)).prop_map(|(messages, bytes)| {
        let mut pace = Pace::default();
        (pace.messages, pace.bytes) = (messages, bytes);
        pace
    })
}

fn some_messages() -> impl Strategy<Value = Vec<Message>> {
    let message = (0_u64..200, prop_oneof![2 => Just(0_u64), 1 => 0_u64..500]);
    prop::collection::vec(message, 1..40).prop_map(|messages| {
        messages.into_iter().enumerate().map(|(number, (bytes, pause))| (number, bytes, pause)).collect()
    })
}

type Passed = Vec<(Message, u128)>;

/// All messages through one stream, both ways at once: when each has passed, as the receiver and the peer saw it.
fn run(limits: StreamLimits, messages: &[Message]) -> (Passed, Passed, interceptor_stream::StreamStats) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let since = |at: Instant| (at - start).as_nanos();
        let taken = Arc::default();
        let stream = Intercept::new(limits)
            .unwrap()
            .with_size(|message: &Message| message.1)
            .duplex(Peer::new(messages, &taken));
        let handle = stream.handle();
        let (mut sink, mut stream) = stream.split();
        let sending = async {
            for message in messages {
                sink.send(*message).await.unwrap();
            }
            sink.close().await.unwrap();
        };
        let receiving = async {
            let mut received = Passed::new();
            while let Some(message) = stream.next().await {
                received.push((message.unwrap(), since(Instant::now())));
            }
            received
        };
        let ((), received) = tokio::join!(sending, receiving);
        let sent = taken.lock().unwrap().iter().map(|(message, at)| (*message, since(*at))).collect();
        (received, sent, handle.stats())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_waits_passes_in_order_when_it_may_and_is_never_lost(
        received in some_pace(),
        sent in some_pace(),
        messages in some_messages(),
    ) {
        let limits = StreamLimits::default().with_received(received).with_sent(sent);
        let (in_time, out_time, stats) = run(limits, &messages);

        // Received: each came at its own time, or when its predecessor had passed. Sent: each as soon as its predecessor had.
        let mut models = [Model::new(received), Model::new(sent)];
        let (mut came, mut expected, mut waited) = (0, [Passed::new(), Passed::new()], [0, 0]);
        let mut last = [0, 0];
        for message in &messages {
            came += u128::from(message.2) * 1_000_000;
            let at = [came.max(last[0]), last[1]];
            for way in [0, 1] {
                last[way] = models[way].pass(message.1, at[way]);
                expected[way].push((*message, last[way]));
                waited[way] += last[way] - at[way];
            }
        }
        let [expect_in, expect_out] = expected;
        prop_assert_eq!(in_time, expect_in);
        prop_assert_eq!(out_time, expect_out);

        let bytes: u64 = messages.iter().map(|message| message.1).sum();
        for (traffic, waited) in [(stats.received, waited[0]), (stats.sent, waited[1])] {
            prop_assert_eq!((traffic.messages, traffic.bytes), (messages.len() as u64, bytes));
            prop_assert_eq!(traffic.waited.as_nanos(), waited);
            prop_assert_eq!((traffic.dropped_messages, traffic.refused_messages), (0, 0));
        }
    }

    #[test]
    fn what_is_dropped_or_refused_is_counted_and_the_rest_stays_in_order(
        pace in some_pace(),
        excess in prop_oneof![Just(Excess::Drop), Just(Excess::Wait)],
        max_messages in prop::option::of(1_u64..30),
        messages in some_messages(),
    ) {
        let mut limits = StreamLimits::default().with_received(pace.with_excess(excess));
        limits.max_messages = max_messages;
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (received, stats) = runtime.block_on(async {
            let stream = Intercept::new(limits)
                .unwrap()
                .with_size(|message: &Message| message.1)
                .stream(Peer::new(&messages, &Arc::default()));
            let handle = stream.handle();
            let received: Vec<Message> = stream.filter_map(async |message| message.ok()).collect().await;
            (received, handle.stats().received)
        });
        prop_assert!(received.is_sorted());
        prop_assert_eq!(stats.messages, received.len() as u64);
        prop_assert_eq!(stats.bytes, received.iter().map(|message| message.1).sum::<u64>());
        let ended = max_messages.is_some_and(|max| stats.messages == max && stats.refused_messages == 1);
        let all = stats.messages + stats.dropped_messages + stats.refused_messages;
        prop_assert!(ended || all == messages.len() as u64, "{stats:?}");
        let known: u64 = messages.iter().take(all as usize).map(|message| message.1).sum();
        prop_assert_eq!(stats.bytes + stats.dropped_bytes + stats.refused_bytes, known);
    }
}
