//! Planners that a stranger might bring: instructions in text become a component of the world `gateleg:planner/guest`.

/// A planner that answers every request with status 200 and the body `fine`, except that `evil` (instructions that leave
/// nothing) runs first if the request starts with `!`. The reply lies at address 64, laid out as the contract's
/// `tuple<session, step>`; what `evil` changes there is part of what it does.
pub fn planner(evil: &str) -> Vec<u8> {
    wat::parse_str(PLANNER.replace("(; evil ;)", evil)).unwrap()
}

const PLANNER: &str = r#"
(component
  (core module $module
    (import "gate" "session" (func $session (param i32) (result i32)))
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 4096))

    ;; 64: session; 68: done; 72: 200; 76: headers (list); 84: error (none); 104: body (list)
    (data (i32.const 68) "\02")
    (data (i32.const 72) "\c8\00")
    (data (i32.const 104) "\00\04\00\00\04\00\00\00")
    (data (i32.const 1024) "fine")

    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $block i32)
      (local.set $block (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $block) (local.get 3)))
      (local.get $block))

    (func $open (export "open") (param $request i32) (param i32 i32 i32) (result i32) (local $i i32)
      (i32.store (i32.const 64) (call $session (i32.const 1)))
      (if (i32.eq (i32.load8_u (local.get $request)) (i32.const 33)) (then (; evil ;)))
      (i32.const 64))
    (func (export "resume") (param i32 i32 i32 i32 i32 i64) (result i32) unreachable)
    (func (export "expire") (param i32) (result i32) unreachable))

  (type $session (resource (rep i32)))
  (core func $new (canon resource.new $session))
  (core instance $gate (export "session" (func $new)))
  (core instance $core (instantiate $module (with "gate" (instance $gate))))
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
