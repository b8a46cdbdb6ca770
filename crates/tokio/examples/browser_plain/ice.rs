//! The server's side of ICE, as little of it as there can be: it answers checks and makes none (RFC 8445 §2.5, "lite").

use std::io;
use std::net::SocketAddr;

use stun_types::attribute::{AttributeType, Username, XorMappedAddress};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, Message, MessageClass, MessageIntegrityCredentials, MessageWrite,
    MessageWriteExt, MessageWriteVec, ShortTermCredentials,
};

/// RFC 8445 §16.1.
const USE_CANDIDATE: AttributeType = AttributeType::new(0x0025);

/// What an answer says of this end; a browser's checks show that it has read it (RFC 8445 §7.2.2).
#[derive(Clone, Debug)]
pub(crate) struct IceLite {
    ufrag: String,
    password: String,
}

/// An answered check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    /// Goes back to whoever asked.
    pub(crate) response: Vec<u8>,
    /// Has the browser chosen this pair of addresses (RFC 8445 §8.1.1)?
    pub(crate) nominated: bool,
}

impl IceLite {
    /// One that nobody can guess (RFC 8445 §5.3: 24 and 128 bits at least).
    pub(crate) fn random() -> io::Result<Self> {
        let mut secret = [0; 24];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        let hex = secret.map(|byte| format!("{byte:02x}")).concat();
        let (ufrag, password) = hex.split_at(16);
        Ok(Self { ufrag: ufrag.to_owned(), password: password.to_owned() })
    }

    pub(crate) fn ufrag(&self) -> &str {
        &self.ufrag
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Answers a binding request that came from `from`; anything else, and requests of those who do not know the password, get
    /// no answer.
    pub(crate) fn answer(&self, datagram: &[u8], from: SocketAddr) -> Option<Answered> {
        let request = Message::from_bytes(datagram).ok()?;
        let asks = request.has_class(MessageClass::Request) && request.has_method(BINDING);
        let credentials = self.credentials();
        if !asks || asked(&request)? != self.ufrag || request.validate_integrity(&credentials).is_err() {
            return None;
        }
        let mut response = Message::builder_success(&request, MessageWriteVec::new());
        response.add_attribute(&XorMappedAddress::new(from, request.transaction_id())).ok()?;
        response.add_message_integrity(&credentials, IntegrityAlgorithm::Sha1).ok()?;
        response.add_fingerprint().ok()?;
        let nominated = request.has_attribute(USE_CANDIDATE);
        Some(Answered { response: response.finish(), nominated })
    }

    fn credentials(&self) -> MessageIntegrityCredentials {
        ShortTermCredentials::new(self.password.clone()).into()
    }
}

/// Which end a datagram is for, by its ufrag, if it is a connectivity check. That proves nothing: [`IceLite::answer`] looks at the
/// password.
pub(crate) fn ufrag(datagram: &[u8]) -> Option<String> {
    asked(&Message::from_bytes(datagram).ok()?)
}

/// `ours:theirs` (RFC 8445 §7.2.2).
fn asked(request: &Message<'_>) -> Option<String> {
    let username = request.attribute::<Username>().ok()?;
    Some(username.username().split(':').next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: ([u8; 4], u16) = ([127, 0, 0, 1], 4321);

    fn peer() -> IceLite {
        IceLite { ufrag: "ours".to_owned(), password: "a password of 22 characters".to_owned() }
    }

    /// A check as a browser sends it.
    fn check(username: &str, password: &str, nominates: bool) -> Vec<u8> {
        let mut request = Message::builder_request(BINDING, MessageWriteVec::new());
        request.add_attribute(&Username::new(username).unwrap()).unwrap();
        if nominates {
            request.add_attribute(&stun_types::attribute::RawAttribute::new(USE_CANDIDATE, &[])).unwrap();
        }
        let credentials = ShortTermCredentials::new(password.to_owned()).into();
        request.add_message_integrity(&credentials, IntegrityAlgorithm::Sha1).unwrap();
        request.add_fingerprint().unwrap();
        request.finish()
    }

    #[test]
    fn a_check_is_answered_with_the_address_it_came_from() {
        for nominates in [false, true] {
            let request = check("ours:theirs", peer().password(), nominates);
            assert_eq!(ufrag(&request).as_deref(), Some("ours"));
            let answered = peer().answer(&request, FROM.into()).unwrap();
            assert_eq!(answered.nominated, nominates);
            let response = Message::from_bytes(&answered.response).unwrap();
            assert!(response.has_class(MessageClass::Success), "{response}");
            assert_eq!(response.transaction_id(), Message::from_bytes(&request).unwrap().transaction_id());
            let mapped = response.attribute::<XorMappedAddress>().unwrap();
            assert_eq!(mapped.addr(response.transaction_id()), FROM.into());
            assert!(response.validate_integrity(&peer().credentials()).is_ok());
        }
    }

    #[test]
    fn who_does_not_know_the_description_is_not_answered() {
        let right = peer().password().to_owned();
        for request in [
            check("ours:theirs", "another password", true),
            check("others:theirs", &right, true),
            peer().answer(&check("ours:theirs", &right, true), FROM.into()).unwrap().response,
            b"\0\x01 no check at all".to_vec(),
        ] {
            assert_eq!(peer().answer(&request, FROM.into()), None);
        }
    }
}
