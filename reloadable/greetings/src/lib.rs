//! The article's plugin: save another text here and the running program says it.

/// Greets `name`, on standard output and to the caller.
#[exuvia_guest::export]
pub fn greet(name: &str) -> String {
    let text = format!("Hello, {name} from the plugin!");
    println!("{text}");
    text
}
