//! rtpengine's daemon in user space, told by its ng protocol what to forward.

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::start::{Start, Started, free_address};
use crate::process::Running;

/// Times that it is asked while it starts.
const ATTEMPTS: u32 = 100;

/// A call from where packets come from to the target. No kernel module: table −1.
pub(super) fn start(start: &Start<'_>) -> anyhow::Result<Started> {
    let control = free_address()?;
    let target = *start.targets.first().context("no target")?;
    let mut command = Command::new("rtpengine");
    command.args(["--table=-1", "--interface=127.0.0.1", "--foreground", "--log-stderr", "--log-level=3"]);
    command.arg(format!("--listen-ng={control}"));
    let running = Running::start_silent(&mut command)?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(control)?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut calls = Calls { socket, asked: 0 };
    let call = [("call-id", "bench".to_owned()), ("from-tag", "source".to_owned())];
    let with = |command: &str, sdp: String| {
        let own = [("command", command.to_owned()), ("sdp", sdp)];
        [&call[..], &own[..]].concat()
    };
    calls.ask(&with("offer", sdp(start.from)))?;
    let mut answer = with("answer", sdp(target.into()));
    answer.push(("to-tag", "target".to_owned()));
    let answer = calls.ask(&answer)?;
    let media = answer.split("m=video ").nth(1).and_then(|media| media.split(' ').next());
    let port = media.context("no port in rtpengine's answer")?.parse()?;
    Ok(Started { running, to: SocketAddr::from(([127, 0, 0, 1], port)), _file: None })
}

fn sdp(address: SocketAddr) -> String {
    let (ip, port) = (address.ip(), address.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=video {port} RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
    )
}

struct Calls {
    socket: UdpSocket,
    asked: u32,
}

impl Calls {
    /// Asks until it is answered. A question asked again has the number that it had: it is answered as it was.
    #[expect(clippy::disallowed_methods, reason = "the daemon starts in real time")]
    fn ask(&mut self, fields: &[(&str, String)]) -> anyhow::Result<String> {
        self.asked += 1;
        let question = format!("{} {}", self.asked, bencode(fields));
        let mut buffer = vec![0; 65_535];
        for _ in 0..ATTEMPTS {
            let answered = self.socket.send(question.as_bytes()).and_then(|_| self.socket.recv(&mut buffer));
            let Ok(len) = answered else {
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            let answer = String::from_utf8_lossy(buffer.get(..len).unwrap_or_default()).into_owned();
            if answer.contains("6:result2:ok") {
                return Ok(answer);
            }
            bail!("rtpengine says {answer}");
        }
        bail!("rtpengine does not answer")
    }
}

/// A dictionary of strings, its keys in order.
fn bencode(fields: &[(&str, String)]) -> String {
    let mut fields = fields.to_vec();
    fields.sort();
    let string = |text: &str| format!("{}:{text}", text.len());
    let entries: String = fields.iter().map(|(key, value)| string(key) + &string(value)).collect();
    format!("d{entries}e")
}

#[cfg(test)]
mod tests {
    use super::bencode;

    #[test]
    fn a_dictionary_has_its_keys_in_order() {
        let fields = [("sdp", "v=0\r\n".to_owned()), ("command", "offer".to_owned())];
        assert_eq!(bencode(&fields), "d7:command5:offer3:sdp5:v=0\r\ne");
    }
}
