//! Nothing: the tests are beside it, in a crate that alone compiles the runtime.
