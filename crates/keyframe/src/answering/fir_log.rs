//! Which full intra requests have come before (RFC 5104 §4.3.1.2): the same number is the same request.

/// Senders and their last numbers. Bounded: the one not heard of for longest makes room.
#[derive(Debug, Default)]
pub(crate) struct FirLog {
    senders: Vec<Sender>,
}

#[derive(Clone, Copy, Debug)]
struct Sender {
    ssrc: u32,
    number: u8,
    /// When its last new request came, and when it was heard of last, in milliseconds.
    asked: u32,
    heard: u32,
}

impl FirLog {
    /// Is this a new request? One with a number that its sender has used within `memory`, or has gone on from, is not. All in milliseconds.
    pub(crate) fn is_new(&mut self, ssrc: u32, number: u8, now: u32, memory: u32, capacity: usize) -> bool {
        if let Some(sender) = self.senders.iter_mut().find(|sender| sender.ssrc == ssrc) {
            sender.heard = now;
            let ahead = number.wrapping_sub(sender.number).cast_signed() > 0;
            if !ahead && now.wrapping_sub(sender.asked) < memory {
                return false;
            }
            (sender.number, sender.asked) = (number, now);
            return true;
        }
        let sender = Sender { ssrc, number, asked: now, heard: now };
        if self.senders.len() < capacity {
            self.senders.push(sender);
        } else if let Some(oldest) =
            self.senders.iter_mut().max_by_key(|sender| now.wrapping_sub(sender.heard))
        {
            *oldest = sender;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::FirLog;

    #[test]
    fn a_number_is_one_request_for_two_seconds() {
        let mut log = FirLog::default();
        let mut is_new = |sender, number, now| log.is_new(sender, number, now, 2000, 16);
        assert!(is_new(1, 255, 0));
        assert!(!is_new(1, 255, 1999), "repeated");
        assert!(is_new(2, 255, 1999), "by somebody else");
        assert!(is_new(1, 0, 1999), "the next one");
        assert!(!is_new(1, 255, 2000), "one that has gone back");
        assert!(is_new(1, 255, 3999), "a sender that has begun anew");
    }

    #[test]
    fn sixteen_senders_are_remembered() {
        let mut log = FirLog::default();
        for sender in 0..1000 {
            assert!(log.is_new(sender, 7, sender, 2000, 16));
        }
        assert_eq!(log.senders.len(), 16);
        let known = (0..1000).filter(|sender| !log.is_new(*sender, 7, 1000, 2000, 1000)).count();
        assert_eq!(known, 16);
    }
}
