//! Planners that a stranger might bring: instructions in text become a component of the world `gateleg:planner/guest`.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

/// A request that a stranger is hostile to. It is recognised in `realloc` too, where only its length is known.
pub const HOSTILE: &[u8] = b"!                                ";

/// A request that it answers with status 200 and the body `fine`.
pub const HONEST: &[u8] = b"?";

/// Where a stranger does something else than it should, in instructions that leave nothing behind.
///
/// Where a result lies: 64 holds the session, or that a step is not an error (0); the step's kind is at 68 (0 send, 1 wait, 2 done), and
/// from 72 the list of commands or the reply: status 72, headers 76, error 84 (0 none), body 104. What these instructions change there is
/// part of what they do. Before they run, the result is the honest reply.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stranger<'a> {
    /// In `open` of a hostile request; `$request` is its address.
    pub open: &'a str,
    /// In every `resume` after it; the ticket is local 1, the outcome's address and length are 2 and 3.
    pub resume: &'a str,
    /// In `expire` after it.
    pub expire: &'a str,
    /// In `realloc` for its bytes; what it leaves in `$block` is the address.
    pub realloc: &'a str,
    /// In the module, before anything else: data, globals, functions of its own.
    pub fields: &'a str,
    /// Run when the instance is made, whatever the request.
    pub start: &'a str,
    /// A second module beside it, with a memory of its own that `$beside` grows, as `memory.grow` does.
    pub beside: bool,
}

/// A stranger that is hostile in `open`.
pub fn planner(open: &str) -> Vec<u8> {
    Stranger { open, ..Stranger::default() }.component()
}

impl Stranger<'_> {
    /// Its component.
    pub fn component(&self) -> Vec<u8> {
        wat::parse_str(self.text()).unwrap()
    }

    /// Its component as text.
    pub fn text(&self) -> String {
        let parts = [
            ("(; open ;)", self.open),
            ("(; resume ;)", self.resume),
            ("(; expire ;)", self.expire),
            ("(; realloc ;)", self.realloc),
            ("(; fields ;)", self.fields),
            ("(; start ;)", self.start),
        ];
        let beside = if self.beside { BESIDE } else { [("", ""); 3] };
        let parts = parts.into_iter().chain(beside).filter(|(place, _)| !place.is_empty());
        parts.fold(PLANNER.to_string(), |text, (place, part)| text.replace(place, part))
    }
}

const BESIDE: [(&str, &str); 3] = [
    (
        "(; beside ;)",
        r#"(core module $second
            (memory 1)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
           (core instance $other (instantiate $second))"#,
    ),
    ("(; import ;)", r#"(import "other" "grow" (func $beside (param i32) (result i32)))"#),
    ("(; with ;)", r#"(with "other" (instance $other))"#),
];

const PLANNER: &str = r#"
(component
  (core module $module
    (import "gate" "session" (func $session (param i32) (result i32)))
    (import "gate" "drop" (func $drop (param i32)))
    (; import ;)
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 8192))
    (global $hostile (mut i32) (i32.const 0))
    (global $count (mut i32) (i32.const 0))
    (data (i32.const 1024) "fine")
    (; fields ;)

    (func $start (local $i i32) (; start ;))
    (start $start)

    ;; The honest reply: done, 200, no headers, no error, and the body.
    (func $fine
      (i32.store (i32.const 64) (i32.const 0))
      (i32.store (i32.const 68) (i32.const 2))
      (i32.store (i32.const 72) (i32.const 200))
      (i64.store (i32.const 76) (i64.const 0))
      (i32.store (i32.const 84) (i32.const 0))
      (i32.store (i32.const 104) (i32.const 1024))
      (i32.store (i32.const 108) (i32.const 4)))

    (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $block i32) (local $i i32)
      (local.set $block (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $block) (local.get 3)))
      (if (i32.eq (local.get 3) (i32.const 33)) (then (; realloc ;)))
      (local.get $block))

    (func $open (export "open") (param $request i32) (param i32 i32 i32) (result i32) (local $i i32) (local $j i32)
      (call $fine)
      (i32.store (i32.const 64) (call $session (i32.const 1)))
      (global.set $hostile (i32.eq (i32.load8_u (local.get $request)) (i32.const 33)))
      (if (global.get $hostile) (then (; open ;)))
      (i32.const 64))

    (func $resume (export "resume") (param i32 i32 i32 i32 i32 i64) (result i32) (local $i i32) (local $j i32)
      (call $fine)
      (if (global.get $hostile) (then (; resume ;)))
      (i32.const 64))

    (func $expire (export "expire") (param i32) (result i32) (local $i i32) (local $j i32)
      (call $fine)
      (if (global.get $hostile) (then (; expire ;)))
      (i32.const 72)))

  (type $session (resource (rep i32)))
  (core func $new (canon resource.new $session))
  (core func $gone (canon resource.drop $session))
  (core instance $gate (export "session" (func $new)) (export "drop" (func $gone)))
  (; beside ;)
  (core instance $core (instantiate $module (with "gate" (instance $gate)) (; with ;)))
  (alias core export $core "memory" (core memory $memory))
  (alias core export $core "realloc" (core func $realloc))

  (type $dispatch (record (field "ticket" u32) (field "attempt" u32) (field "command" string)))
  (type $reply (record
    (field "status" u16)
    (field "headers" (list (tuple string string)))
    (field "error" (option (tuple string string)))
    (field "body" (list u8))))
  (type $step (variant (case "send" (list $dispatch)) (case "wait") (case "done" $reply)))
  (func $open
    (param "request" (list u8)) (param "context" string) (result (tuple (own $session) $step))
    (canon lift (core func $core "open") (memory $memory) (realloc $realloc)))
  (func $resume
    (param "self" (borrow $session)) (param "ticket" u32) (param "outcome" string)
    (param "remaining-ms" (option u64)) (result (result $step (error string)))
    (canon lift (core func $core "resume") (memory $memory) (realloc $realloc)))
  (func $expire (param "self" (borrow $session)) (result $reply)
    (canon lift (core func $core "expire") (memory $memory) (realloc $realloc)))

  ;; Functions that are exported may only speak of types that are exported with them.
  (component $face
    (import "session" (type $session (sub resource)))
    (type $a (record (field "ticket" u32) (field "attempt" u32) (field "command" string)))
    (import "dispatch" (type $dispatch (eq $a)))
    (type $b (record
      (field "status" u16)
      (field "headers" (list (tuple string string)))
      (field "error" (option (tuple string string)))
      (field "body" (list u8))))
    (import "reply" (type $reply (eq $b)))
    (type $c (variant (case "send" (list $dispatch)) (case "wait") (case "done" $reply)))
    (import "step" (type $step (eq $c)))
    (import "open" (func $open
      (param "request" (list u8)) (param "context" string) (result (tuple (own $session) $step))))
    (import "resume" (func $resume
      (param "self" (borrow $session)) (param "ticket" u32) (param "outcome" string)
      (param "remaining-ms" (option u64)) (result (result $step (error string)))))
    (import "expire" (func $expire (param "self" (borrow $session)) (result $reply)))
    (export $s "session" (type $session))
    (export $d "dispatch" (type $dispatch))
    (export $r "reply" (type $reply))
    (type $e (variant (case "send" (list $d)) (case "wait") (case "done" $r)))
    (export $t "step" (type $e))
    (export "[static]session.open" (func $open) (func
      (param "request" (list u8)) (param "context" string) (result (tuple (own $s) $t))))
    (export "[method]session.resume" (func $resume) (func
      (param "self" (borrow $s)) (param "ticket" u32) (param "outcome" string)
      (param "remaining-ms" (option u64)) (result (result $t (error string)))))
    (export "[method]session.expire" (func $expire) (func (param "self" (borrow $s)) (result $r))))
  (instance $planner (instantiate $face
    (with "session" (type $session)) (with "dispatch" (type $dispatch))
    (with "reply" (type $reply)) (with "step" (type $step))
    (with "open" (func $open)) (with "resume" (func $resume)) (with "expire" (func $expire))))
  (export "gateleg:planner/planner@0.1.0" (instance $planner)))
"#;
