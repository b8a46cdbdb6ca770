//! A service that takes messages off a queue until it is told to stop: what it gathers once stands in the outer stack, and around each message
//! are four interceptors: read it, clean up, gather what it needs, perform.
//!
//! `cargo run -p interceptor-stack --example queue_service`

use std::collections::HashMap;
use std::error::Error;

use interceptor_stack::{
    AsyncExecute, AsyncInterceptor, Contain, Immediate, Interceptor, Panicked, Queue, Step, Worker,
    interceptor, stack,
};
use tokio::sync::{mpsc, oneshot, watch};

/// The outer context: what is gathered once, when the service starts.
struct Service {
    queue: mpsc::Receiver<Order>,
    stop: watch::Receiver<bool>,
    prices: HashMap<&'static str, u32>,
    connected: bool,
    served: u32,
}

/// What comes on the queue, and who waits for the answer.
struct Order {
    text: String,
    answer: oneshot::Sender<Result<u32, Failure>>,
}

/// The inner context: one message on its way. Each interceptor sets about one field.
struct Job {
    text: String,
    item: String,
    count: u32,
    price: Option<u32>,
    total: u32,
    answer: oneshot::Sender<Result<u32, Failure>>,
}

#[derive(Debug, PartialEq)]
enum Failure {
    Unreadable,
    Unknown(String),
    Panicked(String),
}

impl From<Panicked> for Failure {
    fn from(panicked: Panicked) -> Self {
        Self::Panicked(panicked.to_string())
    }
}

/// Outer: connects and disconnects, once.
fn connection() -> impl Interceptor<Service, String> + Send + Sync {
    fn close(service: &mut Service) {
        service.connected = false;
        println!("disconnected after {} messages", service.served);
    }
    interceptor("connection")
        .enter(|service: &mut Service| {
            service.connected = true;
            println!("connected");
            Ok(Step::Next)
        })
        .leave(|service: &mut Service| {
            close(service);
            Ok(())
        })
        .error(|service: &mut Service, error| {
            close(service);
            Err(error)
        })
}

/// Inner, 1: read the message.
fn read() -> impl Interceptor<Job, Failure> + Send + Sync {
    interceptor("read").enter(|job: &mut Job| {
        let (count, item) = job.text.split_once(' ').ok_or(Failure::Unreadable)?;
        job.count = count.parse().map_err(|_| Failure::Unreadable)?;
        job.item = item.to_owned();
        Ok(Step::Next)
    })
}

/// Inner, 2: clean up, whatever happens further in.
fn clean_up() -> impl Interceptor<Job, Failure> + Send + Sync {
    fn release(job: &mut Job) {
        println!("{}: done with its price", job.text);
        job.price = None;
    }
    interceptor("clean_up")
        .leave(|job: &mut Job| {
            release(job);
            Ok(())
        })
        .error(|job: &mut Job, error| {
            release(job);
            Err(error)
        })
}

/// Inner, 3: gather what the message needs. Somewhere else, so it waits.
struct Gather(HashMap<&'static str, u32>);

impl AsyncInterceptor<Job, Failure> for Gather {
    fn name(&self) -> &str {
        "gather"
    }

    async fn enter(&self, job: &mut Job) -> Result<Step, Failure> {
        tokio::task::yield_now().await;
        job.price = Some(*self.0.get(&*job.item).ok_or_else(|| Failure::Unknown(job.item.clone()))?);
        Ok(Step::Next)
    }
}

/// Inner, 4: perform.
fn perform() -> impl Interceptor<Job, Failure> + Send + Sync {
    interceptor("perform").enter(|job: &mut Job| {
        let price = job.price.ok_or(Failure::Unreadable)?;
        // A bug: nobody has thought of orders as large as this. It ends this message, and no other.
        assert!(job.count <= 1_000_000, "{} are more than there are", job.count);
        job.total = job.count * price;
        Ok(Step::Next)
    })
}

/// The queue: a message or the word to stop, whichever is first.
struct Orders;

impl Queue<Service, String> for Orders {
    type Message = Job;
    type Failure = Failure;

    async fn next(&self, service: &mut Service) -> Option<Job> {
        let order = tokio::select! {
            biased;
            _ = service.stop.wait_for(|stop| *stop) => None,
            order = service.queue.recv() => order,
        };
        let Order { text, answer } = order?;
        Some(Job { text, item: String::new(), count: 0, price: None, total: 0, answer })
    }

    async fn done(
        &self,
        service: &mut Service,
        job: Job,
        outcome: Result<(), Failure>,
    ) -> Result<(), String> {
        service.served += 1;
        // Who does not wait any more needs no answer.
        let _ = job.answer.send(outcome.map(|()| job.total));
        Ok(())
    }
}

async fn serve(service: &mut Service) -> Result<(), String> {
    let gather = Gather(service.prices.clone());
    let inner = stack![Immediate(read()), Immediate(clean_up()), gather, Contain(Immediate(perform()))];
    stack![Immediate(connection()), Worker::new("orders", Orders, inner)].execute(service).await
}

/// Sends an order and waits for what comes of it.
async fn order(queue: &mpsc::Sender<Order>, text: &str) -> Result<Result<u32, Failure>, Box<dyn Error>> {
    let (answer, answered) = oneshot::channel();
    queue.send(Order { text: text.to_owned(), answer }).await.map_err(|_| "the service has ended")?;
    Ok(answered.await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (queue, orders) = mpsc::channel(8);
    let (stop, stopped) = watch::channel(false);
    let prices = HashMap::from([("apples", 2), ("pears", 3)]);
    let mut service = Service { queue: orders, stop: stopped, prices, connected: false, served: 0 };
    let running = tokio::spawn(async move { (serve(&mut service).await, service) });

    assert_eq!(order(&queue, "3 apples").await?, Ok(6));
    assert_eq!(order(&queue, "apples").await?, Err(Failure::Unreadable));
    assert_eq!(order(&queue, "1 cherry").await?, Err(Failure::Unknown("cherry".to_owned())));
    let Err(Failure::Panicked(why)) = order(&queue, "4294967295 pears").await? else {
        return Err("so many are not to be had".into());
    };
    println!("{why}");
    assert_eq!(order(&queue, "2 pears").await?, Ok(6));

    // Never by dropping the execution: what has been gathered would not be given back.
    stop.send(true)?;
    let (outcome, service) = running.await?;
    assert_eq!((outcome, service.served, service.connected), (Ok(()), 5, false));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_ends_by_itself_and_tears_down() {
        super::main().unwrap();
    }
}
