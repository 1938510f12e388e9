//! Setters for the fields of settings, so that they read as
//! `TrainSettings::default().batch_size(16).clip_norm(1.0)`.

/// Writes a setter for each field, with its documentation; that of an
/// `Option` takes the value itself too.
macro_rules! setters {
    ($settings:ident { $($(#[$doc:meta])* $name:ident($($type:tt)+);)+ }) => {
        impl $settings {
            $(setters!(@one $(#[$doc])* $name($($type)+));)+
        }
    };
    (@one $(#[$doc:meta])* $name:ident(Option<$type:ty>)) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: impl Into<Option<$type>>) -> Self {
            self.$name = $name.into();
            self
        }
    };
    (@one $(#[$doc:meta])* $name:ident(into $type:ty)) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: impl Into<$type>) -> Self {
            self.$name = $name.into();
            self
        }
    };
    (@one $(#[$doc:meta])* $name:ident($type:ty)) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        }
    };
}
