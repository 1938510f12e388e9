//! Tables in Markdown, ready for the documentation.

/// Rows under a header; printed with columns of equal width.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column names.
    pub fn new(header: &[&str]) -> Self {
        Self {
            rows: vec![header.iter().map(ToString::to_string).collect()],
        }
    }

    /// Appends a row of as many cells as the header has.
    pub fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.to_vec());
    }

    /// Prints the table under a title.
    pub fn print(&self, title: &str) {
        let widths: Vec<usize> = (0..self.rows[0].len())
            .map(|column| self.rows.iter().map(|row| row[column].len()).max())
            .map(|widest| widest.unwrap_or(0).max(3))
            .collect();
        println!("**{title}**\n");
        for (i, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths);
            let cells = cells.map(|(cell, &width)| format!(" {cell:>width$} "));
            println!("|{}|", cells.collect::<Vec<_>>().join("|"));
            if i == 0 {
                let lines = widths.iter().map(|width| "-".repeat(width + 1) + ":");
                println!("|{}|", lines.collect::<Vec<_>>().join("|"));
            }
        }
        println!();
    }
}
