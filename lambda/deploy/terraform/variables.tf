# The parameters of ../template.yaml, by the same names and with the same defaults; a test compares them.

variable "front" {
  description = "What is in front of the function: a REST API, an HTTP API, or a function URL"
  type        = string
  default     = "rest"
  validation {
    condition     = contains(["rest", "http", "url"], var.front)
    error_message = "Expected one of rest, http, url."
  }
}

variable "auth" {
  description = "Who may call. Callers sign with AWS credentials, or send an API key, which only a REST API has"
  type        = string
  default     = "iam"
  validation {
    condition     = contains(["iam", "api-key"], var.auth)
    error_message = "Expected one of iam, api-key."
  }
}

variable "access" {
  description = "The operations that the function may carry out, by its own policy and by its role"
  type        = string
  default     = "all"
  validation {
    condition     = contains(["all", "tutorial", "read-only"], var.access)
    error_message = "Expected one of all, tutorial, read-only."
  }
}

variable "table_name" {
  description = "The table's name"
  type        = string
  default     = "lambda-apigateway"
}

variable "table" {
  description = "Whether the stack makes the table, with the key id, or finds it"
  type        = string
  default     = "create"
  validation {
    condition     = contains(["create", "existing"], var.table)
    error_message = "Expected one of create, existing."
  }
}

variable "function_name" {
  description = "The function's name"
  type        = string
  default     = "LambdaFunctionOverHttps"
}

variable "api_name" {
  description = "The API's name"
  type        = string
  default     = "DynamoDBOperations"
}

variable "architecture" {
  description = "What the function was built for"
  type        = string
  default     = "arm64"
  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Expected one of arm64, x86_64."
  }
}

variable "memory_size" {
  description = "The function's memory in MB; its share of a processor grows with it"
  type        = number
  default     = 128
}

variable "concurrency" {
  description = "Executions that the function may have at once, and that are kept for it; empty for no limit of its own"
  type        = string
  default     = ""
}

variable "policy" {
  description = "Where the function's policy is. Either the parameters above say it, or the gateleg.toml beside bootstrap in the zip"
  type        = string
  default     = "parameters"
  validation {
    condition     = contains(["parameters", "bundled"], var.policy)
    error_message = "Expected one of parameters, bundled."
  }
}

variable "route" {
  description = "The route of a bundled policy that the function serves; empty for its only one"
  type        = string
  default     = ""
}

variable "allow_origin" {
  description = "The origin whose pages may call, such as https://example.com, or *; empty for none"
  type        = string
  default     = ""
  validation {
    condition     = can(regex("^(|\\*|https?://[A-Za-z0-9.:-]+)$", var.allow_origin))
    error_message = "Expected an origin such as https://example.com, or *, or nothing."
  }
}

variable "log_level" {
  description = "What the function logs"
  type        = string
  default     = "INFO"
  validation {
    condition     = contains(["INFO", "DEBUG", "TRACE"], var.log_level)
    error_message = "Expected one of INFO, DEBUG, TRACE."
  }
}

variable "log_days" {
  description = "Days for which logs are kept"
  type        = number
  default     = 30
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_days)
    error_message = "Expected one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731."
  }
}

variable "account_logging" {
  description = "Whether the stack sets the role by which REST APIs of this account and region write access logs, or there is one"
  type        = string
  default     = "create"
  validation {
    condition     = contains(["create", "existing"], var.account_logging)
    error_message = "Expected one of create, existing."
  }
}

variable "metrics" {
  description = "The CloudWatch namespace of the function's own metrics; off for none"
  type        = string
  default     = "gateleg"
}

variable "throttle_rate" {
  description = "Requests a second that the API takes; a function URL has no such limit, but Concurrency"
  type        = number
  default     = 50
}

variable "throttle_burst" {
  description = "Requests that the API takes at once"
  type        = number
  default     = 100
}

variable "latency_milliseconds" {
  description = "The latency of the slowest hundredth of requests above which an alarm is raised"
  type        = number
  default     = 1000
}

variable "alarm_topic" {
  description = "The ARN of the SNS topic that alarms are sent to; empty for none"
  type        = string
  default     = ""
}

variable "bundle" {
  description = "The function's zip; cargo xtask dist leaves it here"
  type        = string
  default     = ""
}
