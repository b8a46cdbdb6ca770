//! The command line accepts what it documents and explains what it refuses.

use std::time::Duration;

use clap::{CommandFactory, Parser};
use rtptap::cli::{Cli, Command, DemoArgs};
use rtptap::demo::Repair;
use rtptap::demo::link::{LinkConditions, RateSchedule};

fn demo(args: &[&str]) -> Result<DemoArgs, String> {
    let args = ["rtptap", "demo"].iter().chain(args);
    match Cli::try_parse_from(args).map_err(|error| error.to_string())?.command {
        Command::Demo(args) => Ok(args),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn without_arguments_the_demo_has_the_documented_defaults() {
    let args = demo(&[]).unwrap();
    assert_eq!(args.link(), LinkConditions::default());
    assert_eq!(args.link().with_seed(0), LinkConditions::default().with_loss(0.05).with_seed(0));
    assert_eq!(args.duration(), Duration::from_secs(10));
    assert_eq!((args.json, args.out.to_str()), (false, Some("target/rtptap/demo")));
}

#[test]
fn every_option_reaches_the_link() {
    let text =
        "--loss 12.5 --burst 3 --delay 100 --jitter 20 --seed 7 --rate 1,2@3 --seconds 5 --json --out x/y";
    let args = demo(&text.split(' ').collect::<Vec<_>>()).unwrap();
    let expect = LinkConditions::default()
        .with_loss(0.125)
        .with_burst(Some(3.0))
        .with_delay(Duration::from_millis(100))
        .with_jitter(Duration::from_millis(20))
        .with_seed(7)
        .with_rate(Some(
            RateSchedule::constant(1_000_000).unwrap().then(Duration::from_secs(3), 2_000_000).unwrap(),
        ));
    assert_eq!(args.link(), expect);
    assert_eq!(args.duration(), Duration::from_secs(5));
    assert!(args.json);
    assert_eq!(args.out.to_str(), Some("x/y"));
}

#[test]
fn what_repairs_and_how_long_is_waited_reach_the_plan() {
    let plan = |args: &[&str]| demo(args).map(|args| args.plan());
    let usual = plan(&[]).unwrap();
    assert_eq!((usual.wait, usual.repairs), (Duration::from_millis(200), vec![Repair::Off, Repair::Nack]));
    for (text, time) in [("300", 150), ("300ms", 150), ("1s", 500), ("0", 0)] {
        assert_eq!(plan(&["--rtt", text]).unwrap().link.delay, Duration::from_millis(time));
    }
    let compared = plan(&["--repair", "compare", "--wait", "1s"]).unwrap();
    assert_eq!(compared.repairs, [Repair::Off, Repair::Nack, Repair::Fec, Repair::Both]);
    assert_eq!(compared.wait, Duration::from_secs(1));
    for (args, complaint) in [
        (&["--rtt", "300", "--delay", "40"][..], "--delay"),
        (&["--rtt", "11s"], "0..=10000"),
        (&["--wait", "19"], "20..=10000"),
        (&["--wait", "soon"], "200ms"),
        (&["--repair", "none"], "compare"),
    ] {
        let error = plan(args).unwrap_err();
        assert!(error.contains(complaint), "{error}");
    }
}

#[test]
fn values_out_of_range_are_refused_with_the_option_and_the_range() {
    for (option, value, range) in [
        ("--loss", "50.1", "0..=50"),
        ("--loss", "-1", "0..=50"),
        ("--loss", "NaN", "0..=50"),
        ("--burst", "0.5", "1..=100"),
        ("--delay", "5001", "0..=5000"),
        ("--jitter", "5001", "0..=5000"),
        ("--seconds", "0", "1..=600"),
        ("--seconds", "601", "1..=600"),
        ("--rate", "11", "0.1..=10"),
        ("--rate", "1,0.01@5", "0.1..=10"),
    ] {
        let error = demo(&[&format!("{option}={value}")]).unwrap_err();
        assert!(error.contains(option) && error.contains(range) && error.contains(value), "{error}");
    }
    assert!(demo(&["--loss=much"]).unwrap_err().contains("not a number"));
    assert!(demo(&["--rate=1,2"]).unwrap_err().contains("2@SECONDS"));
}

#[test]
fn a_call_is_long_enough_to_see_its_last_rate() {
    let seconds = |args: &[&str]| demo(args).unwrap().duration().as_secs();
    assert_eq!(seconds(&["--rate", "1.5"]), 10);
    assert_eq!(seconds(&["--rate", "1.0,2.5@10,0.6@20"]), 30);
    assert_eq!(seconds(&["--rate", "1,2@595"]), 600);
    assert_eq!(seconds(&["--rate", "1,2@10", "--seconds", "8"]), 8);
}

#[cfg(not(feature = "control"))]
#[test]
fn a_control_plane_that_is_not_built_in_is_refused_with_what_to_do() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rtptap"));
    command.args(["relay", "--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--control", "127.0.0.1:0"]);
    let out = command.output().unwrap();
    let complaint = String::from_utf8(out.stderr).unwrap();
    assert_eq!((out.status.code(), out.stdout.len()), (Some(1), 0));
    assert!(complaint.contains("--features control"), "{complaint}");
    let help =
        std::process::Command::new(env!("CARGO_BIN_EXE_rtptap")).args(["relay", "--help"]).output().unwrap();
    assert!(
        !String::from_utf8(help.stdout).unwrap().contains("--control"),
        "what is not there is not offered"
    );
}
