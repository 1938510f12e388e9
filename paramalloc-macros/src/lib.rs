//! The `#[multitask]` attribute; use it through `paramalloc_core::prelude`.
