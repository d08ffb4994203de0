//! Answers that are cut, so that nobody has to lay out a megabyte. Pure functions.

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::Marks;
use exuvia_runtime::session::Event;
use serde_json::Value;

/// About as many characters of an answer are kept.
pub(super) const MAX_CHARACTERS: usize = 4_000;

/// Cuts all answers that an event brings.
pub(super) fn shorten(event: &mut Event) {
    match event {
        Event::Opened { versions, .. } => versions.iter_mut().for_each(|row| shorten_pinned(&mut row.marks)),
        Event::Recorded { row } => shorten_pinned(&mut row.marks),
        Event::Marked { marks, .. } => shorten_pinned(marks),
        Event::PinnedResult { answer, .. } | Event::Answered { answer, .. } => shorten_answer(answer),
        _ => {}
    }
}

fn shorten_pinned(marks: &mut Marks) {
    marks.pinned_results.iter_mut().for_each(|result| shorten_answer(&mut result.answer));
}

fn shorten_answer(answer: &mut Answer) {
    let mut room = MAX_CHARACTERS;
    match answer {
        Answer::Returned { value } | Answer::ReturnedErr { value } => cut_value(value, &mut room),
        Answer::Panicked { message: text, .. }
        | Answer::Refused { message: text }
        | Answer::Faulted { fault: text } => {
            cut(text, &mut room);
        }
    }
}

/// Cuts a value in reading order; lists and maps end with how much of them is missing.
fn cut_value(value: &mut Value, room: &mut usize) {
    match value {
        Value::String(text) => cut(text, room),
        Value::Array(items) => {
            let mut kept = 0;
            while kept < items.len() && *room > 0 {
                // A comma.
                *room -= 1;
                cut_value(&mut items[kept], room);
                kept += 1;
            }
            let more = items.len() - kept;
            if more > 0 {
                items.truncate(kept);
                items.push(Value::String(format!("… ({more} more)")));
            }
        }
        Value::Object(entries) => {
            let mut all = std::mem::take(entries).into_iter();
            while *room > 0 {
                let Some((mut key, mut value)) = all.next() else { return };
                *room -= 1;
                cut(&mut key, room);
                cut_value(&mut value, room);
                entries.insert(key, value);
            }
            if all.len() > 0 {
                entries.insert("…".to_owned(), Value::String(format!("({} more)", all.len())));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => *room = room.saturating_sub(value.to_string().len()),
    }
}

fn cut(text: &mut String, room: &mut usize) {
    let Some((end, _)) = text.char_indices().nth(*room) else {
        *room -= text.chars().count();
        return;
    };
    let more = text[end..].chars().count();
    text.truncate(end);
    text.push_str(&format!("… ({more} more characters)"));
    *room = 0;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_cut_where_they_are_long() {
        let returned = |value| Answer::Returned { value };
        let x = |count| "x".repeat(count);
        let words = |count| format!("{}… ({} more characters)", x(MAX_CHARACTERS), count - MAX_CHARACTERS);
        for (answer, expected) in [
            (returned(json!(x(MAX_CHARACTERS))), returned(json!(x(MAX_CHARACTERS)))),
            (returned(json!(x(100_000))), returned(json!(words(100_000)))),
            (
                returned(json!("汉".repeat(4_001))),
                returned(json!(format!("{}… (1 more characters)", "汉".repeat(4_000)))),
            ),
            (Answer::ReturnedErr { value: json!(x(5_000)) }, Answer::ReturnedErr { value: json!(words(5_000)) }),
            (Answer::Refused { message: x(5_000) }, Answer::Refused { message: words(5_000) }),
            (Answer::Faulted { fault: x(5_000) }, Answer::Faulted { fault: words(5_000) }),
            (
                Answer::Panicked { message: x(5_000), file: "lib.rs".to_owned(), line: 3 },
                Answer::Panicked { message: words(5_000), file: "lib.rs".to_owned(), line: 3 },
            ),
            (returned(json!([1, {"a": null, "b": [true, 2.5]}])), returned(json!([1, {"a": null, "b": [true, 2.5]}]))),
            (returned(json!([x(3_998), 1, 2, 3])), returned(json!([x(3_998), 1, "… (2 more)"]))),
            (
                returned(json!({"a": x(3_995), "b": 1, "c": 2, "d": 3})),
                returned(json!({"a": x(3_995), "b": 1, "…": "(2 more)"})),
            ),
        ] {
            let mut short = answer;
            shorten_answer(&mut short);
            assert_eq!(short, expected);
        }
    }

    #[test]
    fn no_shape_of_a_value_stays_long() {
        let key = |index: i32| (format!("key {index}"), json!([index]));
        for value in [
            json!(vec![7; 100_000]),
            json!(vec![Vec::<u8>::new(); 100_000]),
            json!(vec![vec!["x".repeat(100); 100]; 100]),
            Value::Object((0..20_000).map(key).collect()),
            json!({ "x".repeat(100_000): 1, "y": "x".repeat(100_000) }),
        ] {
            let mut answer = Answer::Returned { value };
            shorten_answer(&mut answer);
            let length = answer.to_string().chars().count();
            assert!((MAX_CHARACTERS / 2..4 * MAX_CHARACTERS).contains(&length), "{length}");
        }
    }
}
