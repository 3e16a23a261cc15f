//! Guests that take what is not theirs: time, memory, the stack, handles; and those that break off.

use super::says::ONE_COMMAND;
use super::stranger::Stranger;
use super::{Ends, FAILED, Kind, LARGE, LATE};

const ENDLESS: &str = "(loop $again (br $again))";

const NONE: Stranger<'static> =
    Stranger { open: "", resume: "", expire: "", realloc: "", fields: "", start: "", beside: false };

/// All of them.
pub fn kinds() -> Vec<Kind> {
    let open = |open| Stranger { open, ..NONE };
    let with = |fields, open| Stranger { open, fields, ..NONE };
    let late = |name, guest| Kind { name, guest, ends: Ends::Timeout, told: LATE };
    let large = |name, guest| Kind { name, guest, ends: Ends::OutOfMemory, told: LARGE };
    let failed = |name, guest, words| Kind { name, guest, ends: Ends::Failed(words), told: FAILED };
    vec![
        // Time.
        late("an endless loop in open", open(ENDLESS)),
        late("an endless loop in resume", Stranger { resume: ENDLESS, ..ONE_COMMAND }),
        late("an endless loop in expire", Stranger { expire: ENDLESS, ..super::says::LATE_COMMAND }),
        late("an endless loop in realloc", Stranger { realloc: ENDLESS, ..NONE }),
        late("tail calls without end", with("(func $round (return_call $round))", "(call $round)")),
        late(
            "calls without end, never deep",
            with(
                "(func $tree (param i32) (if (local.get 0) (then
                   (call $tree (i32.sub (local.get 0) (i32.const 1))) (call $tree (i32.sub (local.get 0) (i32.const 1))))))",
                "(call $tree (i32.const 200))",
            ),
        ),
        late(
            "memory.fill over and over",
            open(
                "(drop (memory.grow (i32.const 120)))
                (loop $again (memory.fill (i32.const 8192) (i32.const 1) (i32.const 7000000)) (br $again))",
            ),
        ),
        late(
            "memory.copy over and over",
            open(
                "(drop (memory.grow (i32.const 120)))
                (loop $again (memory.copy (i32.const 8192) (i32.const 9000) (i32.const 7000000)) (br $again))",
            ),
        ),
        late(
            "memory.fill over and over, without a loop",
            Stranger { open: Box::leak(fills(4000).into_boxed_str()), ..NONE },
        ),
        late("memory.grow over and over", open("(loop $again (drop (memory.grow (i32.const 0))) (br $again))")),
        late(
            "memory.init over and over",
            with(
                r#"(data $passive "0123456789")"#,
                "(loop $again (memory.init $passive (i32.const 9000) (i32.const 0) (i32.const 10)) (br $again))",
            ),
        ),
        late(
            "table.fill over and over",
            with(
                "(table $t 15000 funcref)",
                "(loop $again (table.fill $t (i32.const 0) (ref.null func) (i32.const 15000)) (br $again))",
            ),
        ),
        late(
            "table.copy over and over",
            with(
                "(table $t 15000 funcref)",
                "(loop $again (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 14000)) (br $again))",
            ),
        ),
        late(
            "handles made and dropped over and over",
            open("(loop $again (call $drop (call $session (i32.const 1))) (br $again))"),
        ),
        // Memory.
        large(
            "memory growth without end",
            open("(loop $more (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable)) (br $more))"),
        ),
        large(
            "all of a 32-bit memory at once",
            open("(if (i32.eq (memory.grow (i32.const 65000)) (i32.const -1)) (then unreachable))"),
        ),
        large(
            "a second memory beside the first",
            Stranger {
                open: "(drop (memory.grow (i32.const 100)))
                    (if (i32.eq (call $beside (i32.const 100)) (i32.const -1)) (then unreachable))",
                beside: true,
                ..NONE
            },
        ),
        large(
            "a second memory in the module",
            with(
                "(memory $second 1)",
                "(drop (memory.grow (i32.const 100)))
                (if (i32.eq (memory.grow $second (i32.const 100)) (i32.const -1)) (then unreachable))",
            ),
        ),
        large(
            "tables that grow, a hundred of them",
            Stranger {
                open: Box::leak(tables(100, "(if (i32.eq (table.grow {} (ref.null func) (i32.const 15000)) (i32.const -1)) (then unreachable))").into_boxed_str()),
                fields: Box::leak(tables(100, "(table 1 funcref)").into_boxed_str()),
                ..NONE
            },
        ),
        failed(
            "tables that grow without end",
            with(
                "(table $t 1 funcref)",
                "(loop $more
                   (if (i32.eq (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1)) (then unreachable))
                   (br $more))",
            ),
            "`unreachable` instruction executed",
        ),
        failed(
            "a million sessions",
            open("(loop $more (drop (call $session (i32.const 1))) (br $more))"),
            "store handle limit exceeded",
        ),
        // The stack.
        failed("endless recursion", with("(func $deep (call $deep) (call $deep))", "(call $deep)"), "call stack exhausted"),
        failed(
            "endless recursion by turns, through a table",
            with(
                "(type $f (func)) (table $t funcref (elem $even $odd))
                 (func $even (call_indirect $t (type $f) (i32.const 1)) (global.set $count (i32.const 1)))
                 (func $odd (call_indirect $t (type $f) (i32.const 0)) (global.set $count (i32.const 2)))",
                "(call $even)",
            ),
            "call stack exhausted",
        ),
        failed(
            "endless recursion in resume",
            Stranger {
                resume: "(drop (call $resume (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)))",
                ..ONE_COMMAND
            },
            "call stack exhausted",
        ),
        failed(
            "endless recursion in realloc",
            Stranger {
                realloc: "(drop (call $realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3)))",
                ..NONE
            },
            "call stack exhausted",
        ),
        // Breaking off.
        failed("a trap in open", open("unreachable"), "`unreachable` instruction executed"),
        failed("a trap in resume", Stranger { resume: "unreachable", ..ONE_COMMAND }, "`unreachable` instruction"),
        failed("a trap in expire", Stranger { expire: "unreachable", ..super::says::LATE_COMMAND }, "`unreachable`"),
        failed("a trap in realloc", Stranger { realloc: "unreachable", ..NONE }, "`unreachable` instruction"),
        failed("reading outside of memory", open("(drop (i32.load (i32.const -4)))"), "out of bounds memory access"),
        failed("writing outside of memory", open("(i32.store offset=4294967295 (i32.const -1) (i32.const 1))"), "out of bounds"),
        failed(
            "filling outside of memory",
            open("(memory.fill (i32.const 100000) (i32.const 1) (i32.const -1))"),
            "out of bounds memory access",
        ),
        failed("dividing by zero", open("(drop (i32.div_u (i32.const 1) (local.get $i)))"), "divide by zero"),
        failed("a number that fits no integer", open("(drop (i32.trunc_f64_s (f64.const 1e300)))"), "integer overflow"),
        failed(
            "calling what is not there",
            with("(type $f (func)) (table $t 2 funcref)", "(call_indirect $t (type $f) (i32.const 1))"),
            "uninitialized element",
        ),
        failed(
            "calling a function as another",
            with("(type $f (func (result f64))) (table $t funcref (elem $fine))", "(drop (call_indirect $t (type $f) (i32.const 0)))"),
            "indirect call type mismatch",
        ),
    ]
}

/// A text for each table, with its number.
fn tables(count: usize, text: &str) -> String {
    (0..count).map(|table| text.replace("{}", &table.to_string())).collect()
}

/// One fill after another, with nothing in between that could be called a loop.
fn fills(count: usize) -> String {
    let fill = "(memory.fill (i32.const 8192) (i32.const 1) (i32.mul (i32.const 1000) (i32.const 7000)))";
    format!("(drop (memory.grow (i32.const 120))) {}", fill.repeat(count))
}
