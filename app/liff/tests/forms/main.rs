//! Somebody outside LINE answers a form by its pages alone, without any script: the browser is
//! an HTTP client that sends back what the page holds.

mod support;

mod pages;
mod people;
mod sent;
mod versions;
