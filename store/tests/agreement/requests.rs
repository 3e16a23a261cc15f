//! The requests that every store is sent, in this order, each with the status it is to be answered with.
//!
//! Tables: `things` (id: S), `orders` (customer: S, placed: N; index by_status: status S, placed N), `counters` (id: N) and
//! `blobs` (id: B).

/// One request.
pub struct Case {
    /// The status that every store is to answer with.
    pub status: u16,
    /// The request.
    pub request: &'static str,
    /// Why dynalite is not asked, if it is not.
    pub not_dynalite: Option<&'static str>,
}

const fn case(status: u16, request: &'static str) -> Case {
    Case { status, request, not_dynalite: None }
}

const fn without_dynalite(reason: &'static str, status: u16, request: &'static str) -> Case {
    Case { status, request, not_dynalite: Some(reason) }
}

const TRANSACTIONS: &str = "dynalite has no transactions";
const OLD_ITEM: &str = "dynalite does not know ReturnValuesOnConditionCheckFailure";
const OR: &str = "dynalite judges ConditionalOperator OR by the first condition alone";
const EXISTS: &str = "dynalite takes Exists: true for the whole of the expectation and does not compare the Value";

/// All of them.
pub const CASES: &[Case] = &[
    // Values of every type, there and back.
    case(
        200,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"all","s":"text é 😀","n":1.5,"b":{"$b":"AP8="},"yes":true,"no":false,"nothing":null,"ss":{"$ss":["a","b"]},"ns":{"$ns":[1,2.5,"-3"]},"bs":{"$bs":["YQ==","Yg=="]},"seq":["a",1,null,[true]],"tree":{"a":{"b":{"c":[{"d":1}]}}},"tagged":{"$m":{"$ss":"x"}}}}}"#,
    ),
    case(200, r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"all"}}}"#),
    case(
        200,
        r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"all"}},"options":{"numbers":"tagged"}}"#,
    ),
    case(
        200,
        r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":{"S":"all"}}},"options":{"format":"dynamodb"}}"#,
    ),
    case(
        200,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"numbers","digits":12345678901234567890123456789012345678,"small":1E-130,"large":{"$n":"9.9999999999999999999999999999999999999E+125"},"negative":-0.00000000000000000000000000000000000012345678901234567890123456789012345678,"trimmed":1.50,"written":1E+30,"zero":0,"minus":-7}}}"#,
    ),
    case(200, r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"numbers"}}}"#),
    case(200, r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"empty","list":[],"map":{}}}}"#),
    case(200, r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"empty"}}}"#),
    case(200, r#"{"operation":"create","tableName":"counters","payload":{"Item":{"id":1.50,"n":1}}}"#),
    case(200, r#"{"operation":"read","tableName":"counters","payload":{"Key":{"id":1.5}}}"#),
    case(200, r#"{"operation":"create","tableName":"blobs","payload":{"Item":{"id":{"$b":"AAECAw=="},"s":"x"}}}"#),
    case(200, r#"{"operation":"read","tableName":"blobs","payload":{"Key":{"id":{"$b":"AAECAw=="}}}}"#),
    // Reading.
    case(200, r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"absent"}}}"#),
    case(
        200,
        r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"absent"},"ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        200,
        r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"numbers"},"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        200,
        r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"numbers"},"ReturnConsumedCapacity":"INDEXES"}}"#,
    ),
    case(
        200,
        r##"{"operation":"read","tableName":"things","payload":{"Key":{"id":"all"},"ProjectionExpression":"#s, tree.a.b, seq[1]","ExpressionAttributeNames":{"#s":"s"}}}"##,
    ),
    case(
        200,
        r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":"all"},"AttributesToGet":["s","n","absent"]}}"#,
    ),
    case(404, r#"{"operation":"read","tableName":"no-such-table","payload":{"Key":{"id":"1"}}}"#),
    case(400, r#"{"operation":"read","tableName":"things","payload":{"Key":{"id":1}}}"#),
    case(400, r#"{"operation":"read","tableName":"things","payload":{"Key":{"other":"1"}}}"#),
    // Creating.
    case(
        200,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1","v":1},"ReturnValues":"ALL_OLD"}}"#,
    ),
    case(
        200,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1","v":2},"ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        409,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1"},"ConditionExpression":"attribute_not_exists(id)"}}"#,
    ),
    without_dynalite(
        OLD_ITEM,
        409,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1"},"ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#,
    ),
    case(
        200,
        r##"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1","v":3},"ConditionExpression":"#v = :v AND size(id) < :n","ExpressionAttributeNames":{"#v":"v"},"ExpressionAttributeValues":{":v":2,":n":10}}}"##,
    ),
    case(
        200,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1","v":4},"Expected":{"v":{"Value":3}}}}"#,
    ),
    case(
        409,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1","v":5},"Expected":{"id":{"Exists":false}}}}"#,
    ),
    without_dynalite(
        OR,
        200,
        r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":"1","v":4},"Expected":{"v":{"ComparisonOperator":"GT","AttributeValueList":[100]},"id":{"ComparisonOperator":"BEGINS_WITH","AttributeValueList":["1"]}},"ConditionalOperator":"OR"}}"#,
    ),
    case(404, r#"{"operation":"create","tableName":"no-such-table","payload":{"Item":{"id":"1"}}}"#),
    case(400, r#"{"operation":"create","tableName":"things","payload":{"Item":{"v":"no key"}}}"#),
    case(400, r#"{"operation":"create","tableName":"things","payload":{"Item":{"id":""}}}"#),
    // Updating.
    case(
        200,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"SET v = v + :one, fresh = if_not_exists(fresh, :list) REMOVE absent ADD amount :one","ExpressionAttributeValues":{":one":1,":list":["a"]},"ReturnValues":"ALL_NEW"}}"#,
    ),
    case(
        200,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"SET fresh = list_append(fresh, :list)","ExpressionAttributeValues":{":list":["b"]},"ReturnValues":"UPDATED_NEW"}}"#,
    ),
    case(
        200,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"SET v = :v","ExpressionAttributeValues":{":v":0.1},"ReturnValues":"UPDATED_OLD"}}"#,
    ),
    case(
        200,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"ADD tags :tags","ExpressionAttributeValues":{":tags":{"$ss":["x","y"]}},"ReturnValues":"ALL_OLD"}}"#,
    ),
    case(
        200,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"DELETE tags :tags","ExpressionAttributeValues":{":tags":{"$ss":["x"]}},"ReturnValues":"ALL_NEW","ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        200,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"made"},"UpdateExpression":"SET made = :yes","ExpressionAttributeValues":{":yes":true},"ReturnValues":"ALL_NEW"}}"#,
    ),
    case(200, r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"bare"}}}"#),
    case(
        200,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"AttributeUpdates":{"v":{"Value":7,"Action":"PUT"},"amount":{"Value":2,"Action":"ADD"},"fresh":{"Action":"DELETE"}},"ReturnValues":"ALL_NEW"}}"#,
    ),
    case(
        409,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"AttributeUpdates":{"v":{"Value":8}},"Expected":{"v":{"Value":6}}}}"#,
    ),
    case(
        409,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"SET v = :v","ConditionExpression":"v BETWEEN :low AND :high","ExpressionAttributeValues":{":v":1,":low":100,":high":200}}}"#,
    ),
    without_dynalite(
        OLD_ITEM,
        409,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"SET v = :v","ConditionExpression":"v BETWEEN :low AND :high","ExpressionAttributeValues":{":v":1,":low":100,":high":200},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#,
    ),
    case(
        400,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"SET id = :v","ExpressionAttributeValues":{":v":"2"}}}"#,
    ),
    case(
        400,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"1"},"UpdateExpression":"SET a.b.c = :v","ExpressionAttributeValues":{":v":"2"}}}"#,
    ),
    case(
        400,
        r#"{"operation":"update","tableName":"things","payload":{"Key":{"id":"all"},"UpdateExpression":"SET s = s + :one","ExpressionAttributeValues":{":one":1}}}"#,
    ),
    case(
        404,
        r#"{"operation":"update","tableName":"no-such-table","payload":{"Key":{"id":"1"},"UpdateExpression":"SET v = :v","ExpressionAttributeValues":{":v":1}}}"#,
    ),
    // Deleting.
    case(200, r#"{"operation":"delete","tableName":"things","payload":{"Key":{"id":"absent"}}}"#),
    case(
        200,
        r#"{"operation":"delete","tableName":"things","payload":{"Key":{"id":"made"},"ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        409,
        r#"{"operation":"delete","tableName":"things","payload":{"Key":{"id":"1"},"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":"other"}}}"#,
    ),
    without_dynalite(
        OLD_ITEM,
        409,
        r#"{"operation":"delete","tableName":"things","payload":{"Key":{"id":"1"},"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":"other"},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#,
    ),
    without_dynalite(
        EXISTS,
        409,
        r#"{"operation":"delete","tableName":"things","payload":{"Key":{"id":"bare"},"Expected":{"id":{"Value":"other","Exists":true}}}}"#,
    ),
    case(
        200,
        r#"{"operation":"delete","tableName":"things","payload":{"Key":{"id":"bare"},"Expected":{"id":{"Value":"bare"}}}}"#,
    ),
    case(404, r#"{"operation":"delete","tableName":"no-such-table","payload":{"Key":{"id":"1"}}}"#),
    // Batches.
    case(
        200,
        r#"{"operation":"batchWrite","tableName":"orders","payload":{"Put":[{"customer":"ann","placed":1,"status":"open","amount":10.5},{"customer":"ann","placed":2,"status":"done","amount":20},{"customer":"ann","placed":10,"status":"open","amount":30},{"customer":"ann","placed":-1,"status":"done","amount":1},{"customer":"bob","placed":3,"status":"open","amount":5},{"customer":"ann","placed":0.5,"amount":2}]}}"#,
    ),
    case(
        200,
        r#"{"operation":"batchWrite","payload":{"RequestItems":{"orders":[{"PutRequest":{"Item":{"customer":"cid","placed":1}}}],"things":[{"PutRequest":{"Item":{"id":"batch"}}},{"DeleteRequest":{"Key":{"id":"empty"}}}]},"ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        200,
        r#"{"operation":"batchWrite","tableName":"orders","payload":{"Delete":[{"customer":"cid","placed":1},{"customer":"cid","placed":2}]}}"#,
    ),
    case(
        200,
        r#"{"operation":"batchRead","tableName":"things","payload":{"Keys":[{"id":"batch"}],"ConsistentRead":true}}"#,
    ),
    case(
        200,
        r##"{"operation":"batchRead","payload":{"RequestItems":{"things":{"Keys":[{"id":"all"}],"ProjectionExpression":"#id, n","ExpressionAttributeNames":{"#id":"id"}},"counters":{"Keys":[{"id":99}]}},"ReturnConsumedCapacity":"TOTAL"}}"##,
    ),
    case(
        200,
        r#"{"operation":"batchRead","payload":{"RequestItems":{"orders":{"Keys":[{"customer":"bob","placed":3}],"AttributesToGet":["amount"]},"counters":{"Keys":[{"id":1.5}]}}}}"#,
    ),
    case(404, r#"{"operation":"batchRead","payload":{"RequestItems":{"no-such-table":{"Keys":[{"id":"1"}]}}}}"#),
    case(
        404,
        r#"{"operation":"batchWrite","payload":{"RequestItems":{"no-such-table":[{"DeleteRequest":{"Key":{"id":"1"}}}]}}}"#,
    ),
    // Queries.
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":"ann"}}}"#,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c AND placed BETWEEN :a AND :b","ExpressionAttributeValues":{":c":"ann",":a":0,":b":5},"ScanIndexForward":false,"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c","FilterExpression":"amount > :t","ExpressionAttributeValues":{":c":"ann",":t":10},"Limit":3}}"#,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":"ann"},"Limit":2}}"#,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":"ann"},"Limit":2,"ExclusiveStartKey":{"customer":"ann","placed":0.5}}}"#,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":"ann"},"Select":"COUNT"}}"#,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":"nobody"}}}"#,
    ),
    case(
        200,
        r##"{"operation":"query","tableName":"orders","payload":{"IndexName":"by_status","KeyConditionExpression":"#s = :s","ExpressionAttributeNames":{"#s":"status"},"ExpressionAttributeValues":{":s":"open"},"ProjectionExpression":"customer, placed"}}"##,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"IndexName":"by_status","KeyConditions":{"status":{"AttributeValueList":["done"],"ComparisonOperator":"EQ"}},"Limit":1}}"#,
    ),
    without_dynalite(
        OR,
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditions":{"customer":{"AttributeValueList":["ann"],"ComparisonOperator":"EQ"},"placed":{"AttributeValueList":[1],"ComparisonOperator":"GE"}},"QueryFilter":{"status":{"AttributeValueList":["open","done"],"ComparisonOperator":"IN"},"amount":{"ComparisonOperator":"NULL"}},"ConditionalOperator":"OR","AttributesToGet":["placed","amount"]}}"#,
    ),
    case(
        200,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditions":{"customer":{"AttributeValueList":["ann"],"ComparisonOperator":"EQ"},"placed":{"AttributeValueList":[1],"ComparisonOperator":"GE"}},"QueryFilter":{"status":{"AttributeValueList":["open","done"],"ComparisonOperator":"IN"},"amount":{"AttributeValueList":[20],"ComparisonOperator":"LE"}},"ConditionalOperator":"AND","AttributesToGet":["placed","amount"]}}"#,
    ),
    case(
        400,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"placed = :p","ExpressionAttributeValues":{":p":1}}}"#,
    ),
    case(
        400,
        r#"{"operation":"query","tableName":"orders","payload":{"KeyConditionExpression":"customer = :c","FilterExpression":"placed > :p","ExpressionAttributeValues":{":c":"ann",":p":1}}}"#,
    ),
    case(
        400,
        r#"{"operation":"query","tableName":"orders","payload":{"IndexName":"no_such_index","KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":"ann"}}}"#,
    ),
    case(
        404,
        r#"{"operation":"query","tableName":"no-such-table","payload":{"KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":1}}}"#,
    ),
    // Lists.
    case(200, r#"{"operation":"list","tableName":"orders"}"#),
    case(
        200,
        r#"{"operation":"list","tableName":"things","payload":{"FilterExpression":"begins_with(id, :p) AND attribute_type(n, :t)","ExpressionAttributeValues":{":p":"a",":t":"N"},"ProjectionExpression":"id","ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    case(
        200,
        r#"{"operation":"list","tableName":"orders","payload":{"ScanFilter":{"amount":{"AttributeValueList":[5,20],"ComparisonOperator":"BETWEEN"},"status":{"ComparisonOperator":"NOT_NULL"}},"ConditionalOperator":"AND","AttributesToGet":["customer","placed"]}}"#,
    ),
    case(200, r#"{"operation":"list","tableName":"orders","payload":{"IndexName":"by_status","Select":"COUNT"}}"#),
    case(
        200,
        r#"{"operation":"list","tableName":"counters","payload":{"ConsistentRead":true,"Segment":0,"TotalSegments":1}}"#,
    ),
    case(
        400,
        r#"{"operation":"list","tableName":"orders","payload":{"FilterExpression":"amount >> :t","ExpressionAttributeValues":{":t":1}}}"#,
    ),
    case(400, r#"{"operation":"list","tableName":"orders","payload":{"FilterExpression":"amount > :absent"}}"#),
    case(
        400,
        r#"{"operation":"list","tableName":"orders","payload":{"FilterExpression":"amount > :t","ExpressionAttributeValues":{":t":1,":unused":2}}}"#,
    ),
    case(
        400,
        r#"{"operation":"list","tableName":"orders","payload":{"FilterExpression":"total > :t","ExpressionAttributeValues":{":t":1}}}"#,
    ),
    case(404, r#"{"operation":"list","tableName":"no-such-table"}"#),
    // Transactions.
    without_dynalite(
        TRANSACTIONS,
        200,
        r#"{"operation":"transactWrite","tableName":"things","payload":{"TransactItems":[{"Put":{"Item":{"id":"t1","v":1}}},{"Update":{"Key":{"id":"1"},"UpdateExpression":"SET v = :v","ConditionExpression":"attribute_exists(id)","ExpressionAttributeValues":{":v":50}}},{"Delete":{"Key":{"id":"batch"}}},{"ConditionCheck":{"TableName":"orders","Key":{"customer":"ann","placed":1},"ConditionExpression":"attribute_exists(customer)"}}],"ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    without_dynalite(
        TRANSACTIONS,
        200,
        r#"{"operation":"transactWrite","tableName":"things","payload":{"TransactItems":[{"Put":{"Item":{"id":"t2"}}}],"ClientRequestToken":"token-1"}}"#,
    ),
    without_dynalite(
        TRANSACTIONS,
        400,
        r#"{"operation":"transactWrite","tableName":"things","payload":{"TransactItems":[{"Put":{"Item":{"id":"t3"}}}],"ClientRequestToken":"token-1"}}"#,
    ),
    without_dynalite(
        TRANSACTIONS,
        409,
        r#"{"operation":"transactWrite","tableName":"things","payload":{"TransactItems":[{"Put":{"Item":{"id":"never"}}},{"Update":{"Key":{"id":"1"},"UpdateExpression":"SET v = :v","ConditionExpression":"v = :old","ExpressionAttributeValues":{":v":1,":old":"x"},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}},{"Delete":{"Key":{"id":"t1"},"ConditionExpression":"attribute_not_exists(id)"}}]}}"#,
    ),
    without_dynalite(
        TRANSACTIONS,
        200,
        r#"{"operation":"transactRead","tableName":"things","payload":{"TransactItems":[{"Get":{"Key":{"id":"t1"}}},{"Get":{"Key":{"id":"never"}}},{"Get":{"TableName":"orders","Key":{"customer":"ann","placed":1},"ProjectionExpression":"amount"}}],"ReturnConsumedCapacity":"TOTAL"}}"#,
    ),
    without_dynalite(
        TRANSACTIONS,
        404,
        r#"{"operation":"transactRead","tableName":"no-such-table","payload":{"TransactItems":[{"Get":{"Key":{"id":"1"}}}]}}"#,
    ),
    // What never reaches a store is the same by nature, but costs nothing to compare.
    case(200, r#"{"operation":"ping"}"#),
    case(200, r#"{"operation":"echo","payload":{"n":1.10}}"#),
    case(400, r#"{"operation":"read","tableName":"things","payload":{"Kye":{"id":"1"}}}"#),
];
