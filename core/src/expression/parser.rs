//! Tokens become paths, operands and projections; what every kind of expression shares.
//!
//! Nothing in here recurses: nesting is kept on a heap of frames, so that no expression can overflow a stack.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::fault::{Cause, Fault, Findings, fault};
use super::lexer::{Kind, Span, Token, token};
use super::{Element, Expression, ExpressionKind, Function, FunctionName, Operand, Path, Scope, Value, is_reserved};
use crate::nearest::nearest;
use crate::rule::Rule;

/// Operators and functions in one expression.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub(super) const MAX_OPERATORS: usize = 300;

/// The longest expression, in bytes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub(super) const MAX_SIZE: usize = 4096;

/// Words that are neither names nor functions, in any case.
const CONDITION_KEYWORDS: &[&str] = &["AND", "OR", "NOT", "BETWEEN", "IN"];
const UPDATE_KEYWORDS: &[&str] = &["SET", "REMOVE", "ADD", "DELETE"];

/// Reads one expression.
pub(super) struct Parser<'t, 's, 'a> {
    text: &'t str,
    pub(super) kind: ExpressionKind,
    pub(super) scope: &'s mut Scope<'a>,
    /// The token that is looked at.
    pub(super) token: Token,
    /// Where the one before it stands.
    pub(super) before: Option<Span>,
    pub(super) findings: Findings,
    operators: usize,
}

/// What is open around an operand.
enum Frame {
    /// `(`
    Parenthesis,
    /// `name( a, b,`
    Call { name: Option<FunctionName>, written: Span, operands: Vec<Operand> },
    /// `a +`
    Sum { left: Operand, minus: bool },
}

impl<'t, 's, 'a> Parser<'t, 's, 'a> {
    /// Reads a whole expression.
    pub(super) fn parse(
        kind: ExpressionKind,
        text: &'t str,
        scope: &'s mut Scope<'a>,
    ) -> Result<Expression, Box<Fault>> {
        if text.is_empty() {
            return Err(fault(Rule::ExpressionEmpty, kind, &[], Span::default()));
        }
        if text.len() > MAX_SIZE {
            let mut fault = fault(Rule::ExpressionSize, kind, &[&decimal(text.len())], Span::default());
            fault.span = (0, text.chars().count());
            return Err(fault);
        }
        let first = token(text, 0);
        let findings = Findings::new(kind);
        let mut parser = Parser { text, kind, scope, token: first, before: None, findings, operators: 0 };
        let expression = match kind {
            ExpressionKind::Update => Expression::Update(parser.update()?),
            ExpressionKind::Projection => Expression::Projection(parser.projection()?),
            _ => Expression::Condition(parser.condition()?),
        };
        if parser.operators > MAX_OPERATORS {
            let whole = parser.whole();
            parser.findings.note(Rule::ExpressionOperators, &[&decimal(parser.operators)], whole);
        }
        parser.findings.into_result()?;
        Ok(expression)
    }

    /// `proj = path { "," path }`
    fn projection(&mut self) -> Result<Vec<Path>, Box<Fault>> {
        let mut paths = Vec::with_capacity(4);
        loop {
            paths.push(self.path()?);
            if !self.take(b',') {
                break;
            }
        }
        self.end()?;
        let all: Vec<&Path> = paths.iter().collect();
        super::overlap::check(&all, &mut self.findings);
        Ok(paths)
    }

    /// `path = name { "." name | "[" digit {digit} "]" }`
    pub(super) fn path(&mut self) -> Result<Path, Box<Fault>> {
        let mut path = Path { elements: Vec::new(), span: self.token.span };
        path.elements.push(self.element()?);
        self.rest_of_path(&mut path)?;
        Ok(path)
    }

    /// What follows the first name of a path.
    fn rest_of_path(&mut self, path: &mut Path) -> Result<(), Box<Fault>> {
        loop {
            if self.take(b'.') {
                path.elements.push(self.element()?);
            } else if self.take(b'[') {
                path.elements.push(self.index()?);
                self.expect(b']')?;
            } else {
                break;
            }
        }
        if let Some(end) = self.before {
            path.span = path.span.to(end);
        }
        Ok(())
    }

    /// `name = word | "#" { letter | digit | "_" }`
    fn element(&mut self) -> Result<Element, Box<Fault>> {
        let Token { kind, span } = self.token;
        let written = self.slice(span);
        let element = match kind {
            Kind::Word if !self.is_keyword(written) => {
                if is_reserved(written) {
                    let cause = || Cause::ReservedWord(written.into());
                    self.findings.note_cause(Rule::ExpressionReservedWord, &[written], span, cause);
                }
                Element::Name(written.into())
            }
            Kind::Name => {
                let name = self.scope.name(written);
                if name.is_none() {
                    let names = self.scope.names();
                    let cause = || Cause::UndefinedName(written.into(), nearest(written, names).map(String::from));
                    self.findings.note_cause(Rule::ExpressionUndefinedName, &[written], span, cause);
                }
                Element::Placeholder { placeholder: written.into(), name: name.unwrap_or_default().into() }
            }
            _ => return Err(self.syntax()),
        };
        self.advance();
        Ok(element)
    }

    fn index(&mut self) -> Result<Element, Box<Fault>> {
        let Token { kind: Kind::Number, span } = self.token else { return Err(self.syntax()) };
        let digits = self.slice(span);
        let index = digits.parse::<i32>().ok().and_then(|index| u32::try_from(index).ok());
        if index.is_none() {
            self.findings.note(Rule::ExpressionIndex, &[digits], span);
        }
        self.advance();
        Ok(Element::Index(index.unwrap_or_default()))
    }

    /// `value = ":" { letter | digit | "_" }`
    pub(super) fn value(&mut self) -> Result<Value, Box<Fault>> {
        let Token { kind: Kind::Value, span } = self.token else { return Err(self.syntax()) };
        let written = self.slice(span);
        if self.scope.value(written).is_none() {
            let values = self.scope.values();
            let cause = || Cause::UndefinedValue(written.into(), nearest(written, values).map(String::from));
            self.findings.note_cause(Rule::ExpressionUndefinedValue, &[written], span, cause);
        }
        self.advance();
        Ok(Value { placeholder: written.into(), span })
    }

    /// ```text
    /// opnd = term | "(" term ")"
    /// term = func | value | path
    /// func = word "(" opnd {"," opnd} ")"
    /// ```
    /// and in updates
    /// ```text
    /// opnd = term | "(" sum ")"
    /// sum  = opnd [ ("+" | "-") opnd ]
    /// ```
    pub(super) fn operand(&mut self) -> Result<Operand, Box<Fault>> {
        let mut frames: Vec<Frame> = Vec::new();
        loop {
            let Some(mut operand) = self.open_operand(&mut frames)? else { continue };
            // Whether the operand is a pair of parentheses, and whether it is a sum without them.
            let (mut grouped, mut summed) = (false, false);
            loop {
                let sum_may_follow = self.kind == ExpressionKind::Update
                    && !summed
                    && matches!(frames.last(), None | Some(Frame::Parenthesis));
                if sum_may_follow && let Kind::Symbol(sign @ (b'+' | b'-')) = self.token.kind {
                    self.operator();
                    self.advance();
                    frames.push(Frame::Sum { left: operand, minus: sign == b'-' });
                    break;
                }
                match frames.pop() {
                    None => return Ok(operand),
                    Some(Frame::Sum { left, minus }) => {
                        operand = self.sum(left, minus, operand);
                        (grouped, summed) = (false, true);
                    }
                    Some(Frame::Parenthesis) => {
                        self.expect(b')')?;
                        self.regroup(&mut operand, grouped)?;
                        (grouped, summed) = (true, false);
                    }
                    Some(Frame::Call { name, written, mut operands }) => {
                        operands.push(operand);
                        if self.take(b',') {
                            frames.push(Frame::Call { name, written, operands });
                            break;
                        }
                        self.expect(b')')?;
                        operand = self.call(name, written, operands);
                        (grouped, summed) = (false, false);
                    }
                }
            }
        }
    }

    /// The next token of an operand: it opens a frame, or is an operand by itself.
    fn open_operand(&mut self, frames: &mut Vec<Frame>) -> Result<Option<Operand>, Box<Fault>> {
        match self.token.kind {
            Kind::Symbol(b'(') => {
                self.advance();
                frames.push(Frame::Parenthesis);
                Ok(None)
            }
            Kind::Value => Ok(Some(Operand::Value(self.value()?))),
            Kind::Word if self.calls() => {
                let written = self.token.span;
                let name = self.function_name(self.slice(written));
                self.advance();
                self.advance();
                self.operator();
                frames.push(Frame::Call { name, written, operands: Vec::with_capacity(2) });
                Ok(None)
            }
            _ => Ok(Some(Operand::Path(self.path()?))),
        }
    }

    /// Whether the word that is looked at is a function: not a keyword, and followed by a parenthesis.
    fn calls(&self) -> bool {
        token(self.text, self.token.span.end).kind == Kind::Symbol(b'(')
            && !self.is_keyword(self.slice(self.token.span))
    }

    fn function_name(&self, name: &str) -> Option<FunctionName> {
        let known = FunctionName::parse(name)?;
        (known.is_for_updates() == (self.kind == ExpressionKind::Update)).then_some(known)
    }

    /// A pair of parentheses has closed around `operand`, which was one already if `twice`.
    ///
    /// DynamoDB tells `((a)).b` as redundant parentheses and `(a).b` as a syntax error.
    pub(super) fn regroup(&mut self, operand: &mut Operand, twice: bool) -> Result<(), Box<Fault>> {
        if !twice || self.kind == ExpressionKind::Update {
            return Ok(());
        }
        self.redundant();
        if let Operand::Path(path) = operand {
            self.rest_of_path(path)?;
        }
        Ok(())
    }

    /// Notes that the pair of parentheses that has just closed is redundant.
    pub(super) fn redundant(&mut self) {
        let span = self.before.unwrap_or_default();
        self.findings.note(Rule::ExpressionParentheses, &[], span);
    }

    fn call(&mut self, name: Option<FunctionName>, written: Span, operands: Vec<Operand>) -> Operand {
        let span = written.to(self.before.unwrap_or(written));
        let Some(name) = name else {
            let name = self.slice(written);
            self.findings.note(Rule::ExpressionUnknownFunction, &[name], written);
            // Refused already: what stands here is never seen.
            return Operand::Function(Function { name: FunctionName::Size, operands: Vec::new(), span });
        };
        let mut function = Function { name, operands, span };
        if self.kind == ExpressionKind::Update {
            self.check_update_function(&function);
        } else {
            self.check_condition_function(&function);
        }
        if self.is_too_deep() {
            function.operands.clear();
        }
        Operand::Function(function)
    }

    /// Counts one operator or function.
    pub(super) fn operator(&mut self) {
        self.operators += 1;
    }

    /// INVARIANT: no tree is built any deeper than the operators that an expression may have; one with more is refused.
    pub(super) fn is_too_deep(&self) -> bool {
        self.operators > MAX_OPERATORS
    }

    /// The attribute value that an operand is, if it is one.
    pub(super) fn literal(&self, operand: &Operand) -> Option<&'a crate::attribute::AttributeValue> {
        match operand {
            Operand::Value(value) => self.scope.get(&value.placeholder),
            _ => None,
        }
    }

    // Tokens

    pub(super) fn advance(&mut self) {
        self.before = Some(self.token.span);
        self.token = token(self.text, self.token.span.end);
    }

    /// Takes that symbol, if it is the next token.
    pub(super) fn take(&mut self, symbol: u8) -> bool {
        let is_next = self.token.kind == Kind::Symbol(symbol);
        if is_next {
            self.advance();
        }
        is_next
    }

    pub(super) fn expect(&mut self, symbol: u8) -> Result<(), Box<Fault>> {
        if self.take(symbol) { Ok(()) } else { Err(self.syntax()) }
    }

    /// Nothing is left.
    pub(super) fn end(&mut self) -> Result<(), Box<Fault>> {
        if self.token.kind == Kind::End { Ok(()) } else { Err(self.syntax()) }
    }

    /// The keyword that is looked at.
    pub(super) fn keyword(&self) -> Option<&'static str> {
        if self.token.kind != Kind::Word {
            return None;
        }
        let written = self.slice(self.token.span);
        self.keywords().iter().copied().find(|keyword| keyword.eq_ignore_ascii_case(written))
    }

    fn is_keyword(&self, word: &str) -> bool {
        self.keywords().iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
    }

    fn keywords(&self) -> &'static [&'static str] {
        match self.kind {
            ExpressionKind::Update => UPDATE_KEYWORDS,
            ExpressionKind::Projection => &[],
            _ => CONDITION_KEYWORDS,
        }
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(usize::from(span.start)..usize::from(span.end)).unwrap_or_default()
    }

    fn whole(&self) -> Span {
        Span { start: 0, end: self.token.span.end }
    }

    /// The token that is looked at cannot stand there: `token` is that token, `near` goes from the token before it to the
    /// token after it.
    pub(super) fn syntax(&self) -> Box<Fault> {
        let Token { kind, span } = self.token;
        let after = token(self.text, span.end);
        let start = self.before.unwrap_or(span);
        let end = match (kind, after.kind) {
            (Kind::End, _) => self.before.unwrap_or(span),
            (_, Kind::End) => span,
            _ => after.span,
        };
        let written = if kind == Kind::End { "<EOF>" } else { self.slice(span) };
        let mut fault = fault(Rule::ExpressionSyntax, self.kind, &[written, self.slice(start.to(end))], span);
        let characters = |end: u16| {
            let before = self.text.get(..usize::from(end)).unwrap_or(self.text);
            if before.is_ascii() { before.len() } else { before.chars().count() }
        };
        fault.span = (characters(span.start), characters(span.end));
        fault
    }
}

pub(super) fn decimal(number: usize) -> String {
    alloc::format!("{number}")
}
