//! What a description says of the connection as a whole.

use std::time::Instant;

use interceptor_core::ChainConfig;
use interceptor_core::packet::NtpTime;

use crate::support::read;

fn config() -> ChainConfig {
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    ChainConfig::new("call", Instant::now(), NtpTime::default(), 1)
}

#[test]
fn reduced_size_rtcp_needs_all_sections() {
    let reduced = |body: &str| read(body).configure(config()).reduced_size_rtcp;
    let section = "m=video 9 RTP/AVPF 31\na=rtcp-rsize\n";
    assert!(reduced(section));
    assert!(
        reduced(&format!("{section}m=application 9 UDP/DTLS/SCTP x\nm=video 0 RTP/AVP 31\n")),
        "these have no RTCP"
    );
    assert!(!reduced(&format!("{section}m=video 9 RTP/AVPF 31\n")));
}

#[test]
fn encryption_takes_room_in_each_datagram() {
    let overhead =
        |proto: &str| read(&format!("m=video 9 {proto} 31\n")).configure(config()).transport_overhead;
    assert_eq!((overhead("RTP/AVPF"), overhead("UDP/TLS/RTP/SAVPF"), overhead("RTP/SAVP")), (0, 20, 20));
    let more = config().with_transport_overhead(100);
    assert_eq!(read("m=video 9 RTP/SAVP 31\n").configure(more).transport_overhead, 100);
}
