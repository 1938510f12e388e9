//! The allocation as text: for each task and routed layer a mark per
//! component, or less where the width is too small.

use paramalloc_core::routing::Routers;
use paramalloc_core::summary::RoutedLayerSummary;

use crate::table::{Column, total_width};

const USED: char = '■';
const UNUSED: char = '·';

/// Which task uses which component, by routed layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllocationTable {
    /// Name and `[tasks][components]` of each layer.
    layers: Vec<(String, Vec<Vec<u8>>)>,
}

impl AllocationTable {
    /// From name and `[tasks][components]` of each layer: 1 where the task uses
    /// the component, else 0.
    pub fn new(layers: impl IntoIterator<Item = (String, Vec<Vec<u8>>)>) -> Self {
        Self {
            layers: layers.into_iter().collect(),
        }
    }

    /// The allocation that the routers of a network in training give.
    pub fn of_routers(routers: &Routers) -> Self {
        let layers = routers.layers.iter().enumerate();
        Self::new(layers.map(|(index, layer)| (layer.heading(), routers.allocation(index))))
    }

    /// The allocation of a saved run.
    pub fn of_summary(layers: &[RoutedLayerSummary]) -> Self {
        let layers = layers.iter();
        Self::new(layers.map(|layer| (layer.heading(), layer.allocation.clone())))
    }

    /// Columns of at most `width` characters together: a mark for each
    /// component, else how many of each layer, else how many of all, else
    /// nothing.
    pub fn columns(&self, width: usize) -> Vec<Column> {
        let forms = [Self::marks, Self::counts, Self::totals];
        let fitting = forms.iter().map(|form| form(self));
        fitting
            .into_iter()
            .find(|columns| total_width(columns) <= width)
            .unwrap_or_default()
    }

    fn marks(&self) -> Vec<Column> {
        let mark = |&used: &u8| if used == 1 { USED } else { UNUSED };
        self.by_layer(|row| row.iter().map(mark).collect())
    }

    fn counts(&self) -> Vec<Column> {
        self.by_layer(|row| format!("{}/{}", used(row), row.len()))
    }

    fn by_layer(&self, cell: impl Fn(&[u8]) -> String) -> Vec<Column> {
        let layers = self.layers.iter();
        layers
            .map(|(name, rows)| Column::left(name, rows.iter().map(|row| cell(row))))
            .collect()
    }

    fn totals(&self) -> Vec<Column> {
        let tasks = self.layers.first().map_or(0, |(_, rows)| rows.len());
        if tasks == 0 {
            return Vec::new();
        }
        let cell = |task: usize| {
            let rows = self.layers.iter().filter_map(|(_, rows)| rows.get(task));
            let counts = rows.map(|row| (used(row), row.len()));
            let (used, all) = counts.fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
            format!("{used}/{all}")
        };
        vec![Column::left("used", (0..tasks).map(cell))]
    }
}

fn used(row: &[u8]) -> usize {
    row.iter().filter(|&&used| used == 1).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Layers of 16 components, of which task `t` uses the first `t % 17`.
    fn clusters(tasks: usize) -> AllocationTable {
        let row = |task: usize| (0..16).map(|j| u8::from(j < task % 17)).collect();
        let layer = |name: &str| (name.to_owned(), (0..tasks).map(row).collect());
        AllocationTable::new(["block1", "block2", "block3"].map(layer))
    }

    #[test]
    fn the_widest_form_that_fits_is_taken() {
        let allocations = clusters(40);
        let marks = allocations.columns(54);
        assert_eq!(marks[1].cells[3], "■■■·············");
        assert_eq!(total_width(&marks), 54);
        let counts = allocations.columns(53);
        assert_eq!(counts.len(), 3);
        assert_eq!(counts[2].cells[20], "3/16");
        let totals = allocations.columns(20);
        assert_eq!(totals.len(), 1);
        assert_eq!(totals[0].cells[39], "15/48");
        assert!(allocations.columns(4).is_empty());
    }

    #[test]
    fn a_network_without_routed_layers_has_no_columns() {
        assert!(AllocationTable::default().columns(80).is_empty());
    }
}
