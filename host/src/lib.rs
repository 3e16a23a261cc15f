//! gateleg
