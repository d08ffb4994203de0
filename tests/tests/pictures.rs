//! The docs' pictures show what Exuvia draws today, and wrong orders for a figure are explained.

use std::path::Path;
use std::process::Command;

use exuvia_raster::{Picture, difference, text_in_png};
use exuvia_tests::pictures::{LARGEST, all};
use exuvia_tests::program::{self, workspace};

#[test]
fn the_docs_pictures_are_what_exuvia_draws() {
    let folder = tempfile::tempdir().unwrap();
    let mut stale = Vec::new();
    for picture in all() {
        let drawn = folder.path().join(picture.name());
        let output = picture.draw(&drawn).output().unwrap();
        assert!(output.status.success(), "{picture:?}: {}", String::from_utf8_lossy(&output.stderr));
        let drawn = Picture::from_png(&std::fs::read(&drawn).unwrap()).unwrap();
        let Ok(bytes) = std::fs::read(picture.file()) else {
            stale.push(format!("{} is missing", picture.name()));
            continue;
        };
        assert!(bytes.len() as u64 <= LARGEST, "{} has {} bytes", picture.name(), bytes.len());
        // A processor may round the last bit of a colour in another way.
        let difference = difference(&drawn, &Picture::from_png(&bytes).unwrap());
        if difference.largest > 2 {
            stale.push(format!("{}: {} pixels differ", picture.name(), difference.pixels));
        }
    }
    assert!(stale.is_empty(), "look at them and run `cargo xtask pictures`: {}", stale.join("; "));
}

#[test]
fn the_readme_shows_every_picture_and_no_other() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let mut listed: Vec<String> = all().map(|picture| picture.name()).collect();
    let mut shown: Vec<String> = readme
        .split("assets/")
        .skip(1)
        .filter_map(|rest| Some(format!("{}.png", rest.split_once(".png")?.0)))
        .filter(|name| !name.contains(char::is_whitespace))
        .collect();
    listed.sort();
    shown.sort();
    shown.dedup();
    assert_eq!(shown, listed);
}

fn figure(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(program::exuvia()).arg("figure").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn wrong_orders_are_explained() {
    for (arguments, code, words) in [
        (&["verisons", "-o", "x.png"][..], 2, "did you mean versions?"),
        (&["nothing", "-o", "x.png"], 2, "known are experiment, welcome, settings"),
        (&["versions", "--size", "1600", "-o", "x.png"], 2, "such as 1600x900"),
        (&["versions", "--scale", "9", "-o", "x.png"], 2, "from 0.5 to 4"),
        (&["versions", "--sample", "-o", "/nowhere/at/all/x.png"], 6, "/nowhere/at/all is no folder"),
        (&["versions"], 2, "--output"),
    ] {
        let (exit, stderr) = figure(arguments);
        assert!(exit == Some(code) && stderr.contains(words), "{arguments:?}: {exit:?} {stderr}");
    }
}

#[test]
fn a_figure_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.png");
    let file = file.to_str().unwrap();
    let arguments =
        ["problems", "--sample=failed", "--language", "zh", "--size", "400x300", "--scale", "2", "-o", file];
    let (code, stderr) = figure(&arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let bytes = std::fs::read(Path::new(file)).unwrap();
    let picture = Picture::from_png(&bytes).unwrap();
    assert_eq!([picture.width, picture.height], [800, 600]);
    assert_eq!(text_in_png(&bytes, "Title").unwrap().as_deref(), Some("problems, 400x300 points"));
    assert!(text_in_png(&bytes, "Software").unwrap().is_some_and(|text| text.starts_with("Exuvia ")));
}
