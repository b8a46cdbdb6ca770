//! Where captures come from: files, which are read at once, and pipes, which may be silent, while signals are heard.

mod event;
mod interrupt;
mod pipe;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

pub(super) use self::interrupt::Interrupt;
use self::pipe::Origin;
pub(super) use self::pipe::Pipe;

/// A capture that is open.
#[derive(Debug)]
pub(super) enum Input {
    /// A file of this many bytes.
    File(File, u64),
    /// Anything that may make a reader wait.
    Pipe(Pipe),
}

impl Input {
    /// Opens a file, a named pipe or, as `-`, standard input, which may be either. `None`: a signal came first.
    pub(super) fn open(path: &Path, interrupt: &Arc<Interrupt>) -> io::Result<Option<Self>> {
        if interrupt.is_set() {
            return Ok(None);
        }
        let (file, origin) = if path.as_os_str() == "-" {
            (redirected(), Origin::Stdin)
        } else {
            let data = std::fs::metadata(path)?;
            if data.is_dir() {
                return Err(io::Error::from(io::ErrorKind::IsADirectory));
            }
            (data.is_file().then(|| File::open(path)).transpose()?, Origin::Path(path.to_owned()))
        };
        match file {
            Some(file) => {
                let len = file.metadata()?.len();
                Ok(Some(Self::File(file, len)))
            }
            None => Ok(Pipe::open(origin, interrupt)?.map(Self::Pipe)),
        }
    }
}

/// Standard input, if it is a file: `rtptap inspect - < FILE`.
fn redirected() -> Option<File> {
    #[cfg(unix)]
    let owned = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    let file = File::from(owned.ok()?);
    file.metadata().is_ok_and(|data| data.is_file()).then_some(file)
}

/// A file that ends where the user has had enough.
#[derive(Debug)]
pub(super) struct UntilStopped<'a, R> {
    pub(super) reader: R,
    pub(super) interrupt: &'a Interrupt,
}

impl<R: Read> Read for UntilStopped<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.interrupt.is_set() { Ok(0) } else { self.reader.read(room) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_ends_at_a_signal() {
        let interrupt = Interrupt::default();
        let mut file = UntilStopped { reader: io::repeat(7), interrupt: &interrupt };
        let mut room = [0; 16];
        assert_eq!(file.read(&mut room).unwrap(), 16);
        interrupt.stop();
        assert_eq!(file.read(&mut room).unwrap(), 0);
    }
}
