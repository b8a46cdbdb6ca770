//! Registries: what they hold follows from configuration, and what they build from is shared or not as the factories say.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;

use interceptor_core::{
    BuildContext, BuildError, Chain, ChainConfig, ChainError, Context, Factory, Flow, Incoming, Interceptor,
    Nested, OptionsError, Outgoing, Registry, Result, Stage, StreamInfo,
};
use interceptor_packet::{NtpTime, RtcpPacket, RtpPacket};

use crate::probe::{Act, Log, ProbeFactory, SSRC, config, rtp};

/// What a factory's interceptors share: packets by connection.
type Collected = Arc<Mutex<BTreeMap<Arc<str>, u64>>>;

/// Counts outgoing packets where all of the factory's interceptors do.
struct Collector {
    connection: Arc<str>,
    collected: Collected,
}

impl Interceptor for Collector {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        *self.collected.lock().unwrap().entry(Arc::clone(&self.connection)).or_default() += 1;
        Ok(Flow::Forward)
    }
}

#[derive(Clone, Default)]
struct CollectorFactory(Collected);

impl Factory for CollectorFactory {
    type Interceptor = Collector;

    fn name(&self) -> &'static str {
        "collector"
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Collector, BuildError> {
        let connection = Arc::clone(cx.connection_id());
        self.0.lock().unwrap().insert(Arc::clone(&connection), 0);
        Ok(Collector { connection, collected: Arc::clone(&self.0) })
    }
}

fn named(id: &str) -> ChainConfig {
    ChainConfig::new(id, config().now, NtpTime::default(), 7)
}

pub(crate) fn probe(name: &'static str, act: Act, log: &Log) -> ProbeFactory {
    ProbeFactory { name, stage: Stage::APPLICATION, act, log: log.clone() }
}

#[test]
fn nothing_is_built_before_a_connection_needs_it() {
    let factory = CollectorFactory::default();
    let registry = Registry::new().with(factory.clone());
    let built = || factory.0.lock().unwrap().len();
    assert_eq!((built(), registry.layout().len(), registry.needs().len()), (0, 1, 0));
    for number in 1..=3 {
        registry.build(named(&format!("call-{number}"))).unwrap();
        assert_eq!(built(), number);
    }
}

#[test]
fn connections_on_any_thread_share_what_their_factory_shares_under_their_ids() {
    let factory = CollectorFactory::default();
    let registry = Registry::new().with(factory.clone());
    let call = |number: u64| {
        let mut chain = registry.build(named(&format!("call-{number}"))).unwrap();
        let now = chain.config().now;
        chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
        (0..number).for_each(|seq| chain.write_rtp(rtp(SSRC, seq as u16), now));
        chain
    };
    let chains: Vec<Chain> = thread::scope(|scope| {
        let threads: Vec<_> = (0..10).map(|number| scope.spawn(move || call(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(chains.len(), 10);
    let collected = factory.0.lock().unwrap();
    let expected = (0..10).map(|number| (Arc::from(format!("call-{number}")), number)).collect();
    assert_eq!(*collected, expected);
}

/// What a program's configuration says.
#[derive(Default)]
struct Settings {
    environment: &'static str,
    collect: Option<CollectorFactory>,
    max_size: Option<usize>,
}

fn size_factory(max_size: usize) -> Result<ProbeFactory, OptionsError> {
    OptionsError::unless(max_size > 0, "SizeOptions", "max_size", max_size, "over 0")?;
    Ok(probe("size", Act::Nothing, &Log::default()))
}

fn registry(settings: &Settings) -> Result<Registry, OptionsError> {
    let mut registry = Registry::new();
    match settings.environment {
        "production" => drop(registry.add(probe("metrics", Act::Nothing, &Log::default()))),
        "development" => {
            registry.add(probe("verbose", Act::Nothing, &Log::default()));
            registry.add(probe("debug", Act::Nothing, &Log::default()));
        }
        _ => {}
    }
    if let Some(factory) = &settings.collect {
        registry.add(factory.clone());
    }
    if let Some(max_size) = settings.max_size {
        registry.add(size_factory(max_size)?);
    }
    Ok(registry)
}

#[test]
fn a_registry_holds_what_its_configuration_asks_for() {
    let (none, all) = (Settings::default(), CollectorFactory::default());
    let cases: [(Settings, &[&str]); 4] = [
        (none, &[]),
        (Settings { environment: "production", ..Settings::default() }, &["metrics"]),
        (
            Settings { environment: "development", max_size: Some(1), ..Settings::default() },
            &["verbose", "debug", "size"],
        ),
        (Settings { collect: Some(all), max_size: Some(9), ..Settings::default() }, &["collector", "size"]),
    ];
    for (settings, names) in cases {
        let registry = registry(&settings).unwrap();
        let held: Vec<_> = registry.layout().into_iter().map(|(_, name)| name).collect();
        assert_eq!(held, names);
        passes_everything(registry.build(config()).unwrap());
    }
    let wrong = registry(&Settings { max_size: Some(0), ..Settings::default() }).unwrap_err();
    assert_eq!(wrong.to_string(), "SizeOptions::max_size is 0, it has to be over 0");
}

/// One packet of each kind goes through each way as it came.
pub(crate) fn passes_everything(mut chain: Chain) {
    let now = chain.config().now;
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain.bind_remote(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    let (bound, unbound, pli) = (rtp(SSRC, 1), rtp(9, 2), RtcpPacket::builder().pli(1, 2).build().unwrap());
    for packet in [&bound, &unbound] {
        chain.write_rtp(packet.clone(), now);
        chain.read_rtp(packet.clone(), now);
    }
    chain.write_rtcp(pli.clone(), now);
    chain.read_rtcp(pli.clone(), now);
    chain.handle_timeout(now);
    let sent: Vec<Outgoing> = std::iter::from_fn(|| chain.poll_wire()).collect();
    assert_eq!(
        sent,
        [Outgoing::Rtp(bound.clone()), Outgoing::Rtp(unbound.clone()), Outgoing::Rtcp(pli.clone())]
    );
    let came: Vec<Incoming> = std::iter::from_fn(|| chain.poll_app()).collect();
    assert_eq!(came, [Incoming::Rtp(bound), Incoming::UnboundRtp(unbound), Incoming::Rtcp(pli)]);
    chain.close(now).unwrap();
}

/// Takes part in everything and writes no hook but that.
struct Bare;

impl Interceptor for Bare {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }
}

/// Not even that.
struct Empty;

impl Interceptor for Empty {
    type Local = ();
    type Remote = ();
}

#[test]
fn an_interceptor_that_writes_no_hook_changes_nothing() {
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    chain.insert("bare", Stage::NACK, Bare, now).unwrap();
    chain.insert("empty", Stage::APPLICATION, Empty, now).unwrap();
    passes_everything(chain);
}

#[test]
fn one_registry_may_be_the_whole_program_s() {
    static EVERYBODY_S: LazyLock<Registry> =
        LazyLock::new(|| Registry::new().with(CollectorFactory::default()));
    for _ in 0..2 {
        passes_everything(EVERYBODY_S.build(config()).unwrap());
    }
}

#[test]
fn registries_are_shared_by_threads_and_chains_move_between_them() {
    const fn shared<T: Send + Sync>() {}
    const fn sent<T: Send>() {}
    shared::<Registry>();
    shared::<Nested>();
    shared::<ChainConfig>();
    shared::<BuildError>();
    shared::<ChainError>();
    sent::<Chain>();
    sent::<Outgoing>();
    sent::<Incoming>();
}
