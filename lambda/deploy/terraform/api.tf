# The three fronts; `var.front` says which one there is.

# Front: rest.

resource "aws_api_gateway_rest_api" "api" {
  count             = local.rest ? 1 : 0
  name              = var.api_name
  body              = local.body
  put_rest_api_mode = "overwrite"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_deployment" "api" {
  count       = local.rest ? 1 : 0
  rest_api_id = aws_api_gateway_rest_api.api[0].id
  triggers    = { body = sha256(local.body) }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "prod" {
  count                = local.rest ? 1 : 0
  rest_api_id          = aws_api_gateway_rest_api.api[0].id
  deployment_id        = aws_api_gateway_deployment.api[0].id
  stage_name           = "Prod"
  xray_tracing_enabled = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api[0].arn
    format = jsonencode({
      requestId          = "$context.requestId"
      time               = "$context.requestTime"
      ip                 = "$context.identity.sourceIp"
      caller             = "$context.identity.userArn"
      key                = "$context.identity.apiKeyId"
      method             = "$context.httpMethod"
      path               = "$context.path"
      status             = "$context.status"
      bytes              = "$context.responseLength"
      latency            = "$context.responseLatency"
      integrationLatency = "$context.integrationLatency"
      error              = "$context.error.message"
      trace              = "$context.xrayTraceId"
    })
  }

  depends_on = [aws_api_gateway_account.logs]
}

resource "aws_api_gateway_method_settings" "all" {
  count       = local.rest ? 1 : 0
  rest_api_id = aws_api_gateway_rest_api.api[0].id
  stage_name  = aws_api_gateway_stage.prod[0].stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_rate_limit  = var.throttle_rate
    throttling_burst_limit = var.throttle_burst
  }
}

resource "aws_lambda_permission" "rest" {
  count         = local.rest ? 1 : 0
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.gateleg.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api[0].execution_arn}/*/POST/*"
}

# One for all REST APIs of an account and region: API Gateway refuses access logs without it.
resource "aws_api_gateway_account" "logs" {
  count               = local.rest && var.account_logging == "create" ? 1 : 0
  cloudwatch_role_arn = aws_iam_role.gateway[0].arn
}

resource "aws_iam_role" "gateway" {
  count       = local.rest && var.account_logging == "create" ? 1 : 0
  name_prefix = "gateleg-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "gateway" {
  count      = local.rest && var.account_logging == "create" ? 1 : 0
  role       = aws_iam_role.gateway[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_api_key" "key" {
  count       = local.keys ? 1 : 0
  name        = var.api_name
  description = "A caller of ${var.api_name}"
}

resource "aws_api_gateway_usage_plan" "plan" {
  count       = local.keys ? 1 : 0
  name        = var.api_name
  description = "Callers of ${var.api_name}"

  api_stages {
    api_id = aws_api_gateway_rest_api.api[0].id
    stage  = aws_api_gateway_stage.prod[0].stage_name
  }

  throttle_settings {
    rate_limit  = var.throttle_rate
    burst_limit = var.throttle_burst
  }
}

resource "aws_api_gateway_usage_plan_key" "key" {
  count         = local.keys ? 1 : 0
  key_id        = aws_api_gateway_api_key.key[0].id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.plan[0].id
}

# Front: http.

locals {
  cors_headers = ["authorization", "content-type", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]
}

resource "aws_apigatewayv2_api" "api" {
  count         = local.http ? 1 : 0
  name          = var.api_name
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = local.cors ? [var.allow_origin] : []
    content {
      allow_origins = [cors_configuration.value]
      allow_methods = ["POST"]
      allow_headers = local.cors_headers
    }
  }
}

resource "aws_apigatewayv2_integration" "function" {
  count                  = local.http ? 1 : 0
  api_id                 = aws_apigatewayv2_api.api[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.gateleg.arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "post" {
  for_each           = toset(local.http ? ["dynamodbmanager", "DynamoDBManager"] : [])
  api_id             = aws_apigatewayv2_api.api[0].id
  route_key          = "POST /${each.key}"
  authorization_type = "AWS_IAM"
  target             = "integrations/${aws_apigatewayv2_integration.function[0].id}"
}

resource "aws_apigatewayv2_stage" "default" {
  count       = local.http ? 1 : 0
  api_id      = aws_apigatewayv2_api.api[0].id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttle_rate
    throttling_burst_limit   = var.throttle_burst
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api[0].arn
    format = jsonencode({
      requestId          = "$context.requestId"
      time               = "$context.requestTime"
      ip                 = "$context.identity.sourceIp"
      caller             = "$context.identity.userArn"
      method             = "$context.httpMethod"
      path               = "$context.path"
      status             = "$context.status"
      bytes              = "$context.responseLength"
      latency            = "$context.responseLatency"
      integrationLatency = "$context.integrationLatency"
      error              = "$context.error.message"
    })
  }
}

resource "aws_lambda_permission" "http" {
  count         = local.http ? 1 : 0
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.gateleg.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.api[0].execution_arn}/*/*/*"
}

resource "aws_cloudwatch_log_group" "api" {
  count             = local.url ? 0 : 1
  name              = "/aws/apigateway/${var.function_name}-${var.api_name}"
  retention_in_days = var.log_days
}

# Front: url. Callers of this account need no permission here, but one of their own.

resource "aws_lambda_function_url" "url" {
  count              = local.url ? 1 : 0
  function_name      = aws_lambda_function.gateleg.function_name
  authorization_type = "AWS_IAM"

  dynamic "cors" {
    for_each = local.cors ? [var.allow_origin] : []
    content {
      allow_origins = [cors.value]
      allow_methods = ["POST"]
      allow_headers = local.cors_headers
    }
  }
}
