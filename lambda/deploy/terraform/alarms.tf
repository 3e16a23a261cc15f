# Alarms. They cost a little, and are silent until `var.alarm_topic` names somebody to tell.

locals {
  tell        = var.alarm_topic == "" ? [] : [var.alarm_topic]
  of_function = { FunctionName = var.function_name }
  of_front = {
    rest = { ApiName = var.api_name, Stage = "Prod" }
    http = { ApiId = one(aws_apigatewayv2_api.api[*].id) }
    url  = local.of_function
  }

  # Each front counts its faults and its latency under names of its own.
  front = {
    rest = { namespace = "AWS/ApiGateway", faults = "5XXError", latency = "Latency" }
    http = { namespace = "AWS/ApiGateway", faults = "5xx", latency = "Latency" }
    url  = { namespace = "AWS/Lambda", faults = "Url5xxCount", latency = "UrlRequestLatency" }
  }

  counts = {
    faults = {
      about      = "Callers were answered with status 500 or above"
      namespace  = local.front[var.front].namespace
      metric     = local.front[var.front].faults
      dimensions = tomap(local.of_front[var.front])
    }
    errors = {
      about      = "The function failed, where it should have answered with an error"
      namespace  = "AWS/Lambda"
      metric     = "Errors"
      dimensions = tomap(local.of_function)
    }
    throttles = {
      about      = "Lambda turned requests away, with no execution left for them"
      namespace  = "AWS/Lambda"
      metric     = "Throttles"
      dimensions = tomap(local.of_function)
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "count" {
  for_each            = local.counts
  alarm_name          = "${var.function_name}-${each.key}"
  alarm_description   = each.value.about
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 2
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.tell
  ok_actions          = local.tell
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.function_name}-latency"
  alarm_description   = "One request in a hundred was answered late"
  namespace           = local.front[var.front].namespace
  metric_name         = local.front[var.front].latency
  dimensions          = local.of_front[var.front]
  extended_statistic  = "p99"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = var.latency_milliseconds
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.tell
  ok_actions          = local.tell
}

resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  alarm_name          = "${var.function_name}-table-throttles"
  alarm_description   = "DynamoDB turned calls away"
  evaluation_periods  = 5
  datapoints_to_alarm = 2
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.tell
  ok_actions          = local.tell

  metric_query {
    id          = "both"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    label       = "Calls turned away"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = metric_query.value
        dimensions  = { TableName = var.table_name }
        stat        = "Sum"
        period      = 60
      }
    }
  }
}
