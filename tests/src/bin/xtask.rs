//! `cargo xtask test`: installs what the tests need beyond Rust, then runs them all.
//! `cargo xtask packages`: only installs.
//! `cargo xtask pictures`: draws the docs' pictures anew, into `assets/`.
//!
//! The packages are Debian's. Elsewhere the command says what is needed and goes on; a test that
//! cannot run then says so (and fails where `CI=true`).

use std::process::{Command, ExitCode};

use exuvia_tests::pictures;

/// What the tests need: git, and for the real window an X server without a screen, keys and clicks, pictures, and
/// the libraries that eframe loads at run time for X11 and OpenGL.
const PACKAGES: [&str; 13] = [
    "git",
    "xvfb",
    "xdotool",
    "x11-utils",
    "imagemagick",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libglx-mesa0",
    "libxkbcommon-x11-0",
    "libxcursor1",
    "libxi6",
    "libxrandr2",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("test") => install_packages().and_then(|()| test(&arguments[1..])),
        Some("packages") => install_packages(),
        Some("pictures") => pictures(),
        _ => Err("use: cargo xtask test [arguments for `cargo test`], cargo xtask packages, or cargo xtask pictures"
            .to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown} ended with {status}")),
        Err(error) => Err(format!("{shown} cannot be run: {error}")),
    }
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

fn is_installed(package: &str) -> bool {
    let asked = Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]).output();
    asked.is_ok_and(|output| output.stdout == b"installed")
}

fn install_packages() -> Result<(), String> {
    if !succeeds("apt-get", &["--version"]) {
        eprintln!(
            "note: there is no apt-get here; the window test needs Xvfb, xdotool, ImageMagick and Mesa: {}",
            PACKAGES.join(" ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = PACKAGES.into_iter().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("installing: {}", missing.join(" "));
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let apt = |arguments: &[&str]| {
        let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root {
            command.arg("apt-get");
        }
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        run(&mut command)
    };
    apt(&["update", "-qq"])?;
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(missing);
    apt(&install)
}

/// Draws all pictures that are listed.
fn pictures() -> Result<(), String> {
    run(Command::new("cargo").args(["build", "--package", "exuvia"]))?;
    for picture in pictures::all() {
        let file = picture.file();
        eprintln!("drawing {}", file.display());
        run(&mut picture.draw(&file))?;
        let bytes = std::fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()))?.len();
        if bytes > pictures::LARGEST {
            return Err(format!(
                "{} has {bytes} bytes, more than {}; make it smaller",
                file.display(),
                pictures::LARGEST
            ));
        }
    }
    Ok(())
}

fn test(arguments: &[String]) -> Result<(), String> {
    // The end-to-end tests drive the real executable, which `cargo test` alone does not build.
    run(Command::new("cargo").args(["build", "--package", "exuvia"]))?;
    run(Command::new("cargo").args(["test", "--workspace", "--no-fail-fast"]).args(arguments))
}
