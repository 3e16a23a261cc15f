//! gateleg-lambda
