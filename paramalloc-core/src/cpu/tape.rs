//! One field as one operation on the tape.
