//! The few messages of TensorBoard's event files that are written here. Field
//! numbers are those of `event.proto`, `summary.proto` and the `hparams`
//! plugin's `plugin_data.proto`.

use std::collections::BTreeMap;

use prost::{Message, Oneof};

/// A record of an event file.
#[derive(Clone, PartialEq, Message)]
pub struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub wall_time: f64,
    /// Task steps done.
    #[prost(int64, tag = "2")]
    pub step: i64,
    /// `brain.Event:2`, in the first record of a file.
    #[prost(string, optional, tag = "3")]
    pub file_version: Option<String>,
    /// What is shown; nothing in the mark of a checkpoint.
    #[prost(message, optional, tag = "5")]
    pub summary: Option<Summary>,
}

/// Values of one step.
#[derive(Clone, PartialEq, Message)]
pub struct Summary {
    /// The values.
    #[prost(message, repeated, tag = "1")]
    pub value: Vec<Value>,
}

/// A value and where it is shown.
#[derive(Clone, PartialEq, Message)]
pub struct Value {
    /// Its name; what comes before a slash groups.
    #[prost(string, tag = "1")]
    pub tag: String,
    /// The value.
    #[prost(oneof = "Kind", tags = "2, 4")]
    pub kind: Option<Kind>,
    /// What a plugin needs to know.
    #[prost(message, optional, tag = "9")]
    pub metadata: Option<Metadata>,
}

/// Kinds of values.
#[derive(Clone, PartialEq, Oneof)]
pub enum Kind {
    /// A number.
    #[prost(float, tag = "2")]
    Simple(f32),
    /// A picture.
    #[prost(message, tag = "4")]
    Image(Image),
}

/// A picture.
#[derive(Clone, PartialEq, Message)]
pub struct Image {
    /// Rows.
    #[prost(int32, tag = "1")]
    pub height: i32,
    /// Columns.
    #[prost(int32, tag = "2")]
    pub width: i32,
    /// Channels: 1 is gray.
    #[prost(int32, tag = "3")]
    pub colorspace: i32,
    /// A PNG file.
    #[prost(bytes = "vec", tag = "4")]
    pub encoded: Vec<u8>,
}

/// What a plugin needs to know of a value.
#[derive(Clone, PartialEq, Message)]
pub struct Metadata {
    /// The plugin's own message.
    #[prost(message, optional, tag = "1")]
    pub plugin: Option<PluginData>,
}

/// The message of a plugin.
#[derive(Clone, PartialEq, Message)]
pub struct PluginData {
    /// Name of the plugin.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its message.
    #[prost(bytes = "vec", tag = "2")]
    pub content: Vec<u8>,
}

/// The message of the plugin `hparams`.
#[derive(Clone, PartialEq, Message)]
pub struct HParams {
    /// Version of the format: 0.
    #[prost(int32, tag = "1")]
    pub version: i32,
    /// The settings of a run.
    #[prost(message, optional, tag = "3")]
    pub start: Option<SessionStart>,
}

/// The settings of a run.
#[derive(Clone, PartialEq, Message)]
pub struct SessionStart {
    /// The settings by name.
    #[prost(btree_map = "string, message", tag = "1")]
    pub hparams: BTreeMap<String, Setting>,
    /// Runs of one group are one line of the table.
    #[prost(string, tag = "4")]
    pub group_name: String,
    /// Seconds since 1970.
    #[prost(double, tag = "5")]
    pub start_time: f64,
}

/// A setting.
#[derive(Clone, PartialEq, Message)]
pub struct Setting {
    /// Its value.
    #[prost(oneof = "SettingKind", tags = "2, 3, 4")]
    pub kind: Option<SettingKind>,
}

/// Kinds of settings.
#[derive(Clone, PartialEq, Oneof)]
pub enum SettingKind {
    /// A number.
    #[prost(double, tag = "2")]
    Number(f64),
    /// A text.
    #[prost(string, tag = "3")]
    Text(String),
    /// True or false.
    #[prost(bool, tag = "4")]
    Bool(bool),
}
