//! The real window, beyond the way of a change: the palette, themes, languages, sizes.

use std::fs;

use exuvia_tests::desktop::picture::{Panels, Picture, Region, is_greenish, is_reddish};
use exuvia_tests::desktop::{Desktop, Window, on_a_desktop, on_a_desktop_of};
use exuvia_tests::guest::Guest;
use exuvia_tests::sources::greeting;
use exuvia_tests::{save, until};

/// A window on a guest of which there are two versions; the second one runs. And where its panels lie: looked up
/// before there is a notice, above which the lines end that they are found by.
fn two_versions(desktop: &mut Desktop, name: &str) -> (Guest, Window, Panels) {
    let guest = Guest::new(name, &greeting("Hello, {name}, from the first"));
    let mut window = desktop.open(&guest.root);
    window.title("running v1 = saved source");
    let first = desktop.picture("v1 alone", |picture| picture.panels().is_ok());
    let panels = first.panels().expect("panels");
    save::rename_over(&guest.path("src/lib.rs"), &greeting("Good day, {name}, from the second"));
    window.title("running v2 = saved source");
    // A version is recorded, and has its row, a moment after it runs.
    desktop.picture("a row for v2", |picture| picture.differences(&first, &panels.left) > 1_000);
    (guest, window, panels)
}

/// Runs the action that the palette finds for these words.
fn palette(desktop: &mut Desktop, words: &str) {
    let before = desktop.picture("before the palette", |_| true);
    desktop.key("ctrl+k");
    let open = desktop.picture("the palette", |picture| *picture != before);
    desktop.type_text(words);
    desktop.picture("what the palette found", |picture| *picture != open);
    desktop.key("Return");
}

/// The share of bright pixels.
fn brightness(picture: &Picture) -> usize {
    let all = picture.all();
    100 * picture.count(&all, |[red, green, blue]| red > 200 && green > 200 && blue > 200)
        / (picture.width * picture.height)
}

#[test]
fn any_action_is_found_in_the_palette_and_the_pointer_is_not_needed() {
    on_a_desktop(|desktop| {
        let (_guest, mut window, panels) = two_versions(desktop, "palette");
        palette(desktop, "roll back");
        window.title("running v1, source is at v2");
        palette(desktop, "roll forward");
        window.title("running v2 = saved source");
        let before = desktop.picture("no sheet", |_| true);
        desktop.key("F1");
        // The call field in the middle neither says how long ago anything was, nor moves when a notice leaves.
        let field = Region { y: panels.center.y.start..panels.center.y.start + 60, ..panels.center };
        let covered = |picture: &Picture| picture.differences(&before, &field);
        desktop.picture("the sheet of keys", |picture| covered(picture) > 1_000);
        desktop.key("Escape");
        desktop.picture("the sheet is closed", |picture| covered(picture) == 0);
        // By keys alone: up and down walk through the list, Enter activates.
        desktop.key("Down");
        desktop.key("Return");
        window.title("running v1, source is at v2");
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}

#[test]
fn both_themes_and_both_languages_are_kept() {
    on_a_desktop(|desktop| {
        desktop.settings("theme = \"light\"\nlanguage = \"chinese\"\n");
        let guest = Guest::new("languages", &greeting("你好，{name}"));
        let mut window = desktop.open(&guest.root);
        window.title("运行中：v1 = 已保存的源码");
        let light = desktop.picture("light", |_| true);
        assert!(brightness(&light) > 50, "{} % of the light theme is bright", brightness(&light));
        palette(desktop, "theme");
        let dark = desktop.picture("dark", |picture| brightness(picture) < 10);
        palette(desktop, "english");
        window.title("running v1 = saved source");
        desktop.picture("English", |picture| *picture != dark);
        desktop.key("ctrl+q");
        assert!(window.ended().success());

        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        desktop.picture("dark again", |picture| brightness(picture) < 10);
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}

#[test]
fn it_fits_a_small_screen_and_a_scale_of_two() {
    on_a_desktop_of((1280, 720), |desktop| {
        let guest = Guest::new("small", &greeting("Hello, {name}"));
        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        let usual = desktop.picture("1280 x 720", |picture| picture.panels().is_ok());
        assert!(usual.stacked().is_err(), "the wide layout at 1280 x 720 has a gap across the window");
        desktop.key("ctrl+q");
        assert!(window.ended().success());

        desktop.settings("scale = 2.0\n");
        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        // Text is twice as large, so the narrow layout is what fits.
        let large = desktop.picture("scale 2", |picture| picture.stacked().is_ok());
        assert!(large.panels().is_err(), "both layouts are found at scale 2");
        for region in large.stacked().expect("two regions") {
            let ground = large.at(region.x.start + 1, region.y.end - 4);
            let drawn = large.count(&region, |pixel| pixel != ground);
            assert!(drawn > 1000, "{drawn} pixels are drawn in {region:?}");
            assert!(region.y.len() > 100, "{region:?} is no room for a panel");
        }
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}

#[test]
fn two_versions_are_compared_by_keys() {
    on_a_desktop(|desktop| {
        let (_guest, mut window, panels) = two_versions(desktop, "compare");
        let before = desktop.picture("nothing is compared", |_| true);
        let right = panels.right;
        // The first version has none before it to be compared with: back to the second one.
        desktop.key("Down");
        let first = desktop.picture("v1 is selected", |picture| *picture != before);
        desktop.key("Up");
        let second = desktop.picture("v2 is selected", |picture| *picture != first);
        desktop.key("d");
        // One line each way, with its ground from side to side.
        let line = 10 * right.x.len();
        let more = |picture: &Picture, pick: fn([u8; 3]) -> bool| {
            picture.count(&right, pick).saturating_sub(second.count(&right, pick))
        };
        let is_shown = |picture: &Picture| more(picture, is_greenish) > line && more(picture, is_reddish) > line;
        desktop.picture("what was added and removed", is_shown);
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}

/// The dark ground of an outcome that is good, or bad or worth a look.
fn chips(picture: &Picture, lane: usize) -> [usize; 2] {
    let width = picture.width / 4;
    // Outcomes stand below the steps.
    let region = Region { x: lane * width..(lane + 1) * width, y: picture.height / 2..picture.height };
    let is_dark = |pixel: [u8; 3]| pixel.iter().all(|channel| *channel < 80);
    [is_greenish, is_reddish].map(|tint| picture.count(&region, |pixel| is_dark(pixel) && tint(pixel)))
}

#[test]
fn the_experiment_comes_to_four_outcomes_and_the_window_lives_on() {
    on_a_desktop(|desktop| {
        let guest = Guest::new("lab", &greeting("Hello, {name}"));
        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        let workbench = desktop.picture("the workbench", |_| true);
        desktop.key("ctrl+e");
        let page = desktop.picture("the page", |picture| *picture != workbench);
        // Less than an outcome's ground, more than what a coloured text has at its edges.
        let has_chip = |picture: &Picture, lane| chips(picture, lane).into_iter().any(|count| count > 600);
        assert!((0..4).all(|lane| !has_chip(&page, lane)), "an outcome before the first run");
        desktop.key("F5");
        let done = desktop.later_picture("four outcomes", |picture| (0..4).all(|lane| has_chip(picture, lane)));
        let outcomes: Vec<_> = (0..4).map(|lane| chips(&done, lane)).collect();
        for tint in 0..2 {
            assert!(outcomes.iter().any(|counts| counts[tint] > 600), "all lanes end alike: {outcomes:?}");
        }
        guest.save(&greeting("Good day, {name}"));
        window.title("running v2 = saved source");
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}

#[test]
fn a_screenshot_is_put_among_the_users_pictures() {
    on_a_desktop(|desktop| {
        let guest = Guest::new("screenshot", &greeting("Hello, {name}"));
        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        let seen = desktop.picture("what is taken", |picture| picture.panels().is_ok());
        desktop.key("F12");
        // A file that is still being written cannot be read as a picture.
        let (name, taken) = until("the screenshot", || {
            let path = fs::read_dir(desktop.pictures()).expect("a folder").next()?.expect("an entry").path();
            let taken = exuvia_raster::Picture::from_png(&fs::read(&path).ok()?).ok()?;
            Some((path, taken))
        });
        assert_eq!(name.extension().and_then(|ending| ending.to_str()), Some("png"), "{}", name.display());
        assert_eq!((taken.width as usize, taken.height as usize), (seen.width, seen.height));
        let pixels = taken.rgba.as_chunks::<4>().0;
        let same = (0..pixels.len()).filter(|at| pixels[*at][..3] == seen.at(at % seen.width, at / seen.width));
        let percent = 100 * same.count() / pixels.len();
        assert!(percent > 90, "{percent} % of the screenshot is what could be seen");
        assert!(pixels.iter().any(|pixel| *pixel != pixels[0]), "the screenshot is of one colour");
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}

#[test]
fn a_double_click_on_a_version_rolls_back_to_it() {
    on_a_desktop(|desktop| {
        let (_guest, mut window, panels) = two_versions(desktop, "doubleclick");
        let row = |picture: &Picture| {
            let left = &panels.left;
            let ground = picture.at(left.x.start + 1, left.y.end - 4);
            let middle = left.center().0;
            // The oldest version's row is the lowest. Its text stands at both sides, so that the middle is free.
            let is_drawn = |y: &usize| (left.x.start + 8..left.x.end - 8).any(|x| picture.at(x, *y) != ground);
            let end = left.y.clone().rev().find(is_drawn).expect("something is drawn in the panel");
            Region { x: middle..middle + 1, y: end - 30..end - 10 }
        };
        // While there is a notice, the panel ends above it.
        let (x, y) = (panels.left.x.start + 1, &panels.left.y);
        let is_whole = |picture: &Picture| picture.at(x, y.end - 4) == picture.at(x, y.start + 40);
        let before = desktop.picture("no notice", is_whole);
        desktop.double_click(&row(&before));
        window.title("running v1, source is at v2");
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}
