//! Which crate may depend on which: the architecture as a rule. Dev-dependencies are free but for publishing cycles.

use std::collections::BTreeSet;

use super::Finding;
use crate::workspace::{Crate, Dependency};

const PACKET: &str = "interceptor-packet";
const CORE: &str = "interceptor-core";

/// Reads captures without any chain, so that who analyses packets needs none; but descriptions tell it what payload types are.
const INSPECT: &str = "interceptor-inspect";
const SDP: &str = "interceptor-sdp";

/// Leaves: they know nothing of packets or of any other crate here. The bucket is one that interceptors count with; the stack is about any
/// unit of work, and no interceptor needs it.
const TOKEN_BUCKET: &str = "interceptor-token-bucket";
const STACK: &str = "interceptor-stack";

/// Sums of packets, which schemes of forward error correction share.
const PARITY: &str = "interceptor-parity";

/// A forwarder's outgoing streams: it has no chain, and no interceptor needs it.
const REWRITER: &str = "interceptor-rewriter";

/// Messages rather than packets: they count with the bucket, and their timers are tokio's. That is the one runtime they may name, and no socket.
const STREAM: &str = "interceptor-stream";
const TOKIO: &str = "tokio";

/// Links between real sockets, for tests of whole programs: behind a feature that is off.
const TEST_KIT: &str = "interceptor-test";

/// gRPC counts and waits as streams do. A large tree, which only a program with a control plane brings along.
const GRPC: &str = "interceptor-grpc";
const GRPC_USER: &str = "rtptap";

/// What a library that others embed does not bring along: command line, web server, terminal, pages.
const FRONT_ENDS: [&str; 6] = ["clap", "comfy-table", "hyper", "hyper-util", "indicatif", "maud"];

/// Shells: the only crates that may name a runtime, a socket or a clock.
pub(super) const SHELLS: [&str; 7] =
    ["interceptor-tokio", "interceptor-webrtc", "rtptap", "bench", "browser", "str0m-tap", "xtask"];

/// Tests of whole chains, not published: everything meets here as well, but for clocks.
const WHOLE_CHAINS: &str = "e2e";

/// Congestion controllers on the test kit's links, not published and without a clock too.
const SIMULATOR: &str = "rmcat";

/// Crates that bring a runtime, sockets or a clock.
const RUNTIMES: [&str; 14] = [
    "async-io",
    "async-std",
    "coarsetime",
    "futures-timer",
    "minstant",
    "mio",
    "polling",
    "quanta",
    "quinn-udp",
    "smol",
    "socket2",
    "tokio",
    "tokio-stream",
    "tokio-util",
];

/// Every broken dependency rule.
pub(super) fn check(crates: &[Crate]) -> Vec<Finding> {
    crates.iter().flat_map(|krate| check_crate(krate, crates)).collect()
}

fn check_crate(krate: &Crate, crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found =
        |message: String| findings.push(Finding::new(format!("{}/Cargo.toml", krate.dir), message));
    let allowed = allowed_of_ours(&krate.name);
    for dependency in krate.dependencies.iter().filter(|dependency| !dependency.dev) {
        let name = &dependency.name;
        let ours = crates.iter().any(|other| other.name == *name);
        if let Some(allowed) = allowed.filter(|allowed| ours && !allowed.contains(&name.as_str())) {
            found(format!("{} may depend on {} among our crates, not on {name}", krate.name, list(allowed)));
        }
        if *name == GRPC && krate.publish && krate.name != GRPC_USER {
            found(format!("{} depends on {GRPC}: of what is published only {GRPC_USER} may", krate.name));
        }
        let timer = [STREAM, GRPC].contains(&krate.name.as_str()) && name == TOKIO;
        let on_request = krate.name == TEST_KIT && name == TOKIO && dependency.optional;
        let excused = timer || on_request;
        if RUNTIMES.contains(&name.as_str()) && !SHELLS.contains(&krate.name.as_str()) && !excused {
            found(format!(
                "{} names {name}: runtimes, sockets and clocks belong to {}",
                krate.name,
                list(&SHELLS)
            ));
        }
        if FRONT_ENDS.contains(&name.as_str()) && krate.publish && !SHELLS.contains(&krate.name.as_str()) {
            found(format!(
                "{} names {name}: a library has no command line, server, table or page",
                krate.name
            ));
        }
    }
    if krate.publish {
        for message in
            krate.dependencies.iter().filter_map(|dependency| publishing(krate, dependency, crates))
        {
            found(message);
        }
    }
    findings
}

/// What a crate may use of ours, `None` for crates that may use everything: shells are where everything meets.
fn allowed_of_ours(name: &str) -> Option<&'static [&'static str]> {
    match name {
        PACKET | TOKEN_BUCKET | STACK => Some(&[]),
        CORE | PARITY | REWRITER => Some(&[PACKET]),
        INSPECT => Some(&[PACKET, SDP]),
        STREAM => Some(&[TOKEN_BUCKET]),
        GRPC => Some(&[TOKEN_BUCKET, STREAM]),
        WHOLE_CHAINS | SIMULATOR => None,
        shell if SHELLS.contains(&shell) => None,
        // Interceptors and the test kit: never on each other.
        _ => Some(&[PACKET, CORE, TOKEN_BUCKET, PARITY]),
    }
}

/// Why `dependency` would stop `krate` from being published.
fn publishing(krate: &Crate, dependency: &Dependency, crates: &[Crate]) -> Option<String> {
    let name = &dependency.name;
    if !dependency.local {
        return None;
    }
    if !dependency.dev {
        return (!dependency.versioned)
            .then(|| format!("{name} needs a version beside its path: the registry knows no paths"));
    }
    let cycle = dependency.versioned && depends_on(name, &krate.name, crates);
    cycle.then(|| {
        format!("dev-dependency {name} depends on {} itself: give it a path and no version, or neither can be published", krate.name)
    })
}

/// True if `from` needs `to` to build, directly or not.
fn depends_on(from: &str, to: &str, crates: &[Crate]) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        if !seen.insert(name) {
            continue;
        }
        let known = crates.iter().filter(|krate| krate.name == name);
        let needs = known.flat_map(|krate| &krate.dependencies).filter(|dependency| !dependency.dev);
        open.extend(needs.map(|dependency| dependency.name.as_str()));
    }
    false
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::workspace::{Crate, Dependency};

    /// A publishable crate from words: `name` is a dependency, `dev:name` a dev-dependency, `name?` one that is optional; a trailing `*` leaves
    /// the version out.
    fn krate(name: &str, dependencies: &str) -> Crate {
        let dependency = |word: &str| {
            let name = word.trim_start_matches("dev:").trim_end_matches(['*', '?']).to_owned();
            let local = name.starts_with("interceptor-");
            Dependency {
                name,
                local,
                dev: word.starts_with("dev:"),
                versioned: !word.ends_with('*'),
                optional: word.ends_with('?'),
            }
        };
        Crate {
            name: name.to_owned(),
            dir: format!("crates/{name}"),
            publish: true,
            dependencies: dependencies.split_whitespace().map(dependency).collect(),
            ..Crate::default()
        }
    }

    fn messages(crates: &[(&str, &str)]) -> Vec<String> {
        let crates: Vec<Crate> =
            crates.iter().map(|(name, dependencies)| krate(name, dependencies)).collect();
        check(&crates).into_iter().map(|finding| finding.to_string()).collect()
    }

    const BASE: [(&str, &str); 2] =
        [("interceptor-packet", "bytes"), ("interceptor-core", "interceptor-packet slab")];

    #[test]
    fn the_intended_layering_has_no_findings() {
        let mut crates = BASE.to_vec();
        crates.push(("interceptor-nack", "interceptor-core interceptor-packet dev:interceptor-rtx"));
        crates.push(("interceptor-rtx", "interceptor-core"));
        crates.push(("interceptor-tokio", "interceptor-core tokio"));
        crates.push(("interceptor-inspect", "interceptor-packet pcap-file"));
        crates.push(("rtptap", "interceptor-tokio interceptor-nack interceptor-inspect tokio clap hyper"));
        crates.push(("e2e", "interceptor-nack interceptor-rtx"));
        assert_eq!(messages(&crates), Vec::<String>::new());
    }

    #[test]
    fn an_interceptor_may_not_depend_on_another() {
        let found =
            messages(&[BASE[0], BASE[1], ("interceptor-rtx", ""), ("interceptor-nack", "interceptor-rtx")]);
        assert_eq!(
            found,
            [
                "crates/interceptor-nack/Cargo.toml: interceptor-nack may depend on interceptor-packet, interceptor-core, interceptor-token-bucket, interceptor-parity among our crates, not on interceptor-rtx"
            ]
        );
    }

    #[test]
    fn packet_depends_on_nothing_of_ours_and_core_on_packet_only() {
        let found = messages(&[
            ("interceptor-packet", "interceptor-core"),
            ("interceptor-core", "interceptor-test"),
            ("interceptor-test", ""),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn the_reader_of_captures_depends_on_packets_and_descriptions_only() {
        let found =
            messages(&[BASE[0], BASE[1], ("interceptor-inspect", "interceptor-packet interceptor-core")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("may depend on interceptor-packet, interceptor-sdp among our crates"),
            "{found:?}"
        );
    }

    #[test]
    fn an_interceptor_may_count_with_a_token_bucket_but_has_no_use_for_a_stack() {
        let leaves = [("interceptor-token-bucket", ""), ("interceptor-stack", "")];
        let mut crates = vec![BASE[0], BASE[1], leaves[0], leaves[1]];
        crates.push(("interceptor-limit", "interceptor-core interceptor-token-bucket"));
        assert_eq!(messages(&crates), Vec::<String>::new());
        crates.push(("interceptor-nack", "interceptor-core interceptor-stack"));
        let found = messages(&crates);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("not on interceptor-stack"), "{found:?}");
    }

    #[test]
    fn bucket_and_stack_depend_on_nothing_of_ours_and_name_no_runtime() {
        for leaf in ["interceptor-token-bucket", "interceptor-stack"] {
            let found = messages(&[BASE[0], (leaf, "interceptor-packet tokio dev:tokio")]);
            assert_eq!(found.len(), 2, "{found:?}");
            assert!(found[0].contains("may depend on nothing among our crates"), "{found:?}");
            assert!(found[1].contains("names tokio"), "{found:?}");
        }
        let bucket = ("interceptor-token-bucket", "");
        let crossed = messages(&[bucket, ("interceptor-stack", "interceptor-token-bucket")]);
        assert_eq!(crossed.len(), 1, "{crossed:?}");
    }

    #[test]
    fn the_test_kit_may_have_sockets_on_request_only() {
        assert_eq!(messages(&[BASE[0], BASE[1], ("interceptor-test", "tokio?")]), Vec::<String>::new());
        for (name, dependencies) in
            [("interceptor-test", "tokio"), ("interceptor-test", "mio?"), ("interceptor-nack", "tokio?")]
        {
            let found = messages(&[BASE[0], BASE[1], (name, dependencies)]);
            assert_eq!(found.len(), 1, "{found:?}");
        }
    }

    #[test]
    fn streams_of_messages_count_with_the_bucket_and_wait_by_tokio() {
        let bucket = ("interceptor-token-bucket", "");
        let mut crates = vec![BASE[0], BASE[1], bucket];
        crates.push(("interceptor-stream", "interceptor-token-bucket tokio"));
        crates.push(("interceptor-grpc", "interceptor-stream interceptor-token-bucket tokio"));
        crates.push(("rtptap", "interceptor-grpc tokio"));
        assert_eq!(messages(&crates), Vec::<String>::new());
        let crossed = messages(&[BASE[0], ("interceptor-stream", "interceptor-packet tokio-util socket2")]);
        assert_eq!(crossed.len(), 3, "{crossed:?}");
        crates.push(("interceptor-tokio", "interceptor-grpc"));
        crates.push(("interceptor-nack", "interceptor-stream"));
        let found = messages(&crates);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].contains("only rtptap may") && found[1].contains("not on interceptor-stream"),
            "{found:?}"
        );
    }

    #[test]
    fn packets_and_the_chain_know_no_bucket() {
        let bucket = ("interceptor-token-bucket", "");
        let found = messages(&[
            bucket,
            ("interceptor-packet", "interceptor-token-bucket"),
            ("interceptor-core", "interceptor-packet interceptor-token-bucket"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_library_with_a_command_line_or_a_page_is_found() {
        let found =
            messages(&[BASE[0], ("interceptor-inspect", "interceptor-packet clap maud dev:indicatif")]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("interceptor-inspect names clap"), "{found:?}");
    }

    #[test]
    fn a_runtime_outside_the_shells_is_found_but_not_in_dev_dependencies() {
        let found = messages(&[BASE[0], BASE[1], ("interceptor-stats", "tokio dev:tokio")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("interceptor-stats names tokio"), "{found:?}");
    }

    #[test]
    fn a_path_without_a_version_cannot_be_published() {
        let found = messages(&[BASE[0], ("interceptor-core", "interceptor-packet*")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("needs a version"), "{found:?}");
    }

    #[test]
    fn a_cycle_through_a_dev_dependency_must_not_carry_a_version() {
        let test = ("interceptor-test", "interceptor-core");
        let cyclic =
            messages(&[BASE[0], ("interceptor-core", "interceptor-packet dev:interceptor-test"), test]);
        assert_eq!(cyclic.len(), 1, "{cyclic:?}");
        let path_only =
            messages(&[BASE[0], ("interceptor-core", "interceptor-packet dev:interceptor-test*"), test]);
        assert_eq!(path_only, Vec::<String>::new());
    }
}
