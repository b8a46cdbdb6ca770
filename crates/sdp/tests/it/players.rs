//! ffmpeg and GStreamer play what is described.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use interceptor_core::StreamInfo;
use interceptor_sdp::{Delivery, describe};

/// As much as a loaded machine may take to hear a second of media.
const PATIENCE_SECONDS: &str = "120";

fn installed(program: &str, version: &str) -> bool {
    let found = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    let required = std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|set| set == "1");
    assert!(!required, "{program} is not installed");
    eprintln!("skipped: {program} is not installed");
    false
}

/// The lower of two neighbouring ports for a program that is yet to start, below those that systems hand out to whoever asks for any.
/// Tests are processes: each begins at another.
fn port() -> u16 {
    let first = std::process::id() % 10_000;
    let is_free = |port: u16| UdpSocket::bind(("127.0.0.1", port)).is_ok();
    let mut ports = (0..10_000).map(|next| 10_000 + 2 * ((first + next) % 10_000) as u16);
    ports.find(|port| is_free(*port) && is_free(port + 1)).unwrap()
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// ffmpeg sends VP8 until it is stopped.
fn source(port: u16) -> Running {
    let encode = "-hide_banner -loglevel error -re -f lavfi -i testsrc2=s=160x120:r=30 -t 120 -c:v libvpx -deadline realtime \
                  -cpu-used 8 -b:v 400k -g 15 -f rtp -payload_type 96";
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(encode.split_whitespace()).arg(format!("rtp://127.0.0.1:{port}?pkt_size=500"));
    Running(ffmpeg.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap())
}

fn described(folder: &Path, port: u16) -> PathBuf {
    let stream =
        StreamInfo::new(0, 96, 90_000).with_mime_type("video/VP8").with_extension(4, "urn:x").with_mid("v");
    let description = describe("test", &[Delivery::new(stream, ([127, 0, 0, 1], port).into())]).unwrap();
    let path = folder.join("player.sdp");
    std::fs::write(&path, description.to_string()).unwrap();
    path
}

fn plays(player: &str, arguments: impl Fn(&Path) -> Vec<String>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let port = port();
    let path = described(folder.path(), port);
    let _source = source(port);
    let mut command = Command::new("timeout");
    command.arg(PATIENCE_SECONDS).arg(player).args(arguments(&path));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ffprobe_opens_a_description() {
    if !installed("ffmpeg", "-version") || !installed("ffprobe", "-version") {
        return;
    }
    let said = plays("ffprobe", |path| {
        let show = "-hide_banner -loglevel error -protocol_whitelist file,udp,rtp -show_entries stream=codec_name,width,height \
                    -of compact -i";
        show.split_whitespace().map(str::to_owned).chain([path.display().to_string()]).collect()
    });
    assert!(said.contains("codec_name=vp8|width=160|height=120"), "{said}");
}

/// It ends by itself when thirty frames have been decoded.
#[test]
fn gstreamer_decodes_a_description() {
    if !installed("ffmpeg", "-version") || !installed("gst-launch-1.0", "--version") {
        return;
    }
    plays("gst-launch-1.0", |path| {
        let pipeline = format!(
            "filesrc location={} ! sdpdemux ! rtpvp8depay ! vp8dec ! identity eos-after=30 ! fakesink",
            path.display()
        );
        ["-q".to_owned()].into_iter().chain(pipeline.split_whitespace().map(str::to_owned)).collect()
    });
}
