//! Tests of the loop: inputs in, output and commands out, no session.

use std::cell::RefCell;

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{Marks, Standing};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Stream;
use serde_json::Value;

use super::*;
use crate::model::samples::{activated, opened, returned, slow_replay, status, version};

const WORDS: Format = Format::Words { colors: false };

/// Feeds the inputs in; gives the output, the commands and the exit.
fn follow(format: Format, inputs: Vec<Input>) -> (String, Vec<Command>, Exit) {
    let (send, receive) = mpsc::channel();
    inputs.into_iter().for_each(|input| send.send(input).unwrap());
    drop(send);
    let mut written = Vec::new();
    let commands = RefCell::new(Vec::new());
    let exit =
        Watch::new(Printer::new(&mut written, format), |command| commands.borrow_mut().push(command)).follow(&receive);
    (String::from_utf8(written).unwrap(), commands.into_inner(), exit.unwrap())
}

fn line(text: &str) -> Input {
    Input::Line(text.to_owned())
}

fn objects(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn told(event: Event) -> Input {
    Input::Event(Box::new(event))
}

fn ended() -> Input {
    told(Event::Ended)
}

#[test]
fn lines_are_asked_and_calls_are_counted() {
    let inputs = vec![line("call a()"), line(""), line("rollback 2"), line("call b()"), Input::AskedToEnd, ended()];
    let (output, commands, exit) = follow(WORDS, inputs);
    assert_eq!(output, "ended\n");
    assert_eq!(
        commands,
        [
            Command::Call { id: 1, text: "a()".to_owned() },
            Command::Activate { version: VersionNumber(2) },
            Command::Call { id: 2, text: "b()".to_owned() },
            Command::Quit,
        ]
    );
    assert_eq!(exit, Exit::Done);
}

#[test]
fn what_is_no_command_is_said_in_the_form_that_was_asked_for() {
    let (words, commands, _) = follow(WORDS, vec![line("foo"), ended()]);
    assert_eq!(
        (words.as_str(), commands.as_slice()),
        ("not done  `foo` is no command; `help` prints them all\nended\n", &[][..])
    );
    let (json, _, _) = follow(Format::Json, vec![line("foo"), line("help"), ended()]);
    let [refused, help, end] = &objects(&json)[..] else { panic!("{json}") };
    assert_eq!(
        (&refused["event"], &help["event"], &end["event"]),
        (&"command_refused".into(), &"notice".into(), &"ended".into())
    );
    assert!(refused["message"].as_str().unwrap().contains("`foo`"));
}

#[test]
fn list_and_status_answer_from_what_was_told() {
    let events = [opened(vec![version(1, 9), version(2, 5)], vec![], &[]), activated(2), status(Phase::Idle, Some(2))];
    let inputs = || {
        let all = events.iter().cloned().map(told);
        [line("status")].into_iter().chain(all).chain([line("list"), line("status"), ended()]).collect()
    };
    let json = objects(&follow(Format::Json, inputs()).0);
    assert_eq!((&json[0]["event"], &json[0]["phase"]), (&"status".into(), &"opening".into()));
    let list = &json[4];
    assert_eq!((&list["event"], &list["active"]), (&"list".into(), &2.into()));
    assert_eq!(list["versions"][1]["record"]["number"], 2);
    assert_eq!(json[5], json[3]);
    assert_eq!((&json[5]["version"], &json[5]["running"]["version"]), (&Value::Null, &2.into()));

    let words = follow(WORDS, inputs()).0;
    assert!(words.contains("\n> v2 "), "{words}");
    assert_eq!(words.matches("status    running v2 = saved source").count(), 2, "{words}");
    assert!(words.starts_with("status    opening\nopened "), "{words}");
    let empty = follow(WORDS, vec![line("list"), ended()]).0;
    assert!(empty.starts_with("no versions yet"), "{empty}");
}

#[test]
fn people_hear_of_marks_only_when_they_switched_them() {
    let marked = |keep, standing| {
        told(Event::Marked { version: VersionNumber(1), marks: Marks { keep, standing, ..Marks::default() } })
    };
    let inputs = || {
        let open = told(opened(vec![version(1, 9)], vec![], &[]));
        vec![
            open,
            marked(false, Standing::Probation),
            marked(true, Standing::Good),
            marked(true, Standing::Good),
            ended(),
        ]
    };
    assert_eq!(follow(WORDS, inputs()).0, "opened    greetings: 1 kept version\nkept      v1 is never pruned\nended\n");
    assert_eq!(follow(Format::Json, inputs()).0.matches("\"marked\"").count(), 3);
}

#[test]
fn advice_is_given_once_in_a_session_and_to_people() {
    let slow = |number| Event::Recorded { row: Box::new(slow_replay(number, [1_500, 80, 300, 120])) };
    let inputs = || (1..=5).map(|number| told(slow(number))).chain([ended()]).collect();
    let words = follow(WORDS, inputs()).0;
    let given: Vec<usize> = words
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("advice    Replays take 2.00 s"))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(given, [3], "after the third: {words}");
    assert!(!follow(Format::Json, inputs()).0.contains("advice"));
}

#[test]
fn output_is_joined_for_people_and_left_alone_for_programs() {
    let said =
        |text: &str| told(Event::Output { version: VersionNumber(1), stream: Stream::Stdout, text: text.to_owned() });
    let answer = told(Event::Answered {
        id: 1,
        call: "greet()".to_owned(),
        version: Some(VersionNumber(1)),
        answer: Answer::Returned { value: Value::Null },
        micros: 5,
    });
    let inputs = || vec![said("Hello, "), said("World\nname? "), ended()];
    assert_eq!(follow(WORDS, inputs()).0, "v1 | Hello, World\nv1 | name? \nended\n");
    let json = objects(&follow(Format::Json, inputs()).0);
    assert_eq!((&json[0]["text"], &json[1]["text"]), (&"Hello, ".into(), &"World\nname? ".into()));
    let words = follow(WORDS, vec![answer, ended()]).0;
    assert_eq!(words, "answer    v1 greet() = null (5 µs)\nended\n");
}

#[test]
fn a_path_that_is_no_guest_has_its_exit_code() {
    let failed = || told(Event::OpenFailed { message: "no crate".to_owned() });
    let (words, _, exit) = follow(WORDS, vec![failed()]);
    assert_eq!((words.as_str(), exit), ("", Exit::NotOpened));
    let (json, _, exit) = follow(Format::Json, vec![failed(), Input::SessionGone]);
    assert_eq!((objects(&json)[0]["event"].as_str(), exit), (Some("open_failed"), Exit::NotOpened));
}

#[test]
fn a_session_that_is_gone_without_a_word_is_an_error() {
    let event = told(Event::PinnedResult { version: VersionNumber(1), call: "a()".to_owned(), answer: returned("hi") });
    assert_eq!(follow(WORDS, vec![event, Input::SessionGone]).2, Exit::Workbench);
}

#[test]
fn a_closed_output_ends_it() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (send, receive) = mpsc::channel();
    send.send(told(Event::Ended)).unwrap();
    let result = Watch::new(Printer::new(Closed, Format::Json), |_| {}).follow(&receive);
    assert_eq!(exit_of_write(result), Exit::Done);
}
