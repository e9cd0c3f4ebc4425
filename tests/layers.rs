//! Checks the code against the table of layers in docs/architecture.md: who uses whom, what is pure, and
//! where unsafe code is. Tests within the sources are free to do as they like.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where unsafe code may be.
const UNSAFE: [&str; 4] = ["ffi", "sys", "sync", "msg"];

/// What pure modules do not touch. Addresses, durations and the numbers of descriptors are plain data, and
/// times are arguments.
const IMPURE: [&str; 16] = [
    "std::fs",
    "std::thread",
    "std::env",
    "std::process",
    "std::net::Tcp",
    "std::net::Udp",
    "std::net::ToSocketAddrs",
    "OwnedFd",
    "BorrowedFd",
    "AsFd",
    "Instant::now",
    "SystemTime",
    "rustix::",
    "socket2::",
    "eprintln!",
    "println!",
];

/// The types of `sys` that hold nothing but settings, which options may name.
const PLAIN_SETTINGS: [&str; 3] = [
    "crate::sys::net::{KeepAlive, TcpSettings}",
    "crate::sys::net::TcpSettings",
    "crate::sys::thread::ThreadSettings",
];

/// A module in the table.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    column: usize,
    is_pure: bool,
}

impl Place {
    /// Below, or to the left in the same row.
    fn may_use(self, other: Place) -> bool {
        other.row > self.row || other.row == self.row && other.column < self.column
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The table: lines of module names, with `/` for a directory and `*` for a pure one, and after them
/// what they are.
fn table() -> BTreeMap<String, Place> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).expect("the architecture");
    let block = text.split("```").nth(1).expect("the table is the first block");
    let mut places = BTreeMap::new();
    for (row, line) in block.trim().lines().enumerate() {
        for (column, word) in line.split_whitespace().enumerate() {
            let name = word.trim_end_matches('*').trim_end_matches('/');
            let exists = ["", ".rs"].iter().any(|end| root().join(format!("src/{name}{end}")).exists());
            if !exists && name != "ffi" {
                break;
            }
            let place = Place { row, column, is_pure: word.ends_with('*') };
            assert!(places.insert(name.to_owned(), place).is_none(), "{name} is twice in the table");
        }
    }
    places
}

/// Every source file below a directory.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The top-level module that a file belongs to; None for the crate's root.
fn module_of(file: &Path) -> Option<String> {
    let relative = file.strip_prefix(root().join("src")).expect("a file in src");
    let first = relative.components().next().expect("a name");
    let name = first.as_os_str().to_str().expect("UTF-8").trim_end_matches(".rs");
    (name != "lib").then(|| name.to_owned())
}

/// The code of a file without comments and, if told so, without its tests.
fn code(file: &Path, with_tests: bool) -> String {
    let is_tests = file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs");
    if is_tests && !with_tests {
        return String::new();
    }
    let text = fs::read_to_string(file).expect("a source");
    let mut code = String::new();
    for line in text.lines() {
        if !with_tests && line.starts_with("#[cfg(") && line.contains("test") && !line.contains("not(test") {
            // Tests are last in a file, or a line that names the file they are in.
            let at = text.find(line).unwrap_or(0);
            if text[at..].lines().nth(1).is_some_and(|next| next.ends_with('{')) {
                break;
            }
        }
        code.push_str(line.split("//").next().unwrap_or(line));
        code.push('\n');
    }
    code
}

/// The modules that the code names in paths that begin with `crate::`.
fn used(code: &str) -> Vec<String> {
    let name =
        |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let mut used = Vec::new();
    for path in code.split("crate::").skip(1) {
        let Some(group) = path.strip_prefix('{') else {
            used.push(name(path));
            continue;
        };
        let mut depth = 0;
        let mut at_name = true;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' => at_name = depth == 0,
                c if at_name && !c.is_whitespace() => {
                    used.push(name(&group[at..]));
                    at_name = false;
                }
                _ => {}
            }
        }
    }
    used
}

/// Calls `check` with each file of the library, its module and that module's place; fails with all
/// complaints.
fn check_files(check: impl Fn(&Path, &str, Place, &mut Vec<String>)) {
    let table = table();
    let mut complaints = Vec::new();
    for file in sources(&root().join("src")) {
        let Some(module) = module_of(&file) else { continue };
        match table.get(&module) {
            Some(place) => check(&file, &module, *place, &mut complaints),
            None => complaints.push(format!("{module} is not in the table of docs/architecture.md")),
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

#[test]
fn a_layer_uses_only_what_is_below_it() {
    let table = table();
    check_files(|file, module, place, complaints| {
        let mut code = code(file, false);
        if module == "options" {
            for settings in PLAIN_SETTINGS {
                code = code.replace(settings, "");
            }
        }
        for name in used(&code) {
            match table.get(&name) {
                _ if name == module => {}
                Some(other) if name == "sys" && place.is_pure => {
                    complaints.push(format!("{}: pure, and uses sys (row {})", shown(file), other.row));
                }
                Some(other) if place.may_use(*other) => {}
                Some(_) => complaints.push(format!("{}: {module} may not use {name}", shown(file))),
                None => complaints.push(format!("{}: what is crate::{name}?", shown(file))),
            }
        }
    });
}

#[test]
fn pure_modules_see_no_descriptor_clock_or_thread() {
    check_files(|file, _, place, complaints| {
        if place.is_pure {
            let code = code(file, false);
            for name in IMPURE.iter().filter(|name| code.contains(**name)) {
                complaints.push(format!("{}: pure, and uses {name}", shown(file)));
            }
        }
    });
}

#[test]
fn unsafe_code_is_only_where_it_may_be() {
    let is_unsafe =
        |code: &str| code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == "unsafe");
    check_files(|file, module, _, complaints| {
        if !UNSAFE.contains(&module) && is_unsafe(&code(file, true)) {
            complaints.push(format!("{}: unsafe code", shown(file)));
        }
    });
    let allowed = fs::read_to_string(root().join("src/lib.rs")).expect("the crate's root");
    assert!(allowed.contains("#![deny(unsafe_code)]"));
    for (at, _) in allowed.match_indices("#[allow(unsafe_code)]") {
        let module = allowed[at..].lines().nth(1).unwrap_or_default();
        let module = module.trim_start_matches("pub mod ").trim_end_matches(';');
        assert!(UNSAFE.contains(&module), "{module} allows unsafe code");
    }
}

#[test]
fn the_table_and_the_paths_are_read_as_meant() {
    let table = table();
    assert!(table.len() >= 20, "{:?}", table.keys());
    assert!(table["engine"].is_pure && !table["socket"].is_pure);
    assert!(table["ffi"].may_use(table["socket"]) && !table["pipe"].may_use(table["pattern"]));
    let paths = "use crate::pipe::{self, Pipe}; crate::msg::new(); use crate::{wire, sync::{a, b}, sys};";
    assert_eq!(used(paths), ["pipe", "msg", "wire", "sync", "sys"]);
}
