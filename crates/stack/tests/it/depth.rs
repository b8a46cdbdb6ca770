//! Large stacks, and executions that are dropped at every place where they wait.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use interceptor_stack::{
    AsyncExecute, AsyncInterceptor, AsyncStack, Contain, Execute, Panicked, Phase, Stack, Step, interceptor,
    stack,
};

use crate::scripted::complete;

/// Waits once in each function, and holds something meanwhile.
struct Slow(Arc<AtomicU32>);

/// Counts those that are held.
struct Held(Arc<AtomicU32>);

impl Slow {
    async fn wait(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        let _held = Held(Arc::clone(&self.0));
        once().await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Pending the first time.
async fn once() {
    let mut asked = false;
    poll_fn(|task| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl AsyncInterceptor<Vec<Phase>, &'static str> for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    async fn enter(&self, log: &mut Vec<Phase>) -> Result<Step, &'static str> {
        self.wait().await;
        log.push(Phase::Enter);
        Ok(Step::Next)
    }

    async fn leave(&self, log: &mut Vec<Phase>) -> Result<(), &'static str> {
        self.wait().await;
        log.push(Phase::Leave);
        Err("left in anger")
    }

    async fn error(&self, log: &mut Vec<Phase>, error: &'static str) -> Result<(), &'static str> {
        self.wait().await;
        log.push(Phase::Error);
        Err(error)
    }
}

/// Counts how often it was woken.
#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls so many times, each time for another task; `None` if it has not ended by then.
fn polled(stack: &AsyncStack<Vec<Phase>, &'static str>, times: usize) -> (Vec<Phase>, Option<()>) {
    let mut log = Vec::new();
    let outcome = {
        let mut execution = pin!(stack.execute(&mut log));
        (0..times).find_map(|_| {
            let bell = Arc::new(Bell::default());
            let waker = Waker::from(Arc::clone(&bell));
            let polled = execution.as_mut().poll(&mut Context::from_waker(&waker));
            let woken = bell.0.load(Ordering::Relaxed);
            assert_eq!(woken, u32::from(polled.is_pending()), "who asked last is woken, once");
            polled.is_ready().then_some(())
        })
    };
    (log, outcome)
}

#[test]
fn dropping_it_anywhere_calls_nothing_more_and_keeps_nothing() {
    let held = Arc::new(AtomicU32::new(0));
    let immediate = || {
        interceptor("immediate")
            .enter(|log: &mut Vec<Phase>| {
                log.push(Phase::Enter);
                Ok(Step::Next)
            })
            .leave(|log: &mut Vec<Phase>| {
                log.push(Phase::Leave);
                Ok(())
            })
    };
    let stack = AsyncStack::new()
        .with_immediate(immediate())
        .with(Slow(Arc::clone(&held)))
        .with_immediate(immediate())
        .with(Slow(Arc::clone(&held)))
        .with(Slow(Arc::clone(&held)));
    let (all, ended) = polled(&stack, 100);
    assert!(ended.is_some());
    let mut longest = 0;
    for times in 0..100 {
        let (log, ended) = polled(&stack, times);
        assert!(all.starts_with(&log), "{times}");
        assert_eq!(held.load(Ordering::Relaxed), 0, "{times}");
        longest = longest.max(log.len());
        if ended.is_some() {
            assert_eq!(log, all);
        }
    }
    assert_eq!(longest, all.len());
}

/// Waits for nothing, but does not say so.
struct Ready;

impl AsyncInterceptor<u32, ()> for Ready {
    fn name(&self) -> &str {
        "ready"
    }

    async fn enter(&self, entered: &mut u32) -> Result<Step, ()> {
        *entered += 1;
        Ok(Step::Next)
    }
}

/// Waits once.
struct Waits;

impl AsyncInterceptor<u32, ()> for Waits {
    fn name(&self) -> &str {
        "waits"
    }

    async fn enter(&self, entered: &mut u32) -> Result<Step, ()> {
        once().await;
        *entered += 1;
        Ok(Step::Next)
    }
}

#[test]
fn ten_thousand_that_wait_for_nothing_take_no_more_of_the_threads_stack_than_one() {
    let add = |entered: &mut u32| {
        *entered += 1;
        Ok::<_, ()>(Step::Next)
    };
    let (mut sync, mut waiting) = (Stack::new(), AsyncStack::new());
    for _ in 0..10_000 {
        sync.push(interceptor("add").enter(add));
        waiting.push_immediate(interceptor("add").enter(add));
    }
    let mut entered = 0;
    assert_eq!(sync.execute(&mut entered), Ok(()));
    assert_eq!(complete(waiting.execute(&mut entered)), Ok(()));
    assert_eq!(entered, 20_000);
}

#[test]
fn five_hundred_that_wait_fit_into_the_stack_of_a_thread() {
    let mut stack = AsyncStack::new();
    for at in 0..500 {
        if at % 2 == 0 { stack.push(Ready) } else { stack.push(Waits) }
    }
    let mut entered = 0;
    assert_eq!(complete(stack.execute(&mut entered)), Ok(()));
    assert_eq!(entered, 500);
}

/// Panics, and once more when it is dropped.
struct Twice(bool);

impl Future for Twice {
    type Output = Result<Step, Panicked>;

    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.0 = true;
        panic!("when it is polled")
    }
}

impl Drop for Twice {
    fn drop(&mut self) {
        assert!(!self.0 || std::thread::panicking(), "when it is dropped");
    }
}

struct Careless;

impl AsyncInterceptor<(), Panicked> for Careless {
    fn name(&self) -> &str {
        "careless"
    }

    fn enter(&self, (): &mut ()) -> impl Future<Output = Result<Step, Panicked>> + Send {
        Twice(false)
    }
}

#[test]
fn a_future_that_panics_again_when_it_is_dropped_is_contained() {
    let stack = stack![Contain(Careless)];
    let mut context = ();
    let panicked = complete(stack.execute(&mut context)).unwrap_err();
    assert_eq!(panicked.message(), Some("when it is polled"));
}
