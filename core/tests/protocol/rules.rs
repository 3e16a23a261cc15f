//! The table of rules becomes tables of a page, each rule with the first case of the corpus in which it speaks up.

use std::collections::BTreeMap;

use gateleg_core::context::Context;
use gateleg_core::json::Json;
use gateleg_core::plan::Plan;
use gateleg_core::request::Request;
use gateleg_core::rule::Rule;

use crate::example::Corpus;
use crate::words::phrase;

/// The rules from one to another, as they stand in the table: `json.syntax .. policy.operation`.
pub fn table(corpus: &Corpus, range: &str) -> Result<String, String> {
    let shown = among(range)?;
    let cases = cases(corpus);
    let mut out = String::from("| Rule | When | What it says | Whose words | Case |\n|---|---|---|---|---|\n");
    for rule in shown {
        let id = rule.id();
        let wordings: Vec<String> = rule.wording().split(" | ").map(|wording| format!("`{wording}`")).collect();
        let case = cases.get(id).map_or(String::new(), |link| format!("[case]({link})"));
        out.push_str(&format!(
            "| <a id=\"{id}\"></a>`{id}` | {} | {} | {} | {case} |\n",
            phrase(rule.when()),
            wordings.join("<br>"),
            rule.source().as_str()
        ));
    }
    Ok(out)
}

/// The rules of a range.
pub fn among(range: &str) -> Result<&'static [Rule], String> {
    let (first, last) = range.split_once(" .. ").ok_or("expected `FIRST .. LAST`")?;
    let place = |id: &str| {
        let rule = Rule::parse(id).ok_or(format!("there is no rule {id}"))?;
        Rule::ALL.iter().position(|known| *known == rule).ok_or(format!("{id} is no rule"))
    };
    Rule::ALL.get(place(first)?..=place(last)?).ok_or(format!("{first} does not come before {last}"))
}

/// The first case in which each rule is told: in a refusal, or among the warnings of a dry run.
fn cases(corpus: &Corpus) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (file, (_, cases)) in &corpus.0 {
        for case in cases {
            let Ok(context) = Context::parse(&case.context) else { continue };
            let reply = Plan::preview(&case.request, &context);
            let Ok(body) = Json::parse(&reply.body) else { continue };
            let mut told: Vec<&Json<'_>> = body.get("rule").into_iter().collect();
            if let (Ok(Request { options, .. }), Some(Json::Array(warnings))) =
                (Request::parse(&case.request), body.get("warnings"))
                && options.dry_run
            {
                told.extend(warnings.iter().filter_map(|warning| warning.get("rule")));
            }
            for id in told.into_iter().filter_map(Json::as_str) {
                if let (false, Some(link)) = (found.contains_key(id), corpus.link(file, &case.name)) {
                    found.insert(id.to_owned(), link);
                }
            }
        }
    }
    found
}
