//! Descriptions in short.

use interceptor_sdp::Description;

/// What begins every description of these tests: four lines.
pub(crate) const HEAD: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// With `\n` for the ends of lines.
pub(crate) fn text(body: &str) -> String {
    format!("{HEAD}{}", body.replace('\n', "\r\n"))
}

pub(crate) fn read(body: &str) -> Description {
    Description::parse(&text(body)).unwrap()
}

/// Does a description have this line, once?
pub(crate) fn has(description: &Description, line: &str) -> bool {
    description.to_string().lines().filter(|known| *known == line).count() == 1
}
