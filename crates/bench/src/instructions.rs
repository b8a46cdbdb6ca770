//! Instruction counts under callgrind, and their comparison with the committed baseline.

pub fn check() -> anyhow::Result<String> {
    Ok(String::new())
}
pub fn accept() -> anyhow::Result<String> {
    Ok(String::new())
}
pub fn show() -> anyhow::Result<String> {
    Ok(String::new())
}
