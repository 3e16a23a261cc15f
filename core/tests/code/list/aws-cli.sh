aws dynamodb scan \
  --max-items 3 \
  --table-name people \
  --page-size 2 \
  --filter-expression '#n <> :nobody AND attribute_exists(id)' \
  --expression-attribute-names '{"#n": "name"}' \
  --expression-attribute-values '{":nobody": {"S": "nobody"}}' \
  --consistent-read
