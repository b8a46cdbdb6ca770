//! The examples of the documentation are what the tool prints.

use std::process::Command;

/// Blocks of text in a document that begin with a command, as the command's words and what is shown below it.
fn examples(document: &str) -> Vec<(Vec<&str>, String)> {
    let blocks = document.split("```text\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let with_command = blocks.filter_map(|block| {
        let (command, shown) = block.split_once('\n')?;
        let words = command.strip_prefix("$ rtptap ")?.split(' ').collect();
        Some((words, shown.to_owned() + "\n"))
    });
    with_command.collect()
}

#[test]
fn the_tables_of_the_documentation_are_those_of_the_tool() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let path = format!("{root}/docs/inspect.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let examples = examples(&document);
    assert!(examples.len() >= 3, "80, 120 and 200 columns: {examples:?}");
    let (mut right, mut wrong) = (document.clone(), Vec::new());
    for (words, shown) in examples {
        let output = Command::new(env!("CARGO_BIN_EXE_rtptap"))
            .args(&words)
            .env_remove("COLUMNS")
            .current_dir(format!("{root}/crates/inspect/tests/data"))
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let command = format!("$ rtptap {}\n", words.join(" "));
        wrong.extend((printed != shown).then(|| command.clone() + &printed));
        right = right.replace(&(command.clone() + &shown), &(command + &printed));
    }
    // As for snapshots.
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &right).unwrap();
    }
    assert!(wrong.is_empty(), "INSTA_UPDATE=always writes docs/inspect.md anew:\n{}", wrong.join("\n"));
}
