# Binary values need version 2 of the AWS CLI: version 1 does not decode base64.
aws dynamodb put-item \
  --cli-binary-format base64 \
  --table-name people \
  --item '{
    "id": {"S": "7"},
    "name": {"S": "Zoë'\''s \"shop\""},
    "price": {"N": "1.50"},
    "exact": {"N": "12345678901234567890123456789012345678"},
    "photo": {"B": "AP8iXCc="},
    "open": {"BOOL": true},
    "closed": {"BOOL": false},
    "until": {"NULL": true},
    "tags": {"SS": ["a", "b"]},
    "sizes": {"NS": ["1", "2.5"]},
    "keys": {"BS": ["YQ==", "/w=="]},
    "list": {"L": [
      {"N": "1"},
      {"S": "two"},
      {"L": [{"BOOL": false}]},
      {"M": {
        "deep": {"M": {
          "deeper": {"M": {
            "deepest": {"S": "a text that is long enough to need a line of its own"}
          }}
        }}
      }}
    ]},
    "empty": {"M": {}},
    "none": {"L": []}
  }' \
  --return-values ALL_OLD \
  --return-consumed-capacity TOTAL \
  --condition-expression 'attribute_not_exists(#i) OR price < :p' \
  --expression-attribute-names '{"#i": "id"}' \
  --expression-attribute-values '{":p": {"N": "2e3"}}'
