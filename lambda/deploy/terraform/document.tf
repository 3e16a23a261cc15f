# What API Gateway imports: ../openapi-aws.json, with what a template decides by conditions decided here.

locals {
  rest = var.front == "rest"
  http = var.front == "http"
  url  = var.front == "url"
  keys = local.rest && var.auth == "api-key"
  cors = var.allow_origin != ""

  document = jsondecode(replace(
    file("${path.module}/../openapi-aws.json"),
    "{\"Fn::Sub\": \"'$${AllowOrigin}'\"}",
    jsonencode("'${var.allow_origin}'")
  ))

  # Of a pair {"Fn::If": [condition, then, otherwise]}, the one that holds.
  security_choice = var.auth == "api-key" ? 1 : 2

  paths = {
    for path, item in local.document.paths : path => merge(
      {
        post = merge(item.post, {
          security = item.post.security["Fn::If"][local.security_choice]
          "x-amazon-apigateway-integration" = merge(item.post["x-amazon-apigateway-integration"], {
            uri = local.invoke_arn
          })
        })
      },
      { for method, answer in { options = item.options["Fn::If"][1] } : method => answer if local.cors }
    )
  }

  gateway_responses = {
    for name, response in local.document["x-amazon-apigateway-gateway-responses"] : name => merge(
      { for member, value in response : member => value if member != "responseParameters" },
      { for member, value in response : member => value["Fn::If"][1] if member == "responseParameters" && local.cors }
    )
  }

  body = jsonencode(merge(local.document, {
    paths                                   = local.paths
    "x-amazon-apigateway-gateway-responses" = local.gateway_responses
  }))
}
