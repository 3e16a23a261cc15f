//! `gateleg plan --explain`: core's explanation of a request becomes paragraphs for a person, or JSON.

use gateleg_core::explain::Explanation;
use gateleg_core::json::Json;

use crate::pretty::{indented, visible};

/// What the request does, what it costs, and with `iam` the policy it needs; all three as they are for `json`.
pub(super) fn shown(explanation: &Explanation, json: bool, iam: bool) -> String {
    if json {
        return explanation.to_text();
    }
    let mut paragraphs = vec![lines(&explanation.words), format!("Cost\n{}", lines(&explanation.cost.words()))];
    if iam {
        let policy = Json::parse(explanation.iam.as_bytes()).map(|policy| indented(&policy, 0));
        paragraphs.push(format!("IAM policy\n{}\n", policy.as_ref().unwrap_or(&explanation.iam)));
    }
    visible(&paragraphs.join("\n"))
}

fn lines(sentences: &[String]) -> String {
    sentences.iter().map(|sentence| format!("{sentence}\n")).collect()
}

#[cfg(test)]
mod tests {
    use gateleg_core::context::Context;
    use gateleg_core::explain::explain;

    use super::*;

    #[test]
    fn a_request_is_explained_in_paragraphs() {
        let request = br#"{"operation":"delete","tableName":"abc","payload":{"Key":{"id":"1"}}}"#;
        let explanation = explain(request, &Context::default()).expect("a good request");
        let text = shown(&explanation, false, true);
        for part in [
            "Deletes the item with id \"1\" from abc. If there is none, nothing happens.\n\nCost\nDeleting an item from abc",
            "\n\nIAM policy\n{\n  \"Version\": \"2012-10-17\",\n",
            "\"dynamodb:DeleteItem\"",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!shown(&explanation, false, false).contains("IAM"), "only when asked for");
        assert_eq!(shown(&explanation, true, false), explanation.to_text());
    }
}
