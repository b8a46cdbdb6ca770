//! Session descriptions: the source's is read, players' are written.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::media::ports_for_a_program;
use super::process::{Program, RelayProcess, installed};

const SOURCE: &str = "SDP:\nv=0\no=- 0 0 IN IP4 127.0.0.1\ns=No Name\nt=0 0\nm=video 5004 RTP/AVP 96\nc=IN IP4 127.0.0.1\n\
    a=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\na=ssrc-group:FID 11 12\n\
    m=audio 5006 RTP/AVP 111\na=rtpmap:111 opus/48000/2\na=fmtp:111 sprop-stereo=1\n";

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn rtptap(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rtptap")).arg("relay").args(args).output().unwrap()
}

const LEGS: [&str; 6] = ["--listen", "127.0.0.1:0", "--to", "192.0.2.7:7004", "--to", "192.0.2.8:8004"];

#[test]
fn what_the_source_says_reaches_the_players_and_options_count_for_more() {
    let folder = tempfile::tempdir().unwrap();
    let sdp = write(folder.path(), "camera.sdp", SOURCE);
    let config = format!("[source]\nsdp = {sdp:?}\n[[stream]]\npt = 96\nfmtp = \"max-fr=30\"\n");
    let config = write(folder.path(), "relay.toml", &config);
    let printed = |args: &[&str]| {
        let output = rtptap(&[&LEGS, args].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let all = printed(&["--sdp", sdp.to_str().unwrap(), "--print-sdp"]);
    assert_eq!(all.matches("v=0\r\n").count(), 4, "two targets, two kinds of media: {all}");
    let second = printed(&["--sdp", sdp.to_str().unwrap(), "--print-sdp=2"]);
    assert!(second.contains("m=video 8004 RTP/AVPF 96 97\r\n") && !second.contains("7004"), "{second}");
    assert!(second.contains("a=rtpmap:111 opus/48000/2\r\na=fmtp:111 sprop-stereo=1\r\n"), "{second}");
    let more = printed(&["--config", config.to_str().unwrap(), "--pt", "111=L16/44100/2", "--print-sdp=1"]);
    assert!(more.contains("a=rtpmap:96 VP8/90000\r\na=fmtp:96 max-fr=30\r\n"), "{more}");
    assert!(more.contains("a=rtpmap:111 L16/44100/2\r\n") && !more.contains("sprop-stereo"), "{more}");
}

#[test]
fn descriptions_that_cannot_be_had_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let empty = write(folder.path(), "empty.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nt=0 0\n");
    for (args, complaint) in [
        (&["--print-sdp"][..], "--sdp FILE"),
        (&["--print-sdp=3", "--pt", "96=VP8/90000"], "1..=2"),
        (&["--sdp", "/nowhere.sdp"], "--sdp"),
        (&["--sdp", empty.to_str().unwrap()], "m=video"),
    ] {
        let output = rtptap(&[&LEGS, args].concat());
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && error.contains(complaint), "{args:?}: {error}");
    }
}

/// ffmpeg → relay, by the source's description → ffprobe, by the target's.
#[tokio::test(flavor = "multi_thread")]
async fn a_player_opens_what_is_printed() {
    if !installed("ffmpeg", "-version") || !installed("ffprobe", "-version") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sdp = write(folder.path(), "camera.sdp", SOURCE.split("m=audio").next().unwrap());
    let (listen, player) = (ports_for_a_program().to_string(), ports_for_a_program().to_string());
    let args = ["--listen", &listen, "--to", &player, "--sdp", sdp.to_str().unwrap()];
    let printed = rtptap(&[&args[..], &["--print-sdp"]].concat());
    let description = write(folder.path(), "x.sdp", std::str::from_utf8(&printed.stdout).unwrap());

    let relay = RelayProcess::start(&[&args[..], &["--http", "127.0.0.1:0"]].concat()).await;
    let mut probe = Command::new("ffprobe");
    let show = "-hide_banner -loglevel error -protocol_whitelist file,udp,rtp -read_intervals %+#30 -show_entries \
                packet=size:stream=codec_name,width,height -of compact -i";
    let mut probe = Program::start(probe.args(show.split_whitespace()).arg(&description));
    let mut ffmpeg = Command::new("ffmpeg");
    let encode = "-hide_banner -loglevel error -re -f lavfi -i testsrc2=s=160x120:r=30 -t 60 -c:v libvpx \
                  -deadline realtime -cpu-used 8 -b:v 400k -g 30 -f rtp -payload_type 96";
    let _ffmpeg =
        Program::start(ffmpeg.args(encode.split_whitespace()).arg(format!("rtp://{listen}?pkt_size=500")));
    assert!(probe.ends().await.success());
    let lines = probe.lines();
    assert!(lines.iter().any(|line| line == "stream|codec_name=vp8|width=160|height=120"), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("packet|size=")).count(), 30, "{lines:?}");
    let stats = relay.stats().await;
    let stream = &stats["legs"][0]["stats"]["inboundRtp"][0];
    assert!(
        stream["name"] == "video-96" && stream["jitter"].as_f64() > Some(0.0),
        "its clock is known: {stream}"
    );
    relay.interrupt().await;
}
