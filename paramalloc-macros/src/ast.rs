//! A network as the user wrote it. Expressions and types are kept as tokens,
//! so that every later error has a place.

use syn::{Attribute, Expr, Ident, ItemStruct, Type, parse_quote};

pub struct Network {
    /// The struct without our attributes.
    pub item: ItemStruct,
    pub arguments: Arguments,
    /// All fields in the order written, the head among them.
    pub fields: Vec<Field>,
}

/// The arguments of `#[multitask(..)]`.
#[derive(Default)]
pub struct Arguments {
    pub input: Option<Input>,
    pub tasks: Option<Expr>,
    /// Reported already.
    pub has_error: bool,
}

pub struct Input {
    pub expr: Expr,
    pub shape: Shape,
}

/// The shape of one example.
pub enum Shape {
    Features(Expr),
    /// Channels, rows and columns.
    Image(Box<[Expr; 3]>),
    /// A constant, whose type says which of the two it is.
    Constant(Expr),
}

impl Shape {
    /// The numbers, as far as they are written here.
    pub fn numbers(&self) -> &[Expr] {
        match self {
            Self::Features(number) | Self::Constant(number) => std::slice::from_ref(number),
            Self::Image(numbers) => &**numbers,
        }
    }
}

pub struct Field {
    pub name: Ident,
    /// Its place, by which the constants about it are called: a name may be
    /// there twice.
    pub index: usize,
    /// Absent after an error in it.
    pub ty: Option<Type>,
    pub role: Role,
}

pub enum Role {
    Shared,
    /// `#[private]`
    Private,
    Routed(Routed),
    Head(Head),
    /// The attribute has an error, which is reported already.
    Unclear,
}

pub struct Routed {
    pub attribute: Attribute,
    pub copies: Option<Expr>,
    pub router: Option<Expr>,
    /// The field whose router it uses.
    pub router_of: Option<Ident>,
    /// Whether gates weigh the components for each example.
    pub gate: bool,
    /// Copies that one task alone sees.
    pub private: Option<Expr>,
}

pub struct Head {
    pub attribute: Attribute,
    /// The layers below the last one, where the head is a tuple.
    pub below: Vec<Type>,
    /// Absent after an error.
    pub width: Option<Width>,
    pub loss: Option<Expr>,
}

pub struct Width {
    /// The name of the argument.
    pub argument: Ident,
    pub kind: WidthKind,
}

pub enum WidthKind {
    /// `classes = 10` or `outputs = 1`.
    Equal(Expr),
    /// `classes_per_task = CLASSES`.
    PerTask(Expr),
    /// `tasks = [classes(10), value]`.
    Tasks(Tasks),
    /// `classes_from_data`.
    ClassesFromData,
    /// `from_data`.
    FromData,
}

pub struct Tasks {
    /// The list as written.
    pub list: Expr,
    pub tasks: Vec<Task>,
}

/// The head of one task.
#[derive(Clone)]
pub struct Task {
    /// `classes`, `labels`, `value` or `values`.
    pub kind: Ident,
    /// Absent for `value`.
    pub width: Option<Expr>,
    pub loss: Option<Expr>,
}

impl Field {
    /// A head of several layers: its type becomes that of the last, and the
    /// others go below.
    pub fn with_layers_below(mut self) -> Self {
        if let (Some(Type::Tuple(tuple)), Role::Head(head)) = (&self.ty, &mut self.role)
            && let Some(last) = tuple.elems.last().cloned()
        {
            let layers = tuple.elems.len() - 1;
            head.below = tuple.elems.iter().take(layers).cloned().collect();
            self.ty = Some(last);
        }
        self
    }

    /// The layers of a head below its last one: a private field of its name.
    pub fn below(&self) -> Option<Self> {
        let Role::Head(head) = &self.role else {
            return None;
        };
        let layers = head.below.iter();
        (!head.below.is_empty()).then(|| Self {
            name: self.name.clone(),
            index: self.index,
            ty: Some(parse_quote!((#(#layers,)*))),
            role: Role::Private,
        })
    }
}

impl Network {
    pub fn heads(&self) -> impl Iterator<Item = (&Field, &Head)> {
        self.fields.iter().filter_map(|field| match &field.role {
            Role::Head(head) => Some((field, head)),
            _ => None,
        })
    }
}
