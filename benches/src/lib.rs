//! Speed of task steps and of single kernels.
