//! The gate between forks and changes of tables. A fork looks at all that changes touch, as the copy that
//! the child gets does, and each change at what the fork left.

use super::bounded;
use ferrozmq::sync::Gate;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

const CHANGERS: usize = 2;

/// A table for each thread that changes one, as two of them have a lock between them. Loom complains if
/// somebody looks at one while it is changed.
struct Process {
    gate: Gate,
    tables: [UnsafeCell<u32>; CHANGERS],
}

// SAFETY: for loom to find out.
unsafe impl Sync for Process {}

impl Process {
    fn new() -> Arc<Process> {
        Arc::new(Process { gate: Gate::default(), tables: [0; CHANGERS].map(UnsafeCell::new) })
    }

    fn change(&self, table: usize) {
        let _change = self.gate.begin();
        // SAFETY: what is to be shown: no fork goes on.
        self.tables[table].with_mut(|table| unsafe { *table += 1 });
    }

    /// The fork's thread writes, too: the number of the table's owner changes hands.
    fn fork(&self) {
        self.gate.close();
        for table in &self.tables {
            // SAFETY: what is to be shown: no change goes on, and no other fork.
            table.with_mut(|table| unsafe { *table += 100 });
        }
        self.gate.open();
    }

    fn total(&self) -> u32 {
        // SAFETY: the threads are joined.
        self.tables.iter().map(|table| table.with(|table| unsafe { *table })).sum()
    }
}

fn spawn(process: &Arc<Process>, run: impl FnOnce(&Process) + 'static) -> JoinHandle<()> {
    let process = Arc::clone(process);
    thread::spawn(move || run(&process))
}

#[test]
fn no_fork_comes_into_the_middle_of_a_change() {
    bounded(3, || {
        let process = Process::new();
        let changer = spawn(&process, |process| process.change(0));
        process.fork();
        changer.join().expect("changer");
        assert_eq!(process.total(), 201);
    });
}

#[test]
fn forks_take_turns() {
    bounded(3, || {
        let process = Process::new();
        let other = spawn(&process, Process::fork);
        process.fork();
        other.join().expect("other");
        assert_eq!(process.total(), 400);
    });
}

/// With one preemption: threads that wait for others by yielding have endless orders otherwise.
#[test]
fn forks_wait_for_several_changes() {
    bounded(1, || {
        let process = Process::new();
        let changers = [0, 1].map(|table| spawn(&process, move |process| process.change(table)));
        process.fork();
        process.fork();
        for changer in changers {
            changer.join().expect("changer");
        }
        assert_eq!(process.total(), 402);
    });
}
