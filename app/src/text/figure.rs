//! Screenshots and figure mode.

super::texts! {
    screenshot = "Screenshot of the window", "窗口截图";
    screenshot_of(panel: &str) = "Screenshot of {panel}", "“{panel}”截图";
    screenshot_hint = "A PNG file in your pictures folder, and a copy on the clipboard", "PNG 文件存入图片文件夹，并复制到剪贴板";
    screenshot_saved(path: &str) = "the screenshot is in {path}, and on the clipboard", "截图已存为 {path}，并复制到剪贴板";
    screenshot_not_drawn(panel: &str) = "{panel} is not drawn, so there is no screenshot of it; make room for it and try again", "“{panel}”未显示，无法截图；请腾出空间后重试";
    figure_mode = "Figure mode", "插图模式";
    figure_mode_hint = "For a picture or a projector: larger type, light, no machine paths, fixed times, a caption; once more: back to how it was", "用于插图或投影：大字号、浅色、无本机路径、固定时间、带说明行；再按一次恢复原样";
    the_screenshot = "the screenshot", "截图";
}
