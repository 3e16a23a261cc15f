//! The calls of a request become Go on the AWS SDK v2.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::form::{Form, Layout, text, write_bytes};
use super::{Job, kind, push};
use crate::attribute::{AttributeValue, Attributes};
use crate::join::Join as _;
use crate::shape::{Kind, Name};
use crate::tree::{Node, Structure};

const LAYOUT: Layout =
    Layout { indent: "\t", columns: 90, chain: usize::MAX, hugs: false, pads: false, last_comma: true, aligns: true };

const VALUES: &str = "map[string]types.AttributeValue{";

pub(super) fn write(job: &Job) -> String {
    let mut go = Go { aws: false, types: false };
    let mut body = String::new();
    if job.is_batch() {
        go.batch(job, &mut body);
    } else {
        for input in job.input() {
            go.call(job, input, &mut body);
        }
    }
    let mut out = String::new();
    for module in ["", "/config", "/service/dynamodb"] {
        push(&mut out, &["// go get github.com/aws/aws-sdk-go-v2", module, "\n"]);
    }
    job.notes(&mut out, "// ");
    out.push_str("package main\n\nimport (\n\t\"context\"\n\t\"encoding/json\"\n\t\"log\"\n\t\"os\"\n");
    out.push_str(if job.is_batch() { "\t\"time\"\n\n" } else { "\n" });
    let modules =
        [("/aws", go.aws), ("/config", true), ("/service/dynamodb", true), ("/service/dynamodb/types", go.types)];
    for (module, _) in modules.iter().filter(|(_, is_used)| *is_used) {
        push(&mut out, &["\t\"github.com/aws/aws-sdk-go-v2", module, "\"\n"]);
    }
    push(&mut out, &[MAIN, &body, SHOW]);
    out
}

const MAIN: &str = ")

func main() {
\tctx := context.Background()
\tsettings, err := config.LoadDefaultConfig(ctx)
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\tclient := dynamodb.NewFromConfig(settings)
";

const SHOW: &str = "}

func show(output any) {
\tencoder := json.NewEncoder(os.Stdout)
\tencoder.SetIndent(\"\", \"  \")
\tif err := encoder.Encode(output); err != nil {
\t\tlog.Fatal(err)
\t}
}
";

/// Which packages the code names.
struct Go {
    aws: bool,
    types: bool,
}

impl Go {
    fn call(&mut self, job: &Job, input: &Structure, out: &mut String) {
        let api = job.api.as_str();
        out.push_str("\tinput := ");
        LAYOUT.write(out, &self.members(&["&dynamodb.", api, "Input{"].together(), input), 1);
        if !job.follow {
            push(out, &["\n\toutput, err := client.", api, "(ctx, input)\n"]);
            out.push_str("\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tshow(output)\n");
            return;
        }
        push(out, &["\n\tpaginator := dynamodb.New", api, "Paginator(client, input)\n"]);
        let most = job.max_items.map(|most| most.to_string());
        out.push_str(if most.is_some() { "\tvar count int32\n" } else { "" });
        out.push_str("\tfor paginator.HasMorePages() {\n\t\tpage, err := paginator.NextPage(ctx)\n");
        out.push_str("\t\tif err != nil {\n\t\t\tlog.Fatal(err)\n\t\t}\n\t\tshow(page)\n");
        if let Some(most) = most {
            out.push_str("\t\tcount += page.Count\n");
            push(out, &["\t\tif count >= ", &most, " {\n\t\t\tbreak\n\t\t}\n"]);
        }
        out.push_str("\t}\n");
    }

    /// Sends each call, and what it leaves over until nothing is.
    fn batch(&mut self, job: &Job, out: &mut String) {
        let api = job.api.as_str();
        let inputs: Vec<_> = job.calls.iter().map(|input| self.members("{", input)).collect();
        out.push_str("\tinputs := ");
        LAYOUT.write(out, &Form::group(["[]dynamodb.", api, "Input{"].together(), inputs, "}"), 1);
        let items = Name::RequestItems.as_str();
        push(out, &["\n\tfor _, input := range inputs {\n\t\tfor len(input.", items, ") > 0 {\n"]);
        push(out, &["\t\t\toutput, err := client.", api, "(ctx, &input)\n"]);
        out.push_str("\t\t\tif err != nil {\n\t\t\t\tlog.Fatal(err)\n\t\t\t}\n\t\t\tshow(output)\n");
        push(out, &["\t\t\tinput.", items, " = output.", job.leftover().as_str(), "\n"]);
        out.push_str("\t\t\ttime.Sleep(100 * time.Millisecond)\n\t\t}\n\t}\n");
    }

    fn members(&mut self, open: &str, structure: &Structure) -> Form {
        let members = structure.iter().map(|(name, node)| {
            let value = self.member(kind(structure, name), node);
            Form::pair([name.as_str(), ": "].together(), value)
        });
        Form::group(open, members, "}")
    }

    /// The value of a member: a pointer, where it may be absent and has no other way to be.
    fn member(&mut self, kind: Option<Kind>, node: &Node) -> Form {
        let mut pointer = |function: &str, value: &str| {
            self.aws = true;
            Form::Atom(["aws.", function, "(", value, ")"].together())
        };
        match (node, kind) {
            (Node::Text(value), Some(Kind::Enum(_))) => Form::Atom(text(value, false)),
            (Node::Text(value), _) => pointer("String", &text(value, false)),
            (Node::Boolean(value), _) => pointer("Bool", if *value { "true" } else { "false" }),
            (Node::Integer(value), _) => pointer("Int32", &value.to_string()),
            (Node::Structure(structure), _) => {
                self.types = true;
                self.members(&["&types.", structure.shape().name, "{"].together(), structure)
            }
            (Node::List(_) | Node::Map(_), Some(kind)) => {
                let mut open = String::new();
                self.write_type(&mut open, kind);
                open.push('{');
                self.element(&open, node)
            }
            _ => self.element(VALUES, node),
        }
    }

    /// The value of a list's or map's element, whose type, if it stands there, is in `open`.
    fn element(&mut self, open: &str, node: &Node) -> Form {
        match node {
            Node::Text(value) | Node::Decimal(value) => Form::Atom(text(value, false)),
            Node::Boolean(value) => Form::atom(if *value { "true" } else { "false" }),
            Node::Integer(value) => Form::Atom(value.to_string()),
            Node::Attributes(attributes) => self.attributes(open, attributes, "}"),
            Node::AttributeValue(value) => self.value(value),
            Node::List(items) => Form::group(open, items.iter().map(|item| self.element("{", item)), "}"),
            Node::Map(entries) => {
                let entries = entries.iter().map(|(name, node)| Form::pair(label(name), self.element("{", node)));
                Form::group(open, entries, "}")
            }
            Node::Structure(structure) => self.members(open, structure),
        }
    }

    /// The name of a type.
    fn write_type(&mut self, out: &mut String, kind: Kind) {
        match kind {
            Kind::List { of, .. } => {
                out.push_str("[]");
                self.write_type(out, *of);
            }
            Kind::Map(of) | Kind::Tables(of) => {
                out.push_str("map[string]");
                self.write_type(out, *of);
            }
            Kind::Attributes | Kind::AttributeValue => {
                self.types = true;
                push(out, &[if matches!(kind, Kind::Attributes) { "map[string]" } else { "" }, "types.AttributeValue"]);
            }
            Kind::Structure(shape) => {
                self.types = true;
                push(out, &["types.", shape.name]);
            }
            _ => out.push_str("string"),
        }
    }

    fn attributes(&mut self, open: &str, attributes: &Attributes, close: &'static str) -> Form {
        self.types = true;
        Form::group(open, attributes.iter().map(|(name, value)| Form::pair(label(name), self.value(value))), close)
    }

    fn value(&mut self, value: &AttributeValue) -> Form {
        self.types = true;
        let open = ["&types.AttributeValueMember", value.type_name(), "{Value: "].together();
        let list = |kind: &str, items: Vec<String>| {
            Form::group([&open, "[]", kind, "{"].together(), items.into_iter().map(Form::Atom), "}}")
        };
        let atom = |value: &str| Form::Atom([&open, value, "}"].together());
        match value {
            AttributeValue::S(value) => atom(&text(value, false)),
            AttributeValue::N(number) => atom(&text(number.as_str(), false)),
            AttributeValue::B(value) => atom(&bytes(value)),
            AttributeValue::Bool(false) => atom("false"),
            AttributeValue::Bool(true) | AttributeValue::Null => atom("true"),
            AttributeValue::Ss(set) => list("string", set.iter().map(|value| text(value, false)).collect()),
            AttributeValue::Ns(set) => list("string", set.iter().map(|number| text(number.as_str(), false)).collect()),
            AttributeValue::Bs(set) => list("[]byte", set.iter().map(|value| bytes(value)).collect()),
            AttributeValue::L(items) => {
                let open = [&open, "[]types.AttributeValue{"].together();
                Form::group(open, items.iter().map(|item| self.value(item)), "}}")
            }
            AttributeValue::M(attributes) => self.attributes(&[&open, VALUES].together(), attributes, "}}"),
        }
    }
}

fn label(name: &str) -> String {
    let mut out = text(name, false);
    out.push_str(": ");
    out
}

fn bytes(value: &[u8]) -> String {
    let mut out = String::from("[]byte(");
    write_bytes(&mut out, value);
    out.push(')');
    out
}
