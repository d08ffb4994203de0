//! Git changes many files at once, and none of them at the same time.

use std::process::Command;

use exuvia_runtime::session::Event;
use exuvia_tests::cli;
use exuvia_tests::guest::Guest;
use exuvia_tests::watched::Watched;

fn git(guest: &Guest, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(&guest.root)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", cli::text(&output.stderr));
}

#[test]
fn git_changes_500_files_at_once() {
    if Command::new("git").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "there is no git");
        eprintln!("NOT TESTED: there is no git on this machine");
        return;
    }
    const FILES: usize = 500;
    let files = |guest: &Guest, each: usize| {
        for number in 0..FILES {
            guest.write(&format!("src/m{number}.rs"), &format!("pub const N: usize = {each};\n"));
        }
    };
    let mods: String = (0..FILES).map(|number| format!("mod m{number};\n")).collect();
    let sum: Vec<String> = (0..FILES).map(|number| format!("m{number}::N")).collect();
    let lib = format!("{mods}\n#[exuvia_guest::export]\nfn sum() -> usize {{ {} }}\n", sum.join(" + "));
    let guest = Guest::new("git", &lib);
    files(&guest, 1);
    // Cargo's, which it writes after each checkout.
    guest.write(".gitignore", "Cargo.lock\n");
    git(&guest, &["init", "--quiet", "--initial-branch=one"]);
    git(&guest, &["add", "."]);
    git(&guest, &["commit", "--quiet", "--message=one"]);
    git(&guest, &["checkout", "--quiet", "-b", "two"]);
    files(&guest, 2);
    git(&guest, &["commit", "--quiet", "--all", "--message=two"]);
    let mut session = Watched::pinned(&guest, &["sum()"]);
    session.recorded();
    for (arguments, sum) in [
        (&["checkout", "--quiet", "one"][..], FILES),
        (&["checkout", "--quiet", "two"], 2 * FILES),
        // What is stashed is undone; what is popped is back.
        (&[], 3 * FILES),
        (&["stash", "--quiet"], 2 * FILES),
        (&["stash", "pop", "--quiet"], 3 * FILES),
    ] {
        match arguments {
            [] => files(&guest, 3),
            arguments => git(&guest, arguments),
        }
        // What was built on the way, with some of the files new, was an answer, too.
        session.next(&format!("{sum} after {arguments:?}"), |event| match event {
            Event::PinnedResult { answer, .. } => (answer.to_string() == sum.to_string()).then_some(()),
            _ => None,
        });
        session.is_saved("git");
    }
    session.end();
}
