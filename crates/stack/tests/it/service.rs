//! A service over tokio: an outer stack that gathers once, a worker, an inner stack around each message.

use interceptor_stack::{
    AsyncExecute, AsyncInterceptor, AsyncStack, Contain, Immediate, Panicked, Queue, Step, Worker,
    interceptor, stack,
};
use tokio::sync::{mpsc, watch};

#[derive(Debug, PartialEq)]
enum Failure {
    Refused,
    Panicked(String),
}

impl From<Panicked> for Failure {
    fn from(panicked: Panicked) -> Self {
        Self::Panicked(panicked.to_string())
    }
}

/// The outer context.
struct Service {
    queue: mpsc::Receiver<u32>,
    stop: watch::Receiver<bool>,
    /// Set up, torn down.
    resources: (u32, u32),
    worked: u32,
    failures: Vec<Failure>,
    /// Each message that is done, for who asked.
    answers: mpsc::Sender<u32>,
}

struct Ends {
    queue: mpsc::Sender<u32>,
    stop: watch::Sender<bool>,
    answers: mpsc::Receiver<u32>,
}

fn service() -> (Service, Ends) {
    let ((queue, messages), (stop, stopped)) = (mpsc::channel(16), watch::channel(false));
    let (answer, answers) = mpsc::channel(16);
    let (resources, worked, failures) = ((0, 0), 0, Vec::new());
    let service = Service { queue: messages, stop: stopped, resources, worked, failures, answers: answer };
    (service, Ends { queue, stop, answers })
}

/// Waits for a message or for the word to stop, whichever is first.
struct Messages;

impl Queue<Service, &'static str> for Messages {
    type Message = u32;
    type Failure = Failure;

    async fn next(&self, service: &mut Service) -> Option<u32> {
        tokio::select! {
            biased;
            _ = service.stop.wait_for(|stop| *stop) => None,
            message = service.queue.recv() => message,
        }
    }

    async fn done(
        &self,
        service: &mut Service,
        message: u32,
        outcome: Result<(), Failure>,
    ) -> Result<(), &'static str> {
        service.worked += 1;
        service.failures.extend(outcome.err());
        service.answers.send(message).await.map_err(|_| "nobody listens")
    }
}

/// Refuses 100, panics on 200.
struct Perform;

impl AsyncInterceptor<u32, Failure> for Perform {
    fn name(&self) -> &str {
        "perform"
    }

    async fn enter(&self, message: &mut u32) -> Result<Step, Failure> {
        tokio::task::yield_now().await;
        match message {
            100 => Err(Failure::Refused),
            200 => panic!("two hundred"),
            _ => {
                *message += 1_000_000;
                Ok(Step::Next)
            }
        }
    }
}

fn resources() -> impl AsyncInterceptor<Service, &'static str> {
    Immediate(
        interceptor("resources")
            .enter(|service: &mut Service| {
                service.resources.0 += 1;
                Ok(Step::Next)
            })
            .leave(|service: &mut Service| {
                service.resources.1 += 1;
                Ok(())
            })
            .error(|service: &mut Service, error| {
                service.resources.1 += 1;
                Err(error)
            }),
    )
}

fn worker() -> impl AsyncInterceptor<Service, &'static str> {
    Worker::new("worker", Messages, stack![Contain(Perform)])
}

/// Runs a service in a task of its own, sends it 1000 messages, waits for each, and says stop.
async fn runs_until_told(stack: impl AsyncExecute<Service, &'static str> + 'static) {
    let (mut service, mut ends) = service();
    let running = tokio::spawn(async move {
        let outcome = stack.execute(&mut service).await;
        (outcome, service)
    });
    for message in 0..1000 {
        ends.queue.send(message).await.unwrap();
        let done = if message == 100 || message == 200 { message } else { message + 1_000_000 };
        assert_eq!(ends.answers.recv().await, Some(done));
    }
    // The queue stays open: it is the signal that ends it.
    ends.stop.send(true).unwrap();
    let (outcome, service) = running.await.unwrap();
    assert_eq!((outcome, service.worked, service.resources), (Ok(()), 1000, (1, 1)));
    let panicked = Failure::Panicked("enter of perform panicked: two hundred".to_owned());
    assert_eq!(service.failures, [Failure::Refused, panicked]);
    drop(ends.queue);
}

#[tokio::test]
async fn service_runs_until_told_to_stop_then_tears_down() {
    runs_until_told(stack![resources(), worker()]).await;
    runs_until_told(AsyncStack::new().with(resources()).with(worker())).await;
}

#[tokio::test]
async fn a_queue_that_ends_ends_the_service_after_what_is_in_it() {
    let (mut service, ends) = service();
    for message in [1, 2, 3] {
        ends.queue.send(message).await.unwrap();
    }
    drop(ends.queue);
    assert_eq!(stack![resources(), worker()].execute(&mut service).await, Ok(()));
    assert_eq!((service.worked, service.resources), (3, (1, 1)));
}

#[tokio::test]
async fn a_message_that_is_worked_on_is_finished_before_the_service_stops() {
    let (mut service, mut ends) = service();
    ends.queue.send(5).await.unwrap();
    ends.queue.send(6).await.unwrap();
    // Its answer can only be taken when the stop signal is there already.
    let (answer, answers) = mpsc::channel(1);
    answer.send(0).await.unwrap();
    (service.answers, ends.answers) = (answer, answers);
    let stack = stack![resources(), worker()];
    let stops = async {
        tokio::task::yield_now().await;
        ends.stop.send(true).unwrap();
        assert_eq!((ends.answers.recv().await, ends.answers.recv().await), (Some(0), Some(1_000_005)));
    };
    let (outcome, ()) = tokio::join!(stack.execute(&mut service), stops);
    assert_eq!((outcome, service.worked, service.resources), (Ok(()), 1, (1, 1)));
    assert_eq!(service.queue.try_recv(), Ok(6), "what was not begun is still there");
}

#[tokio::test]
async fn an_error_of_done_unwinds_the_outer_stack() {
    let (mut service, ends) = service();
    ends.queue.send(1).await.unwrap();
    ends.queue.send(2).await.unwrap();
    drop((ends.answers, ends.queue));
    assert_eq!(stack![resources(), worker()].execute(&mut service).await, Err("nobody listens"));
    assert_eq!((service.worked, service.resources), (1, (1, 1)));
}

#[tokio::test]
async fn the_inner_stack_never_starts_when_an_outer_enter_fails() {
    let (mut service, ends) = service();
    ends.queue.send(1).await.unwrap();
    let fails = Immediate(interceptor("fails").enter(|_: &mut Service| Err("no database")));
    assert_eq!(stack![resources(), fails, worker()].execute(&mut service).await, Err("no database"));
    assert_eq!((service.worked, service.resources), (0, (1, 1)));
    assert_eq!(service.queue.try_recv(), Ok(1));
}
