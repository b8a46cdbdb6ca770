//! Prints the RTP streams of a capture: `cargo run -p interceptor-inspect --example streams -- [FILE]`.

use interceptor_inspect::{InspectOptions, Inspector, OpenError, Summary};

fn main() -> Result<(), OpenError> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gst_vp8_rtx_loss.pcap");
    let path = std::env::args().nth(1).unwrap_or_else(|| own.to_owned());
    let mut inspector = Inspector::new(InspectOptions::default());
    inspector.read_file(path)?;
    print!("{}", table(&inspector.summary()));
    Ok(())
}

fn table(summary: &Summary) -> String {
    let mut text =
        format!("{:<10} {:<21} {:>5} {:>7} {:>7}  repairs\n", "SSRC", "to", "type", "packets", "lost");
    for stream in &summary.streams {
        let repairs = stream.rtx_of.or(stream.fec_of).map(|ssrc| format!("{ssrc:08x}")).unwrap_or_default();
        let (ssrc, lost) = (format!("{:08x}", stream.ssrc), format!("{:.1} %", stream.lost_pct));
        text += &format!(
            "{ssrc:<10} {:<21} {:>5} {:>7} {lost:>7}  {repairs}\n",
            stream.dst.to_string(),
            stream.payload_type,
            stream.packets,
        );
    }
    summary.problems.iter().fold(text, |text, problem| text + &format!("{}: {problem}\n", problem.kind()))
}

#[cfg(test)]
mod tests {
    use interceptor_inspect::Inspector;

    #[test]
    fn the_table_names_each_stream_with_its_losses_and_what_it_repairs() {
        let mut inspector = Inspector::default();
        inspector
            .read_file(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/gst_vp8_rtx_loss.pcap"))
            .expect("the capture is there");
        let text = super::table(&inspector.summary());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[2].starts_with("11223344   127.0.0.1:7002           98"), "{text}");
        assert!(lines[4].ends_with("11223344") && lines[5].starts_with("clock-guessed: "), "{text}");
    }
}
