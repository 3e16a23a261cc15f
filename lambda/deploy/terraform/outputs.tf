output "url" {
  description = "Where requests are posted to"
  value = one(concat(
    [for stage in aws_api_gateway_stage.prod : "${stage.invoke_url}/dynamodbmanager"],
    [for api in aws_apigatewayv2_api.api : "${api.api_endpoint}/dynamodbmanager"],
    aws_lambda_function_url.url[*].function_url,
  ))
}

output "table" {
  description = "The table"
  value       = var.table_name
}

output "function" {
  description = "The function"
  value       = aws_lambda_function.gateleg.function_name
}

output "function_arn" {
  description = "The function, for policies of those who invoke it"
  value       = aws_lambda_function.gateleg.arn
}

output "callers_may" {
  description = "What a caller who signs has to be allowed execute-api:Invoke on; for a function URL, lambda:InvokeFunctionUrl and lambda:InvokeFunction"
  value = one(concat(
    [for api in aws_api_gateway_rest_api.api : "${api.execution_arn}/Prod/POST/*"],
    [for api in aws_apigatewayv2_api.api : "${api.execution_arn}/*/POST/*"],
    [for url in aws_lambda_function_url.url : url.function_arn],
  ))
}

output "key_id" {
  description = "The API key's id; `aws apigateway get-api-key --include-value --api-key ID` shows the key"
  value       = one(aws_api_gateway_api_key.key[*].id)
}
