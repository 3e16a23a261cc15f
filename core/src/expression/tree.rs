//! Expressions in memory, for whoever checks, prints, evaluates or explains them.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::Span;

/// A document path: `a.#b[3]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// A name, then names and indexes.
    pub elements: Vec<Element>,
    /// Where it stands.
    pub span: Span,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// An attribute by its own name.
    Name(String),
    /// An attribute by a name that ExpressionAttributeNames defines.
    Placeholder {
        /// As written, with its `#`.
        placeholder: String,
        /// The attribute's name.
        name: String,
    },
    /// A member of a list, from 0.
    Index(u32),
}

impl Path {
    /// Whether two paths lead to the same place, however they are written.
    pub fn is_same(&self, other: &Path) -> bool {
        self.elements.len() == other.elements.len()
            && self.elements.iter().zip(&other.elements).all(|(a, b)| a.is_same(b))
    }
}

impl Element {
    /// The attribute's name, unless this is an index.
    pub fn name(&self) -> Option<&str> {
        match self {
            Element::Name(name) | Element::Placeholder { name, .. } => Some(name),
            Element::Index(_) => None,
        }
    }

    /// Whether two steps lead to the same place, however they are written.
    pub fn is_same(&self, other: &Element) -> bool {
        match (self, other) {
            (Element::Index(a), Element::Index(b)) => a == b,
            _ => self.name().is_some() && self.name() == other.name(),
        }
    }
}

/// A `:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As written, with its `:`.
    pub placeholder: String,
    /// Where it stands.
    pub span: Span,
}

/// What an operator or function works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A document path.
    Path(Path),
    /// A `:value`.
    Value(Value),
    /// A function's result.
    Function(Function),
    /// A sum or difference; in updates only.
    Arithmetic(Box<Arithmetic>),
}

impl Operand {
    /// Where it stands, without the parentheses around it.
    pub fn span(&self) -> Span {
        match self {
            Operand::Path(path) => path.span,
            Operand::Value(value) => value.span,
            Operand::Function(function) => function.span,
            Operand::Arithmetic(arithmetic) => arithmetic.span,
        }
    }
}

/// `left + right` or `left - right`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arithmetic {
    /// The left operand.
    pub left: Operand,
    /// Whether the right operand is subtracted.
    pub minus: bool,
    /// The right operand.
    pub right: Operand,
    /// Where it stands.
    pub span: Span,
}

/// A function and its operands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Which function.
    pub name: FunctionName,
    /// Its operands, as many as it takes.
    pub operands: Vec<Operand>,
    /// Where it stands.
    pub span: Span,
}

/// The functions; their names are case-sensitive.
#[allow(missing_docs, reason = "the names are the documentation")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionName {
    AttributeExists,
    AttributeNotExists,
    AttributeType,
    BeginsWith,
    Contains,
    Size,
    IfNotExists,
    ListAppend,
}

impl FunctionName {
    /// Every function.
    pub const ALL: [FunctionName; 8] = [
        FunctionName::AttributeExists,
        FunctionName::AttributeNotExists,
        FunctionName::AttributeType,
        FunctionName::BeginsWith,
        FunctionName::Contains,
        FunctionName::Size,
        FunctionName::IfNotExists,
        FunctionName::ListAppend,
    ];

    /// The function of exactly that name.
    pub fn parse(name: &str) -> Option<FunctionName> {
        Self::ALL.into_iter().find(|function| function.as_str() == name)
    }

    /// The name as it stands in expressions.
    pub fn as_str(self) -> &'static str {
        match self {
            FunctionName::AttributeExists => "attribute_exists",
            FunctionName::AttributeNotExists => "attribute_not_exists",
            FunctionName::AttributeType => "attribute_type",
            FunctionName::BeginsWith => "begins_with",
            FunctionName::Contains => "contains",
            FunctionName::Size => "size",
            FunctionName::IfNotExists => "if_not_exists",
            FunctionName::ListAppend => "list_append",
        }
    }

    /// How many operands it takes.
    pub fn operands(self) -> usize {
        match self {
            FunctionName::AttributeExists | FunctionName::AttributeNotExists | FunctionName::Size => 1,
            _ => 2,
        }
    }

    /// Whether it belongs into updates; the others belong into conditions.
    pub fn is_for_updates(self) -> bool {
        matches!(self, FunctionName::IfNotExists | FunctionName::ListAppend)
    }
}

/// `=` and its siblings.
#[allow(missing_docs, reason = "the names are the documentation")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    /// The operator as it stands in expressions.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparator::Equal => "=",
            Comparator::NotEqual => "<>",
            Comparator::Less => "<",
            Comparator::LessOrEqual => "<=",
            Comparator::Greater => ">",
            Comparator::GreaterOrEqual => ">=",
        }
    }
}

/// A condition, a key condition or a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// At least two conditions of which one must hold; none is an `Or` that was written without parentheses.
    Or(Vec<Condition>),
    /// At least two conditions that must all hold.
    And(Vec<Condition>),
    /// The condition must not hold.
    Not(Box<Condition>),
    /// `left = right`
    Compare {
        /// Which comparison.
        comparator: Comparator,
        /// The left operand.
        left: Operand,
        /// The right operand.
        right: Operand,
        /// Where it stands.
        span: Span,
    },
    /// `operand BETWEEN low AND high`
    Between {
        /// What is compared.
        operand: Operand,
        /// The lower bound, which belongs to the range.
        low: Operand,
        /// The upper bound, which belongs to the range.
        high: Operand,
        /// Where it stands.
        span: Span,
    },
    /// `operand IN (one, two)`
    In {
        /// What is looked for.
        operand: Operand,
        /// Where it is looked for: 1 to 100 operands.
        list: Vec<Operand>,
        /// Where it stands.
        span: Span,
    },
    /// A function that says yes or no.
    Function(Function),
}

impl Condition {
    /// Where it stands, without the parentheses around it. Of conditions inside, it is the place from the first to the last.
    pub fn span(&self) -> Span {
        let mut first = self;
        while let Condition::Or(some) | Condition::And(some) = first
            && let Some(inner) = some.first()
        {
            first = inner;
        }
        let mut last = self;
        loop {
            last = match last {
                Condition::Or(some) | Condition::And(some) => match some.last() {
                    Some(inner) => inner,
                    None => break,
                },
                Condition::Not(inner) => inner,
                _ => break,
            };
        }
        first.own_span().to(last.own_span())
    }

    fn own_span(&self) -> Span {
        match self {
            Condition::Or(_) | Condition::And(_) => Span::default(),
            Condition::Not(inner) => inner.span(),
            Condition::Compare { span, .. } | Condition::Between { span, .. } | Condition::In { span, .. } => *span,
            Condition::Function(function) => function.span,
        }
    }
}

/// An update: each section's actions in the order they were written.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Update {
    /// What `SET` lists.
    pub set: Vec<SetAction>,
    /// What `REMOVE` lists.
    pub remove: Vec<Path>,
    /// What `ADD` lists.
    pub add: Vec<UpdateAction>,
    /// What `DELETE` lists.
    pub delete: Vec<UpdateAction>,
}

/// One action of `SET`: `path = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAction {
    /// What is set.
    pub path: Path,
    /// To what.
    pub value: Operand,
}

/// One action of `ADD` or `DELETE`: `path :value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateAction {
    /// What is changed.
    pub path: Path,
    /// By what.
    pub value: Value,
}
