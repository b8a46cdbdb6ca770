//! Captures of the legs: a file each, of what crosses its wire.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use interceptor_core::Stage;
use interceptor_pcap_dump::{
    Endpoints, Format, LinkType, PcapDump, PcapDumpFactory, PcapDumpHandle, PcapDumpOptions,
};
use interceptor_tokio::Session;

use super::{OptionsError, RelayError};

/// Nearest the wire: it shows what comes before it is understood, and what leaves after it has been changed.
const STAGE: Stage = Stage(Stage::CAPTURE.0 - 2);

/// Captures every leg that it is attached to.
#[derive(Debug)]
pub(super) struct Dump(PcapDumpFactory);

impl Dump {
    /// Files beside `path`, named after it and the leg, for the source and so many targets. They can be made, or could be
    /// just now.
    pub(super) fn new(path: &Path, targets: usize) -> Result<Self, RelayError> {
        let template = template(path)?;
        let legs = std::iter::once("source".to_owned()).chain((1..=targets).map(|at| format!("target-{at}")));
        legs.map(|leg| template.replace("{id}", &leg)).try_for_each(|file| check_place(path, &file))?;
        let options = PcapDumpOptions::new(template)
            .with_format(format(path)?)
            // Wireshark's own export format: RTP and RTCP are decoded at once, whatever the ports.
            .with_link_type(LinkType::RtpPdu)
            // What payload types and SSRCs mean, which the file says then by itself.
            .with_announcements(true);
        Ok(Self(PcapDumpFactory::new(options)?))
    }

    /// Starts to capture a session between these addresses.
    pub(super) fn attach(
        &self,
        session: &Session,
        local: SocketAddr,
        peer: Option<SocketAddr>,
    ) -> Result<(), RelayError> {
        let mut capture = self.0.attach(session.id().as_ref())?;
        capture.set_endpoints(endpoints(local, peer))?;
        let inserted = session.with_chain(|chain, now| chain.insert("pcap-dump", STAGE, capture, now));
        inserted.map_err(|error| RelayError::Capture(error.to_string()))
    }

    /// Reads what was written.
    pub(super) fn handle(&self) -> PcapDumpHandle {
        self.0.handle()
    }
}

/// The peer of a session has become known, or is another.
pub(super) fn set_peer(session: &Session, local: SocketAddr, peer: SocketAddr) {
    session.with_chain(|chain, _| {
        if let Some(capture) = chain.get_mut::<PcapDump>() {
            // Both are of the socket's family, so this cannot fail.
            let _ = capture.set_endpoints(endpoints(local, Some(peer)));
        }
    });
}

pub(super) fn endpoints(local: SocketAddr, peer: Option<SocketAddr>) -> Endpoints {
    let nobody: IpAddr = match local {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    Endpoints::new(local, peer.unwrap_or(SocketAddr::new(nobody, 0)))
}

fn format(path: &Path) -> Result<Format, OptionsError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("pcapng") => Ok(Format::Pcapng),
        Some("pcap") => Ok(Format::Pcap),
        Some("rtpdump") => Ok(Format::Rtpdump),
        Some("txt") => Ok(Format::Text),
        _ => {
            let advice = "end the name in .pcapng, .pcap, .rtpdump or .txt";
            Err(OptionsError::new("--dump", path.display(), advice))
        }
    }
}

/// The leg's name goes before the extension, unless the path says where it goes.
fn template(path: &Path) -> Result<String, OptionsError> {
    let refused = |advice| OptionsError::new("--dump", path.display(), advice);
    let text = path.to_str().ok_or_else(|| refused("the path must be UTF-8"))?;
    if text.contains("{id}") {
        return Ok(text.to_owned());
    }
    let (stem, extension) = text.rsplit_once('.').ok_or_else(|| refused("the name needs an extension"))?;
    Ok(format!("{stem}-{{id}}.{extension}"))
}

/// The folder is there and takes files: who made a mistake hears of it now, not when the call is over. `file` may still have
/// placeholders in its name.
fn check_place(given: &Path, file: &str) -> Result<(), RelayError> {
    let file = Path::new(file);
    let folder = file.parent().unwrap_or(Path::new(""));
    if folder.to_string_lossy().contains('{') {
        let advice =
            "of the placeholders only {id} may stand in the folder; put the others into the file's name";
        return Err(OptionsError::new("--dump", given.display(), advice).into());
    }
    // As long a name, too.
    let length = file.file_name().unwrap_or_default().len() + ".part".len();
    let trial = folder.join(format!("{:~<length$}", format!(".rtptap-{}", std::process::id())));
    match File::create_new(&trial).and_then(|_| std::fs::remove_file(&trial)) {
        // Another relay of this process is just trying.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        tried => tried.map_err(|error| RelayError::DumpPath { path: file.to_owned(), error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leg_goes_before_the_extension() {
        assert_eq!(template(Path::new("a.b/call.pcapng")).unwrap(), "a.b/call-{id}.pcapng");
        assert_eq!(template(Path::new("{id}/x.pcap")).unwrap(), "{id}/x.pcap");
        assert!(format(Path::new("call.mp4")).unwrap_err().to_string().contains(".pcapng"));
    }
}
