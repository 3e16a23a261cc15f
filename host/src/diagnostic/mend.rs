//! A patch (RFC 6902) becomes changes of the request's own text: what it does not touch stays as it was typed.

use std::ops::Range;

use gateleg_core::json::{Json, write_string};

use super::outline::{Inside, Member, Outline, steps};

/// The text with every step of the patch applied; `None` if one does not apply.
pub fn mend(text: &str, patch: &[Json<'_>]) -> Option<String> {
    let mut text = text.to_string();
    for step in patch {
        text = apply(&text, step)?;
    }
    Outline::of(&text)?;
    Some(text)
}

fn apply(text: &str, step: &Json<'_>) -> Option<String> {
    let member = |name| step.get(name).and_then(Json::as_str);
    let outline = Outline::of(text)?;
    let path = member("path")?;
    match member("op")? {
        "add" => add(text, &outline, path, &value(text, &outline, step.get("value")?)),
        "replace" => {
            let found = outline.find(path);
            let value = value(text, &outline, step.get("value")?);
            (!found.missing).then(|| splice(text, found.value.at.clone(), &value))
        }
        "remove" => remove(text, &outline, path),
        "move" => {
            let from = member("from")?;
            let found = outline.find(from);
            if found.missing {
                return None;
            }
            if let (Some(moved), true, true) = (found.member, parent(from) == parent(path), outline.find(path).missing)
            {
                return Some(splice(text, moved.key.clone(), &key(path)?));
            }
            let value = text.get(found.value.at.clone())?.to_string();
            let text = remove(text, &outline, from)?;
            add(&text, &Outline::of(&text)?, path, &value)
        }
        _ => None,
    }
}

fn add(text: &str, outline: &Outline, path: &str, value: &str) -> Option<String> {
    let found = outline.find(path);
    if !found.missing && found.member.is_some() {
        return Some(splice(text, found.value.at.clone(), value));
    }
    let parent = outline.find(parent(path)?);
    if parent.missing {
        return None;
    }
    let at = &parent.value.at;
    let (first, last, new) = match &parent.value.inside {
        Inside::Scalar => return None,
        Inside::Array(items) => {
            if let Some(item) = last_step(path)?.parse().ok().and_then(|index: usize| items.get(index)) {
                let start = item.at.start;
                return Some(splice(text, start..start, &format!("{value}, ")));
            }
            (items.first().map(|item| item.at.start), items.last().map(|item| item.at.end), value.to_string())
        }
        Inside::Object(members) => {
            let new = format!("{}{}{value}", key(path)?, colon(text, outline));
            (members.first().map(|member| member.key.start), members.last().map(|member| member.value.at.end), new)
        }
    };
    let (Some(first), Some(last)) = (first, last) else {
        return Some(splice(text, at.start + 1..at.end - 1, &new));
    };
    // The new member stands as the first does: on a line of its own, or not.
    let lead = text.get(at.start + 1..first)?;
    let gap = match lead.contains('\n') {
        true => lead.to_string(),
        false if colon(text, outline).ends_with(' ') => " ".into(),
        false => String::new(),
    };
    Some(splice(text, last..last, &format!(",{gap}{new}")))
}

fn remove(text: &str, outline: &Outline, path: &str) -> Option<String> {
    let parent = outline.find(parent(path)?);
    if parent.missing {
        return None;
    }
    let name = last_step(path)?;
    // Where each element begins and ends, and which one goes.
    let (places, index): (Vec<Range<usize>>, usize) = match &parent.value.inside {
        Inside::Scalar => return None,
        Inside::Array(items) => (items.iter().map(|item| item.at.clone()).collect(), name.parse().ok()?),
        Inside::Object(members) => {
            let whole = |member: &Member| member.key.start..member.value.at.end;
            (members.iter().map(whole).collect(), members.iter().position(|member| member.name == name)?)
        }
    };
    let goes = places.get(index)?;
    let before = index.checked_sub(1).and_then(|before| places.get(before));
    let range = match (before, places.get(index + 1)) {
        (_, Some(next)) => goes.start..next.start,
        (Some(before), None) => before.end..goes.end,
        (None, None) => parent.value.at.start + 1..parent.value.at.end - 1,
    };
    Some(splice(text, range, ""))
}

fn splice(text: &str, range: Range<usize>, new: &str) -> String {
    let mut text = text.to_string();
    text.replace_range(range, new);
    text
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}

fn last_step(path: &str) -> Option<String> {
    steps(path).last().map(|step| step.into_owned())
}

fn key(path: &str) -> Option<String> {
    let mut key = String::new();
    write_string(&mut key, &last_step(path)?);
    Some(key)
}

/// What this text puts between a key and its value.
fn colon<'t>(text: &'t str, outline: &Outline) -> &'t str {
    match &outline.inside {
        Inside::Object(members) => members
            .first()
            .and_then(|member| text.get(member.key.end..member.value.at.start))
            .filter(|between| !between.contains('\n'))
            .unwrap_or(": "),
        _ => ": ",
    }
}

/// A value in the manner of the text: with spaces where it has them.
fn value(text: &str, outline: &Outline, json: &Json<'_>) -> String {
    let mut out = String::new();
    write(&mut out, json, if colon(text, outline).ends_with(' ') { " " } else { "" });
    out
}

fn write(out: &mut String, json: &Json<'_>, space: &str) {
    match json {
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index, space);
                write(out, item, space);
            }
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                separate(out, index, space);
                write_string(out, key);
                out.push(':');
                out.push_str(space);
                write(out, value, space);
            }
            out.push('}');
        }
        scalar => scalar.write(out),
    }
}

fn separate(out: &mut String, index: usize, space: &str) {
    if index > 0 {
        out.push(',');
        out.push_str(space);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, patch: &str, expected: &str) {
        let Json::Array(patch) = Json::parse(patch.as_bytes()).unwrap() else { panic!("a patch is an array") };
        assert_eq!(mend(text, &patch).as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn a_patch_changes_only_what_it_names() {
        check(r#"{"item" : 1.10}"#, r#"[{"op":"move","from":"/item","path":"/Item"}]"#, r#"{"Item" : 1.10}"#);
        check(r#"{"a":1,"b":2}"#, r#"[{"op":"remove","path":"/a"}]"#, r#"{"b":2}"#);
        check(r#"{"a":1,"b":2}"#, r#"[{"op":"remove","path":"/b"}]"#, r#"{"a":1}"#);
        check(r#"{"a": [1]}"#, r#"[{"op":"remove","path":"/a/0"}]"#, r#"{"a": []}"#);
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/b","value":{"c":[1,2]}}]"#, r#"{"a":1,"b":{"c":[1,2]}}"#);
        check(r#"{"a": 1}"#, r#"[{"op":"add","path":"/b","value":{"c":[1,2]}}]"#, r#"{"a": 1, "b": {"c": [1, 2]}}"#);
        check(r#"{"a": {}}"#, r#"[{"op":"add","path":"/a/x~1y","value":1}]"#, r#"{"a": {"x/y": 1}}"#);
        check(r#"{"a": [2, 3]}"#, r#"[{"op":"add","path":"/a/0","value":1}]"#, r#"{"a": [1, 2, 3]}"#);
        check(r#"{"a": [2, 3]}"#, r#"[{"op":"add","path":"/a/-","value":4}]"#, r#"{"a": [2, 3, 4]}"#);
        check(r#"{"a": 1, "b": {}}"#, r#"[{"op":"move","from":"/a","path":"/b/a"}]"#, r#"{"b": {"a": 1}}"#);
        check("{\n  \"a\": 1\n}", r#"[{"op":"add","path":"/b","value":2}]"#, "{\n  \"a\": 1,\n  \"b\": 2\n}");
        check("{\n  \"a\": 1,\n  \"b\": 2\n}", r#"[{"op":"remove","path":"/b"}]"#, "{\n  \"a\": 1\n}");
    }

    #[test]
    fn a_patch_that_does_not_apply_changes_nothing() {
        for patch in
            [r#"[{"op":"remove","path":"/x"}]"#, r#"[{"op":"add","path":"/x/y","value":1}]"#, r#"[{"op":"test"}]"#]
        {
            let Json::Array(patch) = Json::parse(patch.as_bytes()).unwrap() else { panic!("a patch is an array") };
            assert_eq!(mend(r#"{"a":1}"#, &patch), None);
        }
    }
}
