# The stack of ../template.yaml, for Terraform: the same function, table, fronts and alarms, with the same variables.
# It is parsed by a test and compared with the template. It has not been planned or applied: that needs the provider and an account.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}
