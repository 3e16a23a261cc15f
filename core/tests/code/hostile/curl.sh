curl --url http://127.0.0.1:8080/dynamodbmanager \
  --header 'Content-Type: application/json' \
  --data-raw '{
 "operation": "create",
 "tableName": "people",
 "payload": {
  "Item": {
   "id": "evil",
   "__proto__": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END",
   "constructor": {
    "toString": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END",
    "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END": [
     "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END"
    ]
   },
   "sets": {
    "$ss": [
     "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END",
     "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END2"
    ]
   },
   "b": {
    "$b": "IicAXFxuJHt9JQr/"
   },
   "END": "END",
   "1": 1,
   "a-b": "x",
   "it'\''s": true
  },
  "ConditionExpression": "#e <> :e",
  "ExpressionAttributeNames": {
   "#e": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END"
  },
  "ExpressionAttributeValues": {
   ":e": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END"
  }
 },
 "// # */ '\'''\'''\''": "\"'\''`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" '\'''\'''\''  ‮﻿\u0000 é 漢 😀 </script> END"
}'
