//! The real window, beyond the way of a change: the palette, themes, languages, sizes.

use exuvia_tests::desktop::picture::Picture;
use exuvia_tests::desktop::{Desktop, Window, on_a_desktop, on_a_desktop_of};
use exuvia_tests::guest::Guest;
use exuvia_tests::save;
use exuvia_tests::sources::greeting;

/// A window on a guest of which there are two versions; the second one runs.
fn two_versions(desktop: &Desktop, name: &str) -> (Guest, Window) {
    let guest = Guest::new(name, &greeting("Hello, {name}, from the first"));
    let mut window = desktop.open(&guest.root);
    window.title("running v1 = saved source");
    save::rename_over(&guest.path("src/lib.rs"), &greeting("Good day, {name}, from the second"));
    window.title("running v2 = saved source");
    (guest, window)
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
        let (_guest, mut window) = two_versions(desktop, "palette");
        palette(desktop, "roll back");
        window.title("running v1, source is at v2");
        // By its Chinese name as well as by its English one.
        palette(desktop, "roll forward");
        window.title("running v2 = saved source");
        let before = desktop.picture("no sheet", |_| true);
        desktop.key("F1");
        let sheet = desktop.picture("the sheet of keys", |picture| *picture != before);
        desktop.key("Escape");
        desktop.picture("the sheet is closed", |picture| *picture != sheet);
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
        desktop.key("ctrl+q");
        assert!(window.ended().success());

        desktop.settings("scale = 2.0\n");
        let mut window = desktop.open(&guest.root);
        window.title("running v1 = saved source");
        // Text is twice as large, so the narrow layout is what fits.
        let large = desktop.picture("scale 2", |picture| picture.panels().is_err());
        let drawn = |picture: &Picture| {
            let ground = picture.at(picture.width / 2, picture.height - 4);
            picture.count(&picture.all(), |pixel| pixel != ground)
        };
        assert!(drawn(&large) > drawn(&usual) / 4, "hardly anything is drawn at scale 2");
        desktop.key("ctrl+q");
        assert!(window.ended().success());
    });
}
