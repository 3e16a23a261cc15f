//! The rules as one table: the id that errors and warnings carry, when a rule refuses, and in which words.
//!
//! A wording is what the message says, `{}` for what varies, ` | ` between alternatives. A message that DynamoDB words is
//! made from this table by [`Rule::message`], so that following DynamoDB to a new wording is a change of one line. Who asks
//! which rule when is left to `rules`, [`crate::expression`] and the readers.

use alloc::string::String;

/// Whose words a wording is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// DynamoDB's, as recorded from it.
    DynamoDb,
    /// The refusal is DynamoDB's, by its documentation or as peers observed it; the words are ours, or not stable enough to rely on.
    Sense,
    /// This gate's own rule, in its own words.
    Gate,
}

impl Source {
    /// The source in a word, for documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::DynamoDb => "DynamoDB",
            Source::Sense => "DynamoDB, in our words",
            Source::Gate => "gateleg",
        }
    }
}

macro_rules! rules {
    ($($name:ident $id:literal $source:ident $when:literal $wording:expr;)*) => {
        /// One rule; see the [module](self).
        #[allow(missing_docs, reason = "Rule::when says it")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($name),* }

        impl Rule {
            /// Every rule there is.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),*];

            /// The id, stable across versions.
            pub fn id(self) -> &'static str {
                match self { $(Rule::$name => $id),* }
            }

            /// When it speaks up, for a person.
            pub fn when(self) -> &'static str {
                match self { $(Rule::$name => $when),* }
            }

            /// What it says: `{}` stands for what varies, ` | ` between alternatives.
            pub fn wording(self) -> &'static str {
                match self { $(Rule::$name => $wording),* }
            }

            /// Whose words these are.
            pub fn source(self) -> Source {
                match self { $(Rule::$name => Source::$source),* }
            }
        }
    };
}

/// A sentence that DynamoDB puts in front of many.
macro_rules! invalid {
    ($text:literal) => {
        concat!("One or more parameter values were invalid: ", $text)
    };
}

rules! {
    // The envelope.
    JsonSyntax "json.syntax" Gate "the request is not JSON, has a key twice, or nests too deep" "{}";
    EnvelopeType "envelope.type" Gate "the request is not an object" "The request must be a JSON object, but it is {}";
    EnvelopeSlip "envelope.slip" Gate "an unknown member of the request looks like a slip for a known one" "\"{}\" is not a member of a request{}";
    EnvelopeOperation "envelope.operation" Gate "the operation is missing or unknown" "The request has no operation | Invalid type for operation: {} | Unrecognized operation {}";
    EnvelopePayload "envelope.payload" Gate "the payload is missing or no object" "{} needs a payload | Invalid type for payload: {}";
    EnvelopeTableName "envelope.table-name" Gate "tableName is missing, no string, or not the payload's" "Value null at 'tableName' failed to satisfy constraint: {} | Invalid type for tableName: {} | payload.TableName differs from tableName";
    OptionsUnknown "options.unknown" Gate "an option is unknown" "Unknown option \"{}\"";
    OptionsNotApplicable "options.not-applicable" Gate "an option does not apply to the operation" "Option {} does not apply to {}";
    OptionsType "options.type" Gate "an option is of the wrong JSON type" "Invalid type for {}: expected {}, but found {}";
    OptionsValue "options.value" Gate "an option has a value it cannot have" "Unknown value \"{}\" for {}, must be one of: {}";
    OptionsTogether "options.together" Gate "two things that exclude each other are asked for" "{} cannot stand beside {}";
    OptionsContinuation "options.continuation" Gate "options.continuation is not what an earlier reply had" "Invalid continuation: expected {}, but found {}";
    OptionsIdempotencyKey "options.idempotency-key" Gate "options.idempotencyKey and ClientRequestToken differ" "options.idempotencyKey differs from payload.ClientRequestToken";
    BatchForm "batch.form" Gate "a batch mixes the form for one table with RequestItems" "RequestItems names its tables itself and cannot stand beside tableName | {} is of the form for one table, and there is no tableName";
    Context "context" Gate "a home hands the planner a context it cannot read" "{}";
    EventBody "event.body" Gate "a Lambda event carries a body that cannot be decoded" "{}";
    EventShape "event.shape" Gate "a Lambda event is of no known shape" "{}";
    DoorOrigin "door.origin" Gate "a web page elsewhere calls a local host" "{}";
    PolicyTable "policy.table" Gate "the policy does not allow the table" "Table {} is not allowed here";
    PolicyOperation "policy.operation" Gate "the policy does not allow the operation" "Operation {} is not allowed here";
    PolicyReadOnly "policy.read-only" Gate "the policy allows no writing" "Operation {} is not allowed here, where nothing may be written";
    PolicyIndex "policy.index" Gate "the policy does not allow the index" "Index {} of table {} is not allowed here";
    PolicyCeiling "policy.ceiling" Gate "the request would do more than the policy allows one request to do" "At most {} {} are allowed per request here";

    // Parameters by themselves.
    ParameterUnknown "parameter.unknown" Gate "a member is none of the API's" "Unknown parameter in input: {}, must be one of: {}";
    ParameterType "parameter.type" Sense "a parameter is of the wrong JSON type" "Invalid type for parameter {}: expected {}, but found {}";
    ParameterRequired "parameter.required" DynamoDb "a required parameter is missing" "Value null at '{}' failed to satisfy constraint: Member must not be null | batchWrite needs Put or Delete, or RequestItems without tableName";
    ParameterLength "parameter.length" DynamoDb "a text or a list is too short or too long" "Value{} at '{}' failed to satisfy constraint: Member must have length {} than or equal to {}";
    ParameterName "parameter.name" DynamoDb "a table or index name has other characters than letters, digits and `_.-`" "Value '{}' at '{}' failed to satisfy constraint: Member must satisfy regular expression pattern: {}";
    ParameterEnum "parameter.enum" DynamoDb "a word is none of those that are allowed" "Value '{}' at '{}' failed to satisfy constraint: Member must satisfy enum value set: [{}]";
    ParameterRange "parameter.range" DynamoDb "a number is out of range" "Value '{}' at '{}' failed to satisfy constraint: Member must have value {} than or equal to {}";

    // Attribute values.
    TagMalformed "tag.malformed" Gate "a tag such as $ss does not hold what it must" "Malformed tag {}: expected {}";
    ValueEmpty "value.empty" DynamoDb "a typed value has no type" "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
    ValueSeveralTypes "value.several-types" DynamoDb "a typed value has two types" "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
    ValueNull "value.null" DynamoDb "NULL is false" invalid!("Null attribute value types must have the value of true");
    ValueEmptyStringSet "value.empty-string-set" DynamoDb "a string set is empty" invalid!("An string set  may not be empty");
    ValueEmptyNumberSet "value.empty-number-set" DynamoDb "a number set is empty" invalid!("An number set  may not be empty");
    ValueEmptyBinarySet "value.empty-binary-set" DynamoDb "a binary set is empty" invalid!("Binary sets should not be empty");
    ValueStringTwice "value.string-twice" DynamoDb "a string set has a member twice" invalid!("Input collection [{}] contains duplicates.");
    ValueNumberTwice "value.number-twice" DynamoDb "a number set has a member twice; 1 and 1.0 are the same" "Input collection contains duplicates";
    ValueBinaryTwice "value.binary-twice" DynamoDb "a binary set has a member twice" invalid!("Input collection [{}]of type BS contains duplicates.");
    ValueNumber "value.number" DynamoDb "a text is no number" "The parameter cannot be converted to a numeric value{}";
    ValueNumberDigits "value.number-digits" DynamoDb "a number has more than 38 significant digits" "Attempting to store more than 38 significant digits in a Number";
    ValueNumberOverflow "value.number-overflow" DynamoDb "a number is beyond 9.99..E+125" "Number overflow. Attempting to store a number with magnitude larger than supported range";
    ValueNumberUnderflow "value.number-underflow" DynamoDb "a number is below 1E-130" "Number underflow. Attempting to store a number with magnitude smaller than supported range";
    ValueNesting "value.nesting" DynamoDb "values nest more than 32 levels deep" "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";
    AttributeNameEmpty "attribute.name-empty" DynamoDb "an attribute has no name" "Empty attribute name | ExpressionAttributeNames contains invalid value: Empty attribute name for key {}";
    AttributeNameLength "attribute.name-length" Sense "an attribute's name is longer than 65535 bytes" "Attribute name is too large, must be less than 65536 bytes";
    ItemSize "item.size" DynamoDb "an item is larger than 409600 bytes" "Item size has exceeded the maximum allowed size";
    UpdateSize "update.size" DynamoDb "an update alone says more than an item can hold" "Item size to update has exceeded the maximum allowed size";
    KeyHashSize "key.hash-size" DynamoDb "a partition key is longer than 2048 bytes, where the policy names the table's keys" invalid!("Size of hashkey has exceeded the maximum size limit of2048 bytes");
    KeyRangeSize "key.range-size" DynamoDb "a sort key is longer than 1024 bytes, where the policy names the table's keys" invalid!("Aggregated size of all range keys has exceeded the size limit of 1024 bytes");

    // Expression parameters.
    MixedParameters "expression.mixed" DynamoDb "an expression stands beside a legacy parameter" "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {{}} Expression parameters: {{}}";
    NamesWithoutExpression "names.no-expression" DynamoDb "ExpressionAttributeNames without an expression" "ExpressionAttributeNames can only be specified when using expressions";
    ValuesWithoutExpression "values.no-expression" DynamoDb "ExpressionAttributeValues without an expression that takes values" "ExpressionAttributeValues can only be specified when using expressions: {} null";
    NamesEmpty "names.empty" DynamoDb "ExpressionAttributeNames is {}" "ExpressionAttributeNames must not be empty";
    ValuesEmpty "values.empty" DynamoDb "ExpressionAttributeValues is {}" "ExpressionAttributeValues must not be empty";
    NamesKey "names.key" DynamoDb "a name's placeholder is not # and then letters, digits or _" "ExpressionAttributeNames contains invalid key: Syntax error; key: \"{}\"";
    ValuesKey "values.key" DynamoDb "a value's placeholder is not : and then letters, digits or _" "ExpressionAttributeValues contains invalid key: Syntax error; key: \"{}\"";
    NamesKeyLength "names.key-length" Sense "a name's placeholder is longer than 255 bytes" "ExpressionAttributeNames contains invalid key: The expression attribute name is longer than 255 bytes; key: \"{}\"";
    ValuesKeyLength "values.key-length" Sense "a value's placeholder is longer than 255 bytes" "ExpressionAttributeValues contains invalid key: The expression attribute value is longer than 255 bytes; key: \"{}\"";
    PlaceholdersSize "expression.placeholders-size" Sense "names and values together are larger than 2 MB" "ExpressionAttributeNames and ExpressionAttributeValues together have exceeded the maximum allowed size of 2 MB";
    NamesUnused "names.unused" DynamoDb "no expression uses a name" "Value provided in ExpressionAttributeNames unused in expressions: keys: {{}}";
    ValuesUnused "values.unused" DynamoDb "no expression uses a value" "Value provided in ExpressionAttributeValues unused in expressions: keys: {{}}";

    // Expressions, each prefixed with `Invalid FilterExpression: ` and the like; key conditions are not.
    ExpressionEmpty "expression.empty" DynamoDb "an expression has no characters" "The expression can not be empty;";
    ExpressionSize "expression.size" DynamoDb "an expression has more than 4,096 bytes" "Expression size has exceeded the maximum allowed size; expression size: {}";
    ExpressionSyntax "expression.syntax" DynamoDb "an expression is not of the grammar" "Syntax error; token: \"{}\", near: \"{}\"";
    ExpressionOperators "expression.operators" DynamoDb "more than 300 operators and functions" "The expression contains too many operators; operator count: {}";
    ExpressionInOperands "expression.in-operands" DynamoDb "more than 100 operands in the list of IN" "The IN operator is provided with too many operands; number of operands: {}";
    ExpressionParentheses "expression.parentheses" DynamoDb "a pair of parentheses holds only another pair" "The expression has redundant parentheses;";
    ExpressionUnknownFunction "expression.unknown-function" DynamoDb "a function that this kind of expression does not have" "Invalid function name; function: {}";
    ExpressionMisusedFunction "expression.misused-function" DynamoDb "a function that says yes or no stands as an operand, or size() as a condition" "The function is not allowed to be used this way in an expression; function: {}";
    ExpressionReservedWord "expression.reserved-word" DynamoDb "a bare attribute name is a reserved word" "Attribute name is a reserved keyword; reserved keyword: {}";
    ExpressionIndex "expression.index" DynamoDb "an index is beyond 2147483647" "List index is not within the allowable range; index: [{}]";
    ExpressionSection "expression.section" DynamoDb "a section stands twice in an update" "The \"{}\" section can only be used once in an update expression;";
    ExpressionUndefinedName "expression.undefined-name" DynamoDb "a #name is not in ExpressionAttributeNames" "An expression attribute name used in the document path is not defined; attribute name: {}";
    ExpressionUndefinedValue "expression.undefined-value" DynamoDb "a :value is not in ExpressionAttributeValues" "An expression attribute value used in expression is not defined; attribute value: {}";
    ExpressionOverlap "expression.overlap" DynamoDb "of two paths in one update or projection, one leads into the other or is the same" "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: {}, path two: {}";
    ExpressionConflict "expression.conflict" DynamoDb "two paths in one update or projection treat the same thing as a map and as a list" "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: {}, path two: {}";
    ExpressionOperandCount "expression.operand-count" DynamoDb "a function has too many or too few operands" "Incorrect number of operands for operator or function; operator or function: {}, number of operands: {}";
    ExpressionDistinct "expression.distinct" DynamoDb "both operands are the same path" "The first operand must be distinct from the remaining operands for this operator or function; operator: {}, first operand: {}";
    ExpressionOperandType "expression.operand-type" DynamoDb "an operand has a type that the operator or function does not take" "Incorrect operand type for operator or function; operator or function: {}, operand type: {}";
    ExpressionActionType "expression.action-type" DynamoDb "ADD or DELETE with a value of a type they do not take" "Incorrect operand type for operator or function; operator: {}, operand type: {}";
    ExpressionPathRequired "expression.path-required" DynamoDb "a function's first operand has to be a path" "Operator or function requires a document path; operator or function: {}";
    ExpressionTypeName "expression.type-name" DynamoDb "the second operand of attribute_type names no type" "Invalid attribute type name found; type: {}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}";
    ExpressionBoundTypes "expression.bound-types" DynamoDb "the bounds of BETWEEN are of different types" "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {}, upper bound operand: AttributeValue: {}";
    ExpressionBoundOrder "expression.bound-order" DynamoDb "the lower bound of BETWEEN is greater than the upper one" "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {}, upper bound operand: AttributeValue: {}";
    KeyConditionOperator "key-condition.operator" DynamoDb "OR, NOT, IN, <> or a function other than begins_with in a key condition" "Invalid operator used in KeyConditionExpression: {}";
    KeyConditionOnce "key-condition.once" DynamoDb "two conditions on one attribute in a key condition" "KeyConditionExpressions must only contain one condition per key";
    KeyConditionNested "key-condition.nested" DynamoDb "a path of more than one element in a key condition" "KeyConditionExpressions cannot have conditions on nested attributes";
    KeyConditionOperation "key-condition.operation" DynamoDb "size() in a key condition" "KeyConditionExpressions cannot contain nested operations";
    KeyConditionMissing "key-condition.missing" DynamoDb "a condition of a key condition names no attribute" "Invalid condition in KeyConditionExpression: No key attribute specified";
    KeyConditionSeveral "key-condition.several" DynamoDb "a condition of a key condition names two attributes" "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition";
    KeyConditionFirst "key-condition.first" DynamoDb "BETWEEN or begins_with in a key condition, with something else than the attribute in front" "Invalid condition in KeyConditionExpression: {} operator must have the key attribute as its first operand";

    // Operations.
    ReturnValuesSingle "return-values.single" DynamoDb "create or delete asks for other than the old item" "ReturnValues can only be ALL_OLD or NONE";
    QueryKeyCondition "query.key-condition" DynamoDb "a query has no key condition" "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.";
    ScanSegment "scan.segment" DynamoDb "Segment and TotalSegments do not go together" "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {} is not less than TotalSegments: {} | The {} parameter is required but was not present in the request when {} is present";
    SelectSpecific "select.specific" DynamoDb "SPECIFIC_ATTRIBUTES without saying which" "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES";
    SelectOther "select.other" DynamoDb "Select says something else than a projection beside it" "Cannot specify the {} when choosing to get {}";
    SelectProjected "select.projected" DynamoDb "ALL_PROJECTED_ATTRIBUTES without an index" "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName";
    BatchSize "batch.size" DynamoDb "a batch has more items than one call takes" "Too many items requested for the {} call";
    BatchWrite "batch.write" DynamoDb "a write of a batch is not exactly one of PutRequest and DeleteRequest" "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
    BatchDuplicates "batch.duplicates" DynamoDb "a batch names an item twice" "Provided list of item keys contains duplicates";
    TransactionNoAction "transaction.no-action" DynamoDb "an item of a transaction has no action" "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request";
    TransactionActions "transaction.actions" DynamoDb "an item of a transaction has several actions" "TransactItems can only contain one of Check, Put, Update or Delete";
    TransactionDuplicates "transaction.duplicates" DynamoDb "a transaction names an item twice" "Transaction request cannot include multiple operations on one item";
    TransactionSize "transaction.size" Sense "the items of a transaction are larger than 4 MB together" "The aggregate size of the items in the transaction cannot exceed 4 MB";

    // Legacy parameters.
    AttributesToGetTwice "attributes-to-get.twice" DynamoDb "AttributesToGet has a name twice" invalid!("Duplicate value in attribute name: {}");
    UpdateNoValue "attribute-updates.no-value" DynamoDb "an action other than DELETE has no value" invalid!("Only DELETE action is allowed when no attribute value is specified");
    UpdateDeleteType "attribute-updates.delete-type" DynamoDb "DELETE has a value that is no set" invalid!("DELETE action with value is not supported for the type {}");
    UpdateAddType "attribute-updates.add-type" DynamoDb "ADD has a value that is no number, set or list" invalid!("ADD action is not supported for the type {}");
    ExpectedExistsOperator "expected.exists-operator" DynamoDb "Exists stands beside ComparisonOperator" invalid!("Exists and ComparisonOperator cannot be used together for Attribute: {}");
    ExpectedValueList "expected.value-list" DynamoDb "Value stands beside AttributeValueList" invalid!("Value and AttributeValueList cannot be used together for Attribute: {}");
    ExpectedListAlone "expected.list-alone" DynamoDb "AttributeValueList has no ComparisonOperator" invalid!("AttributeValueList can only be used with a ComparisonOperator for Attribute: {}");
    ExpectedNoOperand "expected.no-operand" DynamoDb "ComparisonOperator has nothing to compare with" invalid!("Value or AttributeValueList must be used with ComparisonOperator: {} for Attribute: {}");
    ExpectedNoValue "expected.no-value" DynamoDb "an attribute is expected to exist, but with which value is not said" invalid!("Value must be provided when Exists is {} for Attribute: {}");
    ExpectedAbsentValue "expected.absent-value" DynamoDb "an attribute is expected not to exist, with a value" invalid!("Value cannot be used when Exists is false for Attribute: {}");
    ConditionArguments "condition.arguments" DynamoDb "a comparison has too few or too many operands" invalid!("Invalid number of argument(s) for the {} ComparisonOperator");
    ConditionType "condition.type" DynamoDb "a comparison does not take operands of the type" invalid!("ComparisonOperator {} is not valid for {} AttributeValue type");
    ConditionSameType "condition.same-type" DynamoDb "the operands of a comparison are of several types" invalid!("AttributeValues inside AttributeValueList must be of same type");
    ConditionBounds "condition.bounds" DynamoDb "BETWEEN's lower bound is above the upper" "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound";
    ConditionalOperatorAlone "conditional-operator.alone" DynamoDb "ConditionalOperator has nothing to combine" "ConditionalOperator cannot be used without Filter or Expected";
    ConditionalOperatorSingle "conditional-operator.single" DynamoDb "ConditionalOperator has a single condition to combine" "ConditionalOperator can only be used when Filter or Expected has two or more elements";
    KeyConditionsCount "key-condition.count" DynamoDb "a key condition names no attribute, or more than a key has" "Conditions can be of length 1 or 2 only";

    // Advice: in plans only, and nothing is refused for it.
    LooksTyped "value.dynamodb-json" Gate "a map in plain JSON looks like DynamoDB JSON" "This is a map with the one key {}, but it looks like DynamoDB JSON";
    FilterReadsEverything "filter.reads-everything" Gate "a filter drops items that were read" "{} drops items after they are read: this reads, and pays for, {}";
    FilterPinsKey "filter.pins-key" Gate "the filter of a list pins the partition key, where the policy names the table's keys" "This reads all of {}, and then keeps the items with one {}";
    FilterLimit "filter.limit" Gate "Limit stands beside a filter" "Limit counts items before the filter: this reads {}, and may return none of them";
    LegacyParameter "legacy.parameter" Gate "a legacy parameter has a modern expression that says the same" "{} is a legacy parameter; {} says the same | {} are legacy parameters; {} say the same";
}

impl Rule {
    /// The rule of that id.
    ///
    /// ```
    /// use gateleg_core::rule::Rule;
    /// assert_eq!(Rule::parse("item.size"), Some(Rule::ItemSize));
    /// ```
    pub fn parse(id: &str) -> Option<Rule> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }

    /// What to do about it, where that is always the same; refusals that know more say so themselves.
    ///
    /// ```
    /// use gateleg_core::rule::Rule;
    /// assert_eq!(Rule::ValueEmptyStringSet.hint(), Some("DynamoDB has no empty sets: leave the attribute out"));
    /// ```
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Rule::ValueEmptyStringSet | Rule::ValueEmptyNumberSet | Rule::ValueEmptyBinarySet => {
                "DynamoDB has no empty sets: leave the attribute out"
            }
            Rule::ValueStringTwice | Rule::ValueNumberTwice | Rule::ValueBinaryTwice => "A set holds each member once",
            Rule::ValueNumberDigits => "Round it to 38 significant digits, or store its text as a string",
            Rule::ValueNumberOverflow | Rule::ValueNumberUnderflow => {
                "A number's magnitude is 0, or from 1E-130 to 9.99E+125; store the text of others as a string"
            }
            Rule::ValueNesting => "Values nest at most 32 levels deep; store what is deeper as a string of JSON",
            Rule::ItemSize | Rule::UpdateSize => "An item holds at most 400 KB, its attributes' names included",
            Rule::ExpressionParentheses => "Take the inner pair away",
            Rule::ExpressionSection => {
                "Put all changes of a kind behind one SET, REMOVE, ADD or DELETE, with commas between"
            }
            Rule::ExpressionOverlap => "Name a place once, and no place inside it",
            Rule::ExpressionConflict => "A place is a map, or it is a list",
            Rule::ExpressionOperandType => {
                "<, <=, > and >= and BETWEEN compare strings, numbers and binaries, begins_with takes strings and binaries, + and - take numbers"
            }
            Rule::ExpressionActionType => "ADD takes numbers and sets, DELETE takes sets",
            Rule::KeyConditionOperator => {
                "A key condition says = of the partition key, and =, <, <=, >, >=, BETWEEN or begins_with of the sort key, joined by AND"
            }
            Rule::QueryKeyCondition => "To read items whatever their keys, use the operation list",
            Rule::BatchDuplicates | Rule::TransactionDuplicates => "Name each item once",
            _ => return None,
        })
    }

    /// The first alternative of the wording with `parts` in the places of `{}`.
    ///
    /// ```
    /// use gateleg_core::rule::Rule;
    /// assert_eq!(Rule::BatchSize.message(&["BatchGetItem"]), "Too many items requested for the BatchGetItem call");
    /// ```
    pub fn message(self, parts: &[&str]) -> String {
        self.alternative(0, parts)
    }

    /// The alternative of that number of the wording, from 0, with `parts` in the places of `{}`.
    pub fn alternative(self, number: usize, parts: &[&str]) -> String {
        // Byte by byte: the library's search for a text in a text is for longer ones, and as large as a dozen of these.
        let wording = self.wording().split('|').nth(number).unwrap_or_default().trim_matches(' ');
        let mut parts = parts.iter();
        let mut message = String::with_capacity(wording.len() + 16);
        let mut chars = wording.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '{' && chars.next_if_eq(&'}').is_some() {
                message.push_str(parts.next().unwrap_or(&""));
            } else {
                message.push(c);
            }
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_of_one_form() {
        let mut ids: std::vec::Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '-'))), "{ids:?}");
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn alternatives_are_what_stands_between_bars() {
        for rule in Rule::ALL {
            let wording = rule.wording();
            assert!(!wording.starts_with(' ') && !wording.ends_with(' '), "{wording:?}");
            for (number, expected) in wording.split(" | ").enumerate() {
                assert!(!expected.contains('|') && expected.trim_matches(' ') == expected, "{wording:?}");
                assert_eq!(rule.alternative(number, &["<>"; 9]), expected.replace("{}", "<>"));
            }
        }
    }

    #[test]
    fn parts_stand_where_the_wording_has_room() {
        assert_eq!(Rule::MixedParameters.message(&["A", "B"]).matches("{A}").count(), 1);
        assert_eq!(
            Rule::NamesUnused.message(&["#a, #b"]),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}"
        );
    }
}
