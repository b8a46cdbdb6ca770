//! The kinds of feedback about a path: who asks for them, and who makes them.

use anyhow::Result;
use interceptor_core::packet::ext::{HeaderExtension, TransportSequenceNumber};
use interceptor_core::{Media, Need, Registry};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rfc8888::{Rfc8888, Rfc8888Factory};
use interceptor_rtx::RtxFactory;
use interceptor_tokio::Session;
use interceptor_twcc::{Twcc, TwccFactory, TwccOptions};

/// Which feedback about the path the browser gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    /// Numbers are asked for, and nothing is said of their arrival.
    Silent,
    /// Transport-wide congestion control.
    Twcc,
    /// RFC 8888, of which Chromium must be told to offer it.
    Ccfb,
}

impl Feedback {
    /// What is to be agreed on although no interceptor of ours needs it: a browser that is to hear nothing must expect something.
    pub(crate) fn needs(self) -> Vec<Need> {
        match self {
            Self::Silent => vec![
                Need::feedback(Media::Any, "transport-cc", ""),
                Need::header_extension(Media::Any, TransportSequenceNumber::URI),
            ],
            Self::Twcc | Self::Ccfb => Vec::new(),
        }
    }

    /// What the browser is to be started with for it.
    pub(crate) const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Silent | Self::Twcc => &[],
            Self::Ccfb => {
                &["--force-fieldtrials=WebRTC-RFC8888CongestionControlFeedback/Enabled,offer:true/"]
            }
        }
    }

    /// What the session is made of.
    pub(crate) fn registry(self) -> Result<Registry> {
        let registry = Registry::new()
            .with(ReportFactory::default())
            .with(RtxFactory::default())
            .with(NackFactory::default());
        Ok(match self {
            Self::Silent => registry.with(TwccFactory::new(TwccOptions::default().with_reporting(false))?),
            Self::Twcc => registry.with(TwccFactory::default()),
            Self::Ccfb => registry.with(Rfc8888Factory::default()),
        })
    }
}

/// Feedback messages about the path that a session has sent.
pub(crate) fn messages_sent(session: &Session) -> u64 {
    session.with_chain(|chain, _| {
        let twcc = chain.get::<Twcc>().map(|twcc| twcc.counters().feedback_sent);
        let ccfb = chain.get::<Rfc8888>().map(|ccfb| ccfb.counters().reports_sent);
        twcc.or(ccfb).unwrap_or_default()
    })
}
