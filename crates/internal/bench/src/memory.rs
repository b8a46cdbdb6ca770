//! S6: what bound streams keep on the heap.

use cpu_time::ThreadTime;

use crate::contender::Heap;

/// The variants' names in one direction.
#[derive(Clone, Copy, Debug)]
pub struct Variants {
    /// Of local streams?
    pub local: bool,
    /// Bound.
    pub idle: &'static str,
    /// After [`PACKETS`].
    pub full: &'static str,
    /// What each packet adds, where packets are kept.
    pub each: Option<&'static str>,
}

/// Both directions.
pub const VARIANTS: [Variants; 2] = [
    Variants {
        local: true,
        idle: "local, idle",
        full: "local, beside payload",
        each: Some("local, a kept packet"),
    },
    Variants { local: false, idle: "remote, idle", full: "remote, beside payload", each: None },
];

/// Packets that each stream sends or receives.
pub const PACKETS: u32 = 1000;

/// A contender whose streams are bound and fed under the eyes of the allocator.
pub trait Holder {
    /// Makes everything that does not belong to a stream.
    ///
    /// # Errors
    /// A chain that cannot be built.
    fn new() -> anyhow::Result<Self>
    where
        Self: Sized;

    /// Binds the local, or the remote, streams.
    fn bind(&mut self, streams: u32, local: bool);

    /// Takes one packet of each stream, 250 µs after those before; payloads are shared.
    fn feed(&mut self, streams: u32, number: u32, local: bool);
}

/// What each stream keeps once it is bound.
///
/// # Errors
/// A contender that cannot be set up.
pub fn idle<H: Holder>(streams: u32, local: bool) -> anyhow::Result<Heap> {
    let mut holder = H::new()?;
    Ok(kept(streams, || holder.bind(streams, local)))
}

/// What each stream keeps after [`PACKETS`] packets, beside the payloads.
///
/// # Errors
/// A contender that cannot be set up.
pub fn full<H: Holder>(streams: u32, local: bool) -> anyhow::Result<Heap> {
    let mut holder = H::new()?;
    let bound = kept(streams, || holder.bind(streams, local));
    let fed = kept(streams, || (0..PACKETS).for_each(|number| holder.feed(streams, number, local)));
    Ok(Heap {
        ns: fed.ns / f64::from(PACKETS),
        allocs: bound.allocs + fed.allocs,
        bytes: bound.bytes + fed.bytes,
    })
}

/// What each kept packet takes beside its payload.
///
/// # Errors
/// A contender that cannot be set up.
pub fn each_packet<H: Holder>(streams: u32, local: bool) -> anyhow::Result<Heap> {
    let (idle, full) = (idle::<H>(streams, local)?, full::<H>(streams, local)?);
    let packets = f64::from(PACKETS);
    let each = |full: f64, idle: f64| (full - idle) / packets;
    Ok(Heap { ns: full.ns, allocs: each(full.allocs, idle.allocs), bytes: each(full.bytes, idle.bytes) })
}

/// Runs `work` and gives the time and what it has left on the heap, a stream.
pub(crate) fn kept(streams: u32, work: impl FnOnce()) -> Heap {
    let start = ThreadTime::now();
    let info = allocation_counter::measure(work);
    let streams = f64::from(streams);
    Heap {
        ns: start.elapsed().as_nanos() as f64 / streams,
        allocs: info.count_current as f64 / streams,
        bytes: info.bytes_current as f64 / streams,
    }
}
