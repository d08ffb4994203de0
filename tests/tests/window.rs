//! The real window, on a screen of its own: keys and clicks go in, the title and pictures come out.
//! And why there is none where there is no screen.

use std::fs::{self, File};

use exuvia_tests::cli::{Cli, command, run, text};
use exuvia_tests::desktop::picture::{Picture, Region, is_red};
use exuvia_tests::desktop::{Desktop, on_a_desktop};
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{runner, until_no_runner};
use exuvia_tests::sources::greeting;
use exuvia_tests::{save, until};

const GREET: &str = "greet(\"World\")";

/// What a version's row in the history has for the pinned call.
fn pinned_result(guest: &Guest, version: usize) -> Option<String> {
    let output = run(&["list", guest.root.to_str().expect("a path in UTF-8"), "--json"]);
    let list: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let result = &list["versions"][version - 1]["marks"]["pinned_results"][0];
    assert!(result.is_null() || result["call"] == GREET, "{result}");
    result["answer"]["value"].as_str().map(str::to_owned)
}

/// Pins the call as a user would, by keys alone.
fn pin(desktop: &mut Desktop, guest: &Guest) {
    let empty = desktop.picture("nothing is entered", |_| true);
    desktop.key("ctrl+l");
    let field = desktop.picture("the field has the keyboard", |picture| *picture != empty);
    desktop.type_text(GREET);
    desktop.picture("a call is entered", |picture| *picture != field);
    desktop.key("ctrl+p");
    until("the pinned call's first result", || pinned_result(guest, 1));
    // Out of the field, so that it looks the same whatever is clicked later.
    desktop.key("Escape");
}

#[test]
fn edit_reload_and_roll_back_can_be_seen() {
    on_a_desktop(|desktop| {
        let guest = Guest::new("window", &greeting("Hello, {name}, from the first shell"));
        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        let before_pin = desktop.picture("v1 without a pinned call", |_| true);
        pin(desktop, &guest);
        let panels = before_pin.panels().unwrap_or_else(|error| panic!("the window has no panels: {error}"));
        let differ = |a: &Picture, b: &Picture| a.differences(b, &panels.center);
        let red = |picture: &Picture| picture.count(&panels.lower, is_red);

        let first = desktop.picture("v1", |picture| differ(picture, &before_pin) > 0);
        assert_eq!(first.panels().as_ref(), Ok(&panels));
        assert!(first.colours() > 100, "{} colours", first.colours());
        // Text of some size in each panel, and not the same everywhere.
        for (name, region) in [
            ("top", &panels.top),
            ("left", &panels.left),
            ("center", &panels.center),
            ("right", &panels.right),
            ("lower", &panels.lower),
            ("bottom", &panels.bottom),
        ] {
            let ground = first.at(region.x.start + 1, region.y.start + 1);
            let drawn = first.count(region, |pixel| pixel != ground);
            assert!(drawn > 300, "{drawn} pixels are drawn in the {name} panel");
        }
        assert_eq!(red(&first), 0, "red pixels below, and no problem");

        guest.save(&greeting("Good day, {name}, from the second one"));
        window.title("running v2 = saved source");
        let second = desktop.picture("v2", |picture| differ(picture, &first) > 0);
        assert!(
            differ(&second, &first) > 100,
            "{} pixels differ between the results of v1 and v2",
            differ(&second, &first)
        );
        assert_eq!(pinned_result(&guest, 2).as_deref(), Some("Good day, World, from the second one"));

        save::truncate_and_write(&guest.path("src/lib.rs"), &greeting("Broken {nobody}"));
        window.title("build failed, still running v2");
        let broken = desktop.picture("a broken build", |picture| red(picture) > 0);
        assert!(red(&broken) > 300, "{} red pixels for rustc's error", red(&broken));
        assert_eq!(differ(&broken, &second), 0, "pixels of the calls' panel that a failed build has changed");

        save::vim(&guest.path("src/lib.rs"), &greeting("Farewell, {name}, from the third"));
        window.title("running v3 = saved source");
        let third = desktop.picture("v3", |picture| red(picture) == 0);
        assert!(
            differ(&third, &second) > 100,
            "{} pixels differ between the results of v2 and v3",
            differ(&third, &second)
        );

        // At first there was nothing to go back to; the button that does has come to life since.
        let faces = third.new_faces(&first, 40, 12);
        let button = faces.first().unwrap_or_else(|| panic!("no button has become enabled"));
        assert!(button.y.end <= panels.top.y.end, "the button lies at {button:?}");
        desktop.click(button);
        window.title("running v2, source is at v3");
        desktop.picture("back at v2", |picture| differ(picture, &second) == 0);
        desktop.click(button);
        window.title("running v1, source is at v3");
        let back = desktop.picture("back at v1", |picture| differ(picture, &first) == 0);
        assert_eq!(red(&back), 0);
        let moved = back.differences(&third, &panels.left);
        assert!(moved > 100, "{moved} pixels of the list differ between v3 active and v1 active");

        desktop.key("ctrl+bracketright");
        window.title("running v2, source is at v3");
        desktop.key("ctrl+bracketright");
        window.title("running v3 = saved source");
        desktop.picture("forward at v3", |picture| differ(picture, &third) == 0);

        desktop.key("ctrl+q");
        let status = window.ended();
        assert!(status.success(), "{status}");
        until_no_runner(&guest.root);
    });
}

/// The part of a region that has changed, as one rectangle.
fn changed(earlier: &Picture, later: &Picture, within: &Region) -> Region {
    let differs = |x, y| earlier.at(x, y) != later.at(x, y);
    let columns: Vec<_> = within.x.clone().filter(|&x| within.y.clone().any(|y| differs(x, y))).collect();
    let rows: Vec<_> = within.y.clone().filter(|&y| within.x.clone().any(|x| differs(x, y))).collect();
    let span = |numbers: &[usize]| numbers[0]..numbers[numbers.len() - 1] + 1;
    assert!(!columns.is_empty(), "nothing has changed in {within:?}");
    Region { x: span(&columns), y: span(&rows) }
}

#[test]
fn ten_saves_in_a_row_are_seen_one_by_one() {
    // The words that differ stand at the end: in front of them are the version's number and the call. It is short,
    // since an answer that does not fit is cut off.
    let text = |word| format!("{{name}} likes {word}");
    let shown = |word| format!("World likes {word}");
    let words = [
        "lemonade", "quinces", "marzipan", "truffles", "gherkins", "chestnut", "brambles", "hazelnut", "spinach",
        "waffles",
    ];
    on_a_desktop(|desktop| {
        let guest = Guest::new("tensaves", &greeting(&text("an apple")));
        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        let before_pin = desktop.picture("v1 without a pinned call", |_| true);
        pin(desktop, &guest);
        let panels = before_pin.panels().unwrap_or_else(|error| panic!("the window has no panels: {error}"));
        let in_panel = |a: &Picture, b: &Picture| a.differences(b, &panels.center);
        let process = runner(&guest.root);

        let mut pictures = vec![desktop.picture("v1", |picture| in_panel(picture, &before_pin) > 0)];
        let mut result = None;
        for (index, (word, save)) in words.into_iter().zip(save::ALL.into_iter().cycle()).enumerate() {
            let version = index + 2;
            let (way, save) = save;
            save(&guest.path("src/lib.rs"), &greeting(&text(word)));
            window.title(&format!("running v{version} = saved source"));
            let last = &pictures[index];
            let picture = desktop.picture(&format!("v{version}"), |picture| in_panel(picture, last) > 0);
            // From the version's number to the end of its answer; the right half is the answer's.
            let result = result.get_or_insert_with(|| {
                let Region { x, y } = changed(last, &picture, &panels.center);
                assert!(x.len() > 100, "what v2 has changed is no line of text: {x:?}, {y:?}");
                Region { x: usize::midpoint(x.start, x.end)..panels.center.x.end, y }
            });
            for (earlier, before) in pictures.iter().enumerate() {
                let differ = picture.differences(before, result);
                assert!(
                    differ > 100,
                    "{differ} pixels differ in the results of v{version} ({way}) and v{}",
                    earlier + 1
                );
            }
            assert_eq!(pinned_result(&guest, version).as_ref(), Some(&shown(word)), "v{version} ({way})");
            assert_eq!(runner(&guest.root), process, "v{version} runs in another process");
            pictures.push(picture);
        }

        desktop.key("ctrl+q");
        let status = window.ended();
        assert!(status.success(), "{status}");
        until_no_runner(&guest.root);
    });
}

#[test]
fn without_a_screen_it_says_why_in_one_line() {
    let guest = Guest::new("noscreen", &greeting("one"));
    let words = guest.path("stderr");
    let mut command = command(&[guest.root.to_str().expect("a path in UTF-8")]);
    command.stderr(File::create(&words).expect("a file"));
    let mut watch = Cli::start(command);
    while !watch.line().expect("a line of the status").contains("running v1 = saved source") {}
    watch.say("quit");
    assert_eq!(watch.ended().code(), Some(0));
    let words = fs::read(&words).expect("a file");
    let words = text(&words);
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(
        words.starts_with("no window: ") && words.contains("DISPLAY") && words.contains("`exuvia watch`"),
        "{words}"
    );
}
