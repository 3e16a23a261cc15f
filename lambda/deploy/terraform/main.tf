# The table, and the function with its role and its log. Fronts are in api.tf, alarms in alarms.tf.

locals {
  # What the function refuses by itself, its role does not allow either. A test holds both to `gateleg policy iam`.
  access = {
    "all" = {
      operations = "*"
      actions = [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ]
      index_actions = ["dynamodb:Query", "dynamodb:Scan"]
    }
    "tutorial" = {
      operations    = "create,read,update,delete,list,echo,ping"
      actions       = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
      index_actions = ["dynamodb:Scan"]
    }
    "read-only" = {
      operations    = "read,list,query,batchRead,transactRead,echo,ping"
      actions       = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
      index_actions = ["dynamodb:Query", "dynamodb:Scan"]
    }
  }

  bundle     = var.bundle != "" ? var.bundle : "${path.module}/../../../dist/lambda/bootstrap.zip"
  table_arn  = one(concat(aws_dynamodb_table.items[*].arn, data.aws_dynamodb_table.existing[*].arn))
  invoke_arn = aws_lambda_function.gateleg.invoke_arn

  rights = {
    GATELEG_TABLES     = var.table_name
    GATELEG_OPERATIONS = local.access[var.access].operations
  }
  keys_of_table = { GATELEG_KEYS = "${var.table_name}=id" }
  route         = { GATELEG_ROUTE = var.route }
}

data "aws_partition" "current" {}

resource "aws_dynamodb_table" "items" {
  count        = var.table == "create" ? 1 : 0
  name         = var.table_name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  # What people have written stays: `terraform state rm` lets go of it.
  lifecycle {
    prevent_destroy = true
  }
}

data "aws_dynamodb_table" "existing" {
  count = var.table == "existing" ? 1 : 0
  name  = var.table_name
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.function_name}"
  retention_in_days = var.log_days
}

resource "aws_iam_role" "function" {
  name_prefix = "gateleg-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "table" {
  name = "table"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = local.access[var.access].actions
        Resource = local.table_arn
      },
      {
        Effect   = "Allow"
        Action   = local.access[var.access].index_actions
        Resource = "${local.table_arn}/index/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "logs_and_traces" {
  name = "logs-and-traces"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.function.arn}:*"
      },
      {
        Effect = "Allow"
        Action = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        # These two know no resources.
        Resource = "*"
      },
    ]
  })
}

resource "aws_lambda_function" "gateleg" {
  function_name    = var.function_name
  description      = "gateleg, one API in front of DynamoDB"
  filename         = local.bundle
  source_code_hash = filebase64sha256(local.bundle)
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  memory_size      = var.memory_size
  # The most that API Gateway waits.
  timeout                        = 29
  role                           = aws_iam_role.function.arn
  reserved_concurrent_executions = var.concurrency == "" ? -1 : tonumber(var.concurrency)

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.function.name
    application_log_level = var.log_level
    system_log_level      = "INFO"
  }

  environment {
    variables = merge(
      { for name, value in local.rights : name => value if var.policy == "parameters" },
      { for name, value in local.keys_of_table : name => value if var.policy == "parameters" && var.table == "create" },
      { for name, value in local.route : name => value if value != "" },
      { GATELEG_LOG = var.log_level, GATELEG_METRICS = var.metrics },
      { for name, value in { GATELEG_ALLOW_ORIGIN = var.allow_origin } : name => value if local.cors && var.front == "rest" },
    )
  }

  depends_on = [aws_iam_role_policy.logs_and_traces, aws_iam_role_policy.table]

  lifecycle {
    precondition {
      condition     = var.auth == "iam" || var.front == "rest"
      error_message = "auth is api-key, which only a REST API has. Set front to rest, or auth to iam."
    }
  }
}
