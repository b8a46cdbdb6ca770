//! What becomes of an execution that nobody polls any more.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};

use interceptor_stack::{AsyncExecute, AsyncInterceptor, AsyncStack, Immediate, Step, interceptor, stack};

/// Counts how often it was cleaned up by its destructor.
#[derive(Clone, Default)]
struct Guard(Arc<AtomicU32>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Service {
    entered: u32,
    left: u32,
}

struct Forever(Guard);

impl AsyncInterceptor<Service, ()> for Forever {
    fn name(&self) -> &str {
        "forever"
    }

    async fn enter(&self, _: &mut Service) -> Result<Step, ()> {
        let _guard = self.0.clone();
        pending().await
    }
}

/// Polls once, then drops.
fn abandon<S: AsyncExecute<Service, ()>>(stack: &S, service: &mut Service) {
    let mut execution = pin!(stack.execute(service));
    assert!(execution.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[test]
fn dropping_the_future_skips_leave() {
    let resources = interceptor("resources")
        .enter(|service: &mut Service| {
            service.entered += 1;
            Ok(Step::Next)
        })
        .leave(|service: &mut Service| {
            service.left += 1;
            Ok(())
        })
        .error(|_: &mut Service, ()| panic!("nothing has failed"));
    let guard = Guard::default();
    let mut service = Service::default();
    abandon(&stack![Immediate(resources), Forever(guard.clone())], &mut service);
    assert_eq!((service.entered, service.left), (1, 0));
    let before = guard.0.load(Ordering::Relaxed);
    let at_run_time = AsyncStack::new().with_immediate(resources).with(Forever(guard.clone()));
    abandon(&at_run_time, &mut service);
    assert_eq!((service.entered, service.left), (2, 0));
    // What is held by a value is cleaned up in any case.
    assert_eq!(
        (before, guard.0.load(Ordering::Relaxed)),
        (2, 3),
        "one guard an execution, and the first stack's"
    );
}
