//! `rtptap inspect --html`: the page with plots of a capture.

use std::path::Path;

use crate::inspect::{bytes, code, path, rtptap};

/// Runs with a page, and gives the exit code, what is said of failures, and the page if there is one.
fn page(arguments: &[&str], html: &Path) -> (i32, String, Option<String>) {
    let page = ["--html", html.to_str().unwrap()];
    let output = rtptap(&[&["inspect"], arguments, &page].concat());
    let page = std::fs::read(html).ok().and_then(|page| String::from_utf8(page).ok());
    (code(&output), String::from_utf8(output.stderr).unwrap(), page)
}

/// The page of captures of the library.
fn page_of(names: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<String> = names.iter().map(|name| path(name).display().to_string()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (code, said, page) = page(&files, &folder.path().join("call.html"));
    assert_eq!((code, said.as_str()), (0, ""));
    page.unwrap()
}

/// Tags are closed in the order in which they were opened.
fn check_structure(page: &str) {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !["!DOCTYPE", "meta"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for outside in ["http:", "https:", "<script", "<link", "@import", "url(", "src="] {
        assert!(!page.contains(outside), "{outside} would load from elsewhere");
    }
    assert!(!page.contains("NaN") && !page.contains("inf"));
}

#[test]
fn a_page_has_plots_and_figures_of_every_stream() {
    let page = page_of(&["gst_pcmu_loss"]);
    check_structure(&page);
    for part in
        ["127.0.0.1:7000 → 127.0.0.1:7002", "52 (5.2%)", "lost 3 in a row", "PCMU/8000", "All streams"]
    {
        assert!(page.contains(part), "{part}");
    }
    // Two streams, three plots each.
    assert_eq!(page.matches("role=\"img\"").count(), 6);
    assert!(page.len() < 100_000, "{}", page.len());
}

#[test]
fn retransmissions_have_plots_of_their_own_and_captures_a_part_each() {
    let page = page_of(&["gst_vp8_rtx_loss", "ffmpeg_opus"]);
    check_structure(&page);
    assert!(page.contains("RTX of 11223344"));
    assert_eq!(page.matches("<h1>").count(), 2);
    assert_eq!(page.matches("Bit rate over time").count(), 5);
}

#[test]
fn a_stream_without_a_clock_has_no_delay() {
    let folder = tempfile::tempdir().unwrap();
    let few = folder.path().join("few.pcap");
    // Some packets, too few to guess from.
    std::fs::write(&few, &bytes("gst_opus_clean")[..2000]).unwrap();
    let (code, _, page) = page(&[few.to_str().unwrap()], &folder.path().join("few.html"));
    let page = page.unwrap();
    check_structure(&page);
    assert_eq!((code, page.matches("Delay above").count()), (3, 0));
    assert!(page.contains("clock unknown") && page.contains("truncated"), "{page}");
}

#[test]
fn a_capture_without_streams_and_a_file_that_is_not_there_have_a_page_too() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("a<script>.pcap");
    std::fs::write(&empty, &bytes("gst_opus_clean")[..24]).unwrap();
    let files = [empty.to_str().unwrap(), "/no/such/file"];
    let (code, _, page) = page(&files, &folder.path().join("call.html"));
    let page = page.unwrap();
    check_structure(&page);
    assert_eq!(code, 3);
    assert!(page.contains("a&lt;script&gt;.pcap") && page.contains("/no/such/file cannot be opened"));
}

#[test]
fn a_page_is_replaced_and_anything_else_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("call.pcap");
    std::fs::copy(path("gst_pcmu_loss"), &capture).unwrap();
    let whole = path("gst_opus_clean");
    let (code, said, _) = page(&[whole.to_str().unwrap()], &capture);
    assert_eq!(code, 1);
    assert!(said.contains("call.pcap cannot be written: there is a file that is no page"), "{said}");
    assert_eq!(std::fs::read(&capture).unwrap(), bytes("gst_pcmu_loss"), "the capture is as it was");

    let html = folder.path().join("call.html");
    let (_, _, long) = page(&[path("chromium_vp8_opus_loss").to_str().unwrap()], &html);
    let (code, _, short) = page(&[whole.to_str().unwrap()], &html);
    assert_eq!(code, 0);
    assert!(short.as_ref().unwrap().len() < long.unwrap().len() && short.unwrap().ends_with("</html>"));
    // When nothing could be read, the page of the last time stays.
    let before = std::fs::read(&html).unwrap();
    assert_eq!(page(&["/no/such/file"], &html).0, 1);
    assert_eq!(std::fs::read(&html).unwrap(), before);
    let other = folder.path().join("other.html");
    let (code, _, none) = page(&["/no/such/file"], &other);
    assert_eq!((code, none), (1, None), "and there is no empty one");
}

#[test]
fn a_page_that_cannot_be_written_is_said_before_anything_is_read() {
    let output = rtptap(&["inspect", "-", "--html", "/no/such/folder/page.html"]);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!((code(&output), output.stdout.len()), (1, 0));
    assert!(said.contains("/no/such/folder/page.html cannot be written: "), "{said}");
}
