# Binary values need version 2 of the AWS CLI: version 1 does not decode base64.
aws dynamodb put-item \
  --cli-binary-format base64 \
  --table-name people \
  --item '{
    "id": {"S": "evil"},
    "__proto__": {"S": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
    "constructor": {"M": {
      "toString": {"S": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
      "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END": {"L": [
        {"S": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"}
      ]}
    }},
    "sets": {"SS": [
      "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END",
      "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END2"
    ]},
    "b": {"B": "IicAXFxuJHt9JQr/"},
    "END": {"S": "END"},
    "1": {"N": "1"},
    "a-b": {"S": "x"},
    "it'\''s": {"BOOL": true}
  }' \
  --condition-expression '#e <> :e' \
  --expression-attribute-names '{
    "#e": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"
  }' \
  --expression-attribute-values '{
    ":e": {"S": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\'' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"}
  }'
