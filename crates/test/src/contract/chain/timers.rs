//! No timer makes its driver spin.

use std::time::Duration;

use interceptor_core::Stage;

use super::{ChainContract, bind, bye, media};
use crate::contract::companion::{Companion, Notes};

const MS: Duration = Duration::from_millis(1);
/// Timeouts at one instant: everybody once, and once more for what came of it.
const MAX_AT_ONE_INSTANT: usize = 10;

impl ChainContract {
    /// Interceptors that ask for the present instant, for ever, by themselves or by waking each other, come to rest at each
    /// instant, and are woken again a little later.
    ///
    /// # Panics
    /// If not.
    pub fn never_makes_its_driver_spin(&self) {
        let wakes = |companion: Companion, hook| companion.does(hook, |cx| cx.wake_at(cx.now()));
        let eager = || ["write_rtp", "handle_timeout"].into_iter().fold(Companion::default(), wakes);
        let low = || {
            let low = ["write_rtp", "write_rtcp"].into_iter().fold(Companion::default(), wakes);
            low.does("handle_timeout", |cx| cx.deliver_rtcp(bye()))
        };
        let high = || {
            let high = ["write_rtp", "read_rtcp"].into_iter().fold(Companion::default(), wakes);
            high.does("handle_timeout", |cx| cx.send_rtcp(bye()))
        };
        self.assert_rests("one that asks for the present instant", vec![("eager", eager())]);
        self.assert_rests("two that wake each other", vec![("low", low()), ("high", high())]);
    }

    fn assert_rests(&self, who: &str, companions: Vec<(&'static str, Companion)>) {
        let rule = format!("a driver does not spin ({who})");
        let (mut chain, now) = self.chain();
        for (stage, (name, companion)) in [Stage::REPORT, Stage::APPLICATION].into_iter().zip(companions) {
            companion.insert(&mut chain, name, stage, now);
        }
        bind(&mut chain, now);
        chain.write_rtp(media(1), now);
        let mut at = now;
        for _ in 0..5 {
            let mut fired = 0;
            while chain.next_timeout().is_some_and(|due| due <= at) {
                chain.handle_timeout(at);
                fired += 1;
                assert!(fired <= MAX_AT_ONE_INSTANT, "{rule}: {fired} timeouts at one instant");
            }
            assert!(fired > 0, "{rule}: nobody was woken");
            let next = chain.next_timeout();
            at = next.unwrap_or_else(|| panic!("{rule}: it is forgotten"));
            assert!(at <= now + 100 * MS, "{rule}: it waits for {:?}", at - now);
        }
        assert!(at >= now + MS, "{rule}: five rounds within {:?}", at - now);
    }

    /// The earliest of what an interceptor has asked for counts, once.
    ///
    /// # Panics
    /// If not.
    pub fn wakes_whom_it_was_asked_to(&self) {
        let (mut chain, now) = self.chain();
        let notes = Notes::default();
        let asks = Companion::default().does("write_rtp", |cx| {
            [30, 10, 20].into_iter().for_each(|after| cx.wake_at(cx.now() + after * MS));
        });
        asks.notes(&notes, "asks", &["handle_timeout"]).insert(&mut chain, "asks", Stage::NACK, now);
        bind(&mut chain, now);
        chain.write_rtp(media(1), now);
        assert_eq!(chain.next_timeout(), Some(now + 10 * MS), "the earliest instant counts");
        chain.handle_timeout(now + 9 * MS);
        assert_eq!(notes.take().len(), 0, "nobody is woken before the instant that was asked for");
        chain.handle_timeout(now + 60 * MS);
        chain.handle_timeout(now + 60 * MS);
        assert_eq!(notes.take().len(), 1, "woken once");
        assert_eq!(chain.next_timeout(), None, "a timer is gone when it has fired");
    }
}
