//! Guests that say what nobody could mean: addresses and lengths that lead nowhere, handles and tickets that are not theirs, steps
//! that come to no end.

use super::stranger::Stranger;
use super::{Ends, FAILED, FINE, Kind, LATE};

const NONE: Stranger<'static> =
    Stranger { open: "", resume: "", expire: "", realloc: "", fields: "", start: "", beside: false };

/// Where a command lies.
const GET: &str = r#"(data (i32.const 1100) "{\22GetItem\22:{\22TableName\22:\22lambda-apigateway\22,\22Key\22:{\22id\22:{\22S\22:\22secret\22}}}}")"#;

/// Sends the command above under ticket 3.
const SEND: &str = "
    (i32.store (i32.const 68) (i32.const 0))
    (i32.store (i32.const 72) (i32.const 2048)) (i32.store (i32.const 76) (i32.const 1))
    (i32.store (i32.const 2048) (i32.const 3)) (i32.store (i32.const 2052) (i32.const 0))
    (i32.store (i32.const 2056) (i32.const 1100)) (i32.store (i32.const 2060) (i32.const 73))";

/// Sends `$j` commands: tickets from `$count` on, which goes on counting, at address 131072.
const SEND_MANY: &str = "
    (drop (memory.grow (i32.const 80)))
    (i32.store (i32.const 68) (i32.const 0))
    (i32.store (i32.const 72) (i32.const 131072)) (i32.store (i32.const 76) (local.get $j))
    (local.set $i (i32.const 131072))
    (loop $more
      (i32.store (local.get $i) (global.get $count))
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.store offset=8 (local.get $i) (i32.const 1100)) (i32.store offset=12 (local.get $i) (i32.const 73))
      (local.set $i (i32.add (local.get $i) (i32.const 16)))
      (br_if $more (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))";

/// A guest that asks for one item, and is hostile later.
pub const ONE_COMMAND: Stranger<'static> = Stranger { open: SEND, fields: GET, ..NONE };

/// A guest that asks for one item so often, as it says, that the host waits; and is hostile in the end.
pub const LATE_COMMAND: Stranger<'static> = Stranger {
    open: "
    (i32.store (i32.const 68) (i32.const 0))
    (i32.store (i32.const 72) (i32.const 2048)) (i32.store (i32.const 76) (i32.const 1))
    (i32.store (i32.const 2052) (i32.const -1))
    (i32.store (i32.const 2056) (i32.const 1100)) (i32.store (i32.const 2060) (i32.const 73))",
    fields: GET,
    ..NONE
};

/// All of them.
pub fn kinds() -> Vec<Kind> {
    let open = |open| Stranger { open, fields: GET, ..NONE };
    let failed = |name, guest, words| Kind { name, guest, ends: Ends::Failed(words), told: FAILED };
    let goes = |name, guest, told| Kind { name, guest, ends: Ends::Goes, told };
    let joined = |parts: &[&str]| -> &'static str { Box::leak(parts.concat().into_boxed_str()) };
    let many = |count: &str| joined(&["(local.set $j (i32.const ", count, "))", SEND_MANY]);
    vec![
        // Addresses and lengths.
        failed("a body of gigabytes", open("(i32.store (i32.const 108) (i32.const 0x7fffffff))"), "out of bounds"),
        failed("a body at no address", open("(i32.store (i32.const 104) (i32.const -2))"), "out of bounds"),
        failed("headers by the billion", open("(i32.store (i32.const 80) (i32.const 0x0fffffff))"), "out of bounds"),
        failed(
            "commands by the billion",
            open(joined(&[SEND, "(i32.store (i32.const 76) (i32.const 0x0fffffff))"])),
            "out of bounds",
        ),
        failed(
            "a command of gigabytes",
            open(joined(&[SEND, "(i32.store (i32.const 2060) (i32.const 0x7fffffff))"])),
            "out of bounds",
        ),
        failed(
            "a command at no address",
            open(joined(&[SEND, "(i32.store (i32.const 2056) (i32.const -80))"])),
            "out of bounds",
        ),
        failed("a result at no address", open("(return (i32.const -4))"), "out of bounds"),
        failed("a result at an odd address", open("(return (i32.const 65))"), "not aligned"),
        failed("memory for the request at no address", Stranger { realloc: "(return (i32.const -1))", ..NONE }, "beyond end of memory"),
        failed(
            "memory for the request past the end",
            Stranger { realloc: "(return (i32.const 131060))", ..NONE },
            "beyond end of memory",
        ),
        failed(
            "words of gigabytes",
            Stranger {
                resume: "(i32.store (i32.const 64) (i32.const 1)) (i32.store (i32.const 68) (i32.const 0))
                    (i32.store (i32.const 72) (i32.const 0x7fffffff))",
                ..ONE_COMMAND
            },
            "out of bounds",
        ),
        // Sizes.
        failed(
            "a reply over its limit",
            open("(i32.store (i32.const 104) (i32.const 0)) (i32.store (i32.const 108) (i32.const 100001))"),
            "more than the 100000 it may have",
        ),
        failed(
            "the same kilobytes again and again",
            open(
                "(i32.store (i32.const 76) (i32.const 16384)) (i32.store (i32.const 80) (i32.const 7000))
                (drop (memory.grow (i32.const 2)))
                (loop $more
                  (i32.store (i32.add (i32.const 16384) (i32.mul (local.get $i) (i32.const 8))) (i32.const 150000))
                  (i32.store (i32.add (i32.const 16388) (i32.mul (local.get $i) (i32.const 8))) (i32.const 8000))
                  (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (br_if $more (i32.lt_u (local.get $i) (i32.const 14000))))",
            ),
            "too much data",
        ),
        failed("a million commands in one step", open(many("300000")), "too much data"),
        failed("a thousand and one commands in one step", open(many("1001")), "1001 commands under way, more than the 1000"),
        failed(
            "commands that pile up",
            Stranger { open: many("600"), resume: many("600"), fields: GET, ..NONE },
            "commands under way, more than the 1000",
        ),
        // Kinds that there are not.
        failed("a step of no kind", open("(i32.store8 (i32.const 68) (i32.const 3))"), "unexpected discriminant"),
        failed("an error of no kind", open("(i32.store8 (i32.const 84) (i32.const 9))"), "invalid option discriminant"),
        failed(
            "a result of no kind",
            Stranger { resume: "(i32.store8 (i32.const 64) (i32.const 7))", ..ONE_COMMAND },
            "invalid expected discriminant",
        ),
        failed("status 0", open("(i32.store16 (i32.const 72) (i32.const 0))"), "status 0, which is none from 200 to 599"),
        failed("status 101", open("(i32.store16 (i32.const 72) (i32.const 101))"), "status 101, which is none"),
        failed("status 65535", open("(i32.store16 (i32.const 72) (i32.const 65535))"), "status 65535, which is none"),
        // Handles.
        failed("a session that is made up", open("(i32.store (i32.const 64) (i32.const 777))"), "unknown handle index 777"),
        failed("a session that is gone", open("(call $drop (i32.load (i32.const 64)))"), "unknown handle index"),
        failed("dropping what is not there", open("(call $drop (i32.const 4242))"), "unknown handle index 4242"),
        failed(
            "a session made while memory is asked for",
            Stranger { realloc: "(drop (call $session (i32.const 1)))", ..NONE },
            "cannot leave component instance",
        ),
        // Tickets.
        failed(
            "a ticket twice in a step",
            open(joined(&[
                SEND,
                "(i32.store (i32.const 76) (i32.const 2)) (memory.copy (i32.const 2064) (i32.const 2048) (i32.const 16))",
            ])),
            "ticket 3 out twice",
        ),
        failed("a ticket again later", Stranger { resume: SEND, ..ONE_COMMAND }, "ticket 3 out twice"),
        // A ticket is the guest's to choose, so this is none that the host would mind.
        goes(
            "a ticket out of the air",
            Stranger {
                open: joined(&[SEND, "(i32.store (i32.const 2048) (i32.const -1))"]),
                resume: "(if (i32.ne (local.get 1) (i32.const -1)) (then unreachable))",
                fields: GET,
                ..NONE
            },
            FINE,
        ),
        // Ends.
        goes("waiting for nothing", open("(i32.store (i32.const 68) (i32.const 1))"), FAILED),
        goes("sending nothing", open(joined(&[SEND, "(i32.store (i32.const 76) (i32.const 0))"])), FAILED),
        goes(
            "never done",
            Stranger {
                open: joined(&["(local.set $j (i32.const 1))", SEND_MANY]),
                resume: joined(&["(local.set $j (i32.const 1))", SEND_MANY]),
                fields: GET,
                ..NONE
            },
            FINE,
        ),
        Kind {
            name: "never done, and no end to its end",
            guest: Stranger { expire: "(loop $again (br $again))", ..LATE_COMMAND },
            ends: Ends::Timeout,
            told: LATE,
        },
        // What it says second is not heard: nobody asks.
        goes(
            "done twice",
            Stranger {
                open: joined(&["(local.set $j (i32.const 5))", SEND_MANY]),
                resume: "(global.set $count (i32.add (global.get $count) (i32.const 100)))
                    (if (i32.gt_u (global.get $count) (i32.const 150)) (then (i32.store16 (i32.const 72) (i32.const 599))))",
                fields: GET,
                ..NONE
            },
            FINE,
        ),
        Kind {
            name: "an outcome that it does not take",
            guest: Stranger {
                resume: "(i32.store (i32.const 64) (i32.const 1)) (i32.store (i32.const 68) (i32.const 1100))
                    (i32.store (i32.const 72) (i32.const 73))",
                ..ONE_COMMAND
            },
            ends: Ends::Refused,
            told: FAILED,
        },
    ]
}
