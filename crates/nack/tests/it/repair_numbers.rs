//! Repair packets that take numbers of the media, as ULPFEC in RED does (RFC 5109).

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, StreamInfo,
};
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, flexfec, rtp, video};

/// Takes every fifth number, and every packet of another SSRC, for a repair packet, as who decodes FEC nearer the wire does.
#[derive(Clone, Copy)]
struct Marks;

impl Factory for Marks {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "marks"
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Self, BuildError> {
        Ok(*self)
    }
}

impl Interceptor for Marks {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        if packet.sequence_number().is_multiple_of(5) {
            packet.info_mut().origin = Origin::FecRepair;
        }
        Ok(Flow::Forward)
    }
}

pub(crate) fn bench(info: StreamInfo) -> Bench {
    let mut bench = Bench::new(NackOptions::default(), |config| config);
    bench.chain.insert("marks", Stage::FEC, Marks, bench.now).unwrap();
    bench.with_remote(info)
}

#[test]
fn a_lost_one_is_asked_for_until_it_comes() {
    let mut bench = bench(video());
    bench.read_numbers([13, 14, 16]);
    assert_eq!(bench.asked(), [[15]], "nobody knows that it was none of the media");
    bench.read_numbers([15]).run(1_000);
    assert_eq!((bench.asked().len(), bench.asking().taken_by_fec), (0, 1));
    // It shows a gap as media does.
    bench.read_numbers([20]);
    assert_eq!(bench.asked(), [[17, 18, 19]]);
}

#[test]
fn numbers_of_a_repair_stream_are_others() {
    let mut bench = bench(video().with_fec(flexfec(88, 115)));
    bench.read_numbers(11..14);
    for number in [20, 30] {
        let mut packet = rtp(number);
        packet.set_ssrc(88);
        bench.read(packet);
    }
    bench.read_numbers([14]);
    assert_eq!((bench.asked().len(), bench.asking_of(SSRC).unwrap().taken_by_fec), (0, 0));
}
