//! The welcome page, the dialogs that open a guest and make one, and the guest's menu.

super::texts! {
    welcome_title = "Change Rust code while it runs", "在运行中更改 Rust 代码";
    welcome_sub = "Exuvia watches a crate of crate-type cdylib (a guest), rebuilds it when you save, and switches to the new version without losing its state.", "Exuvia 监视一个 crate-type 为 cdylib 的 crate（客体），保存时重新构建，并在不丢失状态的情况下切换到新版本。";
    welcome_failed = "The guest could not be opened", "无法打开客体";
    welcome_mild = "There is no guest in this folder. Choose one, or begin with the sample.", "此文件夹中没有客体。请选择一个，或从示例开始。";
    back_to_welcome = "Back to the welcome page", "返回欢迎页";
    back_hint = "Leave this page (Esc)", "离开此页（Esc）";
    welcome_back = "Back to the workbench", "返回工作台";
    welcome_begin = "Begin", "开始";
    welcome_open = "Open a guest…", "打开客体…";
    welcome_open_sub = "A crate that you have: its folder or its Cargo.toml", "已有的 crate：其文件夹或 Cargo.toml";
    welcome_new = "New guest…", "新建客体…";
    welcome_new_sub = "A small commented crate that builds at once", "一个带注释、可立即构建的小 crate";
    welcome_sample = "Try the sample", "试用示例";
    welcome_sample_sub = "Opens a greeting to play with", "打开一个用于体验的问候程序";
    welcome_sample_busy = "Getting the sample…", "正在准备示例…";
    welcome_drop = "or drop a crate's folder, or its Cargo.toml, onto this window", "也可以将 crate 的文件夹或 Cargo.toml 拖放到此窗口";
    welcome_recent = "Recent guests", "最近的客体";
    welcome_no_recent = "Guests that you open appear here.", "打开过的客体会显示在这里。";
    welcome_forget(name: &str) = "Remove {name} from this list", "从列表中移除 {name}";
    welcome_open_recent(name: &str, path: &str) = "Open {name}, {path}", "打开 {name}，{path}";
    welcome_steps = "What will happen", "接下来会发生什么";
    welcome_step_one = "The guest is built and loaded", "构建并加载客体";
    welcome_step_one_sub = "By cargo, into a folder of its own; your files are only read. Its functions appear under Calls.", "由 cargo 构建到单独的文件夹，只读取你的文件。其函数显示在“调用”中。";
    welcome_step_two = "You change the code and save", "更改代码并保存";
    welcome_step_two_sub = "In the editor you always use. The new version is running a moment later, and the state goes on: field by field, as far as it fits.", "用你惯用的编辑器。片刻之后新版本就开始运行，状态逐个字段地延续，能保留的都保留。";
    welcome_step_three = "Every version stays", "每个版本都保留";
    welcome_step_three_sub = "Go back with one click, compare, call. A build error or a crash never takes away what was running. Opened again, the guest goes on with its last state.", "一键回退、比较、调用。构建错误或崩溃绝不会影响正在运行的版本。再次打开时，客体从上次的状态继续。";
    drop_here = "Drop it to open it", "松开即可打开";

    try_sample = "Try the sample", "试用示例程序";
    try_sample_hint = "Open the guest that this workspace names, or else a small one of your own", "打开此工作区指定的客体，否则打开一个属于你的小客体";
    sample_lies(path: &str) = "This is the sample. It is yours to change: {path}", "这是示例，可随意更改：{path}";
    new_lies(path: &str) = "This is your new guest. Change its code and save it: {path}", "这是你的新客体，更改代码并保存即可：{path}";
    open_lib = "Open src/lib.rs", "打开 src/lib.rs";
    dismiss = "Hide this line", "隐藏此行";
    dismiss_hint = "Do not show this line any more", "不再显示此行";
    forget_recent = "Remove from the recent guests", "从最近的客体中移除";
    forget_recent_hint = "Take it off the list; its files stay", "仅从列表移除；文件保留";
    edit_file(file: &str) = "Open {file} in the editor", "在编辑器中打开 {file}";
    edit_file_hint = "Open this file in your editor", "在你的编辑器中打开此文件";
    edit_manifest = "Open Cargo.toml in the editor", "在编辑器中打开 Cargo.toml";
    edit_manifest_hint = "Open the guest's manifest in your editor", "在你的编辑器中打开客体的清单文件";
    copy_guest_path = "Copy the guest's path", "复制客体的路径";
    copy_guest_path_hint = "Put the path of the guest's folder into the clipboard", "将客体文件夹的路径复制到剪贴板";
    create_guest = "Create and open", "创建并打开";
    create_guest_hint = "Write the crate and open it", "写入 crate 并打开";
    guest_menu_hint = "Recent guests, open, new", "最近的客体、打开、新建";
    guest_menu_other = "Open again", "再次打开";

    open_path_label = "Folder or Cargo.toml", "文件夹或 Cargo.toml";
    open_path_hint = "The path of a crate's folder", "crate 文件夹的路径";
    open_button = "Open", "打开";
    open_recent = "Recent", "最近";
    open_found = "Guests below this folder", "此文件夹下的客体";
    open_folders = "Folders", "文件夹";
    open_looking = "Looking for guests…", "正在查找客体…";
    open_none = "No crate of crate-type cdylib lies in this folder or three levels below. Another path can be opened all the same.", "此文件夹及其下三层中没有 crate-type 为 cdylib 的 crate。仍可打开其他路径。";
    open_not_all = "There are too many folders to look through all of them.", "文件夹太多，未能全部查找。";
    open_row_folder(path: &str) = "Go into {path}", "进入 {path}";
    open_keys = "↑ ↓ to select, Tab completes, Enter opens, Esc closes", "↑ ↓ 选择，Tab 补全，回车打开，Esc 关闭";

    new_folder = "Folder", "文件夹";
    new_folder_hint = "One that does not exist yet, or is empty", "尚不存在或为空的文件夹";
    new_name = "Name", "名称";
    new_name_hint = "Letters from a to z, digits, - and _", "字母 a 到 z、数字、- 和 _";
    new_name_wrong(name: &str, why: &str) = "“{name}” cannot be the name of a crate: {why}", "“{name}”不能作为 crate 的名称：{why}";
    new_name_none = "Enter a name: the folder's own makes none", "请输入名称：无法由文件夹名得出";
    new_will(path: &str) = "Writes Cargo.toml, src/lib.rs and the SDK's sources into {path}", "将 Cargo.toml、src/lib.rs 和 SDK 源码写入 {path}";
    new_will_split(path: &str) = "Writes two crates into {path}: the hot one, and the library in core/; and the SDK's sources", "在 {path} 中写入两个 crate：热 crate 和 core/ 中的库；以及 SDK 源码";
    new_split = "Split: a library and a small hot crate", "拆分：一个库和一个小的热 crate";
    new_split_hint = "For much code: a save then costs what the small crate costs, however large the library is. All dependencies are linked once and stay loaded, so their statics outlive a reload", "适合大量代码：保存的代价只取决于小 crate，与库的大小无关。全部依赖只链接一次并常驻内存，因此其静态变量不随重载重置";
    new_writing = "Writing…", "正在写入…";
    ready_not_opened(path: &str) = "The guest in {path} is ready; it was not opened, because nobody waited for it any more", "{path} 中的客体已就绪；由于已不再等待，未打开它";
    new_keys = "Tab completes the folder, Enter creates, Esc closes", "Tab 补全文件夹，回车创建，Esc 关闭";
}
