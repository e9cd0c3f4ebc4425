//! Writes include/zmq.h to standard output: `zmq.h.in`, with the macros, structures and functions of
//! the sources filled in. An example, so that nothing but this needs cbindgen.

use cbindgen::{Builder, Config, DocumentationLength, DocumentationStyle, Language, Style};
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What every program sees, section by section.
const STABLE: [&str; 10] = [
    "constants/stable.rs",
    "utilities.rs",
    "context.rs",
    "socket.rs",
    "send_recv.rs",
    "message.rs",
    "poll.rs",
    "proxy.rs",
    "curve.rs",
    "timers.rs",
];

/// What programs that define ZMQ_BUILD_DRAFT_API see.
const DRAFT: [&str; 4] = ["constants/draft.rs", "draft.rs", "poller.rs", "statistics.rs"];

/// Types by their names in Rust and in C. The first three are pointers in Rust and functions in C; the
/// parameter of `zmq_timers_add` has the bare function type, as in libzmq's own header.
const TYPES: [(&str, &str); 5] = [
    ("zmq_free_fn", "zmq_free_fn *"),
    ("zmq_thread_fn", "zmq_thread_fn *"),
    ("zmq_timer_fn", "zmq_timer_fn"),
    ("Message", "zmq_msg_t"),
    ("iovec", "struct iovec"),
];

/// System error numbers that a platform may lack: the first gets ZMQ_HAUSNUMERO + 1 then, and so on.
const SYSTEM_ERRORS: [&str; 18] = [
    "ENOTSUP",
    "EPROTONOSUPPORT",
    "ENOBUFS",
    "ENETDOWN",
    "EADDRINUSE",
    "EADDRNOTAVAIL",
    "ECONNREFUSED",
    "EINPROGRESS",
    "ENOTSOCK",
    "EMSGSIZE",
    "EAFNOSUPPORT",
    "ENETUNREACH",
    "ECONNABORTED",
    "ECONNRESET",
    "ENOTCONN",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETRESET",
];

fn main() -> Result<(), Box<dyn Error>> {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = std::fs::read_to_string(crate_dir.join("zmq.h.in"))?;
    let sources = |names: &[&str]| names.iter().map(|name| crate_dir.join("src").join(name)).collect();
    let header = template
        .replace("@errors@", system_errors().trim())
        .replace("@stable@", &declarations(sources(&STABLE))?)
        .replace("@draft@", &declarations(sources(&DRAFT))?);
    print!("{header}");
    Ok(())
}

/// What cbindgen makes of some source files.
fn declarations(sources: Vec<PathBuf>) -> Result<String, Box<dyn Error>> {
    let mut builder = Builder::new().with_config(config());
    for source in sources {
        builder = builder.with_src(source);
    }
    let mut text = Vec::new();
    builder.generate()?.write(&mut text);
    // Members' comments on one line as well.
    let text = String::from_utf8(text)?.replace("  /*\n   ", "  /* ").replace("\n   */", " */");
    Ok(tidy(&text.replace("_fn * ", "_fn *")))
}

fn config() -> Config {
    let mut config = Config {
        language: Language::C,
        style: Style::Both,
        no_includes: true,
        usize_is_size_t: true,
        line_length: 115,
        documentation_style: DocumentationStyle::C,
        documentation_length: DocumentationLength::Full,
        ..Config::default()
    };
    config.function.prefix = Some("ZMQ_EXPORT".into());
    // The types that `zmq.h.in` defines.
    config.export.exclude =
        ["zmq_free_fn", "zmq_thread_fn", "zmq_timer_fn", "zmq_fd_t"].map(String::from).into();
    config.export.rename = TYPES.map(|(rust, c)| (rust.into(), c.into())).into();
    config
}

/// Comments on one line where they fit, and macros in blocks.
fn tidy(text: &str) -> String {
    let mut tidied = String::new();
    let mut in_macros = false;
    for paragraph in text.trim().split("\n\n") {
        let paragraph = joined_comment(paragraph);
        let is_macro = paragraph.starts_with("#define");
        if !tidied.is_empty() {
            tidied.push_str(if in_macros && is_macro { "\n" } else { "\n\n" });
        }
        tidied.push_str(&paragraph);
        in_macros = paragraph.contains("#define");
    }
    tidied
}

/// A declaration with the comment before it in the form `/* text */`.
fn joined_comment(paragraph: &str) -> String {
    let Some((comment, declaration)) = paragraph.split_once(" */\n").filter(|_| paragraph.starts_with("/*"))
    else {
        return paragraph.to_owned();
    };
    let lines: Vec<&str> = comment
        .lines()
        .map(|line| line.trim_start_matches(['/', '*', ' ']))
        .filter(|line| !line.is_empty())
        .collect();
    format!("/* {} */\n{declaration}", lines.join("\n   "))
}

fn system_errors() -> String {
    let mut text = String::from("/* System errors for platforms without them. */\n");
    for (index, name) in SYSTEM_ERRORS.iter().enumerate() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "#ifndef {name}\n#define {name} (ZMQ_HAUSNUMERO + {})\n#endif", index + 1);
    }
    text
}
