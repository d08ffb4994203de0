//! Development only.
use std::sync::mpsc::channel;
use std::time::Duration;
use exuvia::window::{Connection, run};
use exuvia_runtime::session::*;
use exuvia_runtime::session::status::*;
use exuvia_runtime::history::record::*;
use exuvia_runtime::ids::*;
use exuvia_runtime::call::Answer;
use exuvia_runtime::swap::verdict::*;
use exuvia_runtime::load::*;
use exuvia_runtime::build::diagnostic::*;
use exuvia_runtime::build::Selection;

fn version(n: u32, secs: u64, kind: VerdictKind) -> VersionRow {
    let d = Durations { watch: Some(1200), lock: None, build: Some(640_000+u64::from(n)*31_000), stage: Some(2100), verify: Some(3000), swap: Some(400), probation: Some(90) };
    let ty = |n: &str| TypeRecord { name: n.into(), size: 8, align: 8 };
    let ex = |name: &str, docs: &str, sig: &str, ps: &[(&str,&str)], st| ExportRecord { name: name.into(), docs: docs.into(), signature: sig.into(), parameters: ps.iter().map(|(n,t)| ParameterRecord{name:(*n).into(),ty:ty(t)}).collect(), returns: ty("String"), state: st };
    VersionRow { record: VersionRecord {
        number: VersionNumber(n), generation: Generation(n.into()), built_at: Timestamp(Timestamp::now().0 - secs*1000),
        cause: if n==1 {Cause::Start} else {Cause::Saved { paths: if n % 3 == 0 { vec!["reloadable/greetings/src/lib.rs".into(), "reloadable/greetings/src/a_rather_long_module_name.rs".into(), "reloadable/greetings/src/words.rs".into()] } else { vec!["reloadable/greetings/src/lib.rs".into()] } }},
        sources: SourceHashes::default(), artifact: ArtifactRecord { file: "x".into(), bytes: 1, hash: ContentHash("00".into()) }, selection: Selection::default(), durations: d,
        warnings: if n==3 { vec![Diagnostic{level:Level::Warning,message:"unused variable: `x`".into(),code:None,place:None,rendered:String::new()}] } else { vec![] }, stamp: StampRecord::default(),
        exports: vec![
          ex("greet","Greets somebody by name, and prints the greeting as well.","fn greet(name: &str) -> String",&[("name","&str")],StateAccess::None),
          ex("count","How many people were greeted.","fn count(&self) -> u64",&[],StateAccess::Reads),
          ex("insert_everything","", "fn insert_everything(&mut self, names: Vec<String>, overwrite: bool, at: usize) -> Result<usize, InsertError>",&[("a","alloc::vec::Vec<alloc::string::String>"),("b","bool"),("c","usize")],StateAccess::Changes)],
        state_type: None, verdict: Verdict::new(kind, "the state went on as it was") },
        marks: Marks { keep:false, standing: if n==4 {Standing::Faulted{fault:"SIGSEGV during greet".into()}} else {Standing::Good}, last_verdict: None, pinned_results: vec![PinnedResult{call:"greet(\"World\")".into(),answer:Answer::Returned{value:format!("Hello, World from the plugin v{n}!").into()}}] } }
}
const ERR: &str = "\u{1b}[1m\u{1b}[38;5;9merror[E0308]\u{1b}[0m\u{1b}[1m: mismatched types\u{1b}[0m\n \u{1b}[1m\u{1b}[38;5;12m--> \u{1b}[0mreloadable/greetings/src/lib.rs:9:5\n  \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m\n\u{1b}[1m\u{1b}[38;5;12m8\u{1b}[0m \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m pub fn greet(name: &str) -> String {\n  \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m                             \u{1b}[1m\u{1b}[38;5;12m------\u{1b}[0m \u{1b}[1m\u{1b}[38;5;12mexpected `String` because of return type\u{1b}[0m\n\u{1b}[1m\u{1b}[38;5;12m9\u{1b}[0m \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m     \"你好，世界\"\n  \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m     \u{1b}[1m\u{1b}[38;5;9m^^^^^^^^^^^^\u{1b}[0m \u{1b}[1m\u{1b}[38;5;9mexpected `String`, found `&str`\u{1b}[0m\n  \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m\n\u{1b}[1m\u{1b}[38;5;14mhelp\u{1b}[0m: try using a conversion method\n  \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m\n\u{1b}[1m\u{1b}[38;5;12m9\u{1b}[0m \u{1b}[1m\u{1b}[38;5;12m| \u{1b}[0m    \"你好，世界\"\u{1b}[38;5;10m.to_string()\u{1b}[0m\n  \u{1b}[1m\u{1b}[38;5;12m|\u{1b}[0m                 \u{1b}[38;5;10m++++++++++++\u{1b}[0m\n\n";
fn status(phase: Phase, running: Option<u32>, source: SourceState) -> Event { let s = Status { phase, running: running.map(|n| Running{version:VersionNumber(n), source}) }; let text = s.text(); Event::Status{status:s,text} }
fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let result = run(move |wake| {
        let (tx, rx) = channel();
        let commands = tx.clone(); let w2 = wake.clone();
        std::thread::spawn(move || {
            let send = |e| { let _ = tx.send(e); wake(); };
            if mode == "fail" { send(Event::OpenFailed{message:"/tmp is no guest: it has no Cargo.toml.\nName the folder of a crate, as in: exuvia path/to/crate".into()}); send(Event::Ended); return; }
            if mode == "empty" { return; }
            let g = GuestInfo { name:"greetings".into(), manifest:"/work/main/reloadable/greetings/Cargo.toml".into(), workspace_root:"/work/main".into(), history:"/work/main/target/exuvia/greetings".into(), selection: Selection::default() };
            let err = |g, secs: u64| FailedRecord{generation:Generation(g), at:Timestamp(Timestamp::now().0-secs*1000), cause:Cause::Saved{paths:vec!["src/lib.rs".into()]}, failure:Failure::Build{message:"could not compile `greetings` (lib) due to 1 previous error".into(),diagnostics:vec![Diagnostic{level:Level::Error,message:"mismatched types".into(),code:Some("E0308".into()),place:None,rendered:ERR.into()},Diagnostic{level:Level::Warning,message:"unused".into(),code:None,place:None,rendered:"\u{1b}[1m\u{1b}[33mwarning\u{1b}[0m\u{1b}[1m: unused variable: `x`\u{1b}[0m\n --> src/lib.rs:3:9\n".into()}],stderr:String::new()}, durations:Durations::default()};
            let kinds=[VerdictKind::Hot,VerdictKind::Migrated,VerdictKind::Reset,VerdictKind::Hot,VerdictKind::Restarted,VerdictKind::Hot];
            let n = if mode=="many" {60} else {6};
            let vs:Vec<_> = (1..=n).map(|i| version(i, u64::from(n-i)*150+5, kinds[(i as usize -1)%6])).collect();
            send(Event::Opened{guest:g,versions:vs,failures:vec![err(3,500),err(5,200)],pins:vec!["greet(\"World\")".into(),"count()".into(), "insert_everything([\"a very long argument\"], true, 12345)".into()]});
            send(Event::Watching{mode:WatchMode::Native,files:14});
            send(Event::Activated{version:VersionNumber(5),from:Some(VersionNumber(6)),verdict:Verdict::new(VerdictKind::Hot,"no state to carry"),durations:Durations{swap:Some(400),..Default::default()}});
            send(Event::PinnedResult{version:VersionNumber(5),call:"greet(\"World\")".into(),answer:Answer::Returned{value:"Hello, World from the plugin v5! 你好".into()}});
            send(Event::PinnedResult{version:VersionNumber(5),call:"insert_everything([\"a very long argument\"], true, 12345)".into(),answer:Answer::Panicked{message:"index out of bounds: the len is 0 but the index is 12345".into(),file:"src/lib.rs".into(),line:12}});
            for (i,(c,a)) in [("greet(\"Ann\")",Answer::Returned{value:"Hello, Ann from the plugin!".into()}),("count()",Answer::Returned{value:42.into()}),("greet(5)",Answer::Refused{message:"argument `name` of greet takes &str; 5 is a number".into()}),("explode()",Answer::Panicked{message:"boom".into(),file:"src/lib.rs".into(),line:7}),("read()",Answer::ReturnedErr{value:"no such file".into()})].into_iter().enumerate() {
                send(Event::Answered{id:100+i as u64,call:c.into(),version:Some(VersionNumber(5)),answer:a,micros:85*(i as u64*20+1)}); }
            for i in 0..40 { send(Event::Output{version:VersionNumber(5),stream:if i%4==3 {Stream::Stderr} else {Stream::Stdout},text:format!("line {i}: Hello, World from the plugin! 汉字 🦀\n")}); }
            if mode=="err" { send(Event::Failed{record:err(7,0)}); send(status(Phase::BuildFailed,Some(5),SourceState::Same)); }
            else if mode=="build" { send(Event::BuildStarted{generation:Generation(8),cause:Cause::Saved{paths:vec!["a/src/lib.rs".into()]}}); send(Event::BuildProgress{generation:Generation(8),text:"Compiling serde v1.0.229".into()}); send(status(Phase::Building{generation:Generation(8)},Some(5),SourceState::Same)); }
            else if mode=="good" { send(status(Phase::Idle,Some(5),SourceState::Same)); }
            else { send(status(Phase::Idle,Some(5),SourceState::At{at:VersionNumber(6)})); }
            std::thread::sleep(Duration::from_secs(3600));
        });
        let send = Box::new(move |c: Command| { eprintln!("command: {c:?}");
            if let Command::Call{id,text}=c { let _=commands.send(Event::Answered{id,call:text.clone(),version:Some(VersionNumber(5)),answer:Answer::Returned{value:format!("you called {text}").into()},micros:123}); w2(); }
            else if let Command::Activate{version}=c { let _=commands.send(Event::Activated{version,from:None,verdict:Verdict::new(VerdictKind::Hot,"x"),durations:Durations::default()}); let _=commands.send(status(Phase::Idle,Some(version.0),SourceState::At{at:VersionNumber(6)})); w2(); } });
        Connection { events: rx, send }
    });
    eprintln!("ended: {result:?}");
    if let Err(e) = result { eprintln!("{e}"); }
}
