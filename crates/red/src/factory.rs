//! Two factories, one for each way, as they stand at different places.

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{RedReceiver, RedReceiverOptions, RedSender, RedSenderOptions};

/// Makes a [`RedReceiver`] for each connection; stands at [`Stage::FEC`].
#[derive(Clone, Debug, Default)]
pub struct RedReceiverFactory {
    options: RedReceiverOptions,
}

/// Makes a [`RedSender`] for each connection; stands at [`Stage::NACK`]`.above()`, so that what it makes is what is kept and sent again.
#[derive(Clone, Debug, Default)]
pub struct RedSenderFactory {
    options: RedSenderOptions,
}

impl RedReceiverFactory {
    /// A factory with these options.
    #[must_use]
    pub const fn new(options: RedReceiverOptions) -> Self {
        Self { options }
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &RedReceiverOptions {
        &self.options
    }
}

impl RedSenderFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: RedSenderOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &RedSenderOptions {
        &self.options
    }
}

/// What both ways have to be agreed on for.
fn needs() -> Vec<Need> {
    vec![Need::codec(Media::Audio, "red")]
}

impl Factory for RedReceiverFactory {
    type Interceptor = RedReceiver;

    fn name(&self) -> &'static str {
        "red-receiver"
    }

    fn stage(&self) -> Stage {
        Stage::FEC
    }

    fn needs(&self) -> Vec<Need> {
        needs()
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<RedReceiver, BuildError> {
        Ok(RedReceiver::new(self.options.clone()))
    }
}

impl Factory for RedSenderFactory {
    type Interceptor = RedSender;

    fn name(&self) -> &'static str {
        "red-sender"
    }

    fn stage(&self) -> Stage {
        Stage::NACK.above()
    }

    fn needs(&self) -> Vec<Need> {
        needs()
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<RedSender, BuildError> {
        Ok(RedSender::new(self.options.clone()))
    }
}
