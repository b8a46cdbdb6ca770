//! Makes a report interceptor for each connection.

use std::sync::Arc;

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::{Report, ReportOptions};

/// Makes a [`Report`] for each connection, at [`Stage::REPORT`], under the name `report`.
#[derive(Clone, Debug, Default)]
pub struct ReportFactory {
    options: Arc<ReportOptions>,
}

impl ReportFactory {
    /// Reports with these options.
    ///
    /// # Errors
    /// An option is out of its range.
    pub fn new(options: ReportOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options: Arc::new(options) })
    }
}

impl Factory for ReportFactory {
    type Interceptor = Report;

    fn name(&self) -> &'static str {
        "report"
    }

    fn stage(&self) -> Stage {
        Stage::REPORT
    }

    /// Fails when neither the options nor the connection have a canonical name of 1..=255 bytes.
    fn build(&self, cx: &BuildContext<'_>) -> Result<Report, BuildError> {
        let cname = self.options.cname.clone().unwrap_or_else(|| Arc::clone(&cx.config().cname));
        if !(1..=255).contains(&cname.len()) {
            return Err(BuildError::new(format!("the CNAME has {} bytes, outside 1..=255", cname.len())));
        }
        Ok(Report::new(Arc::clone(&self.options), cname, cx.now()))
    }
}
